"""What is drawn where, asked of the browser: texts apart, lines past the boxes."""

from __future__ import annotations

from typing import Any

TEXTS = """() => [...document.querySelectorAll("#scene text")]
  .filter((t) => t.getComputedTextLength() > 0 && getComputedStyle(t).visibility !== "hidden")
  .map((t) => { const r = t.getBoundingClientRect();
    return [t.textContent, r.left, r.top, r.right, r.bottom]; })"""

# Points along every line, in pixels, and the outlines that a line must not enter: those of nodes
# and closed boxes, but for the one that it leaves and the one that it ends at.
CROSSED = """() => {
  const shapes = [...document.querySelectorAll("#scene .node, #scene .closed")].map((e) => {
    const r = e.querySelector(".outline").getBoundingClientRect();
    return { vertex: Number(e.dataset.vertex), name: e.getAttribute("aria-label"), r };
  });
  const found = [];
  for (const line of document.querySelectorAll("#scene .line-of")) {
    const source = seenAs(Number(line.dataset.source));
    const target = line.dataset.target === undefined ? -1 : Number(line.dataset.target);
    const path = line.querySelector(".line"), m = path.getScreenCTM();
    const length = path.getTotalLength();
    for (let s = 0; s <= length; s += 3) {
      const p = path.getPointAtLength(s).matrixTransform(m);
      for (const { vertex, name, r } of shapes) {
        if (vertex === source || vertex === target) continue;
        if (p.x > r.left + 1 && p.x < r.right - 1 && p.y > r.top + 1 && p.y < r.bottom - 1) {
          found.push(`${nodes[Number(line.dataset.source)].name} through ${name}`);
        }
      }
    }
  }
  return [...new Set(found)];
}"""

SHAPES = """() => [...document.querySelectorAll("#scene .node, #scene .closed")].map((e) => {
  const r = e.querySelector(".outline").getBoundingClientRect();
  return [e.getAttribute("aria-label"), r.left, r.top, r.right, r.bottom]; })"""


def overlaps(page: Any, what: str, slack: float = 0.5) -> list[tuple[str, str]]:
    """Return the pairs of rectangles that overlap, of texts or of shapes."""
    frames = page.evaluate(what)
    return [
        (a[0], b[0])
        for k, a in enumerate(frames)
        for b in frames[:k]
        if min(a[3], b[3]) - max(a[1], b[1]) > slack and min(a[4], b[4]) - max(a[2], b[2]) > slack
    ]


def assert_legible(page: Any, smallest: float = 7.0) -> None:
    """No texts or shapes overlap, no line runs through a box, and texts are large enough."""
    assert overlaps(page, SHAPES) == []
    assert overlaps(page, TEXTS) == []
    assert page.evaluate(CROSSED) == []
    if smallest:
        heights = [bottom - top for _, _, top, _, bottom in page.evaluate(TEXTS)]
        assert min(heights) >= smallest
