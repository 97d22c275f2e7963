// Parallel coordinates: a line a grid point, means over replicates, an axis for each swept setting and for chosen
// scores and costs. What is cut out of an axis, by dragging or by its two handles, filters the table of trials.
const brush = {points: null, listeners: []}; // the grid points that are left; null: all

// An axis over the points: numbers on a scale, logarithmic where they span much; words, and few settings, side by side.
function axisOf(name, rows) {
  const values = rows.map((row) => plain(row.get(name))), numbers = values.map((v) => typeof v === "number" ? v : NaN);
  const distinct = [...new Set(values)], words = values.some((v) => typeof v === "string");
  if (words || (distinct.length <= 12 && data.axes.some((axis) => axis.name === name))) {
    if (!words) distinct.sort((a, b) => a - b);
    const place = (v) => distinct.length > 1 ? distinct.indexOf(v) / (distinct.length - 1) : 0.5, say = (v) => typeof v === "number" ? format(v) : v;
    return {name, at: values.map(place), step: 1 / Math.max(1, distinct.length - 1), say: (t) => say(distinct[Math.round(t * (distinct.length - 1))]),
      marks: (distinct.length <= 12 ? distinct : [distinct[0], distinct.at(-1)]).map((v) => [place(v), say(v)])};
  }
  const known = numbers.filter(Number.isFinite), low = Math.min(...known), high = Math.max(...known);
  if (!(high > low)) return null; // one value tells nothing apart
  const log = low > 0 && high / low > 50, f = log ? Math.log : (v) => v, unit = unitOf(name);
  const say = (t) => withUnit(log ? Math.exp(f(low) + t * (f(high) - f(low))) : low + t * (high - low), unit);
  return {name, at: numbers.map((v) => (f(v) - f(low)) / (f(high) - f(low))), step: 0.02, marks: [0, 0.5, 1].map((t) => [t, say(t)]), say};
}

