"""The script that draws the documentation's pictures."""

from __future__ import annotations

import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_pictures_can_be_drawn_again(tmp_path: Path) -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "make_pictures.py"))
    script["main"](tmp_path)
    drawn = {path.name for path in tmp_path.iterdir()}
    assert drawn == {"xyz.svg", "neuron.svg", "lenet.svg"}
    for path in tmp_path.iterdir():
        texts = [
            element.text for element in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")
        ]
        kept = ET.parse(ROOT / "docs" / "images" / path.name)
        assert texts == [e.text for e in kept.iter("{http://www.w3.org/2000/svg}text")]
