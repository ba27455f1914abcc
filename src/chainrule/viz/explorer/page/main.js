"use strict";
// What clicks and keys do.

/** Select a node, a box or a line; null selects nothing. */
function select(selected) {
  state.selected = selected;
  mark();
  fillPanel();
}

/** Show in the drawing what is selected. */
function mark() {
  const { selected } = state;
  const vertex = selected?.node ?? (selected && "box" in selected ? count + selected.box : null);
  for (const [each, element] of elements) {
    element.classList.toggle("selected", each === vertex);
    element.classList.remove("lit");
  }
  for (const line of scene.querySelectorAll(".line-of")) {
    const source = Number(line.dataset.source);
    const chosen = selected && "source" in selected && source === selected.source &&
      (line.dataset.target ?? "") === String(selected.target ?? "") && (line.dataset.input ?? "") === String(selected.input ?? "");
    line.classList.toggle("selected", Boolean(chosen));
    line.classList.toggle("joined", vertex !== null && (Number(line.dataset.target ?? -1) === vertex || source === vertex));
  }
}

/** Light up the nodes that something works for. */
function light(numbers) {
  const seen = new Set(numbers.map(seenAs));
  for (const [vertex, element] of elements) element.classList.toggle("lit", seen.has(vertex));
}

/** Open the boxes around a vertex, select it, and bring it into sight. */
function goTo(vertex) {
  const closed = around(vertex).filter((box) => !state.view.open.has(box));
  if (closed.length) {
    closed.forEach((box) => state.view.open.add(box));
    changed();
    showOpened(count + closed[closed.length - 1]);
  }
  select(isBox(vertex) ? { box: vertex - count } : { node: vertex });
  reveal(vertex);
}

function changed() {
  redraw();
  if (player.on) {
    listSteps();
    setStep(Math.min(player.at, Number(slider.max)));
  }
}

/** Open or close a box; what is around it stays where it is, as far as it can. */
function toggleBox(vertex) {
  const box = vertex - count;
  const { open } = state.view;
  const before = extent(vertex);
  if (open.has(box)) {
    open.delete(box);
  } else open.add(box);
  const focused = document.activeElement?.dataset?.vertex;
  changed();
  const after = extent(vertex);
  if (before && after) pan(camera.scale * (before.left - after.left), camera.scale * (before.top - after.top));
  if (open.has(box) || fitsLegibly()) showOpened(vertex);
  select({ box });
  if (focused !== undefined) elements.get(vertex)?.focus({ preventScroll: true });
}

/** Whether all of the drawing can be shown so that one can read it. */
const fitsLegibly = () =>
  Math.min(stage().width / state.layout.width, stage().height / state.layout.height) >= 0.7;

/** After a box was opened: show everything if it is legible, else all of the box. */
function showOpened(vertex) {
  if (fitsLegibly()) return fit();
  const { left, top, width, height } = extent(vertex);
  const room = stage(), scale = camera.scale;
  const x = camera.x + scale * left, y = camera.y + scale * top;
  const seen = x >= 0 && y >= 0 && x + scale * width <= room.width && y + scale * height <= room.height;
  if (!seen || scale < 0.6) show(left - 30, top - 30, width + 60, height + 60, Math.max(scale, 1));
}

function openAll(on) {
  const { view } = state;
  view.open = on ? new Set(view.boxes.keys()) : new Set([0]);
  changed();
  fit();
  select(null);
}

function setView(view) {
  state.view = view;
  state.selected = null;
  document.querySelectorAll("#views button").forEach((button, i) => button.setAttribute("aria-pressed", views[i] === view));
  changed();
  fit();
  fillPanel();
}

const vertexAt = (target) => {
  const element = target.closest?.("[data-vertex]");
  return element ? Number(element.dataset.vertex) : null;
};

canvas.addEventListener("click", (event) => {
  if (drag.moved > 4) return;
  const vertex = vertexAt(event.target);
  if (vertex !== null) {
    if (event.target.closest(".fold")) toggleBox(vertex);
    else select(isBox(vertex) ? { box: vertex - count } : { node: vertex });
    return;
  }
  const line = event.target.closest?.(".line-of");
  if (!line) return select(null);
  const { source, target, input } = line.dataset;
  select({
    source: Number(source), target: target === undefined ? null : Number(target),
    input: input === undefined ? null : Number(input),
  });
});
canvas.addEventListener("dblclick", (event) => {
  const vertex = vertexAt(event.target);
  if (vertex !== null && isBox(vertex)) toggleBox(vertex);
});

