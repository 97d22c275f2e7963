// Chromium without a window, told what to do by the DevTools protocol over a pipe (file descriptors 3
// and 4; messages are JSON, each ended by a zero byte).
"use strict";
const {spawn} = require("child_process");
const fs = require("fs"), os = require("os"), path = require("path");

async function open(program) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "report-browser-"));
  const child = spawn(program, ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--disable-dev-shm-usage", "--disable-background-networking", "--remote-debugging-pipe", `--user-data-dir=${profile}`,
    "about:blank"], {stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"]});
  const waiting = new Map(), listeners = [];
  let last = 0, rest = "";
  child.stdio[4].setEncoding("utf8").on("data", (chunk) => {
    const parts = (rest + chunk).split("\0");
    rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      if (!message.id) listeners.forEach((listener) => listener(message));
      else if (message.error) waiting.get(message.id).reject(new Error(message.error.message));
      else waiting.get(message.id).resolve(message.result);
    }
  });
  child.on("exit", () => waiting.forEach((w) => w.reject(new Error("the browser has ended"))));
  const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
    waiting.set(++last, {resolve, reject});
    child.stdio[3].write(JSON.stringify({id: last, method, params, sessionId}) + "\0");
  });
  const close = async () => {
    const ended = new Promise((resolve) => child.on("exit", resolve));
    await send("Browser.close").catch(() => {});
    await ended;
    fs.rmSync(profile, {recursive: true, force: true, maxRetries: 5, retryDelay: 200});
  };
  return {send, close, on: (listener) => listeners.push(listener)};
}

// A page of the browser: what it says in its console, and what it asks the network for, is kept.
async function page(browser, file, {width, height, dark = false}) {
  const {targetId} = await browser.send("Target.createTarget", {url: "about:blank"});
  const {sessionId} = await browser.send("Target.attachToTarget", {targetId, flatten: true});
  const send = (method, params) => browser.send(method, params, sessionId);
  const faults = [], requests = [];
  let loaded;
  const load = new Promise((resolve) => { loaded = resolve; });
  browser.on((message) => {
    if (message.sessionId !== sessionId) return;
    const p = message.params;
    if (message.method === "Runtime.exceptionThrown")
      faults.push(p.exceptionDetails.exception?.description || p.exceptionDetails.text);
    if (message.method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(p.type))
      faults.push(p.args.map((a) => a.value ?? a.description).join(" "));
    if (message.method === "Log.entryAdded" && ["error", "warning"].includes(p.entry.level)) faults.push(p.entry.text);
    if (message.method === "Network.requestWillBeSent" && !/^(data|file|about):/.test(p.request.url)) requests.push(p.request.url);
    if (message.method === "Page.loadEventFired") loaded();
  });
  for (const domain of ["Runtime", "Log", "Network", "Page"]) await send(domain + ".enable");
  await send("Emulation.setDeviceMetricsOverride", {width, height, deviceScaleFactor: 1, mobile: width < 600});
  await send("Emulation.setEmulatedMedia", {features: [{name: "prefers-color-scheme", value: dark ? "dark" : "light"}]});
  await send("Page.navigate", {url: "file://" + path.resolve(file)});
  await load;
  const run = async (expression) => {
    const {result, exceptionDetails} = await send("Runtime.evaluate", {expression, awaitPromise: true, returnByValue: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
    return result.value;
  };
  const picture = async (to, whole = true) => {
    const {data} = await send("Page.captureScreenshot", {format: "png", captureBeyondViewport: whole,
      ...(whole ? {clip: {x: 0, y: 0, width, height: await run("document.documentElement.scrollHeight"), scale: 1}} : {})});
    fs.writeFileSync(to, Buffer.from(data, "base64"));
  };
  const key = async (name, code) => {
    for (const type of ["keyDown", "keyUp"])
      await send("Input.dispatchKeyEvent", {type, key: name, code: code || name, windowsVirtualKeyCode: name === "Enter" ? 13 : undefined,
        text: type !== "keyDown" ? undefined : name === "Enter" ? "\r" : name.length === 1 ? name : undefined});
  };
  return {send, run, picture, key, faults, requests};
}

module.exports = {open, page};
