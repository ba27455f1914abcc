"""Colouring: columns that share no row are computed by one product (Curtis, Powell, Reid 1974)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ...dtypes import Array
from .entries import Entries


def colour_columns(entries: Entries) -> tuple[Array, int]:
    """Give each column a colour, so that no row meets a colour twice; return them and their number.

    Greedy in the order of the columns (a distance-2 colouring of the bipartite graph), which is
    optimal for bands. Columns without entries have colour 0.

    >>> band = Entries.of(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2]), 2, 3)
    >>> colour_columns(band)
    (array([0, 1, 0]), 2)
    """
    by_column = entries.transposed()
    colours = np.zeros(entries.width, np.int64)
    taken = [0] * entries.height  # for each row, the set of its colours as the bits of a number
    starts = np.searchsorted(by_column.keys, np.arange(entries.width + 1) * entries.height)
    rows = by_column.columns.tolist()
    for column, (first, last) in enumerate(pairwise(starts)):
        forbidden = 0
        for row in rows[first:last]:
            forbidden |= taken[row]
        bit = ~forbidden & (forbidden + 1)  # the lowest bit that is not set
        for row in rows[first:last]:
            taken[row] |= bit
        colours[column] = bit.bit_length() - 1
    count = int(colours.max()) + 1 if len(entries) else 0
    return colours, count
