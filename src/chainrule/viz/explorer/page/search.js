"use strict";
// Search: names, operations, modules and paths; choosing one opens the boxes around it.

const searchField = document.getElementById("search");
const results = document.getElementById("results");
const MOST = 40;

const textOf = (node) => [node.name, node.operation, node.path, node.kind].filter(Boolean).join(" ").toLowerCase();

function find(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const fits = (content) => words.every((word) => content.includes(word));
  const boxes = state.view.boxes.slice(1)
    .filter((box) => fits([box.name, box.path, box.type].filter(Boolean).join(" ").toLowerCase()))
    .map((box) => ({ vertex: count + box.number, name: box.path || box.name, what: box.type }));
  const found = nodes.filter((node) => fits(textOf(node)))
    .map((node) => ({ vertex: node.number, name: node.name, what: node.path || node.operation || node.kind }));
  return [...boxes, ...found];
}

function showResults() {
  const found = find(searchField.value);
  results.replaceChildren(...found.slice(0, MOST).map(({ vertex, name, what }) =>
    el("button", { role: "option", onclick: () => choose(vertex) }, name, el("span", {}, what))));
  if (found.length > MOST) results.append(el("p", {}, `and ${found.length - MOST} more`));
  if (!found.length && searchField.value.trim()) results.append(el("p", {}, "nothing found"));
  results.hidden = !searchField.value.trim();
  searchField.setAttribute("aria-expanded", !results.hidden);
}

function choose(vertex) {
  closeSearch();
  goTo(vertex);
  elements.get(vertex)?.focus();
}

function closeSearch() {
  results.hidden = true;
  searchField.setAttribute("aria-expanded", "false");
}

searchField.addEventListener("input", showResults);
searchField.addEventListener("focus", showResults);
searchField.addEventListener("keydown", (event) => {
  const options = [...results.querySelectorAll("button")];
  if (event.key === "Enter" && options.length) options[0].click();
  else if (event.key === "ArrowDown" && options.length) options[0].focus();
  else if (event.key === "Escape") {
    closeSearch();
    searchField.blur();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
results.addEventListener("keydown", (event) => {
  const options = [...results.querySelectorAll("button")], here = options.indexOf(document.activeElement);
  if (event.key === "ArrowDown") options[Math.min(here + 1, options.length - 1)].focus();
  else if (event.key === "ArrowUp") (here > 0 ? options[here - 1] : searchField).focus();
  else if (event.key === "Escape") closeSearch();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest?.("#finder")) closeSearch();
});
