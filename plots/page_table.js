// The table of trials: sorting, filtering, means over replicates.
const columns = new Map(data.columns.map((c) => [c.name, c]));
for (const column of columns.values()) {
  column.text = "same" in column || column.values.some((v) => typeof v === "string" && v !== "inf" && v !== "-inf");
  column.at = "same" in column ? () => column.same : column.text ? (i) => column.values[i] : (i) => number(column.values[i]);
}
const pointOf = [];
data.points.forEach((point, p) => {
  for (let i = point.first; i < (data.points[p + 1]?.first ?? data.shown); i++) pointOf[i] = p;
});
const isDone = (i) => !columns.has("status") || /^(done|suspect)/.test(columns.get("status").at(i));

// Those that a reader looks for first.
function firstColumns() {
  const names = [...columns.keys()], chosen = new Set(data.axes.map((axis) => axis.name));
  const score = names.find((n) => /^network\.test\.[a-z0-9_]+$/.test(n)) || names.find((n) => /^network\.test\.agreement\./.test(n));
  const metric = score && score.split(".").pop();
  const wanted = [score, `network.test.${metric}.minus_pipeline`, `pipeline.test.${metric}`, "network.test.agreement." + metric,
    "filter.dropped", "network.parameters", "network.multiply_adds"];
  for (const name of names)
    if ((wanted.includes(name) && !(name === "filter.dropped" && columns.get(name).values?.every((v) => v === 0))) || /^hardware\.[^.]+\.(latency_s|energy_j)$/.test(name)) chosen.add(name);
  if (data.failed || data.suspect) chosen.add("status");
  return names.filter((n) => chosen.has(n));
}

// One row a trial, or one a grid point: {name: value or {mean, half, n}}.
function trialRows() {
  return Array.from({length: data.shown}, (_, i) => ({trial: i, point: pointOf[i], get: (name) => columns.get(name).at(i)}));
}
function pointRows() {
  return data.points.map((point, p) => {
    const all = pointOf.flatMap((q, i) => q === p ? [i] : []), done = all.filter(isDone);
    const get = (name) => {
      const column = columns.get(name);
      if (column.text || data.axes.some((axis) => axis.name === name)) {
        const texts = new Set(all.map(column.at));
        return texts.size === 1 ? [...texts][0] : [...texts].join(", ");
      }
      const values = done.map(column.at).filter(Number.isFinite);
      if (values.length === 0) return done.length ? {mean: NaN, half: NaN} : null;
      return {mean: values.reduce((a, b) => a + b, 0) / values.length, half: halfInterval(values)};
    };
    return {point: p, trial: point.first, count: done.length, get};
  });
}

const unitOf = (name) => /(^|[._])(s|seconds|seconds_per_image)$/.test(name) ? "s" : /_j$/.test(name) ? "J" : /bytes$/.test(name) ? "B" : "";
const plain = (value) => value !== null && typeof value === "object" ? value.mean : value;

function cell(row, name, means) {
  const column = columns.get(name), value = row.get(name);
  if (value === null || (!means && !isDone(row.trial) && Number.isNaN(value))) return h("td", {}, "–");
  if (typeof value === "string")
    return h("td", {class: name === "status" && value !== "done" ? "text failed" : "text", title: value}, value);
  const unit = unitOf(name);
  if (typeof value !== "object") return h("td", {}, withUnit(value, unit));
  const places = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(value.half))));
  if (unit || !(value.half > 0) || Math.abs(value.mean) >= 1e6 || value.half < 1e-6)
    return h("td", {}, withUnit(value.mean, unit), value.half > 0 && h("small", {}, " ±" + withUnit(value.half, unit, 2)));
  return h("td", {}, value.mean.toFixed(places).replace("-", "−"), h("small", {}, " ±" + value.half.toFixed(places)));
}

// "ssim>0.8 dncnn": all must hold; a name may be cut short.
function matcher(text, names) {
  const tests = text.trim().split(/\s+/).filter(Boolean).map((token) => {
    const found = /^([\w.]+)(<=|>=|!=|<|>|=)(.+)$/.exec(token);
    if (!found) return (row) => names.some((n) => String(plain(row.get(n))).toLowerCase().includes(token.toLowerCase()));
    const [, part, operator, wanted] = found, limit = Number(wanted);
    const name = columns.has(part) ? part : names.find((n) => n.endsWith(part)) || [...columns.keys()].find((n) => n.endsWith(part));
    return (row) => {
      if (!name && !(part === "trial" || part === "replicate")) return false;
      const value = plain(row.get(name));
      if (typeof value === "string" && Number.isNaN(limit))
        return operator === "=" ? value === wanted : operator === "!=" ? value !== wanted : false;
      const x = Number(value);
      return {"<": x < limit, ">": x > limit, "<=": x <= limit, ">=": x >= limit, "=": x === limit, "!=": x !== limit}[operator];
    };
  });
  return (row) => tests.every((test) => test(row));
}

