"use strict";
// The panel: everything that is known of what is selected. Texts only ever enter as text nodes.

const panel = document.getElementById("panel");

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const section = (title, ...children) => el("section", {}, el("h3", {}, title), ...children);

function facts(entries) {
  const list = el("dl");
  for (const [name, value] of entries) {
    if (value === undefined || value === null || value === "") continue;
    list.append(el("dt", {}, name), el("dd", {}, value));
  }
  return list;
}

/** A button that selects another node. */
const link = (k) => el("button", { class: "link", onclick: () => goTo(k) }, nodes[k].name);

function links(numbers) {
  const shown = numbers.slice(0, 12).map(link);
  if (numbers.length > 12) shown.push(`and ${numbers.length - 12} more`);
  return el("span", { class: "links" }, ...shown);
}

/** Show what is selected; without anything, the graph as a whole. */
function fillPanel() {
  const { selected } = state;
  let parts;
  if (!selected) parts = aboutGraph();
  else if ("node" in selected) parts = aboutNode(nodes[selected.node]);
  else if ("box" in selected) parts = aboutBox(state.view.boxes[selected.box]);
  else parts = aboutLine(selected.source, selected.target, selected.input);
  panel.replaceChildren(...parts.filter(Boolean));
  panel.scrollTop = 0;
}

function heading(title, under) {
  const close = state.selected &&
    el("button", { class: "close", "aria-label": "Close", title: "Close (Esc)", onclick: () => select(null) }, "×");
  return el("header", {}, el("h2", {}, title), close, under ? el("p", {}, under) : "");
}

// --- the whole graph ---------------------------------------------------------------------

function aboutGraph() {
  const total = (key) => nodes.reduce((sum, node) => sum + (node[key] ?? 0), 0);
  const flops = total("flops"), ms = total("ms");
  const parts = [
    heading(data.title, ""),
    facts([
      ["nodes", integer(count)],
      ["parameters", integer(state.view.boxes[0].parameters ?? views[0].boxes[0].parameters ?? 0)],
      ["operations", flops ? `${prefixed(flops, "FLOP")} forward` : ""],
      ["time", ms ? `${milliseconds(ms)} forward, with NumPy` : ""],
      ...Object.entries(data.notes),
    ]),
    el("p", { class: "hint" }, "Click a node, a box or a line. A box opens with a double click, its − or Enter."),
    isLive ? el("p", { class: "hint" }, "Click an input to change its value: the page computes the graph anew.") : null,
  ];
  return [...parts, ...(state.view === views[0] ? [] : aboutProgram())];
}

// --- a node ------------------------------------------------------------------------------

function aboutNode(node) {
  const operation = data.operations[node.operation];
  const where = node.line && el("span", {}, node.line, node.source ? el("code", {}, node.source) : "");
  return [
    heading(node.name, node.kind === "operation" ? node.operation : node.kind),
    operation && section("Operation",
      el("p", { class: "formula" }, formulaOf(node)),
      ...node.inputs.slice(0, 3).map((k, i) => el("p", { class: "local" }, derivativeOf(node, i), " ",
        Number.isFinite(localAt(node, i)) ? el("b", {}, `= ${exact(localAt(node, i))}`) : ""))),
    isLive && node.kind !== "operation" ? valueInput(node) : null,
    arraySection("Value", node.value, "value"),
    arraySection("Gradient", node.gradient, "gradient"),
    node.gradient && section("Chain rule", el("p", {}, backwardText(node))),
    section("Facts", facts([
      ["shape", node.shape ? (node.shape.length ? node.shape.join(" × ") : "scalar") : "not known"],
      ["type", node.dtype],
      ["with", node.attributes],
      ["module", node.path],
      ["inputs", node.inputs.length ? links([...new Set(node.inputs)]) : ""],
      ["used by", node.users.length ? links(node.users) : ""],
      ["parameters", node.kind === "parameter" && node.shape ? integer(node.shape.reduce((a, b) => a * b, 1)) : ""],
      ["operations", node.flops !== undefined ? integer(node.flops) : ""],
      ["bytes", node.bytes !== undefined ? integer(node.bytes) : ""],
      ["time", node.ms !== undefined ? `${milliseconds(node.ms)} with NumPy` : ""],
      ["kernel", kernelsOf(node)],
      ["made at", where],
    ])),
  ];
}

