"""Elementwise functions of the array API standard agree with NumPy, special values included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import chainrule as cr

FLOATS = ["float32", "float64"]
SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
INTEGERS = SIGNED + UNSIGNED
NUMERIC = FLOATS + INTEGERS
ALL = ["bool", *NUMERIC]

ANY_INTEGER = ["bool", *INTEGERS]


def table(*rows: tuple[str, list[str]]) -> dict[str, list[str]]:
    """Names of functions, separated by spaces, and the data types that they take."""
    return {name: dtypes for names, dtypes in rows for name in names.split()}


UNARY = table(
    ("acos acosh asin asinh atan atanh cos cosh exp expm1 log log1p log2 log10", FLOATS),
    ("reciprocal sin sinh sqrt tan tanh signbit", FLOATS),
    ("abs ceil floor positive round sign square trunc isfinite isinf isnan", NUMERIC),
    ("negative", FLOATS + SIGNED),
    ("bitwise_invert", ANY_INTEGER),
    ("logical_not", ["bool"]),
)
BINARY = table(
    ("atan2 copysign hypot logaddexp divide pow", FLOATS),
    ("add subtract multiply maximum minimum", NUMERIC),
    ("less less_equal greater greater_equal floor_divide remainder", NUMERIC),
    ("equal not_equal", ALL),
    ("bitwise_and bitwise_or bitwise_xor", ANY_INTEGER),
    ("logical_and logical_or logical_xor", ["bool"]),
)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def arrays(dtype: str, shape: object) -> st.SearchStrategy[np.ndarray]:
    kind = np.dtype(dtype)
    elements = None
    if kind.kind == "f":
        elements = st.one_of(
            st.sampled_from([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]),
            st.floats(-10, 10, width=kind.itemsize * 8),
        )
    return hnp.arrays(kind, shape, elements=elements)


def assert_same(got: cr.Tensor, expected: np.ndarray, rtol: float = 0.0) -> None:
    assert got.dtype.name == expected.dtype.name
    assert got.shape == expected.shape
    np.testing.assert_allclose(got.value, expected, rtol=rtol, atol=rtol)
    if expected.dtype.kind == "f" and not rtol:
        zero = expected == 0
        np.testing.assert_array_equal(np.signbit(got.value[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", sorted(UNARY))
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_unary(name: str, data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(UNARY[name]))
    x = data.draw(arrays(dtype, SHAPES))
    with np.errstate(all="ignore"):
        expected = np.asarray(getattr(np, name)(x))
    if name in ("ceil", "floor", "trunc", "round"):
        expected = expected.astype(x.dtype)
    assert_same(getattr(cr, name)(cr.asarray(x)), expected)


@pytest.mark.parametrize("name", sorted(BINARY))
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_binary(name: str, data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(BINARY[name]))
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4))
    x, y = (data.draw(arrays(dtype, shape)) for shape in shapes.input_shapes)
    if name in ("floor_divide", "remainder") and dtype in INTEGERS:
        y = np.where(y == 0, 1, y).astype(dtype)
    with np.errstate(all="ignore"):
        expected = np.asarray(getattr(np, name)(x, y))
    assert_same(getattr(cr, name)(cr.asarray(x), cr.asarray(y)), expected)


@given(data=st.data())
def test_shifts(data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from(INTEGERS))
    x = data.draw(arrays(dtype, SHAPES))
    by = data.draw(hnp.arrays(np.dtype(dtype), x.shape, elements=st.integers(0, 7)))
    assert_same(cr.asarray(x) << cr.asarray(by), np.left_shift(x, by))
    assert_same(cr.asarray(x) >> cr.asarray(by), np.right_shift(x, by))


PROMOTIONS = [(a, b) for a in ALL for b in ALL]


@pytest.mark.parametrize(("a", "b"), PROMOTIONS)
def test_promotion_follows_the_standard(a: str, b: str) -> None:
    kinds = {np.dtype(a).kind, np.dtype(b).kind}
    if len(kinds) == 1 or kinds == {"i", "u"}:
        expected = np.promote_types(a, b)
        if expected.kind == "f" and kinds == {"i", "u"}:
            with pytest.raises(cr.errors.DTypeError, match="a common integer type"):
                cr.result_type(a, b)
            return
        assert cr.result_type(a, b).name == expected.name
    elif "b" not in kinds:  # the standard leaves it open: the floating type wins
        assert cr.result_type(a, b).name == (a if np.dtype(a).kind == "f" else b)


@pytest.mark.parametrize("dtype", NUMERIC)
def test_python_numbers_take_the_tensors_type(dtype: str) -> None:
    x = cr.asarray(np.ones(3, dtype))
    assert (x + 1).dtype.name == dtype
    assert (1 + x).dtype.name == dtype
    assert (x * 1.5).dtype.name == (dtype if dtype in FLOATS else "float32")


def test_a_number_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(cr.errors.DTypeError, match="a number that uint8 can hold"):
        cr.asarray(np.ones(3, "uint8")) + 300


@given(data=st.data())
def test_where_and_clip(data: st.DataObject) -> None:
    x = data.draw(arrays("float64", SHAPES))
    c = data.draw(hnp.arrays(np.bool_, x.shape))
    assert_same(cr.where(cr.asarray(c), cr.asarray(x), 0.0), np.where(c, x, 0.0))
    assert_same(cr.clip(cr.asarray(x), -1.0, 2.0), np.clip(x, -1.0, 2.0))
