"use strict";
// Coordinates: columns and orders come from Python; here they get sizes, for whatever is open now.
// Boxes keep their distance within a column, a line crosses a column on a height of its own, and
// bends only in the gaps between columns: so no line runs through a box.

const GAP = { box: 18, line: 13, column: 26, climb: 0.2, widest: 150 };
const PAD = { side: 16, top: 34, bottom: 14 }; // of an open box
const LEAD = 4; // a line runs level before it ends
const BEND = 8, TRACK = 10, ROOM = 20; // of lines that go on in the next row of columns
const NESTED = 1300; // width of the rows in an open box
const PORT = 14;
const ROUNDS = 10;

/** Lay out a box and all open ones in it; coordinates are relative to its upper left corner. */
function layoutBox(view, b, fit) {
  const box = view.boxes[b];
  const members = box.members.length, ports = members + box.ins.length + box.outs.length;
  const size = box.parents.map((_, v) => {
    if (v >= members) return { half: 0, up: 0, down: 0, trunk: 0, width: 0, line: true };
    const vertex = box.members[v];
    if (!isBox(vertex)) return sizeOfNode(nodes[vertex]);
    const inner = view.boxes[vertex - count];
    if (!view.open.has(vertex - count)) return sizeOfClosed(inner);
    const layout = layoutBox(view, vertex - count, null);
    const half = layout.width / 2, up = layout.height / 2;
    return { outline: "open", layout, half, up, down: up, width: layout.width, height: layout.height, trunk: 0 };
  });
  const layout = { box, size, members, ports };
  layout.out = box.parents.map((_, v) => exitsOf(layout, v));
  layout.in = box.parents.map((_, v) => entriesOf(layout, v));
  layout.y = heights(layout);
  place(layout, b === 0 ? { side: 28, top: 28, bottom: 28 } : PAD, b === 0 ? fit : null);
  return layout;
}

// --- ports -------------------------------------------------------------------------------

const isLeaf = (layout, v) => v < layout.members && !layout.box.parents[v].length;

/** Return how much a line wants to be straight: data flow first, weights and numbers last. */
function pull(layout, source, target) {
  if (isLeaf(layout, source)) return 1;
  const real = (source < layout.ports) + (target < layout.ports);
  return real === 2 ? 4 : real === 1 ? 2 : 3;
}

/** Return at which height, from a vertex's middle, the line of each node leaves it. */
function exitsOf(layout, v) {
  const { box, size } = layout;
  const vertex = v < layout.members ? box.members[v] : -1;
  if (!isBox(vertex)) return () => 0;
  const inner = state.view.boxes[vertex - count], open = size[v].layout;
  if (open) {
    const first = inner.members.length + inner.ins.length;
    return (node) => open.y[first + inner.outs.indexOf(node)] - open.height / 2;
  }
  return spread(inner, inner.outs, inner.members.length + inner.ins.length, size[v].height);
}

function spread(inner, list, first, height) {
  const order = list.map((node, i) => [inner.place[first + i], node]).sort((p, q) => p[0] - q[0]);
  const rank = new Map(order.map(([, node], i) => [node, i]));
  const gap = Math.min(PORT, (0.8 * height) / Math.max(list.length - 1, 2));
  return (node) => (rank.get(node) - (list.length - 1) / 2) * gap;
}

/** Return at which height, from a vertex's middle, each line from its parents ends. */
function entriesOf(layout, v) {
  const { box, size } = layout;
  const parents = box.parents[v];
  const vertex = v < layout.members ? box.members[v] : -1;
  if (vertex < 0) return parents.map(() => 0);
  if (isBox(vertex)) {
    const inner = state.view.boxes[vertex - count], open = size[v].layout;
    if (open) {
      return parents.map(([, node]) =>
        open.y[inner.members.length + inner.ins.indexOf(node)] - open.height / 2);
    }
  }
  let ranks = parents.map((_, i) => i);
  if (isBox(vertex) || !nodes[vertex].inOrder) {
    ranks.sort((i, j) => box.place[parents[i][0]] - box.place[parents[j][0]] || i - j);
  }
  const gap = Math.min(PORT, (0.8 * size[v].height) / Math.max(parents.length - 1, 2));
  let middle = (parents.length - 1) / 2;
  if (parents.length === 2) { // the stronger of two runs straight through
    const [a, b] = ranks.map((i) => pull(layout, parents[i][0], v));
    if (a !== b) middle = a > b ? 0 : 1;
  }
  return parents.map((_, i) => (ranks.indexOf(i) - middle) * gap);
}

