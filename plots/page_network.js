// The network layer by layer, with what each costs, and the labels that the filter dropped.

// Lines from each layer to those that read it, beside the table: one lane for each that is not read
// by the next alone.
function lanes(layers) {
  const place = new Map(layers.map((layer, i) => [layer.name, i]));
  const edges = layers.flatMap((layer, i) => layer.from.map((name) => [place.has(name) ? place.get(name) : -1, i]));
  const far = edges.filter(([a, b]) => b - a > 1).sort((x, y) => (x[1] - x[0]) - (y[1] - y[0])), ends = [];
  return {edges, far: far.map(([a, b]) => {
    let lane = ends.findIndex((list) => list.every(([c, d]) => b <= c || a >= d));
    if (lane < 0) lane = ends.push([]) - 1;
    ends[lane].push([a, b]);
    return {a, b, lane: lane + 1};
  }), count: ends.length};
}

// The part of that drawing in one row, `row` -1 being the input.
function laneCell(graph, row, last) {
  const x = (lane) => 10 + 11 * lane, middle = 15, tall = 30, parts = [];
  const line = (d) => parts.push(svg("path", {d, fill: "none", stroke: "var(--dim)", "stroke-width": 1.4}));
  if (graph.edges.some(([a, b]) => a === row - 1 && b === row)) line(`M${x(0)} 0V${middle}`);
  if (row < last && graph.edges.some(([a, b]) => a === row && b === row + 1)) line(`M${x(0)} ${middle}V${tall}`);
  for (const {a, b, lane} of graph.far) {
    if (row > a && row < b) line(`M${x(lane)} 0V${tall}`);
    if (row === a) line(`M${x(0)} ${middle}H${x(lane) - 5}Q${x(lane)} ${middle} ${x(lane)} ${middle + 5}V${tall}`);
    if (row === b) line(`M${x(lane)} 0V${middle - 5}Q${x(lane)} ${middle} ${x(lane) - 5} ${middle}H${x(0)}`);
  }
  parts.push(svg("circle", {cx: x(0), cy: middle, r: 4, style: "fill:var(--c1)"}));
  const wide = x(graph.count) + 8;
  return h("td", {class: "graph"}, svg("svg", {width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`, "aria-hidden": "true"}, parts));
}

function network() {
  if (data.layers.length === 0) return null;
  const place = h("div", {});
  const graphOf = (trial) => {
    const text = data.graphs[String(trial).padStart(5, "0")];
    try { return text ? JSON.parse(text) : null; } catch { return null; }
  };
  // The graph is stored of the network that goes out; another trial of its grid point has the same.
  const graphFor = (trial) => {
    const key = Object.keys(data.graphs).find((name) => pointOf[Number(name)] === pointOf[trial]);
    return key ? graphOf(Number(key)) : null;
  };
  function draw(which) {
    const rows = data.layers[which], graph = graphFor(rows.trial), count = rows.name.length;
    const known = graph && graph.layers.length === count && graph.layers.every((layer, i) => layer.name === rows.name[i]);
    const drawn = known ? lanes(graph.layers) : null;
    const costs = Object.keys(rows).filter((name) => Array.isArray(rows[name]) && rows[name].length === count && !rows[name].some((v) => typeof v === "string" && !/inf$/.test(v)) &&
      !name.endsWith(".sd"));
    const texts = Object.keys(rows).filter((name) => name !== "name" && Array.isArray(rows[name]) && !costs.includes(name) && rows[name].length === count);
    const totals = costs.map((name) => rows[name].map(number).reduce((a, b) => a + b, 0));
    const settings = (layer) => Object.entries(layer.settings).filter(([key]) => ["filters", "kernel", "stride", "outputs", "size", "groups", "dilation", "factor"].includes(key) &&
      !(["stride", "groups", "dilation"].includes(key) && layer.settings[key] === 1)).map(([key, value]) => `${key} ${value}`).join(", ");
    const cells = (i) => costs.map((name, c) => {
      const value = number(rows[name][i]), share = totals[c] > 0 && value > 0 ? value / totals[c] : 0;
      return h("td", {}, withUnit(value, unitOf(name)), h("span", {class: "barcell", "aria-hidden": "true"}, h("span", {class: "bar", style: `width:${(4.6 * share).toFixed(3)}rem`})));
    });
    place.replaceChildren(h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Layers"}, h("table", {class: "layers"},
      h("caption", {}, known ? `${graph.family}, input ${graph.input.shape.join(" × ")}` : "The graph itself is stored of the network that goes out",
        "; bars: shares of the sum"),
      h("thead", {}, h("tr", {}, drawn && h("th", {scope: "col"}, ""), h("th", {scope: "col", class: "text"}, "layer"), known && h("th", {scope: "col", class: "text"}, "settings"),
        known && h("th", {scope: "col"}, "output"), texts.map((n) => h("th", {scope: "col", class: "text"}, n)), costs.map((n) => h("th", {scope: "col"}, heading(n))))),
      h("tbody", {}, drawn && h("tr", {}, laneCell(drawn, -1, count - 1), h("th", {scope: "row", class: "text"}, "input"), h("td", {}), h("td", {}, graph.input.shape.join(" × ")),
        [...texts, ...costs].map(() => h("td", {}))),
      rows.name.map((name, i) => h("tr", {}, drawn && laneCell(drawn, i, count - 1), h("th", {scope: "row", class: "text"}, name), known && h("td", {class: "text"}, settings(graph.layers[i])),
        known && h("td", {}, graph.layers[i].output.join(" × ")), texts.map((n) => h("td", {class: "text"}, rows[n][i])), cells(i))),
      h("tr", {}, drawn && h("td", {}), h("th", {scope: "row", class: "text"}, "sum"), known && h("td", {}), known && h("td", {}), texts.map(() => h("td", {})),
        totals.map((total, c) => h("td", {}, h("b", {}, withUnit(total, unitOf(costs[c]))), h("span", {class: "barcell"}))))))));
  }
  const first = Math.max(0, data.layers.findIndex((rows) => pointOf[rows.trial] === pointOf[data.outgoing]));
  draw(first);
  return [data.layers.length > 1 && h("div", {class: "tools"}, h("label", {}, "Network ", h("select", {onchange: (event) => draw(Number(event.target.value))},
    data.layers.map((rows, i) => h("option", {value: i, selected: i === first}, data.points[pointOf[rows.trial]].label || `trial ${rows.trial}`))))), place];
}

function labels() {
  if (data.filters.length === 0) return null;
  const place = h("div", {});
  const count = (n) => format(n);
  const caption = (label, p) => h("figcaption", {}, p.word && h("b", {}, `labelled ${p.word}`), p.word && h("br"),
    label ? [`image ${label.image}, score ${format(number(label.score), 3)}`, h("br"), label.reason] : `label ${p.item}`);
  function draw(which) {
    const f = data.filters[which], reasons = Object.entries(f.reasons);
    const scores = (name, title, tint) => f[name] && {label: title, kind: "line", colour: tint,
      x: f[name].map((_, i) => f.range[0] + (f.range[1] - f.range[0]) * (i + 0.5) / f[name].length), y: f[name].map(number)};
    const series = [scores("kept", "kept", "var(--c1)"), scores("dropped", "dropped", "var(--c0)")].filter(Boolean);
    place.replaceChildren(
      h("p", {}, `${count(f.labels)} labels: ` + reasons.map(([reason, n]) => `${count(n)} ${reason}`).join(", ") + "."),
      series.length ? h("div", {class: "figures"}, chart({title: "labels by score", caption: "The larger the score, the more suspect the label.",
        x: {label: "score", unit: "1"}, panels: [{label: "labels", unit: "count"}], series})) : "",
      f.pictures ? h("div", {class: "labels"}, f.pictures.map((p) => h("figure", {}, h("div", {class: "pair"},
        [p.input, p.label].filter((v) => v !== undefined).map((v, i) => h("img", {alt: i ? "label" : "input", src: "data:image/png;base64," + data.pictures[v]}))),
        caption(f.flagged.find((l) => l.item === p.item), p)))) : "",
      h("details", {}, h("summary", {}, `The ${f.flagged.length} most suspect labels`), h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Flagged labels"},
        h("table", {}, h("thead", {}, h("tr", {}, ["label", "image of the data set", "score"].map((t) => h("th", {scope: "col"}, t)), h("th", {scope: "col", class: "text"}, "reason"))),
          h("tbody", {}, f.flagged.map((l) => h("tr", {}, h("td", {}, String(l.item)), h("td", {}, String(l.image)), h("td", {}, format(number(l.score))), h("td", {class: "text"}, l.reason))))))));
  }
  draw(0);
  return [data.filters.length > 1 && h("div", {class: "tools"}, h("label", {}, "Grid point ", h("select", {onchange: (event) => draw(Number(event.target.value))},
    data.filters.map((f, i) => h("option", {value: i}, data.points[pointOf[f.trial]].label || `trial ${f.trial}`))))), place];
}
