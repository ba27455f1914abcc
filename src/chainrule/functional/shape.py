"""Changes of shape that layers use: splitting an axis, and padding by what is already there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import broadcast_to, concat, reshape, take
from ..ops import pad as pad_with_value
from ..ops.movement import slice_by
from ..ops.rules import normalize_axis

__all__ = ["pad", "unflatten"]

Pairs = Sequence[tuple[int, int]]
PADDING_MODES = ("constant", "reflect", "replicate", "circular")


def unflatten(x: TensorLike, axis: int, sizes: Sequence[int]) -> Tensor:
    """Split an axis into several, of which one length may be -1: the inverse of flatten.

    >>> F.unflatten(ones((2, 12)), 1, (3, -1)).shape
    (2, 3, 4)
    """
    node = as_tensor(x)
    at = normalize_axis(axis, node.ndim, "unflatten")
    piece = tuple(int(n) for n in sizes)
    known = int(np.prod([n for n in piece if n != -1]))
    if -1 in piece and known and node.shape[at] % known == 0:
        piece = tuple(node.shape[at] // known if n == -1 else n for n in piece)
    if int(np.prod(piece)) != node.shape[at] or min(piece, default=1) < 0:
        raise ShapeError(
            "unflatten", required=f"sizes with the product {node.shape[at]}, the axis's length",
            received=str(tuple(sizes)),
        )  # fmt: skip
    return reshape(node, (*node.shape[:at], *piece, *node.shape[at + 1 :]))


def pad(x: TensorLike, padding: Pairs, *, mode: str = "constant", value: float = 0.0) -> Tensor:
    """Make the last axes longer: a pair (before, after) for each of the last ``len(padding)`` axes.

    Mode "constant" adds a value, "replicate" the nearest element, "reflect" mirrors at the border
    elements (a b c -> b | a b c | b), "circular" repeats the axis (c | a b c | a). Negative amounts
    crop. Raises ShapeError where the axis is too short.

    >>> F.pad(tensor([1.0, 2.0, 3.0]), [(1, 2)], mode="reflect")
    tensor([2., 1., 2., 3., 2., 1.])
    """
    node, pairs = as_tensor(x), [(int(a), int(b)) for a, b in padding]
    if mode not in PADDING_MODES or len(pairs) > node.ndim:
        raise ArgumentError(
            "pad", required=f"a mode of {', '.join(PADDING_MODES)}, and at most {node.ndim} pairs",
            received=f"mode {mode!r}, {len(pairs)} pairs",
        )  # fmt: skip
    if mode == "constant":
        return pad_with_value(node, [(0, 0)] * (node.ndim - len(pairs)) + pairs, value=value)
    for axis, pair in zip(range(-len(pairs), 0), pairs, strict=True):
        if pair != (0, 0):
            node = _read_runs(node, _sources(node.shape[axis], *pair, mode), axis)
    return node


def _read_runs(x: Tensor, sources: Array, axis: int) -> Tensor:
    """Take elements along an axis as a few slices, which step by 1 or -1 or repeat an element.

    Unlike gathers of single elements they have gradients that are slices too.
    """
    parts, begin = [], 0
    while begin < len(sources):
        step = int(sources[begin + 1] - sources[begin]) if begin + 1 < len(sources) else 1
        end = begin + 1
        while end < len(sources) and sources[end] - sources[end - 1] == step:
            end += 1
        if step != 1 and end < len(sources) and sources[end] - sources[end - 1] == 1:
            end = max(begin + 1, end - 1)  # so that the axis itself is one run
        place = [slice(None)] * x.ndim
        first, beyond = int(sources[begin]), int(sources[end - 1]) + (step or 1)
        place[axis] = slice(first, beyond if beyond >= 0 else None, step or 1)
        part = slice_by(x, place)
        if step == 0:
            shape = list(x.shape)
            shape[axis] = end - begin
            part = broadcast_to(part, shape)
        parts.append(part)
        begin = end
    return concat(parts, axis=axis) if parts else take(x, sources, axis=axis)


def _sources(n: int, before: int, after: int, mode: str) -> Array:
    """Return which element of an axis of length n stands at each place of the longer axis."""
    left = n + min(before, 0) + min(after, 0)  # what cropping leaves
    limits = {"reflect": n - 1, "circular": left, "replicate": max(before, after) if n else 0}
    if max(before, after) > limits[mode] or left < 0:
        raise ShapeError(
            f"pad, mode {mode!r}", required=f"amounts from {-n} to {limits[mode]}",
            received=f"({before}, {after}) for an axis of length {n}",
        )  # fmt: skip
    places = np.arange(-before, n + after)
    if mode == "circular":  # repeats what cropping leaves
        return max(-before, 0) + np.arange(-max(before, 0), left + max(after, 0)) % max(left, 1)
    if mode == "replicate":
        return np.clip(places, 0, n - 1)
    mirrored: Array = (n - 1) - np.abs((n - 1) - np.abs(places))
    return mirrored