function kernelsOf(node) {
  const found = (data.program?.kernels ?? []).filter((kernel) => kernel.nodes.includes(node.number));
  return found.map((kernel) => `${kernel.number} (${kernel.phase})`).join(", ");
}

function valueInput(node) {
  const input = el("input", {
    type: "number", step: "any", id: "value-input", value: node.value ? numberOf(node.value) : "",
    "aria-label": `value of ${node.name}`,
    oninput: () => {
      if (input.value === "" || !Number.isFinite(input.valueAsNumber)) return;
      setValue(node, input.valueAsNumber);
    },
  });
  return section("Change the value", el("label", { class: "change" }, `${node.name} = `, input));
}

/** Give a leaf another value, compute all anew, and draw it. */
function setValue(node, value) {
  node.value = { shape: [], full: value };
  recompute();
  const had = document.activeElement?.id === "value-input";
  redraw();
  if (!had) fillPanel();
  else { // the field keeps the cursor; everything below it is new
    const fresh = aboutNode(node).filter(Boolean);
    const place = [...panel.children].findIndex((child) => child.querySelector("#value-input"));
    [...panel.children].slice(place + 1).forEach((child) => child.remove());
    const at = fresh.findIndex((part) => part.querySelector?.("#value-input"));
    panel.append(...fresh.slice(at + 1));
  }
}

// --- arrays ------------------------------------------------------------------------------

function arraySection(title, record, kind) {
  if (!record) return null;
  const parts = [];
  if (record.full !== undefined) {
    parts.push(el("pre", { class: kind }, isScalar(record) ? listed(record.full, exact) : rows(record.full)));
  } else {
    parts.push(facts([
      ["mean", record.mean === undefined ? "" : `${short(record.mean)} ± ${short(record.spread)}`],
      ["range", record.least === undefined ? "" : `${short(record.least)} … ${short(record.most)}`],
      ["zeros", record.zeros === undefined ? "" : `${(100 * record.zeros).toFixed(1)} %`],
      ["not finite", record.bad ? integer(record.bad) : ""],
    ]));
    if (record.bars) parts.push(histogram(record, kind));
    if (record.picture) parts.push(picture(record.picture, `${title.toLowerCase()} as an image`));
  }
  return section(title, ...parts);
}

/** Write a small array, its last axis along a line. */
function rows(value) {
  if (!Array.isArray(value[0])) return listed(value);
  return value.map((row) => rows(row)).join(Array.isArray(value[0][0]) ? "\n\n" : "\n");
}

function histogram({ bars, least, most }, kind) {
  const width = 300, height = 64, step = width / bars.length, peak = Math.max(...bars);
  const shape = svg("svg", {
    class: `bars ${kind}`, viewBox: `0 0 ${width} ${height + 14}`, role: "img",
    "aria-label": `histogram from ${short(least)} to ${short(most)}`,
  });
  bars.forEach((n, i) => {
    const h = n ? Math.max(1, (height * n) / peak) : 0;
    shape.append(rect("bar", i * step + 0.5, height - h, step - 1, h, 1));
  });
  const low = text("axis", short(least), 0, height + 12), high = text("axis end", short(most), width, height + 12);
  shape.append(low, high);
  if (least < 0 && most > 0) {
    const zero = (width * -least) / (most - least);
    shape.append(svg("path", { class: "zero", d: `M${at(zero)} 0V${height}` }));
  }
  return shape;
}

