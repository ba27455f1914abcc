"""How large a model's page is, how fast it opens, and how fast its boxes open, in Chromium.

python benchmarks/page.py [MODEL ...]        # googlenet by default; needs playwright, Chromium
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from chainrule.cli.viewing import ViewOptions, view_model

# Open every box of the first level, one by one; the milliseconds of each until it is drawn.
OPEN = """async () => {
  const found = [];
  for (const box of views[0].boxes.filter((each) => each.outer === 0)) {
    const began = performance.now();
    toggleBox(count + box.number);
    scene.getBBox();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    found.push([box.name, performance.now() - began]);
    toggleBox(count + box.number);
  }
  return found;
}"""


def measure(model: str, folder: Path) -> None:
    path = folder / f"{model}.html"
    began = time.perf_counter()
    view_model(model, ViewOptions(output=path, open=False))
    print(f"{model}: written in {time.perf_counter() - began:.1f} s, {path.stat().st_size:,} bytes")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        began = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-ready]")
        page.evaluate("new Promise((done) => requestAnimationFrame(done))")
        print(f"opens in {time.perf_counter() - began:.2f} s")
        slowest = max(page.evaluate(OPEN), key=lambda pair: pair[1])
        print(f"boxes open in at most {slowest[1]:.0f} ms ({slowest[0]})")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for model in sys.argv[1:] or ["googlenet"]:
            measure(model, Path(name))
