"use strict";
// What the page knows: the records that Python wrote, and what is open, selected and lit now.

const data = JSON.parse(document.getElementById("data").textContent);
const nodes = data.nodes;
const count = nodes.length; // a vertex below this is a node, one above it a box

for (const [k, node] of nodes.entries()) {
  node.number = k;
  node.users = [];
}
for (const node of nodes) {
  for (const source of new Set(node.inputs)) nodes[source].users.push(node.number);
}

// A view is one way to put the nodes into boxes: the modules as written, or the kernels.
const views = data.views.map((record) => {
  const home = new Map(); // of each vertex: the box that it is in
  record.boxes.forEach((box, b) => box.members.forEach((member) => home.set(member, b)));
  const view = { name: record.name, boxes: record.boxes, home, open: new Set(record.open) };
  view.boxes.forEach((box, b) => {
    box.number = b;
    box.children = box.parents.map(() => []);
    box.parents.forEach((parents, v) =>
      parents.forEach(([p], i) => box.children[p].push([v, i])),
    );
    box.column = [];
    box.place = [];
    box.columns.forEach((column, c) =>
      column.forEach((v, i) => {
        box.column[v] = c;
        box.place[v] = i;
      }),
    );
  });
  return view;
});

const state = {
  view: views[0],
  selected: null, // {node}, {box} or {source, target}: the line of a node to a vertex
  layout: null,
};

const isBox = (vertex) => vertex >= count;
const boxOf = (vertex) => state.view.boxes[vertex - count];
const isOpen = (vertex) => isBox(vertex) && state.view.open.has(vertex - count);

/** Return the boxes around a vertex, innermost first. */
function around(vertex, view = state.view) {
  const found = [];
  for (let box = view.home.get(vertex); box !== undefined; box = view.home.get(count + box)) {
    found.push(box);
  }
  return found;
}

/** Return what stands for a node in the drawing: itself, or the outermost closed box around it. */
function seenAs(node) {
  let seen = node;
  for (const box of around(node)) if (!state.view.open.has(box)) seen = count + box;
  return seen;
}

/** Return the numbers of all nodes in a vertex. */
function nodesIn(vertex, view = state.view) {
  if (!isBox(vertex)) return [vertex];
  const box = view.boxes[vertex - count];
  box.all ??= box.members.flatMap((member) => nodesIn(member, view)).sort((a, b) => a - b);
  return box.all;
}

/** Return what stands by a node's text: its own name, or the part of its path that its box lacks. */
function captionOf(node) {
  const isOperation = node.kind === "operation";
  if (isOperation && node.caption) return node.caption;
  const path = (isOperation ? node.path : node.caption) ?? "";
  const box = state.view.boxes[state.view.home.get(node.number)];
  if (!path || path === box.path) return "";
  if (box.kind === "kernel") return isOperation ? "" : path;
  return box.path && path.startsWith(box.path + ".") ? path.slice(box.path.length + 1) : path;
}
