"""Contractions: products summed over shared axes. All of them end in a matrix product."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Each, Shape, Tensor, TensorType, as_tensor, function, primitive
from .choice import astype
from .movement import broadcast_to, expand_dims, matrix_transpose, reshape
from .reduction import sum_
from .rules import (
    broadcast_reads,
    broadcast_shapes,
    index_names,
    normalize_axis,
    promoted_numeric,
    unbroadcast,
)
from .subscripts import (
    ELLIPSIS,
    contract,
    einsum_shape,
    explicit_subscripts,
    fresh_letters,
    split_subscripts,
)

# --- matmul ----------------------------------------------------------------------------------


def _matmul_shape(x: Shape, y: Shape) -> Shape:
    if not x or not y:
        raise ShapeError(
            "matmul", required="at least one axis each", received=f"{x} @ {y}",
            hint="multiply by a number with *",
        )  # fmt: skip
    inner = y[0] if len(y) == 1 else y[-2]
    if x[-1] != inner:
        which = "y.shape[0]" if len(y) == 1 else "y.shape[-2]"
        raise ShapeError(
            "matmul", required=f"x.shape[-1] == {which}",
            received=f"{x[-1]} != {inner} (shapes {x} @ {y})",
        )  # fmt: skip
    batch = broadcast_shapes(x[:-2], y[:-2], what="matmul, axes in front of the matrices")
    return (*batch, *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))


def _matmul_notation(x: TensorType, y: TensorType) -> str:
    assert x.shape is not None
    assert y.shape is not None
    out = index_names(len(_matmul_shape(x.shape, y.shape)))
    batch = out[: max(len(x.shape), len(y.shape), 2) - 2]
    row = [out[len(batch)]] if len(x.shape) > 1 else []
    column = [out[-1]] if len(y.shape) > 1 else []
    left = [*broadcast_reads(batch, x.shape[:-2]), *row, "k0"]
    right = [*broadcast_reads(batch, y.shape[:-2]), "k0", *column]
    body = f"x[{', '.join(left)}] * y[{', '.join(right)}]"
    return f"out[{', '.join(out)}] = sum(k0 < {x.shape[-1]})({body})"


def _matrices(g: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """View vectors as the matrices that matmul takes them for: a row at the left, else a column."""
    if x.ndim == 1:
        x, g = expand_dims(x, axis=0), expand_dims(g, axis=g.ndim if y.ndim == 1 else g.ndim - 1)
    if y.ndim == 1:
        y, g = expand_dims(y, axis=1), expand_dims(g, axis=g.ndim)
    return g, x, y


def _matmul_left(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    g, rows, y = _matrices(g, x, y)
    return reshape(unbroadcast(matmul(g, matrix_transpose(y)), rows), x.shape)


def _matmul_right(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    g, x, columns = _matrices(g, x, y)
    if columns.ndim == 2 and x.ndim > 2:
        # One long product instead of one for each matrix of the batch, and a sum over them.
        rows = math.prod(x.shape[:-1])
        x, g = reshape(x, (rows, x.shape[-1])), reshape(g, (rows, g.shape[-1]))
    return reshape(unbroadcast(matmul(matrix_transpose(x), g), columns), y.shape)


@primitive(
    shape=_matmul_shape,
    prepare=promoted_numeric,
    vjp=(_matmul_left, _matmul_right),
    notation=_matmul_notation,
)
def matmul(x: Array, y: Array) -> Array:
    """Multiply matrices: z[..., i, j] = sum over k of x[..., i, k] * y[..., k, j].

    Shapes (..., n, k) and (..., k, m) give (..., n, m); axes in front broadcast. A vector at the
    left counts as one row, at the right as one column, and that axis disappears from the result.
    Raises ShapeError unless x.shape[-1] == y.shape[-2].

    >>> matmul(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([10.0, 1.0]))
    tensor([12., 34.])
    """
    if x.ndim > 2 and y.ndim == 2:
        flat: Array = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) @ y
        return flat.reshape(*x.shape[:-1], y.shape[1])
    return np.asarray(np.matmul(x, y))


# --- einsum ----------------------------------------------------------------------------------


def _einsum_notation(*types: TensorType, subscripts: str) -> str:
    operands, output = split_subscripts(subscripts)
    names = {c: f"i{k}" for k, c in enumerate(output)}
    loops: list[str] = []
    for letters, kind in zip(operands, types, strict=True):
        assert kind.shape is not None
        for letter, n in zip(letters, kind.shape, strict=True):
            if letter not in names:
                names[letter] = f"k{len(loops)}"
                loops.append(f"{names[letter]} < {n}")
    reads = [f"x{k}[{', '.join(names[c] for c in term)}]" for k, term in enumerate(operands)]
    body = " * ".join(reads)
    right = f"sum({', '.join(loops)})({body})" if loops else body
    return f"out[{', '.join(names[c] for c in output)}] = {right}"


def _einsum_gradient(i: int, g: Tensor, y: Tensor, *xs: Tensor, subscripts: str) -> Tensor:
    """Contract the gradient with all other operands, to the letters of operand i."""
    operands, output = split_subscripts(subscripts)
    own, others = operands[i], [*operands[:i], *operands[i + 1 :]]
    letters = "".join(dict.fromkeys(own))
    known = "".join(c for c in letters if c in "".join([output, *others]))
    gradient = _einsum(
        g, *xs[:i], *xs[i + 1 :], subscripts=f"{','.join([output, *others])}->{known}"
    )
    length = dict(zip(own, xs[i].shape, strict=True))
    if known != letters:  # the operand alone was summed over these: every element counts alike
        gradient = reshape(gradient, [length[c] if c in known else 1 for c in letters])
        gradient = broadcast_to(gradient, [length[c] for c in letters])
    return gradient if own == letters else _onto_diagonal(gradient, own, length)


def _onto_diagonal(diagonal: Tensor, letters: str, length: dict[str, int]) -> Tensor:
    """Put a tensor onto the diagonal that a repeated letter takes: the diagonal's adjoint."""
    unique = "".join(dict.fromkeys(letters))
    spare = iter(fresh_letters(letters, len(letters) - len(unique)))
    names, pairs, identities = "", [unique], []
    for letter in letters:
        name = next(spare) if letter in names else letter
        names += name
        if name != letter:
            pairs.append(letter + name)
            eye = np.eye(length[letter], dtype=diagonal.dtype.compute)
            identities.append(as_tensor(eye, diagonal.dtype))
    return _einsum(diagonal, *identities, subscripts=f"{','.join(pairs)}->{names}")


