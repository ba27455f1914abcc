"use strict";
// The drawing: SVG elements for what the layout says. Texts only ever enter as text nodes.

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const text = (kind, content, x, y) => svg("text", { class: kind, x: at(x), y: at(y) }, content);

const scene = document.getElementById("scene");
const elements = new Map(); // of each vertex that is drawn

/** Lay out and draw everything anew. */
function redraw() {
  const room = stage();
  state.layout = layoutBox(state.view, 0, room);
  elements.clear();
  const layers = { boxes: svg("g"), lines: svg("g"), nodes: svg("g") };
  drawBox(state.layout, 0, 0, layers);
  scene.replaceChildren(layers.boxes, layers.lines, layers.nodes);
  mark();
}

/** Draw what is in a box whose upper left corner is at (x, y). */
function drawBox(layout, x, y, layers) {
  const { box, size } = layout;
  const group = svg("g", { transform: `translate(${at(x)} ${at(y)})` });
  for (const line of linesIn(layout)) group.append(drawLine(line));
  layers.lines.append(group);
  for (let v = 0; v < layout.members; v++) {
    const vertex = box.members[v], cx = x + layout.x[v], cy = y + layout.y[v];
    if (size[v].outline === "open") {
      const inner = size[v].layout;
      const left = cx - inner.width / 2, top = cy - inner.height / 2;
      layers.boxes.append(drawOpen(vertex, inner, left, top));
      drawBox(inner, left, top, layers);
    } else if (isBox(vertex)) layers.nodes.append(drawClosed(vertex, size[v], cx, cy));
    else {
      const exit = x + layout.page.left[box.column[v]] + layout.columns[box.column[v]].width;
      layers.nodes.append(drawNode(nodes[vertex], size[v], cx, cy, exit));
    }
  }
}

function drawLine({ source, target, d, tip, input }) {
  const from = nodes[source];
  const line = svg("g", {
    class: `line-of${from.gradient ? " graded" : ""}`, "data-source": source, "data-target": target, "data-input": input,
  });
  line.append(svg("path", { class: "reach", d }), svg("path", { class: "line", d }));
  if (tip) {
    const [x, y] = tip;
    line.append(svg("path", { class: "tip", d: `M${at(x)} ${at(y)}l-7 -3.5v7Z` }));
  }
  return line;
}

function register(element, vertex, label) {
  element.setAttribute("data-vertex", vertex);
  element.setAttribute("tabindex", "0");
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
  elements.set(vertex, element);
  return element;
}

// --- nodes -------------------------------------------------------------------------------

function drawNode(node, size, x, y, exit) {
  const group = svg("g", { class: `node ${node.kind}${node.output ? " output" : ""}` });
  group.append(outline(size, x, y));
  const font = node.kind === "operation" ? "symbol" : size.outline === "tag" ? "tag" : "name";
  if (!size.caption || size.outside) group.append(text(font, inside(node), x, y + 5));
  else group.append(text("caption", size.caption, x, y - 5), text(font, inside(node), x, y + 11));
  if (size.outside) group.append(text("caption", size.caption, x, y + size.height / 2 + 12));
  const start = x + size.width / 2, middle = (start + Math.max(exit, start + size.trunk)) / 2;
  const { above, below } = size.labels;
  if (above) group.append(text(above.kind, above.text, middle, y - 6));
  if (below) group.append(text(below.kind, below.text, middle, y + 15));
  if (node.output && !node.users.length) {
    const end = start + size.trunk;
    group.prepend(
      svg("path", { class: "line", d: `M${at(start)} ${at(y)}H${at(end)}` }),
      svg("path", { class: "tip", d: `M${at(end)} ${at(y)}l-7 -3.5v7Z` }),
    );
  }
  const what = node.kind === "operation" ? `${node.operation} ${node.name}` : `${node.kind} ${node.name}`;
  return register(group, node.number, what);
}

function outline({ outline: form, width, height }, x, y) {
  const w = width / 2, h = height / 2;
  if (form === "circle") return svg("circle", { class: "outline", cx: at(x), cy: at(y), r: w });
  if (form === "hexagon") {
    const corners = [[-w, 0], [9 - w, -h], [w - 9, -h], [w, 0], [w - 9, h], [9 - w, h]];
    const points = corners.map(([dx, dy]) => `${at(x + dx)},${at(y + dy)}`).join(" ");
    return svg("polygon", { class: "outline", points });
  }
  const rx = { pill: h, box: 8, tag: 4 }[form];
  return rect("outline", x - w, y - h, width, height, rx);
}

const rect = (kind, x, y, width, height, rx) =>
  svg("rect", { class: kind, x: at(x), y: at(y), width: at(width), height: at(height), rx });

// --- boxes -------------------------------------------------------------------------------

function drawClosed(vertex, size, x, y) {
  const box = boxOf(vertex);
  const group = svg("g", { class: `box closed ${box.kind} tint${tintOf(box)}` });
  const left = x - size.width / 2, top = y - size.height / 2;
  group.append(
    rect("behind", left + 3, top + 3, size.width, size.height, 9),
    rect("outline", left, top, size.width, size.height, 9),
  );
  const start = y - (15 * (size.lines.length - 1)) / 2 + 4.5;
  size.lines.forEach((line, i) => group.append(text(i ? "type" : "title", line, x, start + 15 * i)));
  return register(group, vertex, `${box.kind} ${box.name} ${box.type}, closed`);
}

function drawOpen(vertex, layout, left, top) {
  const box = layout.box;
  const group = svg("g", { class: `box open ${box.kind} tint${tintOf(box)}` });
  group.append(rect("outline", left, top, layout.width, layout.height, 12));
  const bar = svg("g", { class: "bar" });
  bar.append(rect("grip", left, top, layout.width, 28, 12));
  const title = text("title", titleOf(box), left + 14, top + 19);
  bar.append(title, text("fold", "−", left + layout.width - 16, top + 19));
  group.append(bar);
  return register(group, vertex, `${box.kind} ${box.name} ${box.type}, open`);
}

/** Return which of a few tints a box has: by depth, or by the phase of a kernel. */
const tintOf = (box) => around(count + box.number).length % 3;
