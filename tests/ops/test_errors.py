"""Bad input to elementwise operations, reductions and movement: one clear line each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, ChainruleError, DTypeError, ShapeError

X = cr.tensor(np.zeros((2, 3)))
INTEGERS = cr.tensor([1, 2, 3])
BROADCAST = "requires shapes that broadcast: equal lengths or 1, aligned at the right; received "

CASES: dict[str, tuple[Any, type[ChainruleError], str]] = {
    # elementwise
    "shapes": (lambda: cr.add(X, np.zeros((2, 4))), ShapeError, BROADCAST + "(2, 3) and (2, 4)"),
    "three shapes": (lambda: cr.where(X > 0, np.zeros(5), 0), ShapeError,
        BROADCAST + "(2, 3) and (5,) and ()"),
    "text": (lambda: cr.add(X, "x"), DTypeError,
        "tensor: requires bool, integer or real numbers; received str"),
    "nothing": (lambda: cr.exp(None), DTypeError, "received NoneType"),
    "complex": (lambda: cr.multiply(X, 1j), DTypeError, "received complex"),
    "ragged": (lambda: cr.add(X, [[1], [1, 2]]), ShapeError,
        "numbers in a rectangular arrangement"),
    "uint64 and int64": (
        lambda: cr.add(cr.tensor([1], "uint64"), INTEGERS), DTypeError,
        "promotion: requires a common integer type; received uint64 and int64; cast one of them"),
    "too large": (lambda: cr.add(cr.tensor([1], "uint8"), 300), DTypeError,
        "promotion: requires a number that uint8 can hold; received 300"),
    "bits of floats": (lambda: cr.bitwise_and(X, 1), DTypeError,
        "bitwise: requires integers or bools; received float64"),
    "not of floats": (lambda: ~X, DTypeError, "bitwise: requires integers or bools"),
    "unknown type": (lambda: cr.astype(X, "complex64"), DTypeError,
        "dtype: requires one of bool, uint8"),
    # reductions
    "axis too high": (lambda: cr.sum(X, axis=2), ShapeError,
        "reduction: requires an axis in [-2, 2); received axis 2; the array has 2 axes"),
    "axis too low": (lambda: cr.mean(X, axis=-3), ShapeError, "received axis -3"),
    "axis twice": (lambda: cr.prod(X, axis=(0, -2)), ShapeError,
        "reduction: requires each axis once; received (0, -2)"),
    "axis is no number": (lambda: cr.sum(X, axis=1.5), ArgumentError,
        "reduction, axis: requires an integer; received 1.5"),
    "maximum of nothing": (lambda: cr.max(np.zeros((2, 0)), axis=1), ShapeError,
        "max or min: requires at least one element along the reduced axes; "
        "received shape (2, 0), axes (1,)"),
    "minimum of nothing": (lambda: cr.min(np.zeros(0)), ShapeError, "received shape (0,)"),
    # movement
    "reshape": (lambda: cr.reshape(X, (4, 2)), ShapeError,
        "reshape: requires as many elements as before, 6, and at most one -1; "
        "received (2, 3) to (4, 2)"),
    "reshape to two unknowns": (lambda: cr.reshape(X, (-1, -1)), ShapeError, "at most one -1"),
    "reshape of nothing": (lambda: cr.reshape(np.zeros((0, 3)), (-1, 0)), ShapeError, "reshape"),
    "reshape to text": (lambda: cr.reshape(X, "ab"), ArgumentError,
        "reshape, shape: requires an integer; received 'a'"),
    "squeeze": (lambda: cr.squeeze(X, 0), ShapeError,
        "squeeze: requires axes of length 1; received axes (0,) of shape (2, 3)"),
    "expand_dims": (lambda: cr.expand_dims(X, axis=3), ShapeError,
        "expand_dims: requires an axis in [-3, 3); received axis 3"),
    "flatten": (lambda: cr.flatten(X, 1, 0), ArgumentError,
        "flatten: requires start_axis <= end_axis; received 1 and 0"),
    "permute_dims": (lambda: cr.permute_dims(X, (0, 0)), ShapeError,
        "permute_dims: requires each of the 2 axes once; received (0, 0)"),
    "too few axes": (lambda: cr.permute_dims(X, (0,)), ShapeError, "received (0,)"),
    "matrix_transpose": (lambda: cr.matrix_transpose(INTEGERS), ShapeError,
        "matrix_transpose: requires 2 axes or more; received (3,)"),
    "transpose": (lambda: INTEGERS.T, ShapeError,
        ".T: requires 2 axes; received (3,); use .mT or permute_dims"),
    "broadcast_to": (lambda: cr.broadcast_to(X, (2, 4)), ShapeError, "broadcast_to: " + BROADCAST),
    "broadcast_to fewer axes": (lambda: cr.broadcast_to(X, (3,)), ShapeError,
        "broadcast_to: requires a shape that (2, 3) fits; received (3,)"),
    "broadcast_to negative": (lambda: cr.broadcast_to([1], (-1,)), ShapeError, "received (-1,)"),
    "flip": (lambda: cr.flip(X, axis=2), ShapeError, "flip: requires an axis in [-2, 2)"),
    # joining
    "pad": (lambda: cr.pad(X, [(1, 1)]), ArgumentError,
        "pad, padding: requires 2 pairs (before, after), one for each axis, or one number"),
    "crop too much": (lambda: cr.pad(X, [(0, 0), (-2, -2)]), ShapeError,
        "pad: requires lengths that stay at 0 or above; "
        "received shape (2, 3), padding ((0, 0), (-2, -2))"),
    "concat": (lambda: cr.concat([X, np.zeros((3, 4))]), ShapeError,
        "concat: requires equal shapes except along axis 0; received (2, 3) and (3, 4)"),
    "concat nothing": (lambda: cr.concat([]), ArgumentError,
        "concat: requires at least one tensor; received none"),
    "concat numbers": (lambda: cr.concat([1.0, 2.0]), ShapeError, "requires an axis in [0, 0)"),
    "stack": (lambda: cr.stack([X, INTEGERS]), ShapeError,
        "stack: requires at least one tensor, and all of one shape; received (2, 3) and (3,)"),
    "stack nothing": (lambda: cr.stack([]), ShapeError, "received none"),
    "split": (lambda: cr.split(X, [1, 5]), ShapeError,
        "split: requires sizes that add up to 2, or one above 0; received [1, 5]"),
    "split by 0": (lambda: cr.split(X, 0), ShapeError, "received 0"),
    "split backwards": (lambda: cr.split(X, [-1, 3]), ShapeError, "received [-1, 3]"),
    "unstack": (lambda: cr.unstack(X, axis=2), ShapeError, "unstack: requires an axis in [-2, 2)"),
    "roll axis": (lambda: cr.roll(X, 1, axis=2), ShapeError, "roll: requires an axis in [-2, 2)"),
    "roll shifts": (lambda: cr.roll(X, (1, 2), axis=0), ArgumentError,
        "roll: requires one shift, or one for each of 1 axes; received (1, 2)"),
    "tile": (lambda: cr.tile(X, (-1,)), ArgumentError, "tile: requires repetitions >= 0"),
    "repeat": (lambda: cr.repeat(X, -1), ArgumentError, "repeat: requires repetitions >= 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_input_ends_in_one_clear_line(name: str) -> None:
    call, error, text = CASES[name]
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert text in message
    assert "\n" not in message


def test_an_error_names_the_operation_and_the_line() -> None:
    with pytest.raises(ShapeError, match=r"\[node 'multiply', test_errors\.py:\d+\]$"):
        X * np.zeros(4)


def test_a_symbolic_graph_finds_a_wrong_shape_when_it_is_built() -> None:
    with pytest.raises(ShapeError, match=r"\[node 'add', test_errors\.py:\d+\]$"):
        cr.input("x", (2, 3)) + cr.input("y", (4,))