@primitive(
    shape=einsum_shape,
    prepare=promoted_numeric,
    vjp=Each(_einsum_gradient),
    notation=_einsum_notation,
)
def _einsum(*xs: Array, subscripts: str) -> Array:
    """Contract by explicit subscripts without ellipsis."""
    return contract(xs, subscripts)


@function
def einsum(subscripts: str, *operands: Any) -> Tensor:
    """Sum products of elements in Einstein's notation: ``"ij,jk->ik"`` is a matrix product.

    A letter names an axis; operands are multiplied along equal letters; letters that are not in
    the output are summed over. A letter twice in one operand takes its diagonal. Without ``->``
    the output has the letters that occur once, in alphabetical order. ``...`` stands for axes
    that broadcast. Raises ArgumentError for malformed subscripts, ShapeError for a letter with
    two lengths.

    >>> einsum("ij,j->i", tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([10.0, 1.0]))
    tensor([12., 34.])
    >>> einsum("ii", tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor(5.)
    """
    text = explicit_subscripts(subscripts, len(operands))
    nodes = [as_tensor(x) for x in operands]
    if ELLIPSIS in text:
        text, nodes = _without_ellipsis(text, nodes)
    return _einsum(*nodes, subscripts=text)


def _without_ellipsis(text: str, nodes: list[Tensor]) -> tuple[str, list[Tensor]]:
    """Give the axes of ``...`` letters, aligned at the right; drop those of length 1."""
    terms, output = split_subscripts(text)
    hidden = [_hidden_axes(node, term, text) for node, term in zip(nodes, terms, strict=True)]
    full = broadcast_shapes(*hidden, what=f"einsum {text!r}, axes of '...'")
    names = fresh_letters(text, len(full))
    for k, (node, term, lengths) in enumerate(zip(nodes, terms, hidden, strict=True)):
        aligned = range(len(full) - len(lengths), len(full))
        kept = [p for p, n in zip(aligned, lengths, strict=True) if n == full[p]]
        if len(kept) < len(lengths):
            at = term.index(ELLIPSIS)
            shape = (*node.shape[:at], *[full[p] for p in kept], *node.shape[at + len(lengths) :])
            nodes[k] = reshape(node, shape)
        terms[k] = term.replace(ELLIPSIS, "".join(names[p] for p in kept))
    return f"{','.join(terms)}->{output.replace(ELLIPSIS, names)}", nodes


