"""Every Module class on its samples: shapes, gradients, state, copies, batches, modes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
from functools import partial
from typing import Any

import numpy as np
import pytest
from tests.nn.samples import ALL, MODES, Sample

import chainrule as cr
from chainrule import nn
from chainrule.graph import Tensor

ABSTRACT = {"Module", "FunctionLayer", "Loss"}
CLASSES = {
    name for name in nn.__all__
    if inspect.isclass(getattr(nn, name)) and issubclass(getattr(nn, name), nn.Module)
} - ABSTRACT  # fmt: skip

every = pytest.mark.parametrize("sample", ALL, ids=str)
batched = pytest.mark.parametrize("sample", [s for s in ALL if s.batched], ids=str)


def total(outputs: list[Tensor]) -> Tensor:
    """Add up all floating outputs."""
    return sum((y.sum() for y in outputs if y.dtype.is_floating), start=cr.tensor(0.0))


def assert_equal(sample: Sample, first: nn.Module, second: nn.Module) -> None:
    """Two layers must compute the same, bit for bit."""
    both = [sample.call(module, sample.tensors()) for module in (first, second)]
    for a, b in zip(*both, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_every_class_has_a_sample() -> None:
    assert {sample.name for sample in ALL} == CLASSES


@pytest.mark.parametrize("name", sorted(CLASSES | ABSTRACT))
def test_every_class_is_documented_with_an_example(name: str) -> None:
    assert ">>>" in (getattr(nn, name).__doc__ or "")


@every
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_shape_and_type_of_the_output(sample: Sample, kind: str) -> None:
    outputs = sample.call(sample.make(dtype=kind), sample.tensors(kind))
    assert tuple(y.shape for y in outputs) == sample.shapes
    assert {str(y.dtype) for y in outputs if y.dtype.is_floating} <= {kind}


@pytest.mark.parametrize(("sample", "mode"), MODES, ids=str)
def test_first_and_second_derivatives_agree_with_differences(sample: Sample, mode: str) -> None:
    names = [name for name, _ in sample.make().named_parameters()]

    def call(*tensors: Tensor) -> Any:
        made = sample.make()  # anew, so that random numbers start from the same seed
        getattr(made, mode)()
        parameters = dict(zip(names, tensors, strict=False))
        replaced = partial(nn.functional_call, made, parameters)
        return sample.call(replaced, tensors[len(names) :])

    values = [p.numpy() + 0.05 for p in sample.make().parameters()]
    cr.check_gradients(call, [*values, *sample.arrays], kinks=sample.kinks, directions=1)


@every
def test_backward_reaches_every_parameter(sample: Sample) -> None:
    made = sample.make(dtype="float32")
    y = total(sample.call(made, sample.tensors("float32")))
    if y.requires_grad:
        y.backward()
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.type == parameter.type


@every
def test_state_dict_round_trip(sample: Sample) -> None:
    first, second = sample.make(seed=0), sample.make(seed=1)
    sample.call(first, sample.tensors())  # in training: moves running statistics
    state = first.state_dict()
    second.load_state_dict({name: value.copy() for name, value in state.items()})
    assert list(second.state_dict()) == list(state)
    assert_equal(sample, first.eval(), second.eval())


@every
def test_a_copy_computes_the_same_with_parameters_of_its_own(sample: Sample) -> None:
    first = sample.make().eval()
    second = copy.deepcopy(first)
    assert_equal(sample, first, second)
    assert not {id(p) for p in first.parameters()} & {id(p) for p in second.parameters()}


@every
def test_a_seed_decides_the_parameters(sample: Sample) -> None:
    a, b = sample.make(seed=3).state_dict(), sample.make(seed=3).state_dict()
    for name, value in a.items():
        np.testing.assert_array_equal(value, b[name])


@every
def test_repr_shows_the_class_and_its_children(sample: Sample) -> None:
    made = sample.make()
    assert repr(made).startswith(f"{type(made).__name__}(")
    for name, child in made.named_children():
        assert f"({name}): {type(child).__name__}(" in repr(made)


@every
def test_train_and_eval(sample: Sample) -> None:
    made = sample.make()
    assert all(module.training for module in made.modules())
    assert made.eval() is made
    assert not any(module.training for module in made.modules())
    assert_equal(sample, made, made)
    assert made.train() is made
    assert all(module.training for module in made.modules())


@batched
def test_a_batch_of_one_gives_the_first_row(sample: Sample) -> None:
    made = sample.make().eval()
    whole = sample.call(made, sample.tensors())
    one = sample.call(made, [t[:1] for t in sample.tensors()])
    for a, b in zip(one, whole, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy()[:1], rtol=1e-12, atol=1e-14)


@batched
def test_an_empty_batch_gives_an_empty_batch(sample: Sample) -> None:
    made = sample.make().eval()
    inputs = [cr.tensor(t.numpy()[:0]) for t in sample.tensors()]
    for tensor in inputs:
        tensor.requires_grad_(tensor.dtype.is_floating)
    outputs = sample.call(made, inputs)
    assert [y.shape for y in outputs] == [(0, *shape[1:]) for shape in sample.shapes]
    y = total(outputs)
    if y.requires_grad:
        y.backward()
    for parameter in made.parameters():
        assert parameter.grad is None or not parameter.grad.numpy().any()


@every
def test_the_symbolic_graph_gives_the_same(sample: Sample) -> None:
    made = sample.make().eval()
    inputs = [
        cr.input(f"x{k}", t.shape, t.dtype) if t.dtype.is_floating else t
        for k, t in enumerate(sample.tensors())
    ]
    graph = cr.ComputationalGraph(sample.call(made, inputs))
    values = {
        node.name: t for t, node in zip(sample.tensors(), inputs, strict=True) if node.symbolic
    }
    found, expected = graph.forward(values), sample.call(made, sample.tensors())
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b.numpy())


BEHIND_THE_BATCH = {"Flatten", "JoinTable", "SplitTable"}  # where the layer's axis is by default
FUNCTION_LAYERS = sorted(
    name for name in CLASSES if issubclass(getattr(nn, name), nn.FunctionLayer)
)


@pytest.mark.parametrize("name", FUNCTION_LAYERS)
def test_fields_are_the_options_of_the_function(name: str) -> None:
    cls = getattr(nn, name)
    parameters = inspect.signature(cls.function).parameters
    for field in dataclasses.fields(cls):
        assert field.name in parameters
        default = parameters[field.name].default
        if field.default is dataclasses.MISSING:
            assert default is inspect.Parameter.empty
        elif default is not inspect.Parameter.empty and name not in BEHIND_THE_BATCH:
            assert field.default == default
    options = {p.name for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
    options -= {"training", "sample_weight"}  # given with each call
    assert options <= {field.name for field in dataclasses.fields(cls)}
