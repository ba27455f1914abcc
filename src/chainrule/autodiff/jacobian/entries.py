"""Entries: which elements of a small matrix may be nonzero, and the algebra of such sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...dtypes import Array

LIMIT = 1 << 22  # sets with more entries than this are not enumerated


@dataclass(frozen=True, eq=False)
class Entries:
    """The elements of a matrix that may be nonzero: ``keys`` = row * width + column, ascending."""

    keys: Array
    height: int
    width: int

    @classmethod
    def of(cls, rows: Array, columns: Array, height: int, width: int) -> Entries:
        """Return the set of the given places, each of which may be named many times."""
        keys = np.asarray(rows, np.int64) * width + columns
        return cls(np.unique(keys), height, width)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def rows(self) -> Array:
        """The row of each entry, ascending."""
        rows: Array = self.keys // max(1, self.width)
        return rows

    @property
    def columns(self) -> Array:
        """The column of each entry, ascending within a row."""
        columns: Array = self.keys % max(1, self.width)
        return columns

    @property
    def is_full(self) -> bool:
        """Whether every element may be nonzero."""
        return len(self) == self.height * self.width

    @property
    def is_identity(self) -> bool:
        """Whether just the elements of the diagonal may be nonzero."""
        if self.height != self.width or len(self) != self.height:
            return False
        return bool((self.keys == np.arange(self.height) * (self.width + 1)).all())

    def transposed(self) -> Entries:
        """Return the entries of the transposed matrix."""
        return Entries.of(self.columns, self.rows, self.width, self.height)

    def equals(self, other: Entries) -> bool:
        """Whether both are the same set."""
        return np.array_equal(self.keys, other.keys)

    def contains(self, other: Entries) -> bool:
        """Whether each entry of the other set is one of this set."""
        return bool(np.isin(other.keys, self.keys, assume_unique=True).all())

    def union(self, other: Entries) -> Entries:
        """Return what is an entry of either set."""
        return Entries(np.union1d(self.keys, other.keys), self.height, self.width)

    def product(self, other: Entries) -> Entries | None:
        """Return the entries of a matrix product, or None if there are too many to enumerate."""
        starts = np.searchsorted(other.keys, np.arange(other.height + 1) * other.width)
        counts = np.diff(starts)[self.columns]
        total = int(counts.sum())
        if total > LIMIT:
            return None
        first = np.repeat(starts[self.columns], counts)
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        columns = other.columns[first + within]
        return Entries.of(np.repeat(self.rows, counts), columns, self.height, other.width)