// --- keys --------------------------------------------------------------------------------

/** Move the focus along the graph: to an input, to a user, or to what is drawn above or below. */
function walk(vertex, key) {
  const inner = new Set(nodesIn(vertex));
  let next;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const left = key === "ArrowLeft";
    const beyond = [...inner].flatMap((k) => (left ? nodes[k].inputs : nodes[k].users)).filter((k) => !inner.has(k));
    next = beyond.length ? seenAs(left ? beyond[0] : beyond[beyond.length - 1]) : undefined;
  } else {
    const here = elements.get(vertex).getBoundingClientRect();
    const middle = (r) => [r.left + r.width / 2, r.top + r.height / 2];
    const [x, y] = middle(here), sign = key === "ArrowUp" ? -1 : 1;
    const near = [...elements].filter(([each]) => each !== vertex && !isOpen(each)).map(([each, element]) => {
      const [ex, ey] = middle(element.getBoundingClientRect());
      return [sign * (ey - y), Math.abs(ex - x), each];
    }).filter(([down, across]) => down > 4 && across < 120 * camera.scale);
    next = near.sort((a, b) => a[0] + a[1] - b[0] - b[1])[0]?.[2];
  }
  if (next === undefined) return;
  select(isBox(next) ? { box: next - count } : { node: next });
  reveal(next);
  elements.get(next)?.focus({ preventScroll: true });
}

const KEYS = {
  "/": () => searchField.focus(),
  "+": () => zoom(1.25),
  "=": () => zoom(1.25),
  "-": () => zoom(0.8),
  0: fit,
  f: fit,
  s: () => openSteps(!player.on),
  e: () => openAll(true),
  c: () => openAll(false),
  t: toggleTheme,
  v: () => views.length > 1 && setView(views[(views.indexOf(state.view) + 1) % views.length]),
  "?": () => toggleHelp(),
};
const STEPS = {
  " ": togglePlay, ArrowRight: () => stepBy(1), ArrowLeft: () => stepBy(-1),
  Home: () => stepBy(-1e9), End: () => stepBy(1e9),
};
const PANS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  if (key === "Escape") {
    if (!help.hidden) toggleHelp();
    else if (state.selected) select(null);
    else if (player.on) openSteps(false);
    return;
  }
  if (target.matches?.("input")) return;
  const vertex = vertexAt(target);
  if (player.on && key in STEPS && !(key === " " && target.matches?.("button"))) STEPS[key]();
  else if (vertex !== null && (key === "Enter" || key === " ")) {
    if (isBox(vertex)) toggleBox(vertex);
    else select({ node: vertex });
  } else if (vertex !== null && key in PANS) walk(vertex, key);
  else if (key in PANS && !target.closest?.("#panel")) pan(...PANS[key]);
  else if (key in KEYS) KEYS[key]();
  else return;
  event.preventDefault();
});

// --- the tools above the drawing -----------------------------------------------------------

const help = document.getElementById("help");

function toggleHelp() {
  help.hidden = !help.hidden;
  document.getElementById("help-toggle").setAttribute("aria-expanded", !help.hidden);
}

/** Switch between light and dark; without a choice the page follows the system. */
function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

function resized() {
  if (state.layout) fit();
}

for (const [id, act] of Object.entries({
  "zoom-in": () => zoom(1.25), "zoom-out": () => zoom(0.8), fit, "open-all": () => openAll(true),
  "close-all": () => openAll(false), theme: toggleTheme, "help-toggle": toggleHelp, "help-close": toggleHelp,
})) document.getElementById(id).addEventListener("click", act);

const viewButtons = document.getElementById("views");
viewButtons.hidden = views.length < 2;
views.forEach((view, i) => viewButtons.append(
  el("button", { "aria-pressed": i === 0, onclick: () => setView(view) }, view.name)));

document.title = `${data.title} · chainrule`;
document.getElementById("title").textContent = data.title;
document.getElementById("steps-toggle").hidden = !isLive && !nodes.some((node) => node.output && node.value);
redraw();
fit();
fillPanel();
addEventListener("resize", () => {
  changed();
  fit();
});
document.body.dataset.ready = "true";
