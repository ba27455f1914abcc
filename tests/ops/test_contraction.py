"""matmul, einsum and what is made of them, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, ShapeError


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found.value, expected, rtol=1e-12, atol=1e-12, strict=True)


# --- matmul ----------------------------------------------------------------------------------

lengths = st.integers(0, 3)


@st.composite
def factors(draw_from: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes that fit: matrices or vectors, with axes in front that broadcast."""
    n, k, m = (draw_from(lengths) for _ in range(3))
    batch = draw_from(st.lists(st.integers(1, 3), max_size=2))
    fronts = []
    for _ in range(2):
        kept = draw_from(st.integers(0, len(batch)))
        fronts.append([draw_from(st.sampled_from([1, d])) for d in batch[len(batch) - kept :]])
    x = (*fronts[0], n, k) if draw_from(st.booleans()) else (k,)
    y = (*fronts[1], k, m) if draw_from(st.booleans()) else (k,)
    return x, y


@given(factors())
def test_matmul_is_numpys(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    x, y = draw(*shapes[0]), draw(*shapes[1], seed=1)
    close(cr.matmul(x, y), np.asarray(x @ y))


@given(factors())
def test_gradients_of_matmul_are_its_transposes(
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    """<g, dx @ y> == <dL/dx, dx>, and likewise for y."""
    x, y = (cr.tensor(draw(*s, seed=k), requires_grad=True) for k, s in enumerate(shapes))
    z = x @ y
    g = draw(*z.shape, seed=2)
    z.backward(g)
    assert x.grad is not None
    assert y.grad is not None
    dx, dy = draw(*x.shape, seed=3), draw(*y.shape, seed=4)
    np.testing.assert_allclose((x.grad.value * dx).sum(), (g * (dx @ y.value)).sum(), atol=1e-10)
    np.testing.assert_allclose((y.grad.value * dy).sum(), (g * (x.value @ dy)).sum(), atol=1e-10)


def test_matmul_keeps_and_promotes_types() -> None:
    assert (cr.tensor([[1, 2]]) @ cr.tensor([[3], [4]])).tolist() == [[11]]
    assert (cr.tensor([1, 2]) @ cr.tensor([0.5, 0.5])).dtype is cr.float32
    assert (cr.tensor([True, True]) @ cr.tensor([True, True])).item() == 2
    half = cr.tensor([[1.5]], "float16")
    assert (half @ half).dtype is cr.float16


# --- einsum ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk", [(2, 3), (3, 4)]),
        ("ba", [(2, 3)]),
        ("ii", [(3, 3)]),
        ("iij", [(3, 3, 2)]),
        (" i j , j -> i ", [(2, 3), (3,)]),
        ("...", [(2, 3)]),
        ("...i->...", [(2, 3)]),
        ("i...->...i", [(2, 3, 4)]),
        ("...ij,...jk->...ik", [(5, 2, 3), (3, 4)]),
        ("...ij,...jk", [(2, 1, 2, 3), (5, 3, 4)]),
        ("...,...->...", [(2, 1, 4), (3, 1)]),
        ("i...j,j->...i", [(2, 3, 4, 5), (5,)]),
        ("...i,...i,...i->...", [(2, 3), (1, 3), (3,)]),
        ("ij,kl->", [(2, 3), (4, 5)]),
        ("ij,jk,kl,lm->im", [(2, 3), (3, 4), (4, 2), (2, 3)]),
        ("i,i,i,i->i", [(3,), (3,), (3,), (3,)]),
        (",i->i", [(), (3,)]),
        ("ij,ji->ij", [(2, 3), (3, 2)]),
        ("Ab,bA->A", [(2, 3), (3, 2)]),
    ],
)
def test_einsum_is_numpys(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [draw(*s, seed=k) for k, s in enumerate(shapes)]
    close(cr.einsum(subscripts, *arrays), np.asarray(np.einsum(subscripts, *arrays)))


@given(st.data())
def test_einsum_of_any_letters_is_numpys(data: st.DataObject) -> None:
    length = {"a": 2, "b": 3, "c": 1, "d": 2}
    terms = data.draw(st.lists(st.text("abcd", max_size=3), min_size=1, max_size=3))
    used = sorted(set("".join(terms)))
    output = data.draw(st.lists(st.sampled_from(used), unique=True)) if used else []
    subscripts = f"{','.join(terms)}->{''.join(output)}"
    arrays = [draw(*[length[c] for c in term], seed=k) for k, term in enumerate(terms)]
    close(cr.einsum(subscripts, *arrays), np.asarray(np.einsum(subscripts, *arrays)))
    cr.check_gradients(lambda *xs: cr.einsum(subscripts, *xs), arrays, order=1, directions=1)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("...ij,...jk->...ik", [(2, 1, 2, 3), (3, 3, 2)]),
        ("...i,i...->...", [(2, 3), (3, 1)]),
        ("ij,jk", [(2, 3), (3, 2)]),
    ],
)
def test_einsum_with_ellipsis_has_derivatives(subscripts: str, shapes: Any) -> None:
    cr.check_gradients(lambda *xs: cr.einsum(subscripts, *xs), [draw(*s) for s in shapes])


