// The experiment's figures, from their stored series, and the curves of every trial.

// How a series is drawn, by its role.
function styled(series, ranks) {
  const role = series.role.replace(/^epochs_/, "");
  const rank = ranks[role + series.panel] = (ranks[role + series.panel] ?? -1) + 1;
  const values = {label: series.label || role.replaceAll("_", " "), panel: series.panel, x: series.x.map(number), y: series.y.map(number),
    low: series.low.map(number), high: series.high.map(number)};
  const style = {
    network: {kind: "both", colour: colour(rank)}, none: {kind: "both", colour: "var(--c5)"}, random: {kind: "both", colour: "var(--grey)"},
    oracle: {kind: "both", colour: "var(--pipeline)", dashed: true}, manual: {kind: "both", colour: "var(--c1)"},
    truth: {kind: "both", colour: "var(--c5)", dashed: true}, truth_across: {kind: "across", colour: "var(--c5)"},
    pipeline: {kind: "across", colour: "var(--pipeline)"}, degraded: {kind: "across", colour: "var(--grey)"},
    pipeline_line: {kind: "line", colour: "var(--pipeline)", dashed: true}, pipeline_cost: {kind: "marks", colour: "var(--pipeline)"},
    selected: {kind: "marks", colour: "var(--ink)", ring: true}, reference_pipeline: {kind: "marks", colour: "var(--pipeline)", open: true},
    reference_network: {kind: "marks", colour: "var(--c0)", open: true}, score: {kind: "line"}, loss: {kind: "line"},
    test: {kind: "both", colour: colour(rank)}, passed: {kind: "marks", colour: "var(--c1)"}, target: {kind: "across", colour: "var(--grey)"},
    guarded: {kind: "line", colour: "var(--c0)"}, guard_best: {kind: "line", colour: "var(--c5)", dashed: true},
    guard_random: {kind: "line", colour: "var(--grey)"}, guard_small: {kind: "marks", colour: "var(--c1)"},
    guard_other: {kind: "marks", colour: "var(--pipeline)"}, int8: {kind: "marks", colour: "var(--c0)"},
    float32: {kind: "marks", colour: "var(--c1)", open: true}, marks: {kind: "marks", colour: colour(rank)},
    front: {kind: "steps", colour: "var(--ink)", dashed: true}, bins: {kind: "bars", colour: colour(rank)}}[role] || {kind: "both", colour: colour(rank)};
  return {...values, ...style, ...(series.across ? {kind: "across"} : {})};
}

// Lines that are told apart by what their colour says: a few hues, of many a scale from dark to light.
function paint(words) {
  const list = [...new Set(words)].filter((word) => word);
  return (word) => !word ? "var(--grey)" : list.length <= 6 ? colour(list.indexOf(word))
    : `hsl(${(250 + 160 * list.indexOf(word) / (list.length - 1)) % 360} 75% ${42 + 16 * list.indexOf(word) / (list.length - 1)}%)`;
}

// A matrix of counts, by shares of a row.
function matrix(f) {
  const names = f.series.map((s) => s.label);
  const row = (s) => {
    const counts = s.y.map(number), total = counts.reduce((a, b) => a + b, 0) || 1;
    return h("tr", {}, h("th", {scope: "row", class: "text"}, s.label), counts.map((v, i) => h("td", {
      style: `background:color-mix(in srgb, var(--c1) ${Math.round(80 * v / total)}%, transparent)`,
      title: `${s.label}, named ${names[i]}: ${format(v)} (${withUnit(v / total, "share", 3)})`}, format(v))));
  };
  return h("figure", {}, h("h3", {}, f.title ?? f.name.replaceAll("_", " ")),
    h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": f.name}, h("table", {},
      h("thead", {}, h("tr", {}, h("th", {class: "text"}, "true \\ named"), names.map((n) => h("th", {scope: "col"}, n)))),
      h("tbody", {}, f.series.map(row)))), h("figcaption", {}, `${f.x.label}; ${f.caption}`));
}

