"""Embedding: rows of a table, chosen by integers."""

from __future__ import annotations

from ..errors import BoundsError, DTypeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import expand_dims, take, where

__all__ = ["embedding"]


def embedding(indices: TensorLike, weight: TensorLike, *, padding_idx: int | None = None) -> Tensor:
    """Look rows up: y[..., :] = weight[indices[...], :].

    Integers (...) and a table (rows, features) give (..., features). The row ``padding_idx`` gets
    no gradient. Raises BoundsError for an index that is no row of the table.

    >>> F.embedding(tensor([1, 0]), tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    node, table = as_tensor(indices), as_tensor(weight)
    if not node.dtype.is_integer:
        raise DTypeError("embedding", required="integer indices", received=str(node.dtype))
    _check_rows(node, table)
    rows = take(table, node, axis=0)
    if padding_idx is None:
        return rows
    padded = expand_dims(node == padding_idx % table.shape[0], axis=-1)
    return where(padded, rows.detach(), rows)


def _check_rows(indices: Tensor, table: Tensor) -> None:
    if indices.symbolic or not indices.size:
        return
    low, high = indices.value.min(), indices.value.max()
    if low < 0 or high >= table.shape[0]:
        raise BoundsError(
            "embedding", required=f"indices from 0 to {table.shape[0] - 1}, the table's rows",
            received=f"index {low if low < 0 else high}",
        )  # fmt: skip
