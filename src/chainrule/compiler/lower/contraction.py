"""Matrix products and sums of products: contractions, or reductions where a side has one row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...dtypes import DType
from ...graph import Tensor
from ...ops.subscripts import split_subscripts
from ..ir.expr import Guard, Place, Shape, acc, make, moved, read
from ..ir.kernels import Array, Contract, Reduce, Store, Term
from .batch import copied, fits, with_last
from .lowering import Lowering, filled, lowers
from .value import Value, of_array, row_major, whole


@dataclass(frozen=True)
class Loops:
    """The loops of a sum of products: their extents, roles, and which axis of the result each is.

    ``a`` and ``b`` have a coefficient for each loop.
    """

    extents: Shape
    roles: str
    a: Place
    b: Place
    axes: tuple[int | None, ...]  # of the result; None for loops of role k


def contract(
    low: Lowering, left: Array, right: Array, loops: Loops, out: Array,
    guards: tuple[Guard, ...] = (),
) -> None:  # fmt: skip
    """Add the kernel that computes ``out`` from two arrays in memory, the left one guarded."""
    a = read(left.buffer, loops.a, guards)
    b = read(right.buffer, loops.b)
    low.program.kernels.append(
        Contract(loops.extents, loops.roles, a, b, [_result(loops, out, a.dtype)])
    )


def _result(loops: Loops, out: Array, dtype: DType) -> Store:
    coefs = [0 if axis is None else out.strides[axis] for axis in loops.axes]
    return Store(out.buffer, Place(out.offset, tuple(coefs)), acc(0, dtype))


def _multiplied(low: Lowering, a: Value, b: Value, loops: Loops, out: Array) -> None:
    """Add a reduction of the product of two formulas over the same loops."""
    order = sorted(range(len(loops.roles)), key=lambda k: loops.roles[k] == "k")
    product = make("mul", a.dtype, (a.expr, b.expr))
    (product,) = moved([product], lambda p: p.permuted(order))
    store = _result(loops, out, a.dtype)
    kept = tuple([loops.extents[k] for k in order if loops.roles[k] != "k"])
    reduced = tuple([loops.extents[k] for k in order if loops.roles[k] == "k"])
    stores = [Store(store.buffer, store.place.permuted(order), store.value)]
    low.program.kernels.append(Reduce(kept, reduced, [Term("sum", product)], stores))


def sum_of_products(
    low: Lowering, x: Value, y: Value, terms: tuple[str, str], output: str, dtype: DType
) -> Value:
    """Contract two values by einsum's letters; no letter twice in a term."""
    letters = "".join(dict.fromkeys(terms[0] + terms[1]))
    length = dict(zip(terms[0] + terms[1], x.shape + y.shape, strict=True))
    shape = tuple([length[c] for c in output])
    if 0 in shape or 0 in x.shape or 0 in y.shape:
        return filled(shape, 0.0 if dtype.is_floating else 0, dtype)
    roles = "".join(_role(c, terms, output) for c in letters)
    axes = tuple([output.index(c) if c in output else None for c in letters])
    extents = tuple([length[c] for c in letters])
    if not dtype.is_floating or _thin(extents, roles):
        a, b = (_spread(low.plain(v), t, letters) for v, t in zip((x, y), terms, strict=True))
        nowhere, out = Place(0, (0,) * len(letters)), low.array(shape, dtype)
        _multiplied(low, a, b, Loops(extents, roles, nowhere, nowhere, axes), out)
        return of_array(out)
    left, right = _operands(low, x, y, terms)
    out = low.array(shape, dtype, _order((left, right), terms, output))
    places = [_place(array, t, letters) for array, t in ((left, terms[0]), (right, terms[1]))]
    contract(low, left, right, Loops(extents, roles, places[0], places[1], axes), out)
    return of_array(out)


def _operands(low: Lowering, x: Value, y: Value, terms: tuple[str, str]) -> tuple[Array, Array]:
    """Return both in memory; a batch that meets weights gets innermost, but not in every turn."""
    found = [low.stored(v).array for v in (x, y)]
    left, right = [array for array in found if array is not None]
    if len(terms[0]) == len(terms[1]) == 2 and not low.in_turn:
        free = [next(k for k in (0, 1) if terms[s][k] not in terms[1 - s]) for s in (0, 1)]
        if _lasting(right) and not _lasting(left) and fits(left.shape[free[0]]):
            left = with_last(low, of_array(left), free[0])
        elif _lasting(left) and not _lasting(right) and fits(right.shape[free[1]]):
            right = with_last(low, of_array(right), free[1])
        else:
            left, right = (copied(low, array) or array for array in (left, right))
    return left, right


def _lasting(array: Array) -> bool:
    return array.buffer.kind == "state"


