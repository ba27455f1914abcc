"use strict";
// The way of a line: level across columns, curved in the gaps between them.

/** Return the drawn lines of a box: one for each line that ends at a member or at a way out. */
function linesIn(layout) {
  const { box, ports } = layout;
  const found = [];
  for (let v = 0; v < ports; v++) {
    box.parents[v].forEach(([, node], i) => {
      const points = route(layout, v, i);
      found.push({
        source: node,
        target: v < layout.members ? box.members[v] : null,
        d: strokes(points),
        tip: v < layout.members && layout.size[v].outline !== "open" ? points[points.length - 1] : null,
        input: v < layout.members && !isBox(box.members[v]) ? i : null,
      });
    });
  }
  return found;
}

/** Return the points of the i-th line into a vertex, from the outline that it leaves. */
function route(layout, target, i) {
  const { box, size, x, y, columns, page } = layout;
  const [parent, node] = box.parents[target][i];
  const way = [parent, target];
  while (way[0] >= layout.ports) way.unshift(box.parents[way[0]][0][0]);
  const left = (v) => page.left[box.column[v]];
  const right = (v) => left(v) + columns[box.column[v]].width;
  const isIn = (v) => v >= layout.members && v < layout.members + box.ins.length;
  const isOut = (v) => v >= layout.members + box.ins.length && v < layout.ports;
  const points = [];
  const first = way[0];
  points.push([isIn(first) ? 0 : x[first] + size[first].width / 2, y[first] + layout.out[first](node)]);
  points.push([right(first), points[0][1]]);
  for (let k = 1; k < way.length; k++) {
    const v = way[k], before = points[points.length - 1];
    const end = y[v] + (v === target ? layout.in[v][i] : 0);
    const turn = page.turns[box.column[v]]?.get(`${way[k - 1]} ${node}`);
    if (turn) points.push(...turned(turn, before[1], end));
    points.push([left(v) - (v === target ? LEAD : 0), end]);
    if (v !== target) points.push([right(v), end]);
    else points.push([isOut(v) ? layout.width : x[v] - inset(size[v], layout.in[v][i]), end]);
  }
  return points;
}

/** Return how far the outline's left side is from the middle, at a height. */
const inset = (size, at) =>
  size.outline === "circle" ? Math.sqrt(Math.max((size.width / 2) ** 2 - at ** 2, 0)) : size.width / 2;

/** Return the corners of the way into the next row. */
const turned = ({ right, y, left }, start, end) => [
  [right - BEND, start], [right, start + BEND, "v"], [right, y - BEND, "v"], [right - BEND, y],
  [left + BEND, y], [left, y + BEND, "v"], [left, end - BEND, "v"], [left + BEND, end],
];

const at = (n) => Math.round(10 * n) / 10;

/** Return a path through points: straight where it may be, else a curve that starts and ends level. */
function strokes(points) {
  let d = `M${at(points[0][0])} ${at(points[0][1])}`;
  for (let k = 1; k < points.length; k++) {
    const [x0, y0, upright0] = points[k - 1], [x1, y1, upright1] = points[k];
    if (x0 === x1 && y0 === y1) continue;
    if (Math.abs(y0 - y1) < 0.05 || x0 === x1) d += `L${at(x1)} ${at(y1)}`;
    else if (upright1) d += `Q${at(x1)} ${at(y0)} ${at(x1)} ${at(y1)}`;
    else if (upright0) d += `Q${at(x0)} ${at(y1)} ${at(x1)} ${at(y1)}`;
    else {
      const middle = at((x0 + x1) / 2);
      d += `C${middle} ${at(y0)} ${middle} ${at(y1)} ${at(x1)} ${at(y1)}`;
    }
  }
  return d;
}
