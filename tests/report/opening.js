// opening.js CHROMIUM PAGE ROUNDS: seconds until the page is painted, by the clock and of its own thread, the least.
"use strict";
const {open} = require("./browser.js"), path = require("path");

async function opened(browser, file) {
  const {targetId} = await browser.send("Target.createTarget", {url: "about:blank"});
  const {sessionId} = await browser.send("Target.attachToTarget", {targetId, flatten: true});
  const send = (method, params) => browser.send(method, params, sessionId);
  await send("Page.enable");
  await send("Performance.enable", {timeDomain: "threadTicks"});
  await send("Emulation.setDeviceMetricsOverride", {width: 1280, height: 900, deviceScaleFactor: 1, mobile: false});
  const load = new Promise((resolve) => browser.on((m) => m.sessionId === sessionId && m.method === "Page.loadEventFired" && resolve()));
  await send("Page.navigate", {url: "file://" + path.resolve(file)});
  await load;
  const painted = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000))))";
  const {result} = await send("Runtime.evaluate", {expression: painted, awaitPromise: true, returnByValue: true});
  const {metrics} = await send("Performance.getMetrics");
  await browser.send("Target.closeTarget", {targetId});
  return [result.value, metrics.find((m) => m.name === "ThreadTime").value];
}

(async ([chromium, file, rounds]) => {
  const browser = await open(chromium), all = [];
  for (let i = 0; i < Number(rounds); i++) all.push(await opened(browser, file));
  console.log([0, 1].map((k) => Math.min(...all.map((times) => times[k])).toFixed(3)).join());
  await browser.close();
})(process.argv.slice(2)).catch((error) => { console.error(error); process.exit(1); });
