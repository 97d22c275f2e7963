// The report's page: what its parts share, the head, the verdict and where the numbers come from.
// Texts of experiments reach the page as text nodes alone.
const data = JSON.parse(document.getElementById("data").textContent);

// An element: h("td", {class: "text"}, "a", child …).
function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}
function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {}))
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  for (const child of children.flat(3))
    if (child != null && child !== false && child !== "") element.append(child);
  return element;
}

// JSON has neither NaN nor infinities: null, "inf", "-inf" stand for them.
const number = (value) => value === null ? NaN : value === "inf" ? Infinity : value === "-inf" ? -Infinity : value;
const superscript = (power) => [...String(power)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");

// Four digits; thin spaces between thousands.
function format(value, digits = 4) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text;
  if (Number.isInteger(value) && size < 1e12) text = String(size).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  else if (size >= 1e6 || size < 1e-4) {
    const [digitsText, power] = size.toExponential(digits - 1).split("e");
    text = String(Number(digitsText)) + "·10" + superscript(Number(power));
  } else text = String(Number(size.toPrecision(digits)));
  return (value < 0 ? "−" : "") + text;
}

// With a unit's prefix: "1.2 MJ", "34 %".
function withUnit(value, unit, digits = 4) {
  if (!Number.isFinite(value)) return format(value);
  if (unit === "share") return format(100 * value, digits) + " %";
  const plain = !unit || unit === "1";
  if (!["J", "s", "B", "count"].includes(unit) || value === 0)
    return format(value, digits) + (plain || unit === "whole" || unit === "count" ? "" : " " + unit);
  const power = Math.max(-5, Math.min(5, Math.floor(Math.log10(Math.abs(value)) / 3 + 1e-9)));
  if (unit === "count" && power < 2) return format(value, digits);
  const prefix = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P"][power + 5];
  return format(value / 1000 ** power, digits) + " " + prefix + (unit === "count" ? "" : unit);
}

const colour = (i) => `var(--c${i % 6})`;

// Student's t, 97.5 %: the interval of a mean of n values.
function halfInterval(values) {
  const t = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12,
    2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042];
  const n = values.length;
  if (n < 2) return NaN;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1);
  const f = n - 1;
  return (f <= 30 ? t[f - 1] : 1.96 + 2.3723 / f + 2.8225 / f ** 2) * Math.sqrt(variance / n);
}

function showHead() {
  const replicates = Math.max(1, ...data.points.map((p, i) => (data.points[i + 1]?.first ?? data.shown) - p.first));
  const done = data.trials - data.failed;
  const facts = `${data.trials} ${data.trials === 1 ? "trial" : "trials"}, ${data.points.length} grid ` +
    `${data.points.length === 1 ? "point" : "points"}, ${replicates} ${replicates === 1 ? "replicate" : "replicates"}`;
  fill(document.querySelector("header"), {}, [
    h("h1", {}, data.experiment),
    data.about && h("p", {}, data.about),
    h("p", {class: "dim"}, facts, data.provenance.clock && `; ${data.provenance.clock.replace("T", " ")}`),
    data.partial && h("p", {class: "partial"}, `The experiment is still going on; ${data.partial}. What is left is in no mean and no figure.`),
    !data.partial && data.failed > 0 && h("p", {class: "partial"}, `Partial results: ${done} of ${data.trials} trials are done. ` +
      "The others failed; they are in no mean and no figure."),
    data.suspect > 0 && h("p", {class: "partial"}, `${data.suspect} of ${data.trials} trials are suspect: their status says why. They count as any other.`)
  ]);
}

// What to do next, then the verdict's lines, each of which begins with a word and blanks.
function verdict() {
  const v = data.verdict, lines = (v.about || "").split("\n").map((line) => line.trim()).filter(Boolean);
  const rows = lines.map((line) => /^(\S+)\s\s+(.*)$/.exec(line)?.slice(1) || ["", line]);
  const next = rows.find(([name]) => name === "next"), rest = rows.filter((row) => row !== next);
  const others = [v.selection, v.guard].filter(Boolean).map((text) => h("p", {class: "dim"}, text));
  if (rows.length === 0 && others.length === 0)
    others.push(h("p", {}, "This file holds no verdict."));
  return h("div", {class: "verdict"}, next && h("p", {class: "next"}, next[1]),
    rest.length > 0 && h("dl", {}, rest.map(([name, text]) => [h("dt", {}, name), h("dd", {class: name === "judgement" ? v.quality : name === "command" && name}, text)])), others);
}

// The commands, then what program and machine these numbers come from.
function provenance() {
  const p = data.provenance;
  const commands = [p.git_commit && p.git_commit !== "unknown" ? `git checkout ${p.git_commit}` : "",
    `make experiment NAME=${data.experiment}`, `# expected: content_sha256 ${p.content_sha256}`].filter(Boolean).join("\n");
  const rows = [["content_sha256", p.content_sha256], ["data sets", p.datasets], ["commit", p.git_commit], ["sources", p.sources_sha256],
    ["compiler", p.compiler && `${p.compiler}; ${p.flags || ""}`], ["libraries", p.libraries],
    ["engine", p.engine && `${p.engine}; ${p.engine_version || ""}; ${p.instruction_set || ""}`],
    ["computer", [p.host, p.cpu, p.system].filter(Boolean).join("; ")], ["finished", p.clock], ["left out", p.left_out]];
  const copy = (text) => navigator.clipboard && h("button", {type: "button", onclick: (event) => {
    navigator.clipboard.writeText(text).then(() => { event.target.textContent = "Copied"; }, () => {});
  }}, "Copy");
  const plan = (title, text) => text && h("details", {}, h("summary", {}, title), copy(text), h("pre", {tabindex: 0}, text));
  return [h("p", {}, "These commands compute the same results, to the last bit:"), h("pre", {tabindex: 0}, commands),
    h("dl", {}, rows.filter((row) => row[1]).map(([name, text]) => [h("dt", {}, name), h("dd", {}, text.trim())])),
    h("p", {}), plan("Experiment file", p.yaml), plan("Experiment as it ran, with all defaults", p.resolved)];
}

// The sections that have something to show, in this order.
function show() {
  showHead();
  const sections = [["verdict", "Verdict", verdict], ["trials", "Trials", trialTable], ["parallel", "Parallel coordinates", parallel], ["figures", "Figures", figures],
    ["images", "Images", images], ["network", "Network", network], ["labels", "Flagged labels", labels],
    ["curves", "Curves", curves], ["provenance", "Provenance", provenance]];
  for (const [id, title, make] of sections) {
    const content = make();
    if (!content || (Array.isArray(content) && content.length === 0)) continue;
    document.querySelector("main").append(h("section", {id, "aria-labelledby": id + "-title"},
      h("h2", {id: id + "-title"}, title), content));
    document.querySelector("nav").append(h("a", {href: "#" + id}, title));
  }
}
