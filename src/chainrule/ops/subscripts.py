"""Einstein notation: reading ``"ij,jk->ik"``, and contracting arrays by it with BLAS."""

from __future__ import annotations

import math
import string
import sys
from collections.abc import Sequence

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Shape

ELLIPSIS = "..."


def split_subscripts(subscripts: str) -> tuple[list[str], str]:
    """Return the operands' letters and the output's letters of explicit subscripts.

    >>> split_subscripts("ij,jk->ik")
    (['ij', 'jk'], 'ik')
    """
    inputs, _, output = subscripts.partition("->")
    return inputs.split(","), output


def explicit_subscripts(text: str, operands: int) -> str:
    """Check subscripts, and add the output if it is implicit.

    An implicit output has the ellipsis, then in alphabetical order each letter that occurs once.

    >>> explicit_subscripts("ij, jk", 2)
    'ij,jk->ik'
    """
    if not isinstance(text, str):
        raise ArgumentError("einsum", required="subscripts first", received=repr(text))
    plain = "".join(text.split())
    inputs, arrow, output = plain.partition("->")
    terms = inputs.split(",")
    for term in [*terms, output]:
        if not _is_term(term):
            raise ArgumentError(
                "einsum", required="letters, and at most one '...' a term, as in 'ij,jk->ik'",
                received=repr(text),
            )  # fmt: skip
    if len(terms) != operands:
        raise ArgumentError(
            f"einsum {text!r}", required=f"{len(terms)} operands, one for each term",
            received=str(operands),
        )  # fmt: skip
    if not arrow:
        letters = inputs.replace(ELLIPSIS, "").replace(",", "")
        once = sorted(c for c in set(letters) if letters.count(c) == 1)
        output = ELLIPSIS * (ELLIPSIS in inputs) + "".join(once)
    return f"{inputs}->{output}"


def _is_term(term: str) -> bool:
    letters = term.replace(ELLIPSIS, "", 1)
    return all(c in string.ascii_letters for c in letters)


def fresh_letters(taken: str, count: int) -> str:
    """Return letters that are not taken yet."""
    free = [c for c in string.ascii_letters if c not in taken]
    if len(free) < count:
        raise ArgumentError("einsum", required="at most 52 letters", received=repr(taken))
    return "".join(free[:count])


def einsum_shape(*shapes: Shape, subscripts: str) -> Shape:
    """Shape rule: every letter has one length, and the output's letters occur, each once."""
    what = f"einsum {subscripts!r}"
    operands, output = split_subscripts(subscripts)
    lengths: dict[str, int] = {}
    for letters, shape in zip(operands, shapes, strict=True):
        if len(letters) != len(shape):
            raise ShapeError(
                what, required=f"one axis for each letter of {letters!r}", received=f"shape {shape}"
            )
        for letter, n in zip(letters, shape, strict=True):
            if lengths.setdefault(letter, n) != n:
                raise ShapeError(
                    what, required="one length for each letter",
                    received=f"{letter} = {lengths[letter]} and {n}",
                )  # fmt: skip
    if len(set(output)) != len(output) or not set(output) <= set(lengths):
        raise ShapeError(
            what, required="output letters that occur in an operand, each once",
            received=repr(output),
        )  # fmt: skip
    return tuple(lengths[letter] for letter in output)


# --- contraction -----------------------------------------------------------------------------


def contract(arrays: Sequence[Array], subscripts: str) -> Array:
    """Multiply arrays elementwise along equal letters and sum over letters not in the output.

    Two at a time, in an order that keeps intermediate arrays small; each pair is a matrix product.
    """
    terms, output = split_subscripts(subscripts)
    todo = list(zip(arrays, terms, strict=True))
    for places in _order(arrays, subscripts):
        group = [todo.pop(k) for k in sorted(places, reverse=True)]
        while len(group) > 1:
            pair = group.pop(), group.pop()
            needed = set(output).union(*[letters for _, letters in todo + group])
            group.append(_multiply_pair(*pair, needed))
        todo += group
    result, letters = _alone(*todo[0], set(output))
    return result.transpose([letters.index(c) for c in output])


def _order(arrays: Sequence[Array], subscripts: str) -> list[tuple[int, ...]]:
    """Return which arrays to contract, step by step; results go to the end of the list."""
    if len(arrays) <= 2:
        return [tuple(range(len(arrays)))]
    path, _ = np.einsum_path(subscripts, *arrays, optimize=("greedy", sys.maxsize))
    return list(path[1:])


def _alone(array: Array, letters: str, needed: set[str]) -> tuple[Array, str]:
    """Take diagonals of repeated letters; sum over letters that nobody needs."""
    unique = "".join(dict.fromkeys(letters))
    if unique != letters:
        array = np.einsum(f"{letters}->{unique}", array)
    axes = tuple(k for k, c in enumerate(unique) if c not in needed)
    if axes:
        array = np.asarray(array.sum(axis=axes, dtype=array.dtype))
    return array, "".join(c for c in unique if c in needed)


def _multiply_pair(
    left: tuple[Array, str], right: tuple[Array, str], needed: set[str]
) -> tuple[Array, str]:
    """Contract two arrays: batch letters stay in front, the rest is one matrix product."""
    a, in_a = _alone(*left, needed | set(right[1]))
    b, in_b = _alone(*right, needed | set(in_a))
    batch = [c for c in in_a if c in in_b and c in needed]
    inner = [c for c in in_a if c in in_b and c not in needed]
    rows = [c for c in in_a if c not in in_b]
    columns = [c for c in in_b if c not in in_a]
    matrices = _grouped(a, in_a, batch, rows, inner), _grouped(b, in_b, batch, inner, columns)
    product = np.matmul(*matrices) if inner else np.multiply(*matrices)
    letters = "".join(batch + rows + columns)
    length = dict(zip(in_a + in_b, a.shape + b.shape, strict=True))
    return product.reshape([length[c] for c in letters]), letters


def _grouped(
    array: Array, letters: str, batch: list[str], rows: list[str], columns: list[str]
) -> Array:
    """Order the axes as (batch..., rows, columns), and merge the last two groups."""
    moved = array.transpose([letters.index(c) for c in batch + rows + columns])
    ends = len(batch), len(batch) + len(rows)
    shape = moved.shape
    merged = math.prod(shape[ends[0] : ends[1]]), math.prod(shape[ends[1] :])
    return moved.reshape(*shape[: ends[0]], *merged)