function figure(f) {
  if (f.series.some((s) => s.role === "cells")) return matrix(f);
  const ranks = {}, words = f.series.filter((s) => s.role === "score" || s.role === "loss").map((s) => s.colour ?? s.label), hue = paint(words);
  const dashes = [...new Set(f.series.map((s) => s.dash).filter((d) => d))];
  const series = f.series.filter((s) => !["label", "axis_name", "axis_value"].includes(s.role)).map((s) => {
    if (s.role === "profile") return profile(s);
    const made = styled(s, ranks);
    if (made.colour) return made;
    const word = s.colour ?? s.label;
    return {...made, colour: hue(word), word: [word, s.dash].filter(Boolean).join(", "), quiet: word === "", unkeyed: word === "" || s.panel === 1,
      dashed: dashes.indexOf(s.dash) % 2 === 1};
  });
  const panels = [f.y];
  if (series.some((s) => s.panel === 1)) panels.push(f.y2);
  return chart({title: f.title ?? f.name.replaceAll("_", " "), caption: f.caption, x: {...f.x, words: names(f.series)}, panels, series,
    unkeyed: f.unkeyed});
}

// A line over axes that stand side by side, from dark to light by its place on the last one.
function profile(s) {
  const place = number(s.y.at(-1));
  return {label: s.label || "all", panel: 0, x: s.x.map(number), y: s.y.map(number), kind: "line", unkeyed: true,
    colour: `hsl(${(250 + 160 * place) % 360} 75% ${42 + 16 * place}%)`};
}

// What such axes are called, by their places, with the values at their ends.
function names(series) {
  const words = {};
  for (const s of series.filter((s) => s.role === "axis_name")) {
    const values = series.filter((v) => v.role === "axis_value" && v.x[0] === s.x[0]).map((v) => v.label);
    words[s.x[0]] = s.label + (values.length > 1 ? ` (${values[0]} … ${values.at(-1)})` : "");
  }
  return Object.keys(words).length ? words : null;
}

function figures() {
  // of a run still going on, curves are not there yet: nothing but what they would be held against
  const drawn = data.figures.filter((f) => !data.partial || f.series.some((s) => !["pipeline", "degraded"].includes(s.role)));
  return drawn.length && h("div", {class: "figures"}, drawn.map(figure));
}

// One quantity of all trials at a time; a grid point can be put in front.
function curves() {
  const names = Object.keys(data.curves);
  if (names.length === 0) return null;
  const place = h("div", {});
  const state = {name: names.includes("train.loss") ? "train.loss" : names[0], point: ""};
  function draw() {
    const {stride, values} = data.curves[state.name], hue = paint(data.points.map((p) => p.label || "all"));
    const series = values.flatMap((list, i) => {
      if (list.length === 0) return [];
      const label = data.points[pointOf[i]].label || "all", front = state.point === "" ? data.points.length <= 8 : Number(state.point) === pointOf[i];
      const x = list.map((_, k) => k === list.length - 1 && k > 0 && stride > 1 ? null : 1 + k * stride);
      if (x.at(-1) === null) x[x.length - 1] = x.at(-2) + 1;
      return [{label: `trial ${i}${data.points[pointOf[i]].label ? ": " + label : ""}`, word: label, kind: "line", x, y: list.map(number),
        colour: front || state.point === "" ? hue(label) : "var(--grey)", quiet: !front, unkeyed: !front}];
    });
    series.sort((a, b) => b.quiet - a.quiet);
    const loss = /loss$/.test(state.name);
    place.replaceChildren(chart({title: state.name, caption: "One line a trial." + (stride > 1 ? ` Every ${stride}th epoch is shown, and the last.` : ""),
      x: {label: "epoch", unit: "whole"}, panels: [{label: state.name.split(".").slice(-1)[0], unit: "1", log: loss}], series}));
  }
  const select = (label, key, options) => h("label", {}, label + " ", h("select", {onchange: (event) => { state[key] = event.target.value; draw(); }},
    options.map(([value, text]) => h("option", {value, selected: String(state[key]) === String(value)}, text))));
  draw();
  return [h("div", {class: "tools"}, select("Quantity", "name", names.map((n) => [n, n])),
    data.points.length > 1 && select("In front", "point", [["", "all"], ...data.points.map((p, i) => [i, p.label])])), place];
}
