"""What stands above and below a line: shape and value, gradient; numbers, or statistics of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from .. import dtypes
from ..dtypes import Array
from ..graph import Tensor
from .formatting import dimensions, in_full, spread
from .items import Label

BINS = 14
SAMPLE = 1 << 18  # elements that a histogram looks at


def value_of(node: Tensor | None) -> Array | None:
    """Return what a node holds now, if that is one array."""
    if node is None or not node.has_value or node.tuple_types is not None:
        return None
    return dtypes.decode(node.data, node.dtype)


def small_arrays(nodes: Sequence[Tensor]) -> list[Array]:
    """Return the values and gradients that are written out."""
    arrays = [value_of(of) for node in nodes for of in (node, node.grad)]
    return [array for array in arrays if array is not None and in_full(array) is not None]


def labels(node: Tensor, decimals: bool) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Return what stands above and what stands below the line that leaves a node, from the top.

    >>> above, below = labels(cr.tensor(np.arange(20.0), "float32"), True)
    >>> [label.text for label in above], len(below)
    (['20 values', '', '5% zeros', '9.50 ± 5.77'], 0)
    """
    value, gradient = value_of(node), value_of(node.grad)
    shape = node.type.shape if value is None else value.shape
    above: list[Label] = []
    if value is None or in_full(value, decimals) is None:
        known = shape is not None and node.tuple_types is None
        above += [Label("shape", dimensions(shape))] if known and shape is not None else []
    above += _numbers("value", value, decimals)
    return tuple(above), tuple(reversed(_numbers("gradient", gradient, decimals)))


def _numbers(
    kind: Literal["value", "gradient"], array: Array | None, decimals: bool
) -> list[Label]:
    """Return a small array in full, of others the statistics; the last is next to the line."""
    if array is None or not array.size:
        return []
    text = in_full(array, decimals)
    if text is not None:
        return [Label(kind, text)]
    zeros = float((array == 0).mean())
    bars = histogram(array[array != 0] if zeros >= 0.01 else array)
    found = [Label(kind, bars=bars)] if bars else []
    found += [Label(kind, f"{zeros:.0%} zeros")] if zeros >= 0.01 else []
    return [*found, Label(kind, " ".join(spread(array)))]


def histogram(array: Array) -> tuple[float, ...]:
    """Return how often values occur between the least and the greatest, relative to the most often.

    Of large arrays a part is counted. Empty if all values are the same or none is finite.

    >>> len(histogram(np.linspace(0, 1, 280))), histogram(np.ones(5))
    (14, ())
    """
    flat = array.ravel()[:: max(1, array.size // SAMPLE)]
    flat = flat[np.isfinite(flat)].astype(np.float64) if flat.dtype.kind == "f" else flat
    if not flat.size or flat.dtype.kind == "b" or flat.min() == flat.max():
        return ()
    counts = np.histogram(flat / np.abs(flat).max(), BINS)[0]  # no overflow of the range
    return tuple((counts / counts.max()).tolist())
