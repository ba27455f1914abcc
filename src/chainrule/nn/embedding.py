"""Embedding: a table whose rows are learned, looked up one by one or in bags."""

from __future__ import annotations

from typing import Any, Self

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError, ShapeError
from ..functional.distance import vector_norm
from ..graph import Tensor, TensorLike, as_tensor, no_grad
from ..ops import scatter_add, where, zeros
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """A table from N(0, 1), with the options that both layers share."""

    def _make(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None,
        max_norm: float | None, norm_type: float, scale_grad_by_freq: bool,
        generator: Generator | None, dtype: DTypeLike,
    ) -> None:  # fmt: skip
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ArgumentError(
                type(self).__name__, received=str(padding_idx),
                required=f"padding_idx of one of the {num_embeddings} rows",
            )  # fmt: skip
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        table = init.normal((num_embeddings, embedding_dim), generator=generator, dtype=dtype)
        rows = table.numpy()
        if self.padding_idx is not None:
            rows[self.padding_idx] = 0
        self.weight = Parameter(rows, dtype)

    @classmethod
    def from_pretrained(cls, embeddings: TensorLike, freeze: bool = True, **options: Any) -> Self:
        """Make a layer of a table (rows, features), which ``freeze`` keeps as it is.

        >>> nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])(tensor([1]))
        tensor([[3., 4.]])
        """
        table = as_tensor(embeddings)
        if table.ndim != 2:
            raise ShapeError(
                f"{cls.__name__}.from_pretrained", required="a table (rows, features)",
                received=f"shape {table.shape}",
            )  # fmt: skip
        made = cls(*table.shape, **{"dtype": table.dtype, **options})
        made.weight.assign(table)
        made.weight.requires_grad_(not freeze)
        return made

    def _table(self, indices: TensorLike) -> Tensor:
        """Return the table, in which rows that are looked up have been shortened to max_norm."""
        if self.max_norm is None:
            return self.weight
        with no_grad():
            flat = as_tensor(indices).reshape(-1)
            seen = scatter_add(zeros(self.num_embeddings, dtype="int64"), flat, flat * 0 + 1)
            norms = vector_norm(self.weight, p=self.norm_type, axis=1, keepdims=True)
            long = (norms > self.max_norm) & (seen > 0).reshape(-1, 1)
            if not long.symbolic and not long.value.any():
                return self.weight
            # As PyTorch, which adds this much so as not to divide by 0.
            new = where(long, self.weight * (self.max_norm / (norms + 1e-7)), self.weight)
            if not new.symbolic and self.weight.is_leaf:
                self.weight.assign(new)
                return self.weight
        # While it is traced a leaf passes no gradient on once it is assigned to: read it before.
        table = new + (self.weight - self.weight.detach())
        if self.weight.is_leaf and not self.weight.symbolic:
            self.weight.assign(new)
        return table

    def extra_repr(self) -> str:
        """Show sizes, and the options that differ from their defaults."""
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2.0,
                 "scale_grad_by_freq": False, "mode": "mean"}  # fmt: skip
        shown = [
            f"{name}={getattr(self, name)!r}" for name, value in usual.items()
            if getattr(self, name, value) != value
        ]  # fmt: skip
        return ", ".join([str(self.num_embeddings), str(self.embedding_dim), *shown])


class Embedding(_Table):
    """A vector for each of ``num_embeddings`` integers: (...) -> (..., embedding_dim).

    Rows start as N(0, 1); the row ``padding_idx`` as zeros, and it is never trained. Rows whose
    ``norm_type``-norm is above ``max_norm`` are shortened to it when they are looked up, for good.
    ``scale_grad_by_freq`` divides gradients by how often a row occurs. Raises BoundsError for an
    integer that has no row. ``from_pretrained(table)`` makes one of a table.

    >>> nn.Embedding(10, 3)(tensor([[1, 2], [4, 0]])).shape
    (2, 2, 3)
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None,
        max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
        *, generator: Generator | None = None, dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        self._make(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq,
            generator, dtype,
        )  # fmt: skip

    def forward(self, indices: Tensor) -> Tensor:
        """Look the rows up."""
        return F.embedding(
            indices, self._table(indices), padding_idx=self.padding_idx,
            scale_grad_by_freq=self.scale_grad_by_freq,
        )  # fmt: skip


class EmbeddingBag(_Table):
    """Sum, mean or maximum of the rows of each bag of integers; see functional.embedding_bag.

    Called with indices (B, n), or (n,) and offsets, and with weights of the rows; gives
    (B, embedding_dim). Options are those of Embedding; ``padding_idx`` does not count.

    >>> nn.EmbeddingBag(10, 3)(tensor([1, 2, 4, 5]), tensor([0, 3])).shape
    (2, 3)
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, mode: str = "mean",
        include_last_offset: bool = False, padding_idx: int | None = None, *,
        generator: Generator | None = None, dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        self.mode, self.include_last_offset = mode, include_last_offset
        self._make(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq,
            generator, dtype,
        )  # fmt: skip

    def forward(
        self,
        indices: Tensor,
        offsets: TensorLike | None = None,
        per_sample_weights: TensorLike | None = None,
    ) -> Tensor:
        """Reduce the rows of each bag."""
        return F.embedding_bag(
            indices, self._table(indices), offsets, per_sample_weights, mode=self.mode,
            padding_idx=self.padding_idx, include_last_offset=self.include_last_offset,
            scale_grad_by_freq=self.scale_grad_by_freq,
        )  # fmt: skip
