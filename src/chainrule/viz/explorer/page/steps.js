"use strict";
// Step mode: forward one node at a time, then backward; values and then gradients light up.

const bar = document.getElementById("steps");
const narration = document.getElementById("narration");
const slider = document.getElementById("step-slider");
const player = { order: [], back: [], at: 0, on: false, timer: null };
const SPEEDS = [0.5, 1, 2, 4, 8];

/** List what is seen now in the order of computing, then of gradients. */
function listSteps() {
  const last = (vertex) => nodesIn(vertex)[nodesIn(vertex).length - 1];
  const drawn = [...elements.keys()].filter((vertex) => !isOpen(vertex));
  player.order = drawn.sort((a, b) => last(a) - last(b));
  player.back = player.order.filter(hasGradient).reverse();
  slider.max = player.order.length + player.back.length;
}

const hasGradient = (vertex) =>
  isBox(vertex) ? boxOf(vertex).outs.some((k) => nodes[k].gradient) : Boolean(nodes[vertex].gradient);

function setStep(step) {
  player.at = Math.max(0, Math.min(step, player.order.length + player.back.length));
  slider.value = player.at;
  const forward = player.at - 1, backward = player.at - player.order.length - 1;
  const current = backward >= 0 ? player.back[backward] : player.order[forward];
  const computed = new Set(player.order.slice(0, player.at));
  const swept = new Set(player.back.slice(0, Math.max(0, backward + 1)));
  const withGradient = new Set([...swept].flatMap((vertex) => nodesIn(vertex)));
  const withValue = new Set([...computed].flatMap((vertex) => nodesIn(vertex)));
  for (const [vertex, element] of elements) {
    const open = isOpen(vertex);
    element.classList.toggle("waiting", !open && !computed.has(vertex));
    element.classList.toggle("computed", computed.has(vertex));
    element.classList.toggle("swept", swept.has(vertex));
    element.classList.toggle("current", vertex === current);
  }
  for (const line of scene.querySelectorAll(".line-of")) {
    const source = Number(line.dataset.source);
    line.classList.toggle("waiting", !withValue.has(source));
    line.classList.toggle("flowing", withValue.has(source) && !withGradient.has(source));
    line.classList.toggle("back", withGradient.has(source));
  }
  const phase = player.at === 0 ? "Ready" : backward >= 0 ? "Backward" : "Forward";
  const total = backward >= 0 ? player.back.length : player.order.length;
  const number = backward >= 0 ? backward + 1 : forward + 1;
  narration.replaceChildren(
    el("b", {}, player.at ? `${phase} ${number} of ${total}` : phase), " ",
    current === undefined ? "press play, or step with the arrow keys" : narrate(current, backward >= 0));
  if (current !== undefined) reveal(current);
}

function narrate(vertex, back) {
  if (!isBox(vertex)) return back ? backwardText(nodes[vertex]) : forwardText(nodes[vertex]);
  const box = boxOf(vertex), out = nodes[box.outs[0]];
  const what = back ? out?.gradient : out?.value;
  return `${box.name}${what ? `: ${back ? "gradient " : ""}${told(what)}` : ""}`;
}

function openSteps(on) {
  // What is hidden must not keep the focus: keys would go nowhere.
  if (!on && bar.contains(document.activeElement)) canvas.focus();
  player.on = on;
  bar.hidden = !on;
  document.getElementById("steps-toggle").setAttribute("aria-pressed", on);
  document.body.classList.toggle("stepping", on);
  pause();
  if (on) {
    listSteps();
    setStep(0);
  } else {
    for (const element of [...elements.values(), ...scene.querySelectorAll(".line-of")]) {
      element.classList.remove("waiting", "computed", "swept", "current", "flowing", "back");
    }
  }
  resized();
}

function play() {
  if (player.at >= Number(slider.max)) setStep(0);
  schedule();
  showPlaying(true);
}

function schedule() {
  const speed = SPEEDS[Number(document.getElementById("speed").value)];
  player.timer = setTimeout(() => {
    setStep(player.at + 1);
    if (player.at < Number(slider.max)) schedule();
    else pause();
  }, 1000 / speed);
}

function pause() {
  clearTimeout(player.timer);
  player.timer = null;
  showPlaying(false);
}

function showPlaying(playing) {
  const button = document.getElementById("play");
  button.textContent = playing ? "▮▮" : "▶";
  button.setAttribute("aria-label", playing ? "Pause" : "Play");
  button.title = `${playing ? "Pause" : "Play"} (space)`;
}

const togglePlay = () => (player.timer === null ? play() : pause());

function stepBy(n) {
  pause();
  setStep(player.at + n);
}

document.getElementById("steps-toggle").addEventListener("click", () => openSteps(!player.on));
document.getElementById("play").addEventListener("click", togglePlay);
document.getElementById("step-first").addEventListener("click", () => stepBy(-1e9));
document.getElementById("step-back").addEventListener("click", () => stepBy(-1));
document.getElementById("step-on").addEventListener("click", () => stepBy(1));
document.getElementById("step-last").addEventListener("click", () => stepBy(1e9));
slider.addEventListener("input", () => {
  pause();
  setStep(Number(slider.value));
});
document.getElementById("speed").addEventListener("input", (event) => {
  event.target.setAttribute("aria-valuetext", `${SPEEDS[Number(event.target.value)]} a second`);
});
