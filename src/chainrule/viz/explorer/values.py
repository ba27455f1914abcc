"""What a page tells of an array: small ones in full, large ones as figures, bars and a picture."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from ...dtypes import Array

IN_FULL = 64  # elements
BINS = 24
MAPS = 16  # pictures of one array
DIGITS = 5
SAMPLE = 100_000  # elements that a histogram counts


def record(array: Array, pixels: int) -> dict[str, Any]:
    """Return what is told of an array, as JSON can hold it.

    ``full``: the numbers, exactly, of small arrays. Of others ``mean``, ``spread``, ``least``,
    ``most``, ``zeros`` (a fraction), ``bad`` (how many are not finite), ``bars`` (a histogram), and
    ``picture``: feature maps, filters or a matrix in at most ``pixels`` bytes of grey.

    >>> record(np.array([1.0, np.nan]), 0)
    {'shape': [2], 'full': [1.0, 'NaN']}
    """
    told: dict[str, Any] = {"shape": list(array.shape)}
    if array.size <= IN_FULL:
        told["full"] = _exact(array.tolist())
        return told
    finite = array.ravel()
    with np.errstate(all="ignore"):
        is_finite = array.dtype.kind != "f" or math.isfinite(
            float(np.sum(finite, dtype=np.float64))
        )
    if not is_finite:
        finite = finite[np.isfinite(finite)]
    told["bad"] = array.size - finite.size
    if finite.size:
        told |= {
            "mean": _short(finite.mean(dtype=np.float64)),
            "spread": _short(finite.std(dtype=np.float64)),
            "least": _short(finite.min()), "most": _short(finite.max()),
            "zeros": _short(1 - np.count_nonzero(finite) / finite.size), "bars": _bars(finite),
        }  # fmt: skip
        picture = _picture(array, pixels)
        if picture is not None:
            told["picture"] = picture
    return told


def _bars(finite: Array) -> list[int]:
    """Count how many elements, or how many of an even sample, lie in each part of the range."""
    sample = finite[:: -(-finite.size // SAMPLE)].astype(np.float64)
    low, high = float(finite.min()), float(finite.max())
    return np.histogram(sample, BINS, (low, high))[0].tolist() if low < high else [finite.size]


def _exact(value: Any) -> Any:
    """Return nested numbers; those that JSON does not have by their names in JavaScript."""
    if isinstance(value, list):
        return [_exact(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _short(value: Any) -> float:
    return float(f"{float(value):.{DIGITS}g}")


# --- pictures ------------------------------------------------------------------------------


def _picture(array: Array, pixels: int) -> dict[str, Any] | None:
    """Return maps of an array in 8 bits, on one scale whose middle is 0 if there are both signs."""
    maps, colour = _maps(array)
    if maps is None or pixels < 64:
        return None
    count = min(len(maps), MAPS)
    side = max(math.isqrt(pixels // count), 8)
    maps = np.nan_to_num(_shrunk(maps[:count], side).astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(maps.min()), float(maps.max())
    signed = low < 0 < high and not colour
    if signed:
        low, high = -max(-low, high), max(-low, high)
    grey = np.round((maps - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    return {
        "count": count, "height": maps.shape[1], "width": maps.shape[2], "signed": signed,
        "colour": colour, "data": base64.b64encode(grey.tobytes()).decode(),
    }  # fmt: skip


def _maps(array: Array) -> tuple[Array | None, bool]:
    """Return (maps, height, width), and whether three of them are red, green and blue."""
    if array.ndim == 4 and min(array.shape[2:]) > 1:
        sample = array[0] if array.shape[0] == 1 else array[:MAPS, 0]
        if array.shape[:2] == (1, 3):
            return sample, True
        return sample, False
    if array.ndim == 4 and array.shape[2:] == (1, 1) and min(array.shape[:2]) > 1:
        return array[None, :, :, 0, 0], False
    if array.ndim == 3 and min(array.shape[1:]) > 1:
        return array, False
    if array.ndim == 2 and min(array.shape) > 1:
        return array[None], False
    return None, False


def _shrunk(maps: Array, side: int) -> Array:
    """Average blocks of all maps until no side is longer than ``side``."""
    for axis in (1, 2):
        length = maps.shape[axis]
        if length > side:
            starts = np.arange(side) * length // side
            sums = np.add.reduceat(maps, starts, axis, dtype=np.float64)
            counts = np.diff([*starts, length])
            maps = sums / (counts[:, None] if axis == 1 else counts)
    return maps
