"""Tensors: how they are made, read, compared and copied, and what they refuse."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import chainrule as cr
from chainrule import errors
from chainrule.graph.tensor import constant, fresh
from chainrule.nn import Parameter

# --- making --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1.5, cr.float32, ()),
        (3, cr.int64, ()),
        (True, cr.bool, ()),
        ([1, 2.5], cr.float32, (2,)),
        ([], cr.float32, (0,)),
        ([[]], cr.float32, (1, 0)),
        (np.float64(1.5), cr.float64, ()),
        (np.zeros((2, 0), np.int16), cr.int16, (2, 0)),
        (range(3), cr.int64, (3,)),
    ],
)
def test_types_and_shapes_of_data(data, dtype, shape):
    x = cr.tensor(data)
    assert (x.dtype, x.shape, x.ndim) == (dtype, shape, len(shape))
    assert x.size == np.size(data)
    assert x.nbytes == x.size * dtype.itemsize


def test_lists_of_tensors():
    x = cr.tensor([cr.tensor(1.0), [2.0][0], cr.tensor(3.0)])
    assert x.tolist() == [1.0, 2.0, 3.0]


def test_a_tensor_of_a_tensor_is_a_copy_without_history():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    y = cr.tensor(x * 2)
    assert y.op is None
    assert not y.requires_grad


def test_tensor_copies_what_it_is_given():
    array = np.array([1.0, 2.0])
    x = cr.tensor(array)
    array[0] = 9.0
    assert x.tolist() == [1.0, 2.0]


def test_big_and_little_endian_arrays():
    array = np.array([1.0, 2.0], ">f4")
    assert cr.tensor(array).dtype is cr.float32
    assert cr.tensor(array).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        ([[1, 2], [3]], errors.ShapeError, "numbers in a rectangular arrangement"),
        ("text", errors.DTypeError, "bool, integer or real numbers; received str"),
        (None, errors.DTypeError, "received NoneType of NumPy type object"),
        ([1, "a"], errors.DTypeError, "received list of NumPy type <U21"),
        (1j, errors.DTypeError, "received complex of NumPy type complex128"),
        ({"a": 1}, errors.DTypeError, "received dict"),
        (2**70, errors.DTypeError, "received int of NumPy type object"),
        (np.array(["2020-01-01"], "datetime64"), errors.DTypeError, "received ndarray"),
    ],
)
def test_what_is_no_number_is_refused(data, error, text):
    with pytest.raises(error, match=f"tensor: requires .*{text}"):
        cr.tensor(data)


def test_only_floating_tensors_ask_for_gradients():
    with pytest.raises(errors.DTypeError, match=r"requires_grad: .* floating type; received int64"):
        cr.tensor([1, 2], requires_grad=True)
    with pytest.raises(errors.DTypeError, match="requires_grad"):
        cr.tensor([1, 2]).requires_grad_()
    assert cr.tensor([1.0]).requires_grad_().requires_grad
    with pytest.raises(errors.GradientError, match=r"requires_grad_: requires a leaf"):
        (cr.tensor([1.0], requires_grad=True) * 2).requires_grad_()


def test_inputs():
    x = cr.input("x")
    assert x.symbolic
    assert x.requires_grad
    assert not cr.input("i", dtype="int64").requires_grad
    assert repr(x) == "<input 'x' float32[?]>"
    with pytest.raises(errors.ShapeError, match=r"input 'x': requires non-negative lengths"):
        cr.input("x", shape=(-1, 2))
    with pytest.raises(errors.ShapeError, match=r"shape of 'x': requires a known shape"):
        _ = x.shape
    with pytest.raises(errors.GraphError, match=r"value of 'x': .* run ComputationalGraph.forward"):
        _ = x.value


# --- reading -------------------------------------------------------------------------------------


def test_value_cannot_be_written_and_numpy_can():
    x = cr.tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        x.value[0] = 5.0
    free = x.numpy()
    free[0] = 5.0
    assert x.tolist() == [1.0, 2.0]


def test_numbers_out_of_tensors():
    assert float(cr.tensor(1.5)) == 1.5
    assert int(cr.tensor([[7]])) == 7
    assert [10, 20, 30][cr.tensor(1)] == 20
    assert bool(cr.tensor(0.0)) is False
    assert cr.tensor([2.5]).item() == 2.5
    with pytest.raises(errors.ShapeError, match=r"item: requires one element; received shape \(2,"):
        cr.tensor([1, 2]).item()
    with pytest.raises(errors.DTypeError, match="index: requires an integer tensor"):
        _ = [1, 2][cr.tensor(1.0)]


def test_length_and_iteration():
    x = cr.tensor([[1, 2], [3, 4], [5, 6]])
    assert len(x) == 3
    assert [row.tolist() for row in x] == [[1, 2], [3, 4], [5, 6]]
    with pytest.raises(errors.DTypeError, match="len: requires at least one axis"):
        len(cr.tensor(1.0))
    with pytest.raises(errors.ChainruleError):
        iter(cr.tensor(1.0)).__next__()


def test_numpy_takes_tensors():
    x = cr.tensor([1.0, 2.0])
    assert np.asarray(x).tolist() == [1.0, 2.0]
    assert np.asarray(x, np.float64).dtype == np.float64
    assert np.stack([x, x]).shape == (2, 2)
    assert np.asarray(cr.tensor([1.5], dtype="bfloat16")).tolist() == [1.5]


def test_arrays_at_the_left_of_an_operator():
    x = cr.tensor([1.0, 2.0])
    for result, expected in [
        (np.array([3.0, 4.0], np.float32) * x, [3.0, 8.0]),
        (np.float32(3.0) - x, [2.0, 1.0]),
        (np.array([[1.0, 2.0]], np.float32) @ x, [5.0]),
        (2 / x, [2.0, 1.0]),
        (2**x, [2.0, 4.0]),
    ]:
        assert isinstance(result, cr.Tensor)
        assert result.tolist() == expected


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (cr.tensor([1.0, 2.0]), "tensor([1., 2.])"),
        (cr.tensor([1, 2]), "tensor([1, 2])"),
        (cr.tensor([1.0], dtype="float64"), "tensor([1.], dtype=float64)"),
        (cr.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (cr.tensor(1.0, requires_grad=True) * 2, "tensor(2., op=multiply)"),
        (cr.tensor([[1], [2]]), "tensor([[1],\n        [2]])"),
        (cr.tensor(np.zeros((0, 2))), "tensor([], shape=(0, 2), dtype=float64)"),
    ],
)
def test_repr(x, text):
    assert repr(x) == text


def test_labels_and_places():
    x = cr.tensor(1.0, requires_grad=True)
    y = x + 1
    assert x.label == "constant"
    assert cr.tensor(1.0, name="bias").label == "bias"
    assert y.label == "add"
    assert y.where.startswith("node 'add', test_tensor.py:")


# --- comparing -----------------------------------------------------------------------------------


def test_comparison_is_elementwise_and_hash_is_identity():
    x, y = cr.tensor([1, 2]), cr.tensor([1, 3])
    assert (x == y).tolist() == [True, False]
    assert (x != y).tolist() == [False, True]
    assert (x < 2).tolist() == [True, False]
    assert len({x, y, x}) == 2
    assert {x: "first"}[x] == "first"


# --- changing ------------------------------------------------------------------------------------


def test_assign_keeps_type_and_shape():
    x = cr.tensor([1.0, 2.0])
    x.assign([3, 4])
    assert x.dtype is cr.float32
    assert x.tolist() == [3.0, 4.0]
    with pytest.raises(errors.ShapeError, match=r"assign: requires shape \(2,\); received shape"):
        x.assign([1.0, 2.0, 3.0])
    with pytest.raises(errors.GraphError, match="assign: requires a concrete leaf"):
        (cr.tensor(1.0, requires_grad=True) * 2).assign(3.0)
    with pytest.raises(errors.GraphError, match="assign: requires a concrete leaf"):
        cr.input("x").assign(1.0)


def test_assign_does_not_keep_the_callers_array():
    x, array = cr.tensor([1.0, 2.0]), np.array([3.0, 4.0], np.float32)
    x.assign(array)
    array[0] = 99.0
    assert x.tolist() == [3.0, 4.0]


def test_elements_are_not_assigned_and_the_error_says_what_to_do():
    with pytest.raises(errors.GraphError, match=r"use chainrule.where, chainrule.scatter_add"):
        cr.tensor([1.0, 2.0])[0] = 5.0


def test_deepcopy_copies_leaves_alone():
    x = cr.tensor([1.0, 2.0], requires_grad=True, name="w")
    y = copy.deepcopy(x)
    y.assign([5.0, 6.0])
    assert x.tolist() == [1.0, 2.0]
    assert (y.requires_grad, y.name) == (True, "w")
    parameter = copy.deepcopy(Parameter([1.0]))
    assert isinstance(parameter, Parameter)
    shared = copy.deepcopy([x, x])
    assert shared[0] is shared[1]
    with pytest.raises(errors.GraphError, match=r"deepcopy: .* copy the value with .detach()"):
        copy.deepcopy(x * 2)


# --- methods are the operations ------------------------------------------------------------------

METHODS = {
    "sum": {}, "mean": {}, "max": {}, "min": {}, "prod": {}, "var": {}, "std": {}, "exp": {},
    "log": {}, "sqrt": {}, "tanh": {}, "sin": {}, "cos": {}, "square": {}, "abs": {},
    "argmax": {}, "argmin": {}, "any": {}, "all": {},
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_the_functions(name):
    x = cr.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    np.testing.assert_array_equal(getattr(x, name)().value, getattr(cr, name)(x).value)


def test_methods_with_arguments():
    x = cr.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert x.sum(axis=0, keepdims=True).shape == (1, 3)
    assert x.var(0, correction=1).tolist() == [4.5, 4.5, 4.5]
    assert x.argmax(axis=1).tolist() == [2, 2]
    assert x.clip(2.0, 5.0).tolist() == [[2.0, 2.0, 3.0], [4.0, 5.0, 5.0]]
    assert x.astype("int8").dtype is cr.int8
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == x.reshape(-1, 2).shape == (3, 2)
    assert x.permute_dims(1, 0).shape == x.permute_dims((1, 0)).shape == x.T.shape == (3, 2)
    assert x.broadcast_to(2, 2, 3).shape == (2, 2, 3)
    assert x.flatten().shape == (6,)
    assert x.expand_dims(1).squeeze(1).shape == (2, 3)
    assert x.swapaxes(0, 1).mT.shape == (2, 3)


def test_integers_and_bits():
    x = cr.tensor([5, -3])
    assert (x // 2).tolist() == [2, -2]
    assert (x % 3).tolist() == [2, 0]
    assert (x & 1).tolist() == [1, 1]
    assert (x | 8).tolist() == [13, -3]
    assert (x ^ 1).tolist() == [4, -4]
    assert (~x).tolist() == [-6, 2]
    assert (x << 1).tolist() == [10, -6]
    assert (x >> 1).tolist() == [2, -2]
    assert (+x).tolist() == [5, -3]
    assert (-x).tolist() == [-5, 3]
    assert abs(x).tolist() == [5, 3]
    assert (7 // cr.tensor(2)).item() == 3
    assert (7 % cr.tensor(4)).item() == 3
    assert (1 << cr.tensor(3)).item() == 8


def test_a_fresh_tensor_has_all_that_a_constant_has() -> None:
    array = np.ones((2, 3), np.float32)
    made, expected = fresh(array, cr.float32, (2, 3)), constant(array)
    for name in cr.Tensor.__slots__:
        if name != "__weakref__":
            assert getattr(made, name) is getattr(expected, name) or (
                getattr(made, name) == getattr(expected, name)
            ), name
    assert not hasattr(made, "no_such_attribute")
    with pytest.raises(AttributeError, match="object has no attribute 'colour'"):
        _ = made.colour


def test_what_a_fresh_tensor_is_given_stays() -> None:
    made = fresh(np.ones(2, np.float32), cr.float32, (2,))
    made.name = "mine"
    assert made.op is None
    assert made.grad is None
    assert made.name == "mine"
    twin = copy.deepcopy(made)
    assert (twin.name, twin.tolist(), twin.requires_grad) == ("mine", [1.0, 1.0], False)
    (made.requires_grad_() * 3).sum().backward()
    assert made.grad is not None
    assert made.grad.tolist() == [3.0, 3.0]
