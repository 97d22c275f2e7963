// A chart of lines and marks with axes, values on hover and by the arrow keys, a key and a table.
// chart({title, caption, unkeyed, x: {label, unit, log, range, words}, panels: [{label, unit, log, range, limits}],
// series: [{label, panel, kind: line | marks | both | across | steps | bars, colour, dashed, open, x, y, low, high, quiet, unkeyed}]})

// Ticks at 1, 2 or 5 times a power of ten; of logarithms at powers, with 2 and 5 where these are few.
function ticks(low, high, log, most, whole = false) {
  if (log) {
    const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high)), step = Math.ceil((to - from + 1) / most);
    const all = [];
    for (let p = from; p <= to; p += step)
      for (const m of to - from <= 2 ? [1, 2, 5] : [1]) all.push(m * 10 ** p);
    const within = all.filter((v) => v >= low * 0.9999 && v <= high * 1.0001);
    return within.length > 1 ? within : ticks(low, high, false, most);
  }
  const raw = (high - low) / most, power = 10 ** Math.floor(Math.log10(raw));
  const fine = [1, 2, 5, 10].find((m) => m * power >= raw * 0.999) * power, step = whole ? Math.max(1, fine) : fine, all = [];
  for (let i = Math.ceil(low / step - 1e-6); i * step <= high + step * 1e-6; i++) all.push(Number((i * step).toPrecision(12)));
  return all;
}

// What all values, and all ends of intervals, lie in.
function range(values, log, unit) {
  let low = Infinity, high = -Infinity;
  for (const v of values)
    if (Number.isFinite(v) && Math.abs(v) < 1e100 && (!log || v > 0)) { low = Math.min(low, v); high = Math.max(high, v); }
  if (low > high) return log ? [1, 10] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low / (high / low) ** 0.04, high * (high / low) ** 0.04];
  const [least, most] = limits(unit), room = low === high ? Math.abs(low) * 0.05 || 1 : (high - low) * 0.05;
  [low, high] = [Math.max(low, least), Math.min(high, most)];
  return [low - room, high + room].map((v) => Math.max(least, Math.min(most, v)));
}

// No share lies beyond 0 … 1, no time, energy or number of things below 0.
function limits(unit) {
  if (unit === "share") return [0, 1];
  return ["count", "whole", "J", "s", "min", "B"].includes(unit) ? [0, Infinity] : [-Infinity, Infinity];
}