def _order(arrays: tuple[Array, Array], terms: tuple[str, str], output: str) -> list[int]:
    """Return the order of the result's axes: a batch that is innermost in a factor stays so."""
    order = list(range(len(output)))
    for array, term, other in zip(arrays, terms, arrays[::-1], strict=True):
        for letter, step, length in zip(term, array.strides, array.shape, strict=True):
            if step == 1 and letter in output and fits(length) and _lasting(other):
                order.append(order.pop(output.index(letter)))
    return order


def _role(letter: str, terms: tuple[str, str], output: str) -> str:
    if letter not in output:
        return "k"
    return "b" if letter in terms[0] and letter in terms[1] else "mn"[letter in terms[1]]


def _thin(extents: Shape, roles: str) -> bool:
    """Whether one side is a vector, so that every element is used once: a matter of memory."""
    sides = [math.prod(n for n, r in zip(extents, roles, strict=True) if r == s) for s in "mn"]
    return min(sides) == 1


def _spread(value: Value, term: str, letters: str) -> Value:
    def change(place: Place) -> Place:
        coefs = [place.coefs[term.index(c)] if c in term else 0 for c in letters]
        return Place(place.offset, tuple(coefs))

    return value.change((1,) * len(letters), change)


def _place(array: Array, term: str, letters: str) -> Place:
    coefs = [array.strides[term.index(c)] if c in term else 0 for c in letters]
    return Place(array.offset, tuple(coefs))


@lowers("matmul", wants_array=True)
def matmul(low: Lowering, node: Tensor, x: Value, y: Value) -> Value:
    """Product of the last two axes; axes in front are batches and broadcast."""
    x, y = low.plain(x), low.plain(y)
    rank = max(len(x.shape), len(y.shape), 2)
    batch = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: rank - 2]
    left = _letters(x.shape, batch, "mk", "k")
    right = _letters(y.shape, batch, "kn", "k")
    terms = (left, right)
    x, y = _squeezed(x, terms[0]), _squeezed(y, terms[1])
    terms = ("".join(c for c in left if c != "1"), "".join(c for c in right if c != "1"))
    output = batch + ("m" if "m" in left else "") + ("n" if "n" in right else "")
    known = set(terms[0] + terms[1])
    kept = "".join(c for c in output if c in known)
    result = sum_of_products(low, x, y, terms, kept, node.dtype)
    return _expanded(result, node.shape, [c in known for c in output])


def _letters(shape: Shape, batch: str, matrix: str, vector: str) -> str:
    """Return the letters of an operand's axes; "1" for batch axes that are broadcast."""
    if len(shape) == 1:
        return vector
    front = batch[len(batch) - (len(shape) - 2) :]
    return "".join("1" if n == 1 else c for c, n in zip(front, shape, strict=False)) + matrix


def _squeezed(value: Value, term: str) -> Value:
    """Return the value without the axes marked "1"."""
    kept = [k for k, c in enumerate(term) if c != "1"]
    return value.change(tuple([value.shape[k] for k in kept]), lambda p: p.permuted(kept))


def _expanded(value: Value, shape: Shape, present: list[bool]) -> Value:
    """Return the value with axes of length 1 where they are not present."""

    def change(place: Place) -> Place:
        coefs = iter(place.coefs)
        return Place(place.offset, tuple([next(coefs) if here else 0 for here in present]))

    return value.change(shape, change)


@lowers("einsum", wants_array=True)
def einsum(low: Lowering, node: Tensor, *xs: Value, subscripts: str) -> Value:
    """Sums of products by letters: two operands are a contraction, else one long product."""
    operands, output = split_subscripts(subscripts)
    diagonals = [_diagonal(low.plain(x), term) for x, term in zip(xs, operands, strict=True)]
    if len(xs) == 2:
        (x, first), (y, second) = diagonals
        return sum_of_products(low, x, y, (first, second), output, node.dtype)
    letters = output + "".join(c for c in dict.fromkeys("".join(operands)) if c not in output)
    length = {c: n for v, term in diagonals for c, n in zip(term, v.shape, strict=True)}
    spread = [_spread(v, term, letters) for v, term in diagonals]
    product = spread[0].expr
    for other in spread[1:]:
        product = make("mul", node.dtype, (product, other.expr))
    full = whole(tuple([length[c] for c in letters]), product)
    axes = list(range(len(output), len(letters)))
    return of_array(low.reduce("sum", full, axes, node.dtype)) if axes else full


def _diagonal(value: Value, term: str) -> tuple[Value, str]:
    """Return the value with letters that are there twice merged: their diagonal."""
    unique = "".join(dict.fromkeys(term))
    if unique == term:
        return value, term

    def change(place: Place) -> Place:
        sums = [
            sum(c for c, t in zip(place.coefs, term, strict=True) if t == letter)
            for letter in unique
        ]
        return Place(place.offset, tuple(sums))

    shape = tuple([value.shape[term.index(c)] for c in unique])
    return value.change(shape, change), unique


__all__: Sequence[Any] = ["Loops", "contract", "row_major", "sum_of_products"]
