"""Embedding: a table whose rows are learned."""

from __future__ import annotations

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError
from ..graph import Tensor
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["Embedding"]


class Embedding(Module):
    """A vector for each of ``num_embeddings`` integers: (...) -> (..., embedding_dim).

    Rows start as N(0, 1); the row ``padding_idx`` as zeros, and it is never trained. Raises
    BoundsError for an integer that has no row.

    >>> nn.Embedding(10, 3)(tensor([[1, 2], [4, 0]])).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ArgumentError(
                "Embedding", required=f"padding_idx of one of the {num_embeddings} rows",
                received=str(padding_idx),
            )  # fmt: skip
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        table = init.normal((num_embeddings, embedding_dim), generator=generator, dtype=dtype)
        rows = table.numpy()
        if self.padding_idx is not None:
            rows[self.padding_idx] = 0
        self.weight = Parameter(rows, dtype)

    def forward(self, indices: Tensor) -> Tensor:
        """Look the rows up."""
        return F.embedding(indices, self.weight, padding_idx=self.padding_idx)

    def extra_repr(self) -> str:
        """Show sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
