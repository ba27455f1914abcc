"use strict";
// Numbers and shapes in few characters.

/** Return a number as drawings show it: two decimals, or a power of ten where those say nothing. */
function short(value) {
  const x = Number(value);
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  if (size >= 1e5 || (size > 0 && size < 0.005)) {
    return x.toExponential(1).replace("e+", "e").replace(/-/g, "−");
  }
  return signed(x.toFixed(size >= 1000 ? 0 : 2));
}

const signed = (text) => (/^-0(\.0+)?$/.test(text) ? text.slice(1) : text.replace(/^-/, "−"));

/** Return a number with all that is worth telling, as a panel shows it. */
function exact(value) {
  const x = Number(value);
  if (!Number.isFinite(x)) return short(x);
  if (Number.isInteger(x) && Math.abs(x) < 1e6) return signed(String(x)) + ".0";
  return String(Number(x.toPrecision(6))).replace(/-/g, "−");
}

const dimensions = (shape) =>
  shape.length === 0 ? "scalar"
  : shape.length === 1 ? `${shape[0]} value${shape[0] === 1 ? "" : "s"}`
  : shape.join("×");

const integer = (n) => n.toLocaleString("en");

/** Return a count with a unit prefix: 7.0 M. */
function prefixed(n, unit = "") {
  for (const [size, name] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (n >= size) return `${(n / size).toFixed(n >= 100 * size ? 0 : 1)} ${name}${unit}`;
  }
  return `${n}${unit && " " + unit}`;
}

const milliseconds = (ms) => (ms >= 0.995 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(1000 * ms).toFixed(1)} µs`);

/** Return nested lists as text: [1.00, 2.00]. */
const listed = (value, how = short) =>
  Array.isArray(value) ? `[${value.map((entry) => listed(entry, how)).join(", ")}]`
  : typeof value === "boolean" ? String(value)
  : how(value);

/** Return what stands on a line for an array: small ones in full; "" if it is large or not known. */
function onLine(record) {
  if (record?.full === undefined) return "";
  const text = listed(record.full);
  return text.length <= 24 ? text : "";
}

const isScalar = (record) => record?.full !== undefined && !Array.isArray(record.full);
