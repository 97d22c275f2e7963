// The report as a person uses it: check.js CHROMIUM SWEEP.html CLASSES.html PICTURES. Prints "N passed,
// M failed"; pictures of both pages, wide and narrow, light and dark, are left in PICTURES.
"use strict";
const browserOf = require("./browser.js"), path = require("path");
let passed = 0, failed = 0;

function expect(what, good, found) {
  if (good) return passed++;
  failed++;
  console.log(`FAILED ${what}${found === undefined ? "" : `: found ${JSON.stringify(found)}`}`);
}
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What a page says and asks for, at any time; and nothing wider than the window.
async function quiet(page, what) {
  expect(`${what}: the console is empty`, page.faults.length === 0, page.faults);
  expect(`${what}: nothing is fetched`, page.requests.length === 0, page.requests);
  const wide = await page.run("document.documentElement.scrollWidth - innerWidth");
  expect(`${what}: fits the window`, wide <= 0, wide);
}

const column = (name) => `(() => {
  const at = [...document.querySelectorAll("#trial-table thead th")].findIndex((th) => th.querySelector("[data-column='${name}']"));
  return [...document.querySelectorAll("#trial-table tbody tr")].map((tr) => tr.children[at].textContent);
})()`;
const numbers = (texts) => texts.map((t) => Number(t.split(" ±")[0].replace(/[\u202f]/g, "").replace("−", "-")));
// Means are shown rounded, to two places at least.
const ascending = (list) => list.length > 1 && list.every((v, i) => i === 0 || list[i - 1] <= v + 0.0101);

async function table(page) {
  expect("cells stand below their headings", await page.run(`(() => {
    const left = (cell) => cell.getBoundingClientRect().left;
    const row = document.querySelector("#trial-table tbody tr");
    return [...document.querySelectorAll("#trial-table thead th")].every((th, i) => Math.abs(left(th) - left(row.children[i])) < 1);
  })()`));
  const score = "network.test.ssim", head = `document.querySelector("[data-column='${score}']")`;
  expect("a row a grid point", await page.run("document.querySelectorAll('#trial-table tbody tr').length") === 200);
  await page.run(`${head}.click()`);
  expect("sorted ascending", ascending(numbers(await page.run(column(score)))));
  expect("aria-sort says so", await page.run(`${head}.closest("th").ariaSort`) === "ascending");
  expect("the heading keeps the focus", await page.run(`document.activeElement === ${head}`));
  await page.key("Enter");
  expect("sorted descending by the keyboard", ascending(numbers(await page.run(column(score))).reverse()));
  expect("aria-sort says so, too", await page.run(`${head}.closest("th").ariaSort`) === "descending");
  const mean = numbers(await page.run(column(score)))[0];
  const again = await page.run(`(() => {
    const column = data.columns.find((c) => c.name === "${score}").values;
    return Math.max(...data.points.map((p) => (column[p.first] + column[p.first + 1] + column[p.first + 2]) / 3));
  })()`);
  expect("the first is the best mean", Math.abs(mean - again) < 0.0051, [mean, again]);
  await page.run("document.getElementById('means').click()");
  expect("a row a trial", await page.run("document.querySelectorAll('#trial-table tbody tr').length") === 600);
  const filter = (text) => page.run(`(() => {
    const input = document.querySelector("input[type=search]");
    input.value = ${JSON.stringify(text)};
    input.dispatchEvent(new Event("input"));
    return document.querySelectorAll("#trial-table tbody tr").length;
  })()`);
  expect("filtered by a value", await filter("width=4") === 75);
  expect("by two", await filter("width>=4 learning_rate<0.001 replicate=0") === 60);
  expect("by what no row has", await filter("width>100") === 0);
  expect("all again", await filter("") === 600);
}

async function charts(page) {
  const at = await page.run(`(() => {
    const mark = [...document.querySelectorAll("#figures svg circle:not(.ring)")].at(-1);
    mark.scrollIntoView({block: "center", behavior: "instant"});
    const box = mark.getBoundingClientRect();
    return {x: box.x + box.width / 2, y: box.y + box.height / 2};
  })()`);
  await page.send("Input.dispatchMouseEvent", {type: "mouseMoved", x: at.x, y: at.y});
  const tip = await page.run("[...document.querySelectorAll('#figures .tip')].find((t) => !t.hidden)?.textContent");
  expect("values on hover", /operations per image/.test(tip || "") && /SSIM/.test(tip || ""), tip ?? at);
  await page.run("document.querySelector('#figures svg').focus()");
  await page.key("ArrowRight");
  const said = await page.run("document.querySelector('#figures [aria-live]').textContent");
  expect("values by the keyboard", said.includes("epoch"), said);
  expect("a chart has a text", (await page.run("document.querySelector('#figures svg').ariaLabel || document.querySelector('#figures svg').getAttribute('aria-label')")).includes("against epoch"));
  await page.run("document.querySelector('#figures details').open = true");
  await wait(200);
  expect("values as a table", await page.run("document.querySelectorAll('#figures details td').length") > 100);
  await page.run("document.querySelector('#figures details').open = false");
}

