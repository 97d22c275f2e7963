// Test images beside what pipeline and network made of them, zoomed together.
const paneTitles = {input: "input", pipeline: "pipeline", network: "network", truth: "truth", difference: "difference"};
const loaded = new Map();

// The picture, decoded once.
function picture(place) {
  if (!loaded.has(place)) {
    const image = new Image();
    image.src = "data:image/png;base64," + data.pictures[place];
    loaded.set(place, image.decode().then(() => image));
  }
  return loaded.get(place);
}

// |a − b| of two pictures, `gain` times as bright.
function difference(a, b, gain) {
  const pixels = [a, b].map((image) => {
    const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d", {willReadFrequently: true});
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  });
  const out = pixels[0], other = pixels[1].data;
  for (let i = 0; i < out.data.length; i++)
    if (i % 4 < 3) out.data[i] = Math.min(255, gain * Math.abs(out.data[i] - other[i]));
  const canvas = new OffscreenCanvas(out.width, out.height);
  canvas.getContext("2d").putImageData(out, 0, 0);
  return canvas;
}

function images() {
  const sets = data.examples.filter((e) => e.images.length);
  if (sets.length === 0) return null;
  const state = {set: 0, order: "worst", at: 0, zoom: 1, x: 0.5, y: 0.5, gain: 3, hidden: new Set()};
  const strip = h("div", {class: "strip", role: "group", "aria-label": "Images"}), stage = h("div", {class: "stage", tabindex: 0, role: "group",
    "aria-label": "Image comparer: plus and minus zoom, arrow keys move, 0 shows all, n and p change the image"});
  const facts = h("p", {class: "dim", role: "status"}), toggles = h("span", {});
  const set = () => sets[state.set], judged = () => set().judged;
  const names = () => ["input", "pipeline", "network", "truth", "difference"].filter((name) => name === "difference" ? set().kind === "image" :
    set().images[0].panes[name] !== undefined);

  const nameOf = (i) => set().images[i].case ? `Test image ${set().images[i].number}` : `Image ${i}`;

  // Places of images: by the network's score; or those alone that were drawn for the test set, at random.
  function order() {
    const list = set().images.map((_, i) => i), good = (i) => { const g = number(set().images[i].good); return Number.isNaN(g) ? -Infinity : g; };
    if (state.order === "random") return list.filter((i) => !set().images[i].case); // as drawn
    const cases = new Set(set().images.filter((image) => image.case).map((image) => image.panes.input)); // each once
    return list.filter((i) => set().images[i].case || !cases.has(set().images[i].panes.input)).sort((a, b) => (state.order === "worst" ? 1 : -1) * (good(a) - good(b)) || a - b);
  }
  const scoreText = (example, name) => {
    if (example.words) return example.words[name] ?? "";
    const score = example.scores[name] === undefined ? NaN : number(example.scores[name]);
    return example.scores[name] === undefined ? "" : Math.abs(score) < 10 ? score.toFixed(3).replace("-", "−") : format(score, 3);
  };

  async function paint() {
    const example = set().images[state.at], panes = example.panes;
    for (const pane of stage.querySelectorAll(".pane")) {
      const name = pane.dataset.pane, canvas = pane.querySelector("canvas"), side = Math.round(canvas.clientWidth * devicePixelRatio) || 200;
      let source;
      if (name === "difference") {
        const other = panes.truth ?? panes.pipeline;
        if (other === undefined || panes.network === undefined) continue;
        source = difference(await picture(panes.network), await picture(other), state.gain);
      } else if (panes[name] !== undefined) source = await picture(panes[name]);
      if (set().images[state.at] !== example || !source) continue;
      canvas.width = canvas.height = side;
      const context = canvas.getContext("2d"), fit = side / Math.max(source.width, source.height) * state.zoom;
      const move = (size, centre) => size * fit <= side ? (side - size * fit) / 2 : Math.min(0, Math.max(side - size * fit, side / 2 - centre * size * fit));
      context.imageSmoothingEnabled = fit < 1;
      context.drawImage(source, move(source.width, state.x), move(source.height, state.y), source.width * fit, source.height * fit);
    }
  }

  function select(i) {
    state.at = i;
    const example = set().images[i], difference = judged() ? "network − truth" : "network − pipeline";
    stage.replaceChildren(...names().filter((name) => !state.hidden.has(name)).map((name) => h("div", {class: "pane", "data-pane": name},
      h("b", {}, name === "difference" ? `|${difference}| × ${state.gain}` : paneTitles[name]), " ",
      h("span", {}, name === "difference" || (name === "input" && example.words) ? "" : scoreText(example, name)),
      h("canvas", {role: "img", "aria-label": `${paneTitles[name]} of image ${i}`}))));
    if (example.words)
      stage.append(h("dl", {}, ["truth", "pipeline", "network"].filter((who) => example.words[who] !== undefined)
        .map((who) => [h("dt", {}, who), h("dd", {}, example.words[who])])));
    for (const button of strip.children) button.setAttribute("aria-current", String(Number(button.dataset.image) === i));
    facts.textContent = nameOf(i) + (example.case ? ` (furthest ${example.case === "worst" ? "behind" : "ahead of"} the pipeline)` : "") + `, ${example.size.join(" × ")} pixels` + (example.cut ? "; its middle is shown" : "") +
      (state.zoom > 1 ? `; zoom ${format(state.zoom, 3)} ×` : "");
    paint();
  }
  function list() {
    const all = order();
    strip.replaceChildren(...all.map((i) => {
      const example = set().images[i], thumb = example.panes.network ?? example.panes.input;
      return h("button", {type: "button", "data-image": i, "aria-current": "false", "aria-label": nameOf(i), "data-case": example.case, onclick: () => select(i)},
        thumb !== undefined && h("img", {alt: "", src: "data:image/png;base64," + data.pictures[thumb]}),
        h("span", {}, example.words ? (number(example.good) < 0 ? "✗ " : "✓ ") + scoreText(example, "network") : scoreText(example, "network")));
    }));
    toggles.replaceChildren(...names().map((name) => h("button", {type: "button", "aria-pressed": String(!state.hidden.has(name)), onclick: (event) => {
      if (!state.hidden.delete(name)) state.hidden.add(name);
      event.target.setAttribute("aria-pressed", String(!state.hidden.has(name)));
      select(state.at);
    }}, paneTitles[name])));
    select(all[0]);
  }
  function zoom(factor) {
    state.zoom = Math.min(64, Math.max(1, state.zoom * factor));
    if (state.zoom === 1) state.x = state.y = 0.5;
    select(state.at);
  }
  const shift = (dx, dy) => {
    state.x = Math.min(1, Math.max(0, state.x + dx / state.zoom));
    state.y = Math.min(1, Math.max(0, state.y + dy / state.zoom));
    paint();
  };
  const step = (by) => {
    const all = order();
    select(all[(all.indexOf(state.at) + by + all.length) % all.length]);
  };
  stage.addEventListener("keydown", (event) => {
    const act = {"+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": () => zoom(0), n: () => step(1), p: () => step(-1),
      ArrowLeft: () => shift(-0.1, 0), ArrowRight: () => shift(0.1, 0), ArrowUp: () => shift(0, -0.1), ArrowDown: () => shift(0, 0.1)}[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return; // the page scrolls
    event.preventDefault();
    zoom(event.deltaY + event.deltaX < 0 ? 1.25 : 0.8);
  }, {passive: false});
  stage.addEventListener("pointermove", (event) => {
    if (!(event.buttons & 1) || state.zoom === 1 || event.target.tagName !== "CANVAS") return;
    const side = event.target.clientWidth;
    shift(-event.movementX / side, -event.movementY / side);
  });
  stage.addEventListener("dblclick", () => zoom(2));
  new ResizeObserver(() => paint()).observe(stage);
  const button = (text, label, act) => h("button", {type: "button", "aria-label": label, title: label, onclick: act}, text);
  const choice = (label, options, act) => h("label", {}, label + " ", h("select", {onchange: (event) => act(event.target.value)},
    options.map(([value, text]) => h("option", {value}, text))));
  list();
  const cases = (kind) => set().images.filter((image) => image.case === kind).length;
  const by = {image: "SSIM", mask: "mean IoU", map: "mean absolute error", class: "right or wrong", numbers: "distance"}[set().kind];
  return [
    h("div", {class: "tools"},
      sets.length > 1 && choice("Network", sets.map((s, i) => [i, `trial ${s.trial}` + (data.points[pointOf[s.trial]]?.label ? ": " + data.points[pointOf[s.trial]].label : "") +
        (s.trial === data.outgoing ? " (goes out)" : "")]), (value) => { state.set = Number(value); list(); }),
      choice("Order", [["worst", "worst first"], ["best", "best first"], ["random", "at random alone"]], (value) => { state.order = value; list(); }),
      h("span", {}, button("−", "Zoom out", () => zoom(1 / 1.5)), button("+", "Zoom in", () => zoom(1.5)), button("Fit", "Show the whole image", () => zoom(0))),
      set().kind === "image" && h("label", {}, "Gain of the difference ", h("input", {type: "range", min: 1, max: 10, value: 3,
        oninput: (event) => { state.gain = Number(event.target.value); select(state.at); }}))),
    h("div", {class: "tools"}, "Show", toggles), strip, stage, facts,
    h("p", {class: "dim"}, `${set().images.length} of the test images are kept, sorted by ${by} ` + (judged() ? "against the truth" : "against the pipeline") +
      `: ${cases("worst")} on which the network is furthest behind the pipeline, ${cases("best")} furthest ahead, of all test images (store.cases); ` +
      `${set().images.length - cases("worst") - cases("best")} drawn at random (store.examples)` +
      (set().left_out > 0 ? `; ${set().left_out} cases are not stored: they are larger than 8 MiB` : "") +
      (data.examples_cut ? "; others are left out for the page's size" : "") + ".")];
}
