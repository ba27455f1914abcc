"use strict";
// The chain rule at one place, with numbers in it.

/** Return the uses of a node by what is in a vertex (null: by all): pairs of user and input. */
function usesOf(source, vertex) {
  const within = vertex === null ? null : new Set(nodesIn(vertex));
  return nodes[source].users
    .filter((user) => !within || within.has(user))
    .flatMap((user) => nodes[user].inputs.flatMap((k, i) => (k === source ? [[user, i]] : [])));
}

const LETTERS = ["x", "y", "w"];
const PLAIN = /^[\p{L}_][\p{L}\d_]{0,11}$/u;

/** Return what a node is called in formulas: a number that stands in a formula is itself. */
const called = (node) => (node.bare && isScalar(node.value) ? exact(node.value.full) : node.name);

/** Whether a formula can be written in the nodes' own names instead of x, y, w and z. */
const speaks = (node) =>
  node.inputs.length <= LETTERS.length && PLAIN.test(node.name) &&
  node.inputs.every((k) => PLAIN.test(nodes[k].name) || nodes[k].bare);

/** Write a formula about a node in the names of the nodes that it is about. */
function inNames(node, formula) {
  if (!speaks(node)) return formula;
  const names = new Map(node.inputs.map((k, i) => [LETTERS[i], called(nodes[k])]));
  names.set("z", node.name);
  return formula.replace(/\b[a-zA-Z]\b/g, (letter) => names.get(letter.toLowerCase()) ?? letter);
}

const formulaOf = (node) => inNames(node, data.operations[node.operation].formula);

/** Return the local derivative's formula: that of the i-th input, or of any. */
function derivativeOf(user, i) {
  const known = data.operations[user.operation]?.derivatives ?? [];
  return inNames(user, known[Math.min(i, known.length - 1)] ?? "");
}

/**
 * Return the chain rule for one use of a node: `upstream`, `local` and `result` as numbers where
 * all are numbers (of the first element, if `element` says which), else as texts.
 */
function chainRule(source, use, i) {
  const user = nodes[use], formula = derivativeOf(user, i);
  const upstream = user.gradient;
  if (!user.gradient || !nodes[source].wants) return { formula, stops: !nodes[source].wants };
  const given = user.inputs.map((k) => nodes[k].value);
  const rule = SCALARS[user.operation];
  if (rule && given.every(isScalar) && isScalar(upstream)) {
    const local = localAt(user, i);
    return { formula, upstream: numberOf(upstream), local, result: numberOf(upstream) * local };
  }
  const first = rule && [...given, upstream].every((record) => record?.full !== undefined &&
    (isScalar(record) || String(record.shape) === String(upstream.shape)));
  if (first) { // elementwise on small arrays: the first element
    const [g, ...xs] = [upstream, ...given].map((record) => Number([record.full].flat(Infinity)[0]));
    const local = rule.local[i](...xs);
    return { formula, upstream: g, local, result: g * local, element: upstream.shape.map(() => 0) };
  }
  return { formula, upstreamText: told(upstream), resultText: told(nodes[source].gradient) };
}

/** Say what an array holds in one line. */
function told(record) {
  if (!record) return "";
  const size = dimensions(record.shape);
  if (record.full !== undefined) return onLine(record) || size;
  return record.mean === undefined ? size : `${size}, mean ${short(record.mean)} ± ${short(record.spread)}`;
}

/** Return the product in words: upstream 4.0 × local 1.0 = 4.0. */
const product = ({ upstream, local, result }) =>
  `upstream ${exact(upstream)} × local ${exact(local)} = ${exact(result)}`;

/** Say what a node computed: z = x + y = 2 + 3 = 5. */
function forwardText(node) {
  const value = node.value && (onLine(node.value) || told(node.value));
  if (node.kind !== "operation") return `${node.name} = ${value ?? "?"}`;
  const given = node.inputs.map((k) => nodes[k].value);
  if (given.length && given.every(isScalar) && isScalar(node.value)) {
    const names = node.inputs.map((k) => called(nodes[k]));
    const numbers = given.map((record) => exact(numberOf(record)));
    const call = (parts) => written(node, parts);
    return `${node.name} = ${call(names)} = ${call(numbers)} = ${exact(node.value.full)}`;
  }
  return `${node.name}: ${formulaOf(node)}${value ? `; it is ${value}` : ""}`;
}

const INFIX = { add: "+", subtract: "−", multiply: "·", divide: "/" };

function written(node, parts) {
  const sign = INFIX[node.operation];
  const wrap = (part) => (/^−/.test(part) ? `(${part})` : part);
  return sign ? parts.map(wrap).join(` ${sign} `) : `${node.operation}(${parts.join(", ")})`;
}

/** Say how a node's gradient came about: the sum over its uses. */
function backwardText(node) {
  const name = `∂L/∂${node.name}`;
  if (!node.gradient) return `${name}: no gradient`;
  const total = isScalar(node.gradient) ? exact(node.gradient.full) : told(node.gradient);
  const uses = usesOf(node.number, null).filter(([user]) => nodes[user].gradient);
  if (node.output && !uses.length) return `${name} = ${total}: the sweep starts here`;
  const parts = uses.map(([user, i]) => chainRule(node.number, user, i));
  if (parts.length && parts.every((part) => part.result !== undefined && !part.element)) {
    const wrap = (x) => (x < 0 ? `(${exact(x)})` : exact(x));
    const products = parts.map((part) => `${wrap(part.upstream)} · ${wrap(part.local)}`);
    return `${name} = ${products.join(" + ")} = ${total}`;
  }
  return `${name} is ${total}`;
}
