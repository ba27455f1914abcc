"""Data types: the promotion table of the array API standard, and rounding to the short floats."""

from __future__ import annotations

import copy
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule import dtypes, errors

NUMERIC = [d for d in dtypes.ALL.values() if d is not cr.bool]

# The standard's table of mixed integers: rows int8 ... int64, columns uint8 ... uint32.
MIXED_INTEGERS = {
    ("int8", "uint8"): "int16", ("int8", "uint16"): "int32", ("int8", "uint32"): "int64",
    ("int16", "uint8"): "int16", ("int16", "uint16"): "int32", ("int16", "uint32"): "int64",
    ("int32", "uint8"): "int32", ("int32", "uint16"): "int32", ("int32", "uint32"): "int64",
    ("int64", "uint8"): "int64", ("int64", "uint16"): "int64", ("int64", "uint32"): "int64",
}  # fmt: skip
LADDERS = [
    ["int8", "int16", "int32", "int64"],
    ["uint8", "uint16", "uint32", "uint64"],
    ["float16", "float32", "float64"],
    ["bfloat16", "float32", "float64"],
]


def promoted(a: str, b: str) -> str:
    return dtypes.promote(dtypes.ALL[a], dtypes.ALL[b]).name


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder[0])
def test_within_a_kind_the_wider_type_wins(ladder):
    for (i, a), (j, b) in itertools.product(enumerate(ladder), repeat=2):
        assert promoted(a, b) == ladder[max(i, j)]


@pytest.mark.parametrize("pair", MIXED_INTEGERS, ids=" ".join)
def test_signed_with_unsigned(pair):
    a, b = pair
    assert promoted(a, b) == promoted(b, a) == MIXED_INTEGERS[pair]


@pytest.mark.parametrize("signed", LADDERS[0])
def test_uint64_has_no_common_type_with_signed_integers(signed):
    with pytest.raises(errors.DTypeError, match=rf"common integer type; received .*{signed}"):
        promoted(signed, "uint64")


def test_where_the_standard_is_silent_the_floating_type_wins():
    for floating, other in itertools.product(LADDERS[2] + LADDERS[3], dtypes.ALL):
        if dtypes.ALL[other].kind != "float":
            assert promoted(floating, other) == promoted(other, floating) == floating
    assert promoted("float16", "bfloat16") == "float32"


def test_bool_gives_the_other_type():
    for other in dtypes.ALL:
        assert promoted("bool", other) == promoted(other, "bool") == other


@pytest.mark.parametrize("kind", dtypes.ALL.values(), ids=str)
def test_promotion_of_a_type_with_itself(kind):
    assert dtypes.promote(kind, kind) is kind


def test_operations_promote_as_the_table_says():
    for a, b in itertools.product(NUMERIC, repeat=2):
        if {a.kind, b.kind} == {"int", "uint"} and cr.uint64 in (a, b):
            continue
        x, y = cr.tensor([1], dtype=a), cr.tensor([2], dtype=b)
        assert (x + y).dtype is dtypes.promote(a, b), (a, b)


@pytest.mark.parametrize(
    ("number", "kind", "result"),
    [
        (1, "int8", "int8"), (1, "float16", "float16"), (1.5, "float16", "float16"),
        (1.5, "bfloat16", "bfloat16"), (1.5, "float64", "float64"), (True, "int8", "int8"),
        (1.5, "int64", "float32"), (1, "bool", "int64"), (True, "bool", "int64"),
    ],
)  # fmt: skip
def test_python_numbers_take_the_tensors_type(number, kind, result):
    x = cr.tensor([1], dtype=kind)
    assert (x + number).dtype.name == (number + x).dtype.name == result


def test_a_number_that_does_not_fit_is_an_error():
    with pytest.raises(errors.DTypeError, match=r"a number that int8 can hold; received 200"):
        cr.tensor([1], dtype="int8") + 200


# --- rounding ------------------------------------------------------------------------------------


def as_bfloat16(values):
    """Round by comparing exact distances (in float64) to the two neighbours; ties to even."""
    bits = values.view(np.uint32)
    lower = (bits >> 16).astype(np.uint32)
    exact = np.abs(values.astype(np.float64))

    def magnitude(upper_half):
        above = (upper_half & 0x7FFF).astype(np.uint32) << 16
        wide = above.view(np.float32).astype(np.float64)
        return np.where((upper_half & 0x7FFF) == 0x7F80, 2.0**128, wide)

    down, up = exact - magnitude(lower), magnitude(lower + 1) - exact
    is_upper = (up < down) | ((up == down) & (lower % 2 == 1))
    return np.where(down == 0, lower, lower + is_upper).astype(np.uint16)