function compare(a, b, sense) {
  const missing = (v) => v === null || Number.isNaN(v) || v === "";
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  if (typeof a === "number" && typeof b === "number") return sense * (a - b);
  return sense * String(a).localeCompare(String(b), undefined, {numeric: true});
}

function heading(name) {
  const parts = name.split("."), last = parts.pop();
  return [parts.length ? h("small", {}, parts.join(".")) : null, last];
}

function trialTable() {
  const state = {means: data.points.length < data.shown, sort: null, sense: 1, shown: new Set(firstColumns()), filter: ""};
  const head = h("tr", {}), body = h("tbody", {}), caption = h("caption", {});
  const status = h("p", {class: "dim", role: "status"});

  function draw() {
    const names = [...columns.keys()].filter((n) => state.shown.has(n) && n !== "trial" && !(state.means && n === "replicate"));
    const all = state.means ? pointRows() : trialRows(), fits = matcher(state.filter, names);
    const rows = all.filter((row) => fits(row) && (!brush.points || brush.points.has(row.point)));
    const key = state.sort === "#" || !names.includes(state.sort) ? (row) => state.means ? row.point : row.trial
      : (row) => plain(row.get(state.sort));
    if (state.sort) rows.sort((a, b) => compare(key(a), key(b), state.sense) || a.trial - b.trial);
    const sorted = (name) => state.sort !== name ? "none" : state.sense > 0 ? "ascending" : "descending";
    const column = (name, label, text) => h("th", {scope: "col", class: text && "text", "aria-sort": sorted(name)},
      h("button", {type: "button", "data-column": name, onclick: () => {
        state.sense = state.sort === name ? -state.sense : 1;
        state.sort = name;
        draw();
        head.querySelector(`[data-column="${CSS.escape(name)}"]`).focus();
      }}, label));
    head.replaceChildren(column("#", state.means ? "point" : "trial"), ...(state.means ? [h("th", {scope: "col"}, "n")] : []),
      ...names.map((n) => column(n, heading(n), columns.get(n).text)));
    body.replaceChildren(...rows.map((row) => h("tr", {class: data.selected.some((t) => pointOf[t] === row.point &&
      (state.means || t === row.trial)) && "selected"},
      h("th", {scope: "row"}, String(state.means ? row.point : row.trial)), state.means && h("td", {}, String(row.count)),
      names.map((n) => cell(row, n, state.means)))));
    status.textContent = rows.length < all.length ? `${rows.length} of ${all.length} rows` + (brush.points ? ", within the cuts of the parallel coordinates" : "") : `${all.length} rows`;
    caption.replaceChildren(h("span", {}, (state.means ? "Means over the n replicates that are done, ± half of the 95 % interval" : "One row a trial") +
      (data.selected.length ? "; the mark at the left: selected" : "") +
      (data.shown < data.trials ? `; the first ${data.shown} of ${data.trials} trials, for the page's size` : "")));
  }

  const choices = [...columns.keys()].filter((n) => n !== "trial").map((name) => h("label", {}, h("input", {type: "checkbox",
    checked: state.shown.has(name), onchange: (event) => {
      state.shown[event.target.checked ? "add" : "delete"](name);
      draw();
    }}), " ", name));
  draw();
  brush.listeners.push(draw);
  return [
    h("div", {class: "tools"},
      h("input", {type: "search", "aria-label": "Filter rows", placeholder: "Filter: ssim>0.8 width=4 word",
        oninput: (event) => { state.filter = event.target.value; draw(); }}),
      state.means && h("label", {}, h("input", {type: "checkbox", checked: true, id: "means",
        onchange: (event) => { state.means = event.target.checked; draw(); }}), " means over replicates"),
      status),
    h("details", {}, h("summary", {}, `Columns (${columns.size - 1})`), h("div", {class: "choices"}, choices)),
    h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of trials"},
      h("table", {id: "trial-table"}, caption, h("thead", {}, head), body))];
}
