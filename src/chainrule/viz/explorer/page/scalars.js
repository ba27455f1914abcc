"use strict";
// The primitives of scalar graphs: value and local derivatives, so that the page computes itself.

const ERF_SCALE = 2 / Math.sqrt(Math.PI);

/** Return the error function: its series near 0, a continued fraction elsewhere. */
function erf(x) {
  const size = Math.abs(x);
  if (size < 2.5) {
    let term = size, sum = size;
    for (let n = 1; n < 60; n++) {
      term *= -(size * size) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * ERF_SCALE * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / ((size + fraction) * Math.sqrt(Math.PI)));
}

const wins = (x, y) => (x > y ? 1 : x === y ? 0.5 : 0);
const half = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
const none = [() => 0, () => 0];
const test = (value) => ({ value, local: none });
const truth = (x) => Number(x) !== 0;

/** Of each primitive its value, and its derivative by each input: functions of inputs and value. */
const SCALARS = {
  add: { value: (x, y) => x + y, local: [() => 1, () => 1] },
  subtract: { value: (x, y) => x - y, local: [() => 1, () => -1] },
  multiply: { value: (x, y) => x * y, local: [(x, y) => y, (x) => x] },
  divide: { value: (x, y) => x / y, local: [(x, y) => 1 / y, (x, y) => -x / (y * y)] },
  pow: {
    value: (x, y) => x ** y,
    local: [(x, y) => (y === 0 ? 0 : y * x ** (y - 1)), (x, y) => (x === 0 ? 0 : x ** y * Math.log(x))],
  },
  remainder: { value: (x, y) => x - Math.floor(x / y) * y, local: [() => 1, (x, y) => -Math.floor(x / y)] },
  floor_divide: { value: (x, y) => Math.floor(x / y), local: none },
  maximum: { value: Math.max, local: [wins, (x, y) => wins(y, x)] },
  minimum: { value: Math.min, local: [(x, y) => wins(y, x), wins] },
  hypot: { value: Math.hypot, local: [(x, y) => x / Math.hypot(x, y), (x, y) => y / Math.hypot(x, y)] },
  logaddexp: {
    value: (x, y) => Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y))),
    local: [(x, y) => 1 / (1 + Math.exp(y - x)), (x, y) => 1 / (1 + Math.exp(x - y))],
  },
  copysign: {
    value: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
    local: [(x, y) => Math.sign(x) * (y < 0 || Object.is(y, -0) ? -1 : 1), () => 0],
  },
  atan2: { value: Math.atan2, local: [(x, y) => y / (x * x + y * y), (x, y) => -x / (x * x + y * y)] },
  negative: { value: (x) => -x, local: [() => -1] },
  abs: { value: Math.abs, local: [Math.sign] },
  sign: { value: Math.sign, local: none },
  square: { value: (x) => x * x, local: [(x) => 2 * x] },
  reciprocal: { value: (x) => 1 / x, local: [(x) => -1 / (x * x)] },
  sqrt: { value: Math.sqrt, local: [(x) => 0.5 / Math.sqrt(x)] },
  rsqrt: { value: (x) => 1 / Math.sqrt(x), local: [(x) => -0.5 * x ** -1.5] },
  exp: { value: Math.exp, local: [Math.exp] },
  expm1: { value: Math.expm1, local: [Math.exp] },
  log: { value: Math.log, local: [(x) => 1 / x] },
  log1p: { value: Math.log1p, local: [(x) => 1 / (1 + x)] },
  log2: { value: Math.log2, local: [(x) => Math.LOG2E / x] },
  log10: { value: Math.log10, local: [(x) => Math.LOG10E / x] },
  erf: { value: erf, local: [(x) => ERF_SCALE * Math.exp(-x * x)] },
  sigmoid: {
    value: (x) => 1 / (1 + Math.exp(-x)),
    local: [(x) => 1 / (1 + Math.exp(-x)) / (1 + Math.exp(x))],
  },
  relu: { value: (x) => (x > 0 ? x : Number.isNaN(x) ? x : 0), local: [(x) => (x > 0 ? 1 : 0)] },
  sin: { value: Math.sin, local: [Math.cos] },
  cos: { value: Math.cos, local: [(x) => -Math.sin(x)] },
  tan: { value: Math.tan, local: [(x) => 1 + Math.tan(x) ** 2] },
  asin: { value: Math.asin, local: [(x) => 1 / Math.sqrt(1 - x * x)] },
  acos: { value: Math.acos, local: [(x) => -1 / Math.sqrt(1 - x * x)] },
  atan: { value: Math.atan, local: [(x) => 1 / (1 + x * x)] },
  sinh: { value: Math.sinh, local: [Math.cosh] },
  cosh: { value: Math.cosh, local: [Math.sinh] },
  tanh: { value: Math.tanh, local: [(x) => 1 - Math.tanh(x) ** 2] },
  asinh: { value: Math.asinh, local: [(x) => 1 / Math.sqrt(x * x + 1)] },
  acosh: { value: Math.acosh, local: [(x) => 1 / Math.sqrt(x * x - 1)] },
  atanh: { value: Math.atanh, local: [(x) => 1 / (1 - x * x)] },
  floor: { value: Math.floor, local: none },
  ceil: { value: Math.ceil, local: none },
  round: { value: half, local: none },
  trunc: { value: Math.trunc, local: none },
  where: { value: (x, y, z) => (truth(x) ? y : z), local: [() => 0, (x) => Number(truth(x)), (x) => Number(!truth(x))] },
  identity: { value: (x) => x, local: [() => 1] },
  stop_gradient: { value: (x) => x, local: none },
  equal: test((x, y) => x === y),
  not_equal: test((x, y) => x !== y),
  less: test((x, y) => x < y),
  less_equal: test((x, y) => x <= y),
  greater: test((x, y) => x > y),
  greater_equal: test((x, y) => x >= y),
  logical_and: test((x, y) => truth(x) && truth(y)),
  logical_or: test((x, y) => truth(x) || truth(y)),
  logical_xor: test((x, y) => truth(x) !== truth(y)),
  logical_not: test((x) => !truth(x)),
};