// --- heights -----------------------------------------------------------------------------

/** Return each vertex's y: columns are moved, back and forth, to where their lines are straight. */
function heights(layout) {
  const { box, size } = layout;
  const y = new Array(box.parents.length).fill(0);
  const apart = (upper, lower) =>
    size[upper].down + size[lower].up + (size[upper].line || size[lower].line ? GAP.line : GAP.box);
  for (const column of box.columns) {
    let at = 0;
    column.forEach((v, i) => (y[v] = at += i ? apart(column[i - 1], v) : 0));
    for (const v of column) y[v] -= at / 2;
  }
  // Lines enter a box of several rows at its top and leave at its bottom: in a chain of such boxes
  // the boxes are level, not the lines.
  const tall = size.map((each) => (each.layout?.page.rows ?? 1) > 1);
  const leaves = (v, node) => (tall[v] ? 0 : layout.out[v](node));
  const enters = (v, i) => (tall[v] ? 0 : layout.in[v][i]);
  const fromParents = (v) =>
    box.parents[v].map(([p, node], i) => [y[p] + leaves(p, node) - enters(v, i), pull(layout, p, v)]);
  const fromChildren = (v) =>
    box.children[v].map(([c, i]) => [y[c] + enters(c, i) - leaves(v, box.parents[c][i][1]), pull(layout, v, c)]);
  for (let round = 0; round < ROUNDS; round++) {
    const back = round % 2 === 0; // first from the results, whose places are the simplest
    const columns = back ? [...box.columns].reverse() : box.columns;
    for (const column of columns) {
      const wish = column.map((v) => {
        let ends = back ? fromChildren(v) : fromParents(v);
        if (!ends.length) ends = back ? fromParents(v) : fromChildren(v);
        return strongest(ends, y[v]);
      });
      settle(column, wish, apart, y);
    }
  }
  return y;
}

/** Return the mean of the ends that pull most, and a weight beside which weaker pulls hardly count. */
function strongest(ends, otherwise) {
  if (!ends.length) return [otherwise, 0.01];
  const most = Math.max(...ends.map(([, weight]) => weight));
  const best = ends.filter(([, weight]) => weight === most);
  return [best.reduce((sum, [at]) => sum + at, 0) / best.length, 1000 ** most];
}

/**
 * Move the vertices of a column to where they wish to be, in order and apart: the sum of
 * weight * (y - wish)^2 is the least (isotonic regression by pooling adjacent violators).
 */
function settle(column, wish, apart, y) {
  const blocks = [];
  let shift = 0;
  column.forEach((v, i) => {
    if (i) shift += apart(column[i - 1], v);
    const [at, weight] = wish[i];
    let block = { at: at - shift, weight, from: i };
    while (blocks.length && blocks[blocks.length - 1].at > block.at) {
      const upper = blocks.pop();
      const total = upper.weight + block.weight;
      block = { at: (upper.at * upper.weight + block.at * block.weight) / total, weight: total, from: upper.from };
    }
    blocks.push(block);
  });
  shift = 0;
  let next = 0;
  column.forEach((v, i) => {
    if (i) shift += apart(column[i - 1], v);
    while (next + 1 < blocks.length && blocks[next + 1].from <= i) next++;
    y[v] = blocks[next].at + shift;
  });
}

// --- columns and rows --------------------------------------------------------------------