const shown = (pane) => `document.querySelector(".pane[data-pane=${pane}] canvas").toDataURL()`;
const blank = (pane) => `(() => {
  const {width, height} = document.querySelector(".pane[data-pane=${pane}] canvas");
  return Object.assign(document.createElement("canvas"), {width, height}).toDataURL();
})()`;

// Cutting an axis keeps its points in the table: by the keyboard, and by dragging.
async function parallelCoordinates(page) {
  await page.run("document.querySelector('#parallel').scrollIntoView({behavior: 'instant'})");
  await wait(300);
  const rows = () => page.run("document.querySelectorAll('#trial-table tbody tr').length");
  const faded = () => page.run("document.querySelectorAll('#parallel .lines .out').length");
  const points = await page.run("document.querySelectorAll('#parallel .lines path').length");
  expect("a line a grid point", points === 200 && await faded() === 0, points);
  const names = await page.run("[...document.querySelectorAll('#parallel [role=slider]')].map((s) => s.ariaLabel)");
  for (const name of ["network.width", "train.learning_rate", "network.test.ssim", "network.multiply_adds"])
    expect(`an axis of ${name}`, names.filter((n) => n.startsWith(`${name}, `)).length === 2, names);
  const axes = () => page.run("document.querySelectorAll('#parallel svg .name').length");
  const chosen = await axes();
  await page.run("document.querySelector('#parallel details').open = true");
  await wait(200);
  await page.run("[...document.querySelectorAll('#parallel details label')].find((l) => l.textContent.includes('network.test.psnr')).querySelector('input').click()");
  expect("an axis can be added", await axes() === chosen + 1, chosen);
  await page.run("document.querySelector('#parallel details').open = false");
  await page.run("document.getElementById('means').click()");
  const all = await rows();
  await page.run("document.querySelector('#parallel [aria-label=\"network.test.ssim, lower end\"]').focus()");
  for (let i = 0; i < 25; i++) await page.key("ArrowUp");
  const half = await rows();
  expect("cut by the keyboard", half > 0 && half < all && half === 200 - await faded(), [half, all]);
  expect("… as the slider says", await page.run("document.activeElement.ariaValueNow") === "50");
  expect("the best are left", Math.min(...numbers(await page.run(column("network.test.ssim")))) >= await page.run(`(() => {
    const scores = pointRows().map((row) => row.get("network.test.ssim").mean);
    return (Math.min(...scores) + Math.max(...scores)) / 2 - 0.0051;
  })()`));
  await page.key("Escape");
  expect("Escape gives the axis back", await rows() === all && await faded() === 0);
  const area = await page.run("(() => { const r = document.querySelector('#parallel .area').getBoundingClientRect(); return [r.x + r.width / 2, r.y, r.height]; })()");
  const mouse = (type, at) => page.send("Input.dispatchMouseEvent", {type, x: area[0], y: area[1] + area[2] * at, button: "left", buttons: 1, clickCount: 1});
  await mouse("mousePressed", 0.02);
  for (const at of [0.1, 0.2, 0.3]) await mouse("mouseMoved", at);
  await mouse("mouseReleased", 0.3);
  const dragged = await rows();
  expect("cut by dragging", dragged > 0 && dragged < all, dragged);
  await page.run("[...document.querySelectorAll('#parallel button')].find((b) => b.textContent === 'Show all').click()");
  expect("all are shown again", await rows() === all);
}