function chart(spec) {
  const panels = spec.panels, series = spec.series;
  const place = h("div", {}), tip = h("div", {class: "tip", hidden: true}), said = h("p", {class: "dim", "aria-live": "polite"});
  const log = (axis, values) => axis.log && (axis.range || values.every((v) => !(v <= 0)));
  const xs = series.flatMap((s) => s.kind === "across" ? [] : s.x), xLog = log(spec.x, xs);
  const bounds = (panel) => panel.limits?.map(number) ?? limits(panel.unit);
  const yOf = (p) => series.filter((s) => (s.panel || 0) === p).flatMap((s) => s.quiet ? s.y : [...s.y, ...s.low || [], ...s.high || []]);
  const yLog = panels.map((panel, p) => log(panel, series.filter((s) => (s.panel || 0) === p).flatMap((s) => s.y)));
  let points = [], at = -1;

  function text(point) {
    const s = point.series, i = point.i, unit = panels[point.panel].unit;
    const interval = s.low && Number.isFinite(s.low[i]) ? ` [${withUnit(s.low[i], unit)}, ${withUnit(s.high[i], unit)}]` : "";
    const x = spec.x.words?.[s.x[i]] ?? `${spec.x.label} ${withUnit(s.x[i], spec.x.unit)}` +
      (s.kind === "bars" ? ` to ${withUnit(s.x[i + 1], spec.x.unit)}` : "");
    return `${s.label}\n${x}\n${panels[point.panel].label} ${withUnit(s.y[i], unit)}${interval}`;
  }
  function tell(index, aloud) {
    at = index;
    const point = points[index], ring = place.querySelector(".ring");
    tip.hidden = !point;
    ring?.setAttribute("visibility", point ? "visible" : "hidden");
    if (!point) return;
    ring.setAttribute("cx", point.x); ring.setAttribute("cy", point.y);
    tip.textContent = text(point);
    tip.style.left = Math.max(0, Math.min(point.x + 12, place.clientWidth - tip.offsetWidth)) + "px";
    tip.style.top = place.offsetTop + point.y + 14 + "px";
    if (aloud) said.textContent = text(point).replaceAll("\n", ", ");
  }

  function draw() {
    const width = Math.max(260, place.clientWidth || 500), right = 12, each = Math.max(150, Math.min(250, width * 0.5)) * (panels.length > 1 ? 0.75 : 1);
    const height = panels.length * (each + 14) + 44, [x0, x1] = spec.x.range ?? range(xs, xLog, spec.x.unit);
    const scales = panels.map((panel, p) => {
      const [y0, y1] = panel.range ?? range(yOf(p), yLog[p], panel.unit);
      return {y0, y1, marks: ticks(y0, y1, yLog[p], each / 38, ["whole", "count"].includes(panel.unit)).map((t) => [t, withUnit(t, panel.unit, 3)])};
    });
    const left = 30 + 6.3 * Math.max(...scales.flatMap((s) => s.marks.map((mark) => mark[1].length)), 2);
    const scale = (v, low, high, isLog) => isLog ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low);
    const px = (v) => left + scale(v, x0, x1, xLog) * (width - left - right);
    const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "img", tabindex: 0,
      "aria-label": `${spec.title}: ${panels.map((p) => p.label).join(" and ")} against ${spec.x.label}; ` +
        `${series.length} series. Arrow keys read the values; a table is below.`});
    points = [];
    panels.forEach((panel, p) => {
      const {y0, y1, marks} = scales[p], [least, most] = bounds(panel), top = p * (each + 14) + 8, foot = top + each;
      const py = (v) => foot - scale(Math.max(least, Math.min(most, v)), y0, y1, yLog[p]) * each;
      for (const [t, words] of marks) {
        root.append(svg("line", {class: "grid", x1: left, x2: width - right, y1: py(t), y2: py(t)}),
          svg("text", {x: left - 6, y: py(t) + 4, "text-anchor": "end"}, words));
      }
      for (const t of ticks(x0, x1, xLog, (width - left) / 60, ["whole", "count"].includes(spec.x.unit))
        .filter((v) => !spec.x.words || spec.x.words[v])) {
        root.append(svg("line", {class: "grid frame", x1: px(t), x2: px(t), y1: foot, y2: foot + 4}));
        if (p === panels.length - 1)
          root.append(svg("text", {x: px(t), y: foot + 17, "text-anchor": "middle"},
            spec.x.words?.[t] ?? withUnit(t, spec.x.unit, 3)));
      }
      root.append(svg("line", {class: "grid frame", x1: left, x2: width - right, y1: foot, y2: foot}),
        svg("text", {x: 11, y: (top + foot) / 2, "text-anchor": "middle", transform: `rotate(-90 11 ${(top + foot) / 2})`}, panel.label));
      const frame = svg("svg", {x: 0, y: top, width, height: each, viewBox: `0 ${top} ${width} ${each}`});
      root.append(frame);
      for (const s of series.filter((s) => (s.panel || 0) === p)) drawSeries(frame, s, p, px, py, left, width - right);
    });
    root.append(svg("text", {x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle"}, spec.x.label),
      svg("circle", {class: "ring", r: 6, fill: "none", stroke: "var(--ink)", "stroke-width": 1.5, visibility: "hidden"}));
    root.addEventListener("pointermove", (event) => {
      const box = root.getBoundingClientRect(), mx = event.clientX - box.left, my = event.clientY - box.top;
      let best = -1, least = 40 ** 2;
      points.forEach((point, i) => {
        const d = (point.x - mx) ** 2 + (point.y - my) ** 2 + (point.series.quiet ? 60 : 0);
        if (d < least) { least = d; best = i; }
      });
      tell(best);
    });
    root.addEventListener("pointerleave", () => tell(-1));
    root.addEventListener("keydown", (event) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (event.key === "Escape") tell(-1);
      if (!step || points.length === 0) return;
      event.preventDefault();
      tell((Math.max(at, step > 0 ? -1 : 0) + step + points.length) % points.length, true);
    });
    place.replaceChildren(root);
  }

  function drawSeries(root, s, p, px, py, left, right) {
    const stroke = `stroke:${s.colour};`, good = (i) => Number.isFinite(s.y[i]) && Number.isFinite(px(s.x[i])) && Number.isFinite(py(s.y[i]));
    const bounded = (i) => s.low && Number.isFinite(s.low[i]) && Number.isFinite(s.high[i]) && Number.isFinite(py(s.low[i]));
    const indices = s.y.map((_, i) => i).filter(good), dash = s.dashed ? "6 4" : null;
    if (s.kind === "across") {
      if (Number.isFinite(s.y[0]) && bounded(0))
        root.append(svg("rect", {x: left, width: right - left, y: py(s.high[0]), height: Math.max(0, py(s.low[0]) - py(s.high[0])),
          style: `fill:${s.colour};opacity:.15`}));
      if (Number.isFinite(py(s.y[0]))) {
        root.append(svg("line", {x1: left, x2: right, y1: py(s.y[0]), y2: py(s.y[0]), style: stroke, "stroke-width": 1.6, "stroke-dasharray": "8 4"}));
        points.push({series: {...s, x: [NaN]}, across: s, i: 0, panel: p, x: (left + right) / 2, y: py(s.y[0])});
        points.at(-1).series = s;
      }
      return;
    }
    if (s.kind === "bars") {
      for (const i of indices.slice(0, -1)) {
        root.append(svg("rect", {x: px(s.x[i]), width: Math.max(0, px(s.x[i + 1]) - px(s.x[i])), y: py(s.y[i]),
          height: Math.max(0, py(0) - py(s.y[i])), style: `fill:${s.colour};opacity:.45`}));
        points.push({series: s, i, panel: p, x: (px(s.x[i]) + px(s.x[i + 1])) / 2, y: py(s.y[i])});
      }
      return;
    }
    if (s.kind === "steps") {
      root.append(svg("path", {d: indices.map((i, k) => k ? `H${px(s.x[i])}V${py(s.y[i])}` : `M${px(s.x[i])} ${py(s.y[i])}`).join(""),
        fill: "none", style: stroke, "stroke-width": 1.2, "stroke-dasharray": dash}));
      return;
    }
    const line = (list) => list.map((i, k) => `${k ? "L" : "M"}${px(s.x[i]).toFixed(1)} ${py(s.y[i]).toFixed(1)}`).join("");
    const bars = indices.filter(bounded);
    if (s.kind === "line" && !s.quiet && bars.length > 1)
      root.append(svg("path", {d: bars.map((i, k) => `${k ? "L" : "M"}${px(s.x[i]).toFixed(1)} ${py(s.high[i]).toFixed(1)}`).join("") +
        bars.reverse().map((i) => `L${px(s.x[i]).toFixed(1)} ${py(s.low[i]).toFixed(1)}`).join("") + "Z", style: `fill:${s.colour};opacity:.13`}));
    if (s.kind !== "marks" && indices.length > 1)
      root.append(svg("path", {d: line(indices), fill: "none", style: stroke, "stroke-width": s.quiet ? 0.7 : 1.6,
        opacity: s.quiet ? 0.55 : 1, "stroke-dasharray": dash}));
    for (const i of indices) {
      if (s.kind !== "line" && bounded(i))
        root.append(svg("path", {d: `M${px(s.x[i])} ${py(s.low[i])}V${py(s.high[i])}`, style: stroke, "stroke-width": 1.2}));
      if (s.kind !== "line" || indices.length === 1)
        root.append(svg("circle", {cx: px(s.x[i]), cy: py(s.y[i]), r: s.ring ? 7 : 3.4, "stroke-width": 1.6,
          style: stroke + (s.open || s.ring ? `fill:${s.ring ? "none" : "var(--paper)"}` : `fill:${s.colour}`)}));
      points.push({series: s, i, panel: p, x: px(s.x[i]), y: py(s.y[i])});
    }
  }

  function key() {
    if (spec.unkeyed) return null;
    const seen = new Set(), items = [];
    for (const s of series) {
      const word = s.word ?? s.label;
      if (!word || s.unkeyed || seen.has(word)) continue;
      seen.add(word);
      items.push(h("li", {}, h("i", {class: s.kind === "marks" ? "dot" : null, style: `border-color:${s.colour};` +
        (s.dashed || s.kind === "across" ? "border-top-style:dashed;" : "") + (s.kind === "marks" && !s.open && !s.ring ? `background:${s.colour}` : "")}), word));
    }
    return h("ul", {class: "legend"}, items);
  }

  const details = h("details", {ontoggle: (event) => {
    if (!event.target.open || event.target.children.length > 1) return;
    const rows = series.flatMap((s) => s.y.map((y, i) => [s.label, s.x[i], y, s.low?.[i] ?? NaN, s.high?.[i] ?? NaN])).slice(0, 2000);
    event.target.append(h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": `Values of ${spec.title}`}, h("table", {},
      h("thead", {}, h("tr", {}, ["series", spec.x.label, panels[0].label, "low", "high"].map((t, i) => h("th", {scope: "col", class: i ? null : "text"}, t)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((v, i) => h("td", {class: i ? null : "text"}, i ? format(v) : v))))))));
  }}, h("summary", {}, "Values as a table"));

  new ResizeObserver(() => { tell(-1); draw(); }).observe(place);
  return h("figure", {}, h("h3", {}, spec.title), key(), place, tip, spec.caption && h("figcaption", {}, spec.caption), details, said);
}
