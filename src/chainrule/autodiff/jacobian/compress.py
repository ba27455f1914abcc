"""Compression: all values of a Jacobian from a few products with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from ...dtypes import Array
from .colouring import colour_columns
from .entries import Entries
from .layout import Layout, SparseGroup

Product = Callable[[Array], Array]  # flat input to flat output


class Compression:
    """Columns that share no row get one colour, and each colour takes one product J v.

    Different groups of a pattern are coloured on their own: columns of the whole matrix with the
    same colours in all groups share no row either. Row compression is this for the transposed
    layout.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        colourings = [colour_columns(_entries(g)) for g in layout.sparse]
        self._colours = [colours for colours, _ in colourings]
        self._counts = [count for _, count in colourings]

    @property
    def products(self) -> int:
        """How many products it takes."""
        return math.prod((*self._counts, *self.layout.free_in_lengths))

    def fill(self, values: Array, multiply: Product) -> None:
        """Compute all values, which have the shape of the layout."""
        layout = self.layout
        for colours, free in self._turns():
            result = layout.split_out(multiply(self._seed(colours, free, values.dtype)))
            chosen = []
            for k, (group, colour) in enumerate(zip(layout.sparse, colours, strict=True)):
                chosen.append(np.flatnonzero(self._colours[k][group.columns] == colour))
                result = result.take(group.rows[chosen[-1]], axis=len(layout.diagonal) + k)
            block: Any = (..., *free)
            values[block][self._place(chosen)] = result

    def _turns(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        for colours in product(*map(range, self._counts)):
            for free in np.ndindex(*self.layout.free_in_lengths):
                yield colours, free

    def _seed(self, colours: tuple[int, ...], free: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        layout = self.layout
        own = tuple(layout.in_lengths[i] for _, i in layout.diagonal)
        widths = tuple(g.width for g in layout.sparse)
        seed = np.zeros((*own, *widths, *layout.free_in_lengths), dtype)
        wanted = [np.flatnonzero(c == k) for c, k in zip(self._colours, colours, strict=True)]
        block: Any = (..., *free)
        seed[block][self._place(wanted)] = 1
        return layout.join_in(seed)

    def _place(self, chosen: Sequence[Array]) -> Any:
        """Return the index of the chosen elements of each sparse group, behind the diagonal."""
        return (*[slice(None)] * len(self.layout.diagonal), *np.ix_(*chosen))


def _entries(group: SparseGroup) -> Entries:
    return Entries.of(group.rows, group.columns, group.height, group.width)
