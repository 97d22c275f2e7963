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
    float32: {kind: "marks", colour: "var(--c1)", open: true}}[role] || {kind: "both", colour: colour(rank)};
  return {...values, ...style, ...(series.across ? {kind: "across"} : {})};
}

// Lines that are told apart by what their colour says: a few hues, of many a scale from dark to light.
function paint(words) {
  const list = [...new Set(words)].filter((word) => word);
  return (word) => !word ? "var(--grey)" : list.length <= 6 ? colour(list.indexOf(word))
    : `hsl(${(250 + 160 * list.indexOf(word) / (list.length - 1)) % 360} 75% ${42 + 16 * list.indexOf(word) / (list.length - 1)}%)`;
}

function figure(f) {
  const ranks = {}, words = f.series.filter((s) => s.role === "score" || s.role === "loss").map((s) => s.colour ?? s.label), hue = paint(words);
  const dashes = [...new Set(f.series.map((s) => s.dash).filter((d) => d))];
  const series = f.series.filter((s) => s.role !== "label").map((s) => {
    const made = styled(s, ranks);
    if (made.colour) return made;
    const word = s.colour ?? s.label;
    return {...made, colour: hue(word), word: [word, s.dash].filter(Boolean).join(", "), quiet: word === "", unkeyed: word === "" || s.panel === 1,
      dashed: dashes.indexOf(s.dash) % 2 === 1};
  });
  const logX = ["performance_vs_computation", "performance_vs_data", "measured_vs_predicted"].includes(f.kind);
  const panels = [{...f.y, log: f.kind === "measured_vs_predicted"}];
  if (series.some((s) => s.panel === 1)) panels.push({...f.y2, log: f.y2.unit !== "whole"});
  return chart({title: f.name.replaceAll("_", " "), caption: f.caption, x: {...f.x, log: logX}, panels, series});
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