function parallel() {
  if (data.axes.length === 0 || data.points.length < 2) return null;
  const rows = pointRows(), swept = data.axes.map((axis) => axis.name);
  const measured = (names) => names.filter((name) => !columns.get(name).text && ![...swept, "trial", "replicate"].includes(name) && axisOf(name, rows));
  const wanted = measured(firstColumns()), score = wanted.find((name) => /^network\.test\./.test(name));
  const chosen = new Set(wanted.filter((name) => !/minus_pipeline|agreement|parameters|^pipeline/.test(name)).slice(0, 4));
  const cuts = new Map(); // axis: [low, high] in its length
  const place = h("div", {class: "parallel scroll", tabindex: 0, role: "region", "aria-label": "Parallel coordinates"});
  const status = h("span", {class: "dim", role: "status"});
  const top = 34, height = 230;
  let axes = [], lines = [];

  const inside = (p) => axes.every((axis) => {
    const cut = cuts.get(axis.name);
    return !cut || (axis.at[p] >= cut[0] - 1e-9 && axis.at[p] <= cut[1] + 1e-9);
  });
  function filter() {
    const left = rows.map((_, p) => p).filter(inside);
    for (const [p, line] of lines) line.setAttribute("class", left.includes(p) ? "" : "out");
    const before = brush.points;
    brush.points = cuts.size ? new Set(left) : null;
    status.textContent = cuts.size ? `${left.length} of ${rows.length} grid points; the table shows these` : `${rows.length} grid points`;
    if (before || brush.points) brush.listeners.forEach((listener) => listener());
  }
  function cut(axis, low, high) {
    [low, high] = [Math.max(0, Math.min(low, high)), Math.min(1, Math.max(low, high))];
    if (low <= 0 && high >= 1) cuts.delete(axis.name);
    else cuts.set(axis.name, [low, high]);
    axis.show();
    filter();
  }

  // Both ends of what is left of an axis; arrow keys move them.
  function handles(axis, x, y) {
    const range = svg("rect", {class: "range", x: x - 5, width: 10}), ends = [0, 1].map((end) => svg("path", {tabindex: 0, role: "slider",
      "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": `${axis.name}, ${end ? "upper" : "lower"} end`,
      onkeydown: (event) => {
        const now = cuts.get(axis.name) ?? [0, 1], by = {ArrowUp: axis.step, ArrowRight: axis.step, ArrowDown: -axis.step, ArrowLeft: -axis.step,
          Home: -2, End: 2}[event.key];
        if (event.key === "Escape") cut(axis, 0, 1);
        else if (by === undefined) return;
        else cut(axis, end ? now[0] : Math.min(now[1], now[0] + by), end ? Math.max(now[0], now[1] + by) : now[1]);
        event.preventDefault();
      }}));
    axis.show = () => {
      const now = cuts.get(axis.name) ?? [0, 1];
      range.setAttribute("y", y(now[1]));
      range.setAttribute("height", Math.max(1, y(now[0]) - y(now[1])));
      range.classList.toggle("cut", cuts.has(axis.name));
      ends.forEach((end, i) => {
        end.setAttribute("d", `M${x - 7} ${y(now[i])}h14l-7 ${i ? -8 : 8}z`);
        end.setAttribute("aria-valuenow", Math.round(100 * now[i]));
        end.setAttribute("aria-valuetext", axis.say(now[i]));
      });
    };
    axis.show();
    return [range, ...ends];
  }

  // Dragging along an axis cuts; a click without a move gives the whole axis back.
  function drag(root, axis, x, y) {
    const area = svg("rect", {class: "area", x: x - 16, y: top - 6, width: 32, height: height + 12});
    const at = (event) => Math.min(1, Math.max(0, (top + height - (event.clientY - root.getBoundingClientRect().top)) / height));
    let from = null;
    area.addEventListener("pointerdown", (event) => { from = at(event); area.setPointerCapture(event.pointerId); });
    area.addEventListener("pointermove", (event) => { if (from !== null && Math.abs(at(event) - from) > 0.01) cut(axis, from, at(event)); });
    area.addEventListener("pointerup", (event) => {
      if (from !== null && Math.abs(at(event) - from) <= 0.01) cut(axis, 0, 1);
      from = null;
    });
    return area;
  }

  function draw() {
    axes = [...swept, ...chosen].map((name) => axisOf(name, rows)).filter(Boolean);
    for (const name of cuts.keys()) if (!axes.some((axis) => axis.name === name)) cuts.delete(name);
    const gap = Math.max(104, (place.clientWidth - 110) / Math.max(1, axes.length - 1)), width = 110 + gap * (axes.length - 1);
    const x = (i) => 55 + i * gap, y = (t) => top + height * (1 - t);
    const root = svg("svg", {width, height: top + height + 16, viewBox: `0 0 ${width} ${top + height + 16}`});
    const tone = score ? axisOf(score, rows) : axes.at(-1);
    lines = rows.map((row, p) => {
      const path = axes.map((axis, i) => Number.isFinite(axis.at[p]) ? [x(i), y(axis.at[p])] : null).filter(Boolean);
      const line = svg("path", {d: path.map(([a, b], k) => `${k ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join(""),
        style: `stroke:color-mix(in oklab, var(--c0) ${Math.round(100 * (tone?.at[p] || 0))}%, var(--c1))`},
        svg("title", {}, [data.points[row.point].label, score && `${score} ${format(plain(row.get(score)))}`].filter(Boolean).join("\n")));
      return [p, line];
    });
    root.append(svg("g", {class: "lines"}, lines.map(([, line]) => line)));
    axes.forEach((axis, i) => {
      const parts = axis.name.split("."), last = parts.pop(), anchor = i === 0 ? "start" : i === axes.length - 1 ? "end" : "middle";
      const at = x(i) + {start: -48, middle: 0, end: 48}[anchor];
      root.append(svg("text", {x: at, y: 12, "text-anchor": anchor}, parts.join(".")),
        svg("text", {x: at, y: 25, "text-anchor": anchor, class: "name"}, data.axes.find((a) => a.name === axis.name)?.label ?? last),
        svg("line", {class: "frame", x1: x(i), x2: x(i), y1: top, y2: top + height}), drag(root, axis, x(i), y), ...handles(axis, x(i), y),
        ...axis.marks.map(([t, word]) => svg("text", {x: x(i) + (i === axes.length - 1 ? -9 : 9), y: y(t) + 4, class: "mark",
          "text-anchor": i === axes.length - 1 ? "end" : "start"}, word.length > 14 ? word.slice(0, 13) + "…" : word)));
    });
    place.replaceChildren(root);
    filter();
  }

  const choices = () => measured([...columns.keys()]).map((name) => h("label", {}, h("input", {type: "checkbox", checked: chosen.has(name), onchange: (event) => {
    chosen[event.target.checked ? "add" : "delete"](name);
    draw();
  }}), " ", name));
  new ResizeObserver(() => draw()).observe(place);
  return [h("div", {class: "tools"}, h("button", {type: "button", onclick: () => { cuts.clear(); draw(); }}, "Show all"), status),
    h("details", {ontoggle: (event) => {
      if (event.target.open && event.target.children.length === 1) event.target.append(h("div", {class: "choices"}, choices()));
    }}, h("summary", {}, `Axes (${swept.length} settings, scores and costs to choose from)`)), place,
    h("p", {class: "dim"}, `A line is a grid point, the mean over its replicates; the more orange, the higher ${score ?? "the last axis"}. ` +
      "Drag along an axis to keep what lies there, click it to keep all; or move its ends by the arrow keys, Escape gives it back.")];
}
