"use strict";
// How much room a vertex needs: `half` its width, `up` and `down` from its line, `trunk` for the
// text on the line that leaves it.

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";
const PEN = document.createElement("canvas").getContext("2d");
const measured = new Map();

function textWidth(text, font) {
  const key = font + text;
  if (!measured.has(key)) {
    PEN.font = `${font} ${FONT}`;
    measured.set(key, PEN.measureText(text).width);
  }
  return measured.get(key);
}

const FONTS = {
  symbol: "15px", name: "600 13px", tag: "12px", caption: "10.5px", label: "500 12px",
  shape: "11px", title: "600 13px", type: "11px",
};

/** Return the texts on the line that leaves a node: above it, and below it. */
function labelsOf(node) {
  const above = onLine(node.value), below = onLine(node.gradient);
  if (node.bare && above) return { above: null, below: null };
  const shape = node.value?.shape ?? node.shape;
  return {
    above: above ? { kind: "value", text: above }
      : shape && shape.length ? { kind: "shape", text: dimensions(shape) } : null,
    below: below ? { kind: "gradient", text: below } : null,
  };
}

/** Return the text in a node's outline. */
const inside = (node) => (node.bare && onLine(node.value)) || node.text;

function outlineOf(node) {
  if (node.kind !== "operation") return { input: "pill", parameter: "hexagon", constant: "tag" }[node.kind];
  const wide = textWidth(node.text, FONTS.symbol) > 30 || node.inputs.length > 3;
  return wide ? "box" : "circle";
}

function sizeOfNode(node) {
  const outline = outlineOf(node), caption = captionOf(node), labels = labelsOf(node);
  const font = node.kind === "operation" ? FONTS.symbol : outline === "tag" ? FONTS.tag : FONTS.name;
  const padding = { pill: 26, hexagon: 32, tag: 14, box: 22, circle: 0 }[outline];
  let width = outline === "circle" ? 40 : textWidth(inside(node), font) + padding;
  let height = outline === "tag" ? 22 : 34;
  const outside = caption && node.kind === "operation";
  const captionWidth = textWidth(caption, FONTS.caption);
  if (node.kind === "operation") height = Math.max(40, Math.min(8 * node.inputs.length + 8, 240));
  else if (caption) {
    width = Math.max(width, captionWidth + padding);
    height = 42;
  }
  if (outline !== "circle") width = Math.max(width, outline === "tag" ? 24 : 46);
  const texts = [labels.above, labels.below].filter(Boolean);
  const trunk = Math.max(0, ...texts.map((label) =>
    textWidth(label.text, label.kind === "shape" ? FONTS.shape : FONTS.label) + 16));
  return {
    outline, caption, outside, labels, width, height,
    half: Math.max(width, outside ? captionWidth : 0) / 2,
    up: Math.max(height / 2, labels.above ? 20 : 0),
    down: Math.max(height / 2 + (outside ? 15 : 0), labels.below ? 20 : 0),
    trunk: trunk + (node.output && !node.users.length ? 16 : 0),
  };
}

/** Return what a closed box shows: its name, what it is, and the shape of its result. */
function linesOf(box) {
  const results = box.outs.length ? box.outs : nodesIn(count + box.number).filter((k) => nodes[k].output);
  const last = results.length === 1 ? nodes[results[0]] : null;
  const shape = last && (last.value?.shape ?? last.shape);
  if (box.kind === "kernel") {
    return [box.name, box.type, box.ms === undefined ? "" : milliseconds(box.ms)].filter(Boolean);
  }
  const type = box.type === box.name ? "" : box.type;
  return [box.name, type, shape?.length ? dimensions(shape) : ""].filter(Boolean);
}

function sizeOfClosed(box) {
  const lines = linesOf(box);
  const widths = lines.map((text, i) => textWidth(text, i ? FONTS.type : FONTS.title));
  const ports = Math.max(box.ins.length, box.outs.length);
  const width = Math.max(74, Math.max(...widths) + 34);
  const height = Math.max(22 + 15 * lines.length, 12 * ports + 12);
  return { outline: "closed", lines, width, height, half: width / 2, up: height / 2, down: height / 2, trunk: 0 };
}