/** Put columns side by side, in as many rows as fit best; set x, y, width and height. */
function place(layout, pad, fit) {
  const { box, size, y } = layout;
  const columns = box.columns.map((column) => {
    let climb = 0;
    const before = new Map();
    for (const v of column) {
      box.parents[v].forEach(([p, node], i) => {
        const start = y[p] + layout.out[p](node);
        climb = Math.max(climb, Math.abs(y[v] + layout.in[v][i] - start));
        before.set(`${p} ${node}`, start);
      });
    }
    const middle = Math.max(0, ...column.map((v) => size[v].half));
    return {
      middle,
      gap: before.size ? Math.min(GAP.widest, GAP.column + GAP.climb * climb) : 0,
      width: middle + Math.max(0, ...column.map((v) => size[v].half + size[v].trunk)),
      top: Math.min(...column.map((v) => y[v] - size[v].up)),
      bottom: Math.max(...column.map((v) => y[v] + size[v].down)),
      before: [...before].sort((p, q) => p[1] - q[1]).map(([key]) => key),
    };
  });
  const page = fit ? fitted(columns, pad, fit) : setPage(columns, breakRows(columns, NESTED), pad);
  layout.columns = columns;
  layout.page = page;
  layout.width = Math.max(page.width, titleWidth(box));
  layout.height = page.height;
  layout.x = box.parents.map((_, v) => page.left[box.column[v]] + columns[box.column[v]].middle);
  layout.y = y.map((at, v) => at + page.down[box.column[v]]);
}

const titleWidth = (box) =>
  box.number === 0 ? 0 : textWidth(titleOf(box), FONTS.title) + 58;

const titleOf = (box) => (box.type && box.type !== box.name ? `${box.name} · ${box.type}` : box.name);

/** Try one row, two rows, and so on; return the page that can be shown the largest. */
function fitted(columns, pad, fit) {
  const total = columns.reduce((sum, column) => sum + column.gap + column.width, 0);
  let best = null;
  for (let rows = 1; rows <= 12; rows++) {
    const page = setPage(columns, breakRows(columns, rows === 1 ? Infinity : (1.08 * total) / rows), pad);
    const scale = Math.min(fit.width / page.width, fit.height / page.height, 1.1);
    if (!best || scale > 1.04 * best.scale) best = { ...page, scale };
    if (rows >= columns.length) break;
  }
  return best;
}

/** Return the columns that rows start with: few rows, few lines that go on in the next one. */
function breakRows(columns, limit) {
  const costs = [[0, 0]], last = [0];
  for (let stop = 1; stop <= columns.length; stop++) {
    let best = null;
    for (let start = stop - 1, width = 0; start >= 0; start--) {
      width += columns[start].width + (start + 1 < stop ? columns[start + 1].gap : 0);
      if (width > limit && best) break;
      const [rows, cost] = costs[start];
      const slack = Number.isFinite(limit) ? 6 * (1 - width / limit) ** 2 : 0;
      const found = [rows + 1, cost + columns[start].before.length + slack, start];
      if (!best || found[0] < best[0] || (found[0] === best[0] && found[1] < best[1])) best = found;
    }
    costs.push([best[0], best[1]]);
    last.push(best[2]);
  }
  const starts = [last[columns.length]];
  while (starts[0]) starts.unshift(last[starts[0]]);
  return starts;
}

/** Put rows below each other; between them lines go on side by side, nested as in a spiral. */
function setPage(columns, starts, pad) {
  const page = {
    width: 0, height: pad.top, rows: starts.length, left: [], down: [], turns: columns.map(() => null),
  };
  const tracks = Math.max(0, ...starts.slice(1).map((start) => columns[start].before.length));
  const first = pad.side + (tracks ? LEAD + BEND + (tracks - 1) * TRACK : 0);
  starts.forEach((start, row) => {
    const stop = starts[row + 1] ?? columns.length;
    const top = Math.min(...columns.slice(start, stop).map((column) => column.top));
    const bottom = Math.max(...columns.slice(start, stop).map((column) => column.bottom));
    let x = first - columns[start].gap;
    for (let c = start; c < stop; c++) {
      page.left.push(x + columns[c].gap);
      page.down.push(page.height - top);
      x = page.left[c] + columns[c].width;
    }
    page.height += bottom - top;
    if (stop < columns.length) {
      const going = columns[stop].before, end = going.length - 1;
      page.turns[stop] = new Map(going.map((key, k) => [key, {
        right: x + BEND + (end - k) * TRACK,
        y: page.height + ROOM + (end - k) * TRACK,
        left: first - LEAD - BEND - k * TRACK,
      }]));
      x += BEND + going.length * TRACK;
      page.height += 2 * ROOM + end * TRACK;
    }
    page.width = Math.max(page.width, x);
  });
  page.width += pad.side;
  page.height += pad.bottom;
  return page;
}