def test_einsum_of_integers_stays_integer() -> None:
    small = cr.tensor(np.full((4, 4), 100, np.int8))
    assert cr.einsum("ij->", small).dtype is cr.int8
    assert cr.einsum("ij->", small).item() == np.einsum("ij->", small.value)


def test_einsum_of_inputs_without_shape_is_inferred_later() -> None:
    x, y = cr.input("x"), cr.input("y")
    graph = cr.ComputationalGraph(cr.einsum("ij,jk->ik", x, y))
    assert graph.forward(x=[[1.0, 2.0]], y=[[3.0], [4.0]]).tolist() == [[11.0]]


# --- composed --------------------------------------------------------------------------------


@pytest.mark.parametrize("axes", [0, 1, ((2,), (0,)), ((0, -1), (1, 0)), ((), ())])
def test_tensordot_is_numpys(axes: Any) -> None:
    x, y = draw(2, 3, 4), draw(4, 2, 3)
    close(cr.tensordot(x, y, axes=axes), np.tensordot(x, y, axes))
    close(cr.tensordot(y, x), np.tensordot(y, x))


def test_vecdot_and_outer_are_numpys() -> None:
    x, y = draw(2, 1, 3), draw(4, 3)
    close(cr.vecdot(x, y), np.vecdot(x, y))
    close(cr.vecdot(draw(3, 2), draw(3, 1), axis=-2), (draw(3, 2) * draw(3, 1)).sum(-2))
    close(cr.outer(draw(2), draw(3)), np.outer(draw(2), draw(3)))
    assert cr.vecdot(cr.tensor([1, 2], "int8"), cr.tensor([3, 4], "int8")).dtype is cr.int8


# --- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.matmul(draw(2, 3), draw(4, 2)), ShapeError,
         "matmul: requires x.shape[-1] == y.shape[-2]; received 3 != 4 (shapes (2, 3) @ (4, 2))"),
        (lambda: cr.matmul(draw(3), draw(2)), ShapeError,
         "matmul: requires x.shape[-1] == y.shape[0]; received 3 != 2 (shapes (3,) @ (2,))"),
        (lambda: cr.matmul(2.0, draw(2)), ShapeError,
         "matmul: requires at least one axis each; received () @ (2,); multiply by a number"),
        (lambda: cr.matmul(draw(2, 2, 3), draw(3, 3, 2)), ShapeError,
         "matmul, axes in front of the matrices: requires shapes that broadcast"),
        (lambda: cr.einsum("ij,jk", draw(2, 3)), ArgumentError,
         "einsum 'ij,jk': requires 2 operands, one for each term; received 1"),
        (lambda: cr.einsum("i1->i", draw(2, 3)), ArgumentError,
         "einsum: requires letters, and at most one '...' a term, as in 'ij,jk->ik'; "
         "received 'i1->i'"),
        (lambda: cr.einsum("......->", draw(2, 3)), ArgumentError, "einsum: requires letters"),
        (lambda: cr.einsum("i->i->i", draw(2)), ArgumentError, "einsum: requires letters"),
        (lambda: cr.einsum("ij->i", draw(2)), ShapeError,
         "einsum 'ij->i': requires one axis for each letter of 'ij'; received shape (2,)"),
        (lambda: cr.einsum("ij,jk->ik", draw(2, 3), draw(4, 2)), ShapeError,
         "einsum 'ij,jk->ik': requires one length for each letter; received j = 3 and 4"),
        (lambda: cr.einsum("ij->k", draw(2, 3)), ShapeError,
         "einsum 'ij->k': requires output letters that occur in an operand, each once"),
        (lambda: cr.einsum("ij->ii", draw(2, 3)), ShapeError, "each once; received 'ii'"),
        (lambda: cr.einsum("ij...->", draw(2)), ShapeError,
         "einsum 'ij...->': requires at least 2 axes for 'ij...'; received shape (2,)"),
        (lambda: cr.einsum("...,...", draw(2), draw(3)), ShapeError, "axes of '...': requires"),
        (lambda: cr.tensordot(draw(2), draw(2), axes=2), ShapeError,
         "tensordot: requires an axis in [-1, 1); received axis -2"),
        (lambda: cr.tensordot(draw(2, 2), draw(2, 2), axes=((0, 0), (0, 1))), ArgumentError,
         "tensordot: requires as many axes of x as of y, each once"),
        (lambda: cr.vecdot(draw(2, 3), draw(2)), ShapeError,
         "vecdot: requires x.shape[-1] == y.shape[-1]; received 3 != 2"),
        (lambda: cr.vecdot(draw(2), draw(2), axis=0), ArgumentError,
         "vecdot: requires a negative axis; received axis 0"),
        (lambda: cr.outer(draw(2, 2), draw(2)), ShapeError,
         "einsum 'i,j->ij': requires one axis for each letter of 'i'; received shape (2, 2)"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
