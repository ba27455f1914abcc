"""Write docs/reference/torch7.md and caffe.md from the tables in chainrule.interop.catalogue."""

from __future__ import annotations

from pathlib import Path

from chainrule.interop.catalogue import CATALOGUES, render

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
PAGES = {FOLDER / f"{catalogue.page}.md": render(catalogue) for catalogue in CATALOGUES}


if __name__ == "__main__":
    for path, text in PAGES.items():
        path.write_text(text, encoding="utf-8")