/** Whether the page can compute the graph itself: all nodes are numbers, all operations known. */
const isLive = nodes.every((node) =>
  (node.value?.shape ?? node.shape ?? []).length === 0 &&
  (node.kind === "operation" ? node.operation in SCALARS : true));

const numberOf = (record) => Number(record.full);

/** Return the local derivative at an input of a node whose inputs are numbers; NaN if unknown. */
function localAt(node, input) {
  const rule = SCALARS[node.operation];
  const given = node.inputs.map((k) => nodes[k].value);
  if (!rule || !given.every(isScalar)) return NaN;
  return rule.local[input](...given.map(numberOf));
}

/** Run forward and backward from the values of the leaves. */
function recompute() {
  for (const node of nodes) {
    delete node.gradient;
    if (node.kind !== "operation") continue;
    const given = node.inputs.map((k) => nodes[k].value);
    if (given.every((record) => record !== undefined)) {
      node.value = { shape: [], full: SCALARS[node.operation].value(...given.map(numberOf)) };
    }
  }
  const sums = new Map();
  const floating = (node) => node.dtype.includes("float");
  for (const node of nodes) if (node.output && node.value && floating(node)) sums.set(node.number, 1);
  for (const node of [...nodes].reverse()) {
    const upstream = sums.get(node.number);
    if (upstream === undefined) continue;
    if (node.wants) node.gradient = { shape: [], full: upstream };
    if (node.kind !== "operation" || node.operation === "stop_gradient") continue;
    node.inputs.forEach((k, i) => {
      if (nodes[k].wants) sums.set(k, (sums.get(k) ?? 0) + upstream * localAt(node, i));
    });
  }
}