/** Draw maps side by side: colours, grey, or two hues around 0 that colour-blind eyes tell apart. */
function picture({ count: maps, width, height, data: bytes, signed: both, colour }, label) {
  const values = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
  const shown = colour ? 1 : maps;
  const across = Math.ceil(Math.sqrt((shown * height) / width)), down = Math.ceil(shown / across);
  const sheet = el("canvas", { class: "picture", role: "img", "aria-label": label });
  sheet.width = across * (width + 1) - 1;
  sheet.height = down * (height + 1) - 1;
  const pen = sheet.getContext("2d");
  for (let m = 0; m < shown; m++) {
    const image = pen.createImageData(width, height);
    for (let p = 0; p < width * height; p++) {
      const level = (channel) => values[(colour ? channel : m) * width * height + p];
      image.data.set([...(both ? diverging(level(0)) : [level(0), level(1), level(2)]), 255], 4 * p);
    }
    pen.putImageData(image, (m % across) * (width + 1), Math.floor(m / across) * (height + 1));
  }
  sheet.style.width = `${Math.min(320, sheet.width * Math.max(1, Math.floor(320 / sheet.width)))}px`;
  return sheet;
}

function diverging(level) {
  const t = (level - 127.5) / 127.5, strong = t < 0 ? [0, 114, 178] : [213, 94, 0];
  return strong.map((c) => Math.round(247 + (c - 247) * Math.abs(t)));
}

// --- boxes and lines ---------------------------------------------------------------------

function aboutBox(box) {
  const inner = nodesIn(count + box.number);
  const total = (key) => inner.reduce((sum, k) => sum + (nodes[k][key] ?? 0), 0);
  const vertex = count + box.number;
  const open = state.view.open.has(box.number);
  const toggle = el("button", { class: "action", onclick: () => toggleBox(vertex) }, open ? "Close this box" : "Open this box");
  if (box.kind === "kernel") return [heading(box.name, box.type), toggle, ...aboutKernel(data.program.kernels[box.kernel])];
  return [
    heading(box.name, box.type),
    toggle,
    facts([
      ["path", box.path],
      ["options", box.note],
      ["nodes", integer(inner.length)],
      ["parameters", integer(box.parameters)],
      ["operations", total("flops") ? prefixed(total("flops"), "FLOP") : ""],
      ["time", total("ms") ? `${milliseconds(total("ms"))} with NumPy` : ""],
    ]),
    ...box.outs.slice(0, 1).map((k) => arraySection(`Value of ${nodes[k].name}`, nodes[k].value, "value")),
    ...box.outs.slice(0, 1).map((k) => arraySection(`Gradient of ${nodes[k].name}`, nodes[k].gradient, "gradient")),
  ];
}

function aboutLine(source, target, input) {
  const from = nodes[source];
  let uses = usesOf(source, target);
  if (input !== null) uses = uses.filter(([, i]) => i === input);
  const blocks = uses.slice(0, 6).map(([user, i]) => {
    const rule = chainRule(source, user, i), to = nodes[user];
    const known = data.operations[to.operation].derivatives.length > i;
    const letter = known && !speaks(to) ? LETTERS[i] : "";
    return section(`through ${to.name}`,
      el("p", {}, el("span", { class: "formula" }, formulaOf(to)),
        letter ? ` where ${letter} is ` : "", letter ? link(source) : ""),
      rule.formula ? el("p", { class: "local" }, rule.formula) : "",
      rule.element ? el("p", { class: "hint" }, `element [${rule.element.join(", ")}]`) : "",
      rule.result !== undefined ? el("p", { class: "product" }, product(rule)) : "",
      rule.upstreamText ? facts([["upstream G", rule.upstreamText]]) : "",
      rule.stops ? el("p", { class: "hint" }, `No gradient flows to ${from.name}.`) : "");
  });
  if (uses.length > 6) blocks.push(el("p", { class: "hint" }, `and ${uses.length - 6} more uses`));
  const all = from.gradient && usesOf(source, null).length > uses.length;
  return [
    heading(`${from.name} → ${target === null ? "outside" : nameOf(target)}`, "the chain rule on this line"),
    ...blocks,
    from.gradient && section("Sum over all uses",
      el("p", {}, all || isScalar(from.gradient) ? backwardText(from) : told(from.gradient))),
    arraySection(`Value of ${from.name}`, from.value, "value"),
    arraySection(`Gradient of ${from.name}`, from.gradient, "gradient"),
  ];
}

const nameOf = (vertex) => (isBox(vertex) ? boxOf(vertex).name : nodes[vertex].name);
