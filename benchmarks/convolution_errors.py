"""Errors of 3 x 3 convolutions in float32, direct and by tiles, against float64.

Prints a markdown table: for each number of channels and magnitude of the inputs the largest error
relative to the largest result, and the root of the mean squared error relative to the results'.

    python benchmarks/convolution_errors.py
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import functional as F
from chainrule.compiler.lower.winograd import choice

Array = np.ndarray[Any, Any]
CHANNELS = (1, 8, 64, 256, 1024)
MAGNITUDES = (1e-4, 1.0, 1e4)
WAYS = {"direct": 0, "F(2x2, 3x3)": 2, "F(4x4, 3x3)": 4}  # outputs of a tile along each axis


@contextmanager
def tiles(outputs: int) -> Iterator[None]:
    """Let tiles have this many outputs along each axis, whatever the number of channels is."""
    before, choice.TILES[3], few = choice.TILES[3], (outputs,), choice.FEW_CHANNELS
    choice.FEW_CHANNELS = 1
    try:
        yield
    finally:
        choice.TILES[3], choice.FEW_CHANNELS = before, few


def convolved(way: str, x: Array, weight: Array) -> Array:
    """Return the convolution in float32, computed in one of the ways."""
    mode = "fast" if WAYS[way] else "exact"
    compiled = cr.compile(lambda x, w: F.conv2d(x, w, padding=1), convolution=mode)
    arguments = cr.asarray(x), cr.asarray(weight)
    with tiles(WAYS[way]):
        (note,) = compiled.lower(*arguments).lowered.program.notes
        assert f": {way}" in note, note
        return compiled(*arguments).value


def errors(found: Array, expected: Array) -> tuple[float, float]:
    """Return the largest and the root mean squared error, relative to the results'."""
    difference = found - expected
    largest = np.abs(difference).max() / np.abs(expected).max()
    return float(largest), float(np.sqrt((difference**2).mean() / (expected**2).mean()))


def row(channels: int, magnitude: float, images: int, side: int, outputs: int) -> str:
    """Return a line of the table."""
    random = np.random.default_rng(channels)
    x = (magnitude * random.standard_normal((images, channels, side, side))).astype(np.float32)
    weight = random.standard_normal((outputs, channels, 3, 3), np.float32)
    wide = [cr.asarray(a.astype(np.float64)) for a in (x, weight)]
    expected = F.conv2d(*wide, padding=1).value
    cells = [f"{channels}", f"{magnitude:g}"]
    for way in WAYS:
        cells += [f"{e:.1e}" for e in errors(convolved(way, x, weight), expected)]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--side", type=int, default=30, help="height and width of images")
    parser.add_argument("--outputs", type=int, default=16, help="channels of the result")
    options = parser.parse_args()
    heads = [f"{way}, {kind}" for way in WAYS for kind in ("largest", "RMS")]
    print(f"| channels | magnitude | {' | '.join(heads)} |")
    print("|" + "--:|" * (2 + len(heads)))
    for channels in CHANNELS:
        for magnitude in MAGNITUDES:
            print(row(channels, magnitude, options.images, options.side, options.outputs))


if __name__ == "__main__":
    main()
