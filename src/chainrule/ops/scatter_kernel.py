"""Kernels that check indices, and that add values up at places which may repeat.

``np.add.at`` handles one element at a time. Here a column is summed by ``np.bincount`` (in
float64), and rows in the order of a stable sort, so that a run always gives the same bits.
"""

from __future__ import annotations

import math

import numpy as np

from ..dtypes import Array
from ..errors import BoundsError

_NARROW = 8  # columns; up to here a bincount for each beats moving rows
_DENSE = 8  # a bincount touches every place: not worth it if there are more places per update
_ROUNDS = 8  # updates of one place that are added as rounds of whole arrays; the rest are reduced


def in_bounds(indices: Array, length: int, what: str) -> Array:
    """Return indices counted from the front; BoundsError naming the first one outside."""
    places = indices.astype(np.intp, copy=False)
    if not places.size:
        return places
    lowest = places.min()
    if lowest < -length or places.max() >= length:
        raise bounds_error(places, length, what)
    return places if lowest >= 0 else np.where(places < 0, places + length, places)


def bounds_error(indices: Array, length: int, what: str) -> BoundsError:
    """Return the error that names the first index outside of an axis."""
    outside = indices[(indices < -length) | (indices >= length)]
    return BoundsError(
        what, required=f"-{length} <= index < {length}, the axis has length {length}",
        received=f"index {outside[0]}",
    )  # fmt: skip


def flat_places(indices: Array, axis: int, length: int) -> Array:
    """Return where elements along an axis lie in the flattened array; ``indices`` in bounds."""
    before, after = math.prod(indices.shape[:axis]), math.prod(indices.shape[axis + 1 :])
    lines = indices.reshape(before, indices.shape[axis], after)
    starts = np.arange(before, dtype=np.intp)[:, None, None] * (length * after)
    if after == 1:
        return np.asarray(lines + starts)
    return np.asarray(lines * after + (starts + np.arange(after, dtype=np.intp)))


def add_flat(updates: Array, places: Array, size: int) -> Array:
    """Return zeros(size) with each update added at its place."""
    if updates.dtype.kind == "f" and size <= _DENSE * updates.size:
        return np.bincount(places, updates, size).astype(updates.dtype, copy=False)
    result = np.zeros(size, updates.dtype)
    np.add.at(result, places, updates)
    return result


def add_rows(updates: Array, rows: Array, length: int) -> Array:
    """Return zeros(length, columns) with each row of updates added to row ``rows[k]``."""
    count, columns = updates.shape
    if columns == 1:
        return add_flat(updates[:, 0], rows, length)[:, None]
    narrow = columns <= _NARROW and length <= _DENSE * count
    if narrow and updates.dtype.kind == "f":
        result = np.empty((length, columns), updates.dtype)
        for k in range(columns):
            result[:, k] = np.bincount(rows, updates[:, k], length)
        return result
    return _add_sorted_rows(updates, rows, length)


def _add_sorted_rows(updates: Array, rows: Array, length: int) -> Array:
    """Add the first update of every place in one go, then the second ones, and so on.

    Few places have many updates: what remains after some rounds is summed place by place.
    """
    result = np.zeros((length, updates.shape[1]), updates.dtype)
    if not rows.size:
        return result
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.diff(starts, append=rows.size)
    places = ordered[starts]
    result[places] = updates[order[starts]]
    for k in range(1, min(_ROUNDS, int(counts.max()))):
        live = np.flatnonzero(counts > k)
        result[places[live]] += updates[order[starts[live] + k]]
    live = np.flatnonzero(counts > _ROUNDS)
    if live.size:
        turn = np.arange(rows.size) - np.repeat(starts, counts)
        late = np.flatnonzero(turn >= _ROUNDS)
        firsts = np.flatnonzero(turn[late] == _ROUNDS)
        result[places[live]] += np.add.reduceat(updates[order[late]], firsts, axis=0)
    return result
