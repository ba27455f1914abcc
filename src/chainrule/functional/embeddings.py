"""Embedding: rows of a table, chosen by integers, one by one or in bags."""

from __future__ import annotations

import math

from ..errors import ArgumentError, BoundsError, DTypeError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import arange, expand_dims, maximum, scan, scatter_add, searchsorted, take, where, zeros

__all__ = ["embedding", "embedding_bag"]

_MODES = ("sum", "mean", "max")


def embedding(
    indices: TensorLike, weight: TensorLike, *, padding_idx: int | None = None,
    scale_grad_by_freq: bool = False,
) -> Tensor:  # fmt: skip
    """Look rows up: y[..., :] = weight[indices[...], :].

    Integers (...) and a table (rows, features) give (..., features). The row ``padding_idx`` gets
    no gradient; ``scale_grad_by_freq`` divides that of a row by how often it is looked up. Raises
    BoundsError for an index that is no row of the table.

    >>> F.embedding(tensor([1, 0]), tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    node, table = _checked("embedding", indices, weight)
    rows = take(table, node, axis=0)
    if scale_grad_by_freq:
        rows = _shared_gradient(rows, node, table)
    if padding_idx is None:
        return rows
    padded = expand_dims(node == padding_idx % table.shape[0], axis=-1)
    return where(padded, rows.detach(), rows)


def embedding_bag(
    indices: TensorLike,
    weight: TensorLike,
    offsets: TensorLike | None = None,
    per_sample_weights: TensorLike | None = None,
    *,
    mode: str = "mean",
    padding_idx: int | None = None,
    include_last_offset: bool = False,
    scale_grad_by_freq: bool = False,
) -> Tensor:
    """Sum, mean or maximum of the rows of each bag: y[b] = sum over i in bag b of weight[i].

    Indices (B, n), a bag in each row; or all bags one after the other, (n,), of which bag b begins
    at offsets[b] (and the last offset is the end, with ``include_last_offset``). Gives (B,
    features); an empty bag gives zeros. Indices equal to ``padding_idx`` do not count.
    ``per_sample_weights``, of the indices' shape, are factors of the rows of a sum. Raises
    ArgumentError, ShapeError, BoundsError.

    >>> table = tensor([[1.0], [10.0], [100.0]])
    >>> F.embedding_bag([0, 1, 2, 2], table, [0, 1, 1], mode="sum")
    tensor([[  1.],
            [  0.],
            [210.]])
    """
    if mode not in _MODES or (per_sample_weights is not None and mode != "sum"):
        raise ArgumentError(
            "embedding_bag", required="mode 'sum', 'mean' or 'max', and weights only for 'sum'",
            received=repr(mode),
        )  # fmt: skip
    node, table = _checked("embedding_bag", indices, weight)
    if node.ndim != (2 if offsets is None else 1):
        raise ShapeError(
            "embedding_bag", required="indices (B, n), or (n,) with offsets",
            received=f"indices of shape {node.shape}",
        )  # fmt: skip
    counted = None if padding_idx is None else node != padding_idx % table.shape[0]
    rows = take(table, node, axis=0)
    if scale_grad_by_freq:
        rows = _shared_gradient(rows, node, table)
    if per_sample_weights is not None:
        rows = _weighted(rows, as_tensor(per_sample_weights, table.dtype))
    if offsets is None:
        return _bags_in_rows(rows, counted, mode)
    return _bags_in_line(rows, counted, as_tensor(offsets), mode, include_last_offset)


def _weighted(rows: Tensor, factors: Tensor) -> Tensor:
    if factors.shape != rows.shape[:-1]:
        raise ShapeError(
            "embedding_bag", required=f"per_sample_weights of shape {rows.shape[:-1]}",
            received=str(factors.shape),
        )  # fmt: skip
    return rows * expand_dims(factors, axis=-1)


def _bags_in_rows(rows: Tensor, counted: Tensor | None, mode: str) -> Tensor:
    """Reduce (B, n, features)."""
    if counted is None:
        counts = max(1, rows.shape[1])
        if mode == "max" and rows.shape[1]:
            return rows.max(1)
        return rows.sum(1) * (1 / counts if mode == "mean" else 1)
    kept = expand_dims(counted, axis=-1)
    if mode == "max":
        return _or_zeros(where(kept, rows, -math.inf).max(1), counted.any(1))
    total = where(kept, rows, 0.0).sum(1)
    if mode == "sum":
        return total
    return total / maximum(kept.astype(rows.dtype).sum(1), 1.0)


def _bags_in_line(
    rows: Tensor, counted: Tensor | None, offsets: Tensor, mode: str, closed: bool
) -> Tensor:
    """Reduce (n, features), of which each bag is a part."""
    begins = offsets[:-1] if closed else offsets
    bags, length = begins.shape[0], rows.shape[0]
    bag = searchsorted(begins, arange(length), side="right") - 1
    if not begins.symbolic and bags and begins.value[0] != 0:
        raise ArgumentError(
            "embedding_bag", required="offsets[0] == 0", received=str(begins.value[0])
        )
    zero = zeros((bags, rows.shape[1]), dtype=rows.dtype)
    if counted is None:
        counted = arange(length) >= 0
    if mode == "max":
        ends = searchsorted(bag, arange(bags), side="right") - 1
        return _largest(rows, counted, bag, ends, zero)
    kept = expand_dims(counted, axis=-1)
    total = scatter_add(zero, bag, where(kept, rows, 0.0))
    if mode == "sum":
        return total
    counts = scatter_add(zero[:, :1], bag, kept.astype(rows.dtype))
    return total / maximum(counts, 1.0)


def _largest(rows: Tensor, counted: Tensor, bag: Tensor, ends: Tensor, zero: Tensor) -> Tensor:
    """Return the maximum of each bag: one that runs along, read where the bag ends."""
    if not rows.shape[0]:
        return zero
    starts = bag != where(arange(bag.shape[0]) == 0, -1, take(bag, arange(bag.shape[0]) - 1))

    def step(top: Tensor, given: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        row, counts, first = given
        offered = where(counts, row, -math.inf)
        top = where(first, offered, maximum(top, offered))
        return top, top

    _, tops = scan(step, rows[0] * 0.0, (rows, counted, starts))
    some = scatter_add(zeros(zero.shape[0], dtype="int64"), bag, counted.astype("int64")) > 0
    return _or_zeros(take(tops, maximum(ends, 0), axis=0), some)


def _or_zeros(values: Tensor, there: Tensor) -> Tensor:
    return where(expand_dims(there, axis=-1), values, 0.0)


def _shared_gradient(rows: Tensor, indices: Tensor, table: Tensor) -> Tensor:
    """Return the rows, whose gradient is divided by how often each is looked up."""
    flat = indices.reshape(-1)
    counts = scatter_add(
        zeros(table.shape[0], dtype=rows.dtype), flat, (flat >= 0).astype(rows.dtype)
    )
    shares = 1 / expand_dims(take(counts, indices), axis=-1)
    fixed = rows.detach()
    return fixed + (rows - fixed) * shares


def _checked(what: str, indices: TensorLike, weight: TensorLike) -> tuple[Tensor, Tensor]:
    node, table = as_tensor(indices), as_tensor(weight)
    if not node.dtype.is_integer:
        raise DTypeError(what, required="integer indices", received=str(node.dtype))
    _check_rows(what, node, table)
    return node, table


def _check_rows(what: str, indices: Tensor, table: Tensor) -> None:
    if indices.symbolic or not indices.size:
        return
    low, high = indices.value.min(), indices.value.max()
    if low < 0 or high >= table.shape[0]:
        raise BoundsError(
            what, required=f"indices from 0 to {table.shape[0] - 1}, the table's rows",
            received=f"index {low if low < 0 else high}",
        )  # fmt: skip