def _hidden_axes(node: Tensor, term: str, text: str) -> Shape:
    """Return the lengths of the axes that ``...`` stands for."""
    if ELLIPSIS not in term:
        return ()
    named = len(term) - len(ELLIPSIS)
    if node.ndim < named:
        raise ShapeError(
            f"einsum {text!r}", required=f"at least {named} axes for {term!r}",
            received=f"shape {node.shape}",
        )  # fmt: skip
    at = term.index(ELLIPSIS)
    return node.shape[at : at + node.ndim - named]


# --- composed --------------------------------------------------------------------------------


@function
def tensordot(x: Any, y: Any, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Tensor:
    """Sum products over the last ``axes`` axes of x and the first of y, or over pairs of axes.

    With ``axes=(a, b)`` axis a[k] of x goes with axis b[k] of y. The result has the other axes of
    x, then those of y. Raises ShapeError where lengths differ.

    >>> tensordot(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([[1.0, 0.0], [0.0, 1.0]]))
    tensor(5.)
    """
    left, right = as_tensor(x), as_tensor(y)
    pairs = (range(-axes, 0), range(axes)) if isinstance(axes, int) else axes
    in_x = [normalize_axis(a, left.ndim, "tensordot") for a in pairs[0]]
    in_y = [normalize_axis(a, right.ndim, "tensordot") for a in pairs[1]]
    if not len(set(in_x)) == len(in_x) == len(in_y) == len(set(in_y)):
        raise ArgumentError(
            "tensordot", required="as many axes of x as of y, each once", received=f"axes={axes}"
        )
    names = fresh_letters("", left.ndim + right.ndim)
    of_x, of_y = list(names[: left.ndim]), list(names[left.ndim :])
    for a, b in zip(in_x, in_y, strict=True):
        of_y[b] = of_x[a]
    rest = [c for c in of_x if c not in of_y] + [c for c in of_y if c not in of_x]
    return _einsum(left, right, subscripts=f"{''.join(of_x)},{''.join(of_y)}->{''.join(rest)}")


@function
def vecdot(x: Any, y: Any, *, axis: int = -1) -> Tensor:
    """Dot product of vectors along an axis: sum over k of x[..., k] * y[..., k].

    The other axes broadcast; ``axis`` counts from the end (it is negative). Raises ShapeError
    unless both have the same length along it.

    >>> vecdot(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([10.0, 1.0]))
    tensor([12., 34.])
    """
    left, right = promoted_numeric([x, y])
    if axis >= 0:
        raise ArgumentError("vecdot", required="a negative axis", received=f"axis {axis}")
    lengths = [t.shape[normalize_axis(axis, t.ndim, "vecdot")] for t in (left, right)]
    if lengths[0] != lengths[1]:
        raise ShapeError(
            "vecdot", required=f"x.shape[{axis}] == y.shape[{axis}]",
            received=f"{lengths[0]} != {lengths[1]}",
        )  # fmt: skip
    return astype(sum_(left * right, axis=axis), left.dtype)


@function
def outer(x: Any, y: Any) -> Tensor:
    """Outer product of two vectors: z[i, j] = x[i] * y[j].

    >>> outer(tensor([1.0, 2.0]), tensor([3.0, 4.0, 5.0]))
    tensor([[ 3.,  4.,  5.],
            [ 6.,  8., 10.]])
    """
    return einsum("i,j->ij", x, y)
