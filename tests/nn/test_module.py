"""Module: what is found by looking at attributes, state dicts, sharing, errors and tables."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.errors import ArgumentError, CheckpointError, DTypeError, ShapeError


class Block(nn.Module):
    """A parameter, a buffer, two children, one of them twice, and things that are none of these."""

    def __init__(self) -> None:
        self.scale = nn.Parameter([2.0, 3.0])
        self.register_buffer("calls", 0)
        self.constant = cr.tensor([1.0, 1.0])
        self.first = nn.Linear(2, 2)
        self.inner = nn.Sequential(self.first, nn.ReLU())
        self.count = 7

    calls: cr.Tensor

    def forward(self, x: cr.Tensor) -> cr.Tensor:
        self.calls.assign(self.calls + 1)
        result: cr.Tensor = self.inner(x) * self.scale + self.constant
        return result


def names(pairs: Any) -> list[str]:
    return [name for name, _ in pairs]


def test_attributes_are_found() -> None:
    block = Block()
    assert names(block.named_parameters()) == ["scale", "first.weight", "first.bias"]
    assert names(block.named_parameters(recurse=False)) == ["scale"]
    assert names(block.named_parameters("p")) == ["p.scale", "p.first.weight", "p.first.bias"]
    assert names(block.named_buffers()) == ["calls"]
    assert names(block.named_children()) == ["first", "inner"]
    assert names(block.named_modules()) == ["", "first", "inner", "inner.1"]
    assert [type(m).__name__ for m in block.modules()] == ["Block", "Linear", "Sequential", "ReLU"]
    assert list(map(id, block.buffers())) == [id(block.calls)]
    assert next(block.parameters()) is block.scale


def test_super_init_may_be_forgotten_or_called() -> None:
    class Called(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(1.0)

    assert names(Called().named_parameters()) == ["weight"]
    assert Called().training


def test_a_parameter_is_not_replaced_by_what_is_none() -> None:
    layer = nn.Linear(2, 2)
    for value in (np.ones((2, 2)), cr.ones((2, 2)), 3):
        with pytest.raises(DTypeError, match=r"Linear.weight.*\.weight\.assign\(value\)"):
            layer.weight = value  # type: ignore[assignment]
    layer.weight = nn.Parameter(np.zeros((2, 2)))
    layer.bias = None
    assert names(layer.named_parameters()) == ["weight"]


def test_parameters_copy_their_value_and_take_the_name_of_the_attribute() -> None:
    array = np.ones(2)
    layer = nn.Module()
    layer.weight = nn.Parameter(array)  # type: ignore[attr-defined]
    array[0] = 5
    assert layer.weight.tolist() == [1.0, 1.0]
    assert layer.weight.name == "weight"
    assert nn.Parameter([1.0], requires_grad=False).requires_grad is False
    with pytest.raises(DTypeError, match="floating type"):
        nn.Parameter([1, 2])


def test_buffers_stay_leaves_and_are_not_trained() -> None:
    block = Block()
    block(cr.ones((1, 2)))
    assert block.calls.item() == 1
    block.calls = block.calls + 5
    assert block.calls.is_leaf
    assert block.calls.item() == 6
    assert not any(p is block.calls for p in block.parameters())
    for name in ("calls", "scale", "not a name"):
        with pytest.raises(ArgumentError, match="attribute name not yet used"):
            block.register_buffer(name, 1.0)


# --- state dicts -----------------------------------------------------------------------------


def test_state_dict_holds_copies_by_path() -> None:
    block = Block()
    state = block.state_dict()
    assert list(state) == [
        "scale", "calls", "first.weight", "first.bias", "inner.0.weight", "inner.0.bias",
    ]  # fmt: skip
    assert state["first.weight"] is state["inner.0.weight"]
    state["scale"][:] = 0
    assert block.scale.tolist() == [2.0, 3.0]


def test_loading_one_path_of_a_shared_tensor_suffices_and_sharing_stays() -> None:
    block, state = Block(), Block().state_dict()
    del state["inner.0.weight"], state["first.bias"]
    assert block.load_state_dict(state) == ([], [])
    assert block.inner[0] is block.first
    np.testing.assert_array_equal(block.first.weight.numpy(), state["first.weight"])


def test_contradicting_values_of_a_shared_tensor_are_an_error() -> None:
    block, state = Block(), {k: v.copy() for k, v in Block().state_dict().items()}
    state["inner.0.weight"] += 1
    with pytest.raises(CheckpointError, match=r"inner.0.weight \(shares its tensor with first"):
        block.load_state_dict(state)


def test_everything_wrong_is_listed_and_nothing_is_loaded() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    before = model.state_dict()
    state = {
        **{k: v + 1 for k, v in before.items()},
        "0.weight": np.zeros((3, 2)), "1.num_batches_tracked": 0.5, "1.bias": "text", "other": 1.0,
    }  # fmt: skip
    del state["0.bias"]
    with pytest.raises(CheckpointError) as caught:
        model.load_state_dict(state)
    text = str(caught.value)
    assert "missing: 0.bias" in text
    assert "unexpected: other" in text
    assert "0.weight (shape (3, 2) instead of (2, 3))" in text
    assert "1.num_batches_tracked (float32 instead of int64)" in text
    assert "1.bias (tensor: requires bool, integer or real numbers" in text
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_long_lists_are_cut() -> None:
    with pytest.raises(CheckpointError, match=r"missing: .* and 12 more"):
        nn.MLP([2] * 11).load_state_dict({})


def test_loading_leniently_reports_but_still_checks_shapes() -> None:
    layer = nn.Linear(2, 1)
    result = layer.load_state_dict({"bias": [3.0], "other": 0.0}, strict=False)
    assert result.missing == ["weight"]
    assert result.unexpected == ["other"]
    assert layer.bias is not None
    assert layer.bias.tolist() == [3.0]
    with pytest.raises(CheckpointError, match="bias"):
        layer.load_state_dict({"bias": [3.0, 4.0]}, strict=False)


def test_loading_keeps_the_type_of_the_parameter() -> None:
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": np.ones((1, 2), np.float64), "bias": np.zeros(1, np.float16)})
    assert str(layer.weight.dtype) == "float32"


# --- sharing, copies -------------------------------------------------------------------------


def test_shared_parameters_count_once_and_sum_their_gradients() -> None:
    layer = nn.Linear(2, 2, bias=False)
    model = nn.Sequential(layer, layer)
    assert model.num_parameters() == 4
    assert len(list(model.parameters())) == 1
    x = cr.ones((1, 2))
    model(x).sum().backward()
    twice = layer.weight.grad
    assert twice is not None
    w = layer.weight.numpy()
    expected = np.outer(np.ones(2), w @ np.ones(2)) + np.outer(w.T @ np.ones(2), np.ones(2))
    np.testing.assert_allclose(twice.numpy(), expected, rtol=1e-6)


def test_a_copy_shares_what_was_shared() -> None:
    block = Block()
    twin = copy.deepcopy(block)
    assert twin.first is twin.inner[0]
    assert twin.first is not block.first
    assert twin.calls is not block.calls
    assert names(twin.named_buffers()) == ["calls"]


def test_a_module_that_holds_itself_is_walked_once() -> None:
    block = Block()
    block.me = block  # type: ignore[attr-defined]
    assert len(list(block.modules())) == 4
    assert "me.scale" not in block.state_dict()


# --- modes and gradients ---------------------------------------------------------------------


def test_freezing_and_forgetting_gradients() -> None:
    block = Block()
    block(cr.ones((1, 2))).sum().backward()
    assert block.scale.grad is not None
    block.zero_grad()
    assert all(p.grad is None for p in block.parameters())
    block.first.requires_grad_(False)
    assert block.num_parameters() == 8
    assert block.num_parameters(trainable_only=True) == 2
    block(cr.ones((1, 2))).sum().backward()
    assert block.first.weight.grad is None


def test_apply_visits_children_first() -> None:
    seen: list[str] = []
    block = Block()
    assert block.apply(lambda module: seen.append(type(module).__name__)) is block
    assert seen == ["Linear", "Linear", "ReLU", "Sequential", "Block"]


def test_the_mode_of_every_module_follows() -> None:
    block = Block()
    block.first.eval()
    assert block.training
    assert not block.first.training
    assert block.eval().first.training is False
    assert block.train().first.training is True


def test_functional_call_differentiates_by_the_parameters() -> None:
    layer, x = nn.Linear(2, 1), cr.tensor([[1.0, 2.0]])
    gradient = cr.grad(lambda w: nn.functional_call(layer, {"weight": w}, x).sum())
    assert gradient(cr.zeros((1, 2))).tolist() == [[1.0, 2.0]]
    assert isinstance(layer.weight, nn.Parameter)
    with pytest.raises(ArgumentError, match="paths among weight, bias"):
        nn.functional_call(layer, {"w": x}, x)


# --- errors ----------------------------------------------------------------------------------


def test_an_error_inside_names_the_path_to_the_module() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.Sequential({"last": nn.Linear(5, 2)}))
    with pytest.raises(ShapeError) as caught:
        model(cr.ones((1, 4)))
    assert caught.value.where is not None
    assert caught.value.where.startswith("test_module.py:")
    assert caught.value.where.endswith("in Sequential.1.last (Linear)")


def test_other_errors_carry_the_path_as_a_note() -> None:
    def fail(_: Any) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no") as caught:
        nn.Residual(nn.Lambda(fail))(cr.ones(2))
    assert caught.value.__notes__ == ["in Residual.body (Lambda)"]


def test_a_module_outside_of_the_tree_is_shown_by_its_class() -> None:
    class Hidden(nn.Module):
        def __init__(self) -> None:
            self.layers = [nn.Linear(2, 2)]

        def forward(self, x: cr.Tensor) -> Any:
            return self.layers[0](x)

    with pytest.raises(ShapeError, match=r"in Hidden.<Linear> \(Linear\)"):
        Hidden()(cr.ones((1, 3)))


def test_calls_after_an_error_start_afresh() -> None:
    layer = nn.Linear(2, 2)
    for _ in range(2):
        with pytest.raises(ShapeError, match="in Linear]"):
            layer(cr.ones((1, 3)))


def test_a_missing_forward_is_named() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty must define forward"):
        Empty()(1)


# --- tables ----------------------------------------------------------------------------------


def test_summary() -> None:
    shared = nn.Linear(3, 3)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.Flatten(), nn.BatchNorm1d(8), nn.Dropout(),
        nn.Sequential(nn.Linear(8, 3), shared, shared),
    )  # fmt: skip
    model[0].requires_grad_(False)
    assert model.summary((1, 1, 4, 4)) == (
        "layer  type         output shape  parameters  multiply-adds\n"
        "0      Conv2d       (1, 2, 2, 2)          20             72\n"
        "1      Flatten      (1, 8)                 0              0\n"
        "2      BatchNorm1d  (1, 8)                16              0\n"
        "3      Dropout      (1, 8)                 0              0\n"
        "4.0    Linear       (1, 3)                27             24\n"
        "4.1    Linear       (1, 3)                12              9\n"
        "4.1    Linear       (1, 3)            shared              9\n"
        "total: 75 parameters (55 trainable, 300 bytes), 114 multiply-adds"
    )
    assert all(module.training for module in model.modules())
    assert model[2].num_batches_tracked.item() == 0


def test_summary_of_several_inputs_integers_and_what_is_not_called() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            self.used, self.idle = nn.Embedding(10, 4), nn.ReLU()
            self.scale = nn.Parameter(1.0)

        def forward(self, a: cr.Tensor, b: cr.Tensor) -> tuple[cr.Tensor, cr.Tensor]:
            return self.used(a) * self.scale, self.used(b)

    lines = Two().summary((2, 3), (5,), dtype="int64").splitlines()
    assert [line.split() for line in lines[1:-1]] == [
        ["used", "Embedding", "(2,", "3,", "4)", "40", "0"],
        ["used", "Embedding", "(5,", "4)", "shared", "0"],
        ["(model)", "Two", "(2,", "3,", "4),", "(5,", "4)", "1", "0"],
        ["idle", "ReLU", "not", "called", "0", "0"],
    ]


def test_repr_is_nested() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.body = nn.Sequential(nn.Linear(2, 3, bias=False), nn.Dropout(0.2))

        def extra_repr(self) -> str:
            return "tiny"

    assert repr(Net()) == (
        "Net(\n"
        "  tiny\n"
        "  (body): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=3, bias=False)\n"
        "    (1): Dropout(p=0.2)\n"
        "  )\n"
        ")"
    )


def test_training_a_module_reduces_the_loss() -> None:
    model, x = (
        nn.MLP(2, 8, 1, generator=cr.random.Generator(0)),
        cr.tensor([[0.0, 1.0], [1.0, 0.0]]),
    )
    target = cr.tensor([[1.0], [-1.0]])
    losses = []
    for _ in range(50):
        model.zero_grad()
        loss = F.mse_loss(model(x), target)
        loss.backward()
        for p in model.parameters():
            assert p.grad is not None
            p.assign(p - 0.1 * p.grad)
        losses.append(loss.item())
    assert losses[-1] < 0.01 * losses[0]


def test_replace_visits_children_first_and_shared_modules_once() -> None:
    shared, seen = nn.ReLU(), []
    model = nn.Sequential(shared, nn.Residual(shared))

    def function(module: nn.Module) -> nn.Module:
        seen.append(type(module).__name__)
        return nn.Tanh() if module is shared else module

    assert model.replace(function) is model
    assert seen == ["ReLU", "Identity", "Residual", "Sequential"]
    assert isinstance(model[0], nn.Tanh)
    assert model[0] is model[1].body
    assert isinstance(nn.ReLU().replace(lambda m: nn.Tanh()), nn.Tanh)


def test_a_module_by_its_path() -> None:
    model = nn.Sequential(nn.ReLU(), nn.Residual(nn.Tanh()))
    assert model.get_submodule("") is model
    assert model.get_submodule("1.body") is model[1].body
    with pytest.raises(ArgumentError, match=r"get_submodule: .*received '1.head'"):
        model.get_submodule("1.head")