def finite_floats(low_bits):
    """A float32 for each sign, exponent and leading fraction, with the given low half."""
    high = np.arange(1 << 16, dtype=np.uint32)
    values = ((high << 16) | np.uint32(low_bits)).view(np.float32)
    return values[np.isfinite(values)]


@pytest.mark.parametrize("low_bits", [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF])
def test_bfloat16_rounds_to_nearest_even_bit_for_bit(low_bits):
    values = finite_floats(low_bits)
    np.testing.assert_array_equal(dtypes.encode(values, cr.bfloat16), as_bfloat16(values))


@given(st.integers(0, 2**32 - 1))
def test_bfloat16_of_any_float32(bits):
    value = np.array([bits], np.uint32).view(np.float32)
    stored = dtypes.encode(value, cr.bfloat16)
    if np.isnan(value[0]):
        assert np.isnan(dtypes.decode(stored, cr.bfloat16)[0])
        assert stored[0] >> 15 == bits >> 31
    elif np.isfinite(value[0]):
        assert stored[0] == as_bfloat16(value)[0]
    else:
        assert stored[0] == bits >> 16


def test_every_bfloat16_comes_back_as_it_was():
    stored = np.arange(1 << 16, dtype=np.uint16)
    values = dtypes.decode(stored, cr.bfloat16)
    back = dtypes.encode(values, cr.bfloat16)
    np.testing.assert_array_equal(back[~np.isnan(values)], stored[~np.isnan(values)])
    assert np.isnan(dtypes.decode(back, cr.bfloat16)[np.isnan(values)]).all()


def test_bfloat16_of_views_and_of_no_axes():
    x = np.arange(6, dtype=np.float32).reshape(2, 3).T[::-1]
    np.testing.assert_array_equal(dtypes.decode(dtypes.encode(x, cr.bfloat16), cr.bfloat16), x)
    assert cr.tensor(1.5, dtype="bfloat16").item() == 1.5


def test_overflow_gives_infinity():
    assert cr.tensor(1e30, dtype="float16").item() == np.inf
    assert cr.tensor(-3.4e38, dtype="bfloat16").item() == -np.inf


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_short_floats_are_computed_in_float32_and_stored_short(kind):
    x = cr.tensor([1.0, 2.0], dtype=kind)
    y = (x * 3).exp()
    assert y.dtype.name == kind
    assert y.value.dtype == np.float32
    assert y.data.dtype.itemsize == 2
    stored = dtypes.encode(np.exp(np.float32([3.0, 6.0])), dtypes.ALL[kind])
    np.testing.assert_array_equal(y.data, stored)


# --- names, limits -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", dtypes.ALL.values(), ids=str)
def test_a_type_is_one_object_wherever_it_comes_from(kind):
    assert dtypes.dtype(kind) is dtypes.dtype(kind.name) is kind
    assert copy.deepcopy(kind) is pickle.loads(pickle.dumps(kind)) is kind
    assert cr.tensor([0], dtype=kind).dtype is kind
    if kind is not cr.bfloat16:
        assert dtypes.dtype(kind.storage) is dtypes.dtype(kind.storage.type) is kind


def test_python_types():
    assert dtypes.dtype(float) is cr.float32
    assert dtypes.dtype(int) is cr.int64
    assert dtypes.dtype(bool) is cr.bool


@pytest.mark.parametrize("wrong", ["complex64", "float8", "O", "datetime64", object, 3, None])
def test_unknown_types_are_named(wrong):
    with pytest.raises(errors.DTypeError, match=r"dtype: requires one of bool, uint8"):
        dtypes.dtype(wrong)


def test_limits():
    assert cr.iinfo(cr.uint8).max == 255
    assert cr.finfo("float32").eps == np.finfo(np.float32).eps
    with pytest.raises(errors.DTypeError, match="an integer type; received float32"):
        cr.iinfo(cr.float32)
    with pytest.raises(errors.DTypeError, match="a floating type; received int8"):
        cr.finfo(cr.int8)
