"""Row, Group and Catalogue: what the parts of another framework are called here.

The records drive the reference pages and the tests: each row's ``code`` is run and compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One name of another framework, and what does the same here.

    ``code`` is Python with the names ``cr``, ``nn``, ``F``, ``optim`` and ``np``: one expression,
    or several lines of which the last is one; its value is ``gives``, worked out by hand (nested
    lists for tensors, tuples for shapes, None where nothing is returned).

    A row that is deliberately not offered says why in ``absent``, and leaves what follows empty.

    >>> from chainrule.interop.catalogue import Row
    >>> row = Row(
    ...     "Exp", formula="e**x", here="cr.exp", arguments="none", differences="none",
    ...     code="cr.exp(cr.tensor([0.0]))", gives=[1.0],
    ... )
    >>> row.here, row.absent
    ('cr.exp', '')
    """

    name: str
    formula: str  # what it computes, with shapes where they matter
    here: str = ""  # the name here (`nn.Conv2d`), or a line of code
    arguments: str = ""  # the arguments there with their defaults, and what they are here
    differences: str = ""  # rounding, bases of indices, ties and kinks, normalisation, defaults
    code: str = ""
    gives: Any = None
    absent: str = ""


@dataclass(frozen=True)
class Group:
    """Rows that belong together, under one heading."""

    title: str
    rows: tuple[Row, ...]
    introduction: str = ""


@dataclass(frozen=True)
class Catalogue:
    """All groups of one framework: one page of the reference, ``docs/reference/<page>.md``."""

    framework: str
    page: str
    introduction: str
    groups: tuple[Group, ...]
    closing: str = ""  # Markdown after the last group

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of all groups."""
        return tuple(row for group in self.groups for row in group.rows)
