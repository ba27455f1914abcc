"use strict";
// The compiled program: its kernels, what was fused into each, time and memory.

function aboutProgram() {
  const { program } = data;
  if (!program) return [];
  const most = Math.max(...program.kernels.map((kernel) => kernel.seconds), 1e-12);
  const table = el("table", { class: "kernels" },
    el("thead", {}, el("tr", {}, ...["kernel", "time", "", "FLOP", "bytes"].map((name) => el("th", {}, name)))));
  const body = el("tbody");
  for (const kernel of program.kernels) {
    const bar = el("span", { class: `share ${kernel.phase}` });
    bar.style.width = `${Math.max(1, (60 * kernel.seconds) / most)}px`;
    const open = el("button", { class: "link", onclick: () => selectKernel(kernel) }, `${kernel.number} ${kernel.name}`);
    body.append(el("tr", {}, el("td", {}, open), el("td", {}, milliseconds(1e3 * kernel.seconds)), el("td", {}, bar),
      el("td", {}, prefixed(kernel.flops)), el("td", {}, prefixed(kernel.bytes))));
  }
  table.append(body);
  const seconds = program.kernels.reduce((sum, kernel) => sum + kernel.seconds, 0);
  return [
    section("Compiled program", facts([
      ["kernels", integer(program.kernels.length)],
      ["one run", `${milliseconds(1e3 * seconds)} on ${program.threads} thread${program.threads === 1 ? "" : "s"}`],
      ...Object.entries(program.memory).map(([name, n]) => [`memory: ${name}`, prefixed(n, "B")]),
      ["compiled in", `${program.compileSeconds.toFixed(2)} s`],
    ])),
    section("Kernels, forward and backward", table),
  ];
}

/** Select a kernel: its box if it has one, and light up the nodes that it works for. */
function selectKernel(kernel) {
  const box = state.view.boxes.find((each) => each.kernel === kernel.number);
  if (box) {
    select({ box: box.number });
    reveal(seenAs(box.members[0] < count ? box.members[0] : nodesIn(count + box.number)[0]));
  } else {
    state.selected = null;
    panel.replaceChildren(heading(`kernel ${kernel.number}`, kernel.phase),
      el("button", { class: "action", onclick: () => select(null) }, "All kernels"), ...aboutKernel(kernel));
  }
  light(kernel.nodes);
}

function aboutKernel(kernel) {
  const rate = (amount) => (amount / kernel.seconds / 1e9).toFixed(1);
  return [
    facts([
      ["phase", kernel.phase],
      ["time", milliseconds(1e3 * kernel.seconds)],
      ["operations", integer(kernel.flops)],
      ["bytes", integer(kernel.bytes)],
      ["speed", kernel.seconds ? `${rate(kernel.flops)} GFLOP/s, ${rate(kernel.bytes)} GB/s` : ""],
      ["of peak", kernel.share !== undefined ? `${(100 * kernel.share).toFixed(0)} %` : ""],
      ["fused", kernel.operations.join(" + ")],
      ["nodes", kernel.nodes.length ? links(kernel.nodes) : ""],
    ]),
    section("Index notation", el("pre", { class: "notation" }, kernel.notation)),
  ];
}
