"use strict";
// Pan and zoom: the scene is moved and scaled under a fixed window.

const canvas = document.getElementById("canvas");
const camera = { x: 0, y: 0, scale: 1 };
const LIMITS = [0.02, 4];

/** Return the room that the drawing has. */
function stage() {
  const { clientWidth: width, clientHeight: height } = canvas;
  return { width: Math.max(width, 200), height: Math.max(height, 150) };
}

function look() {
  const { x, y, scale } = camera;
  scene.setAttribute("transform", `translate(${at(x)} ${at(y)}) scale(${Math.round(1e4 * scale) / 1e4})`);
}

/** Show a rectangle of the scene as large as it fits, but not enlarged beyond `most`. */
function show(left, top, width, height, most = 1.6) {
  const room = stage();
  camera.scale = Math.max(LIMITS[0], Math.min(room.width / width, room.height / height, most));
  camera.x = (room.width - camera.scale * width) / 2 - camera.scale * left;
  camera.y = (room.height - camera.scale * height) / 2 - camera.scale * top;
  look();
}

const fit = () => show(0, 0, state.layout.width, state.layout.height);

/** Zoom by a factor; the point (px, py) of the window stays where it is. */
function zoom(factor, px = stage().width / 2, py = stage().height / 2) {
  const scale = Math.max(LIMITS[0], Math.min(LIMITS[1], camera.scale * factor));
  camera.x = px - ((px - camera.x) * scale) / camera.scale;
  camera.y = py - ((py - camera.y) * scale) / camera.scale;
  camera.scale = scale;
  look();
}

function pan(dx, dy) {
  camera.x += dx;
  camera.y += dy;
  look();
}

/** Return where a vertex is in the scene. */
function extent(vertex) {
  const frame = elements.get(vertex)?.getBBox();
  return frame && { left: frame.x, top: frame.y, width: frame.width, height: frame.height };
}

/** Move as little as possible so that a vertex is seen, with something around it. */
function reveal(vertex) {
  const frame = extent(vertex);
  if (!frame) return;
  const room = stage(), margin = 40;
  const { left, top, width, height } = frame;
  if (camera.scale * width > room.width - margin || camera.scale * height > room.height - margin) {
    show(left - margin, top - margin, width + 2 * margin, height + 2 * margin, camera.scale);
    return;
  }
  if (camera.scale < 0.45) {
    const { x, y, scale } = camera;
    zoom(0.8 / scale, x + scale * (left + width / 2), y + scale * (top + height / 2));
  }
  const x0 = camera.x + camera.scale * left, x1 = x0 + camera.scale * width;
  const y0 = camera.y + camera.scale * top, y1 = y0 + camera.scale * height;
  const push = (low, high, limit) =>
    low < margin ? margin - low : high > limit - margin ? limit - margin - high : 0;
  pan(push(x0, x1, room.width), push(y0, y1, room.height));
}

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const frame = canvas.getBoundingClientRect();
  const step = event.deltaMode === 1 ? 16 * event.deltaY : event.deltaY;
  zoom(Math.exp(-step * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - frame.left, event.clientY - frame.top);
}, { passive: false });

const drag = { pointers: new Map(), moved: 0 };
canvas.addEventListener("pointerdown", (event) => {
  drag.pointers.set(event.pointerId, [event.clientX, event.clientY]);
  if (drag.pointers.size === 1) drag.moved = 0;
});
window.addEventListener("pointermove", (event) => {
  const before = drag.pointers.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY];
  const others = [...drag.pointers].filter(([id]) => id !== event.pointerId).map(([, p]) => p);
  if (others.length) { // two fingers: zoom about the other one
    const [o] = others, frame = canvas.getBoundingClientRect();
    const far = (p) => Math.hypot(p[0] - o[0], p[1] - o[1]) || 1;
    zoom(far(now) / far(before), o[0] - frame.left, o[1] - frame.top);
  } else pan(now[0] - before[0], now[1] - before[1]);
  drag.moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
  drag.pointers.set(event.pointerId, now);
  canvas.classList.toggle("dragging", drag.moved > 4);
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, (event) => {
    drag.pointers.delete(event.pointerId);
    canvas.classList.remove("dragging");
  });
}