async function comparer(page) {
  await page.run("document.querySelector('#images').scrollIntoView()");
  await wait(300);
  const panes = await page.run("[...document.querySelectorAll('.pane')].map((p) => p.dataset.pane)");
  expect("input, pipeline, network, truth, difference", panes.join() === "input,pipeline,network,truth,difference", panes);
  for (const pane of panes) expect(`${pane} is painted`, await page.run(shown(pane)) !== await page.run(blank(pane)));
  const scores = () => page.run("[...document.querySelectorAll('.strip span')].map((s) => Number(s.textContent.replace('−', '-')))");
  expect("worst first", ascending(await scores()));
  const order = (value) => page.run(`(() => { const s = [...document.querySelectorAll('#images select')].find((s) => s.options[0].value === 'worst'); s.value = '${value}'; s.dispatchEvent(new Event('change')); })()`);
  const cases = () => page.run("[...document.querySelectorAll('.strip button')].map((b) => b.dataset.case || 'random')");
  const kept = await cases();
  expect("worst, best and random cases", ["worst", "best"].every((kind) => kept.filter((k) => k === kind).length === 2) && kept.includes("random"), kept);
  expect("an image of the whole test split is named", /^Test image \d+ \(furthest (behind|ahead of) the pipeline\)/.test(await page.run(
    "(document.querySelector('.strip [data-case]').click(), document.querySelector('#images [role=status]').textContent)")));
  await order("random");
  expect("random cases alone", (await cases()).every((k) => k === "random"));
  await order("best");
  expect("best first", ascending((await scores()).reverse()));
  await wait(200);
  const before = await page.run(shown("network"));
  await page.run("document.querySelector('.stage').focus()");
  for (const key of ["+", "+"]) await page.key(key);
  await wait(200);
  const zoomed = await page.run(shown("network"));
  expect("zooms by the keyboard", zoomed !== before && /zoom 2\.25 ×/.test(await page.run("document.querySelector('#images [role=status]').textContent")));
  for (let i = 0; i < 4; i++) await page.key("ArrowRight");
  await wait(200);
  expect("moves", await page.run(shown("network")) !== zoomed);
  await page.key("0");
  await wait(200);
  expect("shows all again", await page.run(shown("network")) === before);
  const image = await page.run("document.querySelector('.strip [aria-current=true]').dataset.image");
  await page.key("n");
  expect("goes to the next image", await page.run("document.querySelector('.strip [aria-current=true]').dataset.image") !== image);
  await page.run("[...document.querySelectorAll('#images button')].find((b) => b.title === 'Zoom in').click()");
  expect("zooms by its button", /zoom 1\.5 ×/.test(await page.run("document.querySelector('#images [role=status]').textContent")));
}

async function sweep(browser, file) {
  const page = await browserOf.page(browser, file, {width: 1280, height: 900});
  expect("the text of a stranger is text", await page.run("document.title + document.querySelectorAll('header img').length") === "sweep · report0");
  expect("it is shown whole", (await page.run("document.querySelector('header p').textContent")).startsWith("</script><img src=x"));
  expect("the verdict leads", await page.run("document.querySelector('main section').id") === "verdict");
  expect("what to do next is said", (await page.run("document.querySelector('.next')?.textContent.length ?? 0")) > 20);
  await table(page);
  await parallelCoordinates(page);
  await charts(page);
  await comparer(page);
  expect("layers are listed with the graph", await page.run("document.querySelectorAll('#network td.graph svg').length") >= 4);
  expect("curves are drawn", await page.run("document.querySelectorAll('#curves svg path').length") >= 600);
  expect("the digest is told", (await page.run("document.querySelector('#provenance').textContent")).includes("content_sha256"));
  await quiet(page, "sweep");
}

async function classes(browser, file) {
  const page = await browserOf.page(browser, file, {width: 1280, height: 900});
  await wait(300);
  expect("failed trials make it partial", /^Partial results: [4-7] of 8 trials/.test(await page.run("document.querySelector('.partial')?.textContent ?? ''")),
    await page.run("document.querySelector('header').textContent"));
  expect("numbers that are none are shown as such", await page.run("[null, 'inf', '-inf'].map((v) => format(number(v))).join()") === "NaN,∞,−∞");
  expect("classes by name below the image", await page.run("[...document.querySelectorAll('.stage dt')].map((d) => d.textContent).join()") === "truth,pipeline,network");
  expect("labels that were dropped", /\d+ labels: /.test(await page.run("document.querySelector('#labels p').textContent")));
  expect("… with their images", await page.run("document.querySelectorAll('#labels img').length") > 0);
  await quiet(page, "classes");
}

async function main([chromium, ...args]) {
  const pictures = args.pop(), browser = await browserOf.open(chromium);
  await sweep(browser, args[0]);
  await classes(browser, args[1]);
  for (const file of args)
    for (const [width, dark] of [[1280, false], [1280, true], [390, false], [390, true]]) {
      const page = await browserOf.page(browser, file, {width, height: 900, dark}), name = path.basename(path.dirname(file));
      await wait(400);
      await page.picture(path.join(pictures, `${name}_${width}${dark ? "_dark" : ""}.png`));
      await quiet(page, `${name}, ${width} wide`);
    }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
main(process.argv.slice(2)).catch((error) => { console.log(`FAILED ${error.stack}\n${passed} passed, ${failed + 1} failed`); process.exit(1); });
