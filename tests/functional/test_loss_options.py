"""Every loss, found by reflection: reductions, weights of samples, what it refuses."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from tests.functional.samples import ALL, Sample

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.errors import ArgumentError, DataError, LossWarning, ShapeError
from chainrule.functional.losses import REDUCTIONS

# A data loss and a penalty in one node: its mean is part of the formula.
OBJECTIVES = {"svm_loss"}
LOSSES = {
    name for name in F.__all__
    if name.endswith("_loss") or "reduction" in inspect.signature(getattr(F, name)).parameters
} - OBJECTIVES  # fmt: skip
SAMPLES = [s for s in ALL if s.name in LOSSES]
every = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def loss(sample: Sample, inputs: Any = None, **options: Any) -> cr.Tensor:
    chosen = {**sample.options, "sample_weight": None, **options}
    found: cr.Tensor = getattr(F, sample.name)(*(inputs or sample.inputs), **chosen)
    return found


def is_batched(sample: Sample) -> bool:
    if sample.name == "ctc_loss":  # its first axis is time
        return False
    return loss(sample, reduction="none").ndim > 0 and np.ndim(sample.inputs[0]) > 1


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_has_reductions_and_weights_of_samples(name: str) -> None:
    parameters = inspect.signature(getattr(F, name)).parameters
    for option, default in (("reduction", "mean"), ("sample_weight", None)):
        assert parameters[option].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[option].default == default


def test_every_loss_module_is_a_loss_whose_function_is_one() -> None:
    classes = [
        found for name in nn.__all__
        if inspect.isclass(found := getattr(nn, name)) and name.endswith("Loss")
    ]  # fmt: skip
    assert len(classes) > 30
    for kind in classes:
        if kind is nn.Loss or not issubclass(kind, nn.FunctionLayer):
            continue
        assert issubclass(kind, nn.Loss), kind.__name__
        assert kind.function.__name__ in LOSSES


@every
def test_reductions_belong_together(sample: Sample) -> None:
    each = loss(sample, reduction="none").numpy()
    count = each.shape[0] if each.ndim else 1
    total = loss(sample, reduction="sum").item()
    assert total == pytest.approx(each.sum())
    assert loss(sample, reduction="batchmean").item() == pytest.approx(total / count)
    assert loss(sample, reduction="full").item() == pytest.approx(total / each.size)


@every
def test_weights_of_one_change_nothing(sample: Sample) -> None:
    shape = loss(sample, reduction="none").shape
    for reduction in REDUCTIONS:
        plain = loss(sample, reduction=reduction)
        for weight in (np.ones(shape), np.ones(shape[:1], bool)):
            weighed = loss(sample, reduction=reduction, sample_weight=weight)
            np.testing.assert_allclose(weighed.numpy(), plain.numpy(), rtol=1e-12)


@every
def test_a_weight_of_each_loss_is_a_factor(sample: Sample) -> None:
    each = loss(sample, reduction="none").numpy()
    weight = np.random.default_rng(1).uniform(0.5, 2.0, each.shape)
    weighed = loss(sample, reduction="none", sample_weight=weight)
    np.testing.assert_allclose(weighed.numpy(), each * weight, rtol=1e-12)


def per_sample(value: Any, batch: int, repeats: list[int]) -> Any:
    """Repeat the rows of what is given for each sample."""
    if np.ndim(value) == 0 or np.shape(value)[0] != batch:
        return value
    return np.repeat(np.asarray(value), repeats, axis=0)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if is_batched(s)], ids=str)
def test_a_weight_counts_a_sample_several_times(sample: Sample) -> None:
    batch = np.shape(sample.inputs[0])[0]
    repeats = [2, 0, 3][:batch]
    inputs = [per_sample(value, batch, repeats) for value in sample.inputs]
    for reduction in ("mean", "sum"):
        repeated = loss(sample, inputs, reduction=reduction)
        weighed = loss(sample, reduction=reduction, sample_weight=np.array(repeats))
        assert weighed.item() == pytest.approx(repeated.item())


@every
def test_options_that_are_wrong_are_refused(sample: Sample) -> None:
    shape = loss(sample, reduction="none").shape
    with pytest.raises(ArgumentError, match=r"a reduction of 'mean', .*received 'avg'"):
        loss(sample, reduction="avg")
    with pytest.raises(ShapeError, match=r"sample_weight of shape .*received shape \(7, 7, 7, 7\)"):
        loss(sample, sample_weight=np.ones((7, 7, 7, 7)))
    wrong = np.ones(shape)
    wrong.flat[0] = -0.5
    with pytest.raises(DataError, match=r"sample_weight: requires weights >= 0; received -0.5"):
        loss(sample, sample_weight=wrong)
    with pytest.raises(DataError, match="received nan"):
        loss(sample, sample_weight=np.full(shape, np.nan))


def test_weights_of_nothing() -> None:
    x, t = np.ones((2, 3)), np.zeros((2, 3))
    with pytest.warns(LossWarning, match="mse_loss: the loss is nan"):
        assert np.isnan(F.mse_loss(x, t, sample_weight=[0, 0]).item())
    assert F.mse_loss(x, t, sample_weight=[0, 0], reduction="sum").item() == 0
    assert F.mse_loss(x, t, sample_weight=[0, 1]).item() == 1


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss", "multi_class_hinge", "focal_loss"])
def test_class_weights_are_checked(name: str) -> None:
    function, scores = getattr(F, name), np.zeros((2, 3))
    with pytest.raises(ShapeError, match=rf"{name}: weight: requires shape \(3,\), one for each"):
        function(scores, [0, 1], [1.0, 2.0])
    with pytest.raises(DataError, match="requires weights >= 0; received -2"):
        function(scores, [0, 1], [1.0, -2.0, 1.0])


def test_a_compiled_weighted_loss_is_the_eager_one() -> None:
    rng = np.random.default_rng(0)
    scores, labels, weight = rng.normal(size=(5, 3)), np.array([0, 1, -100, 2, 1]), rng.random(5)

    def call(s: Any, y: Any, w: Any) -> Any:
        return F.cross_entropy(s, y, [1.0, 2.0, 3.0], label_smoothing=0.1, sample_weight=w)

    given = [cr.tensor(a) for a in (scores, labels, weight)]
    assert cr.compile(call)(*given).item() == pytest.approx(call(*given).item(), rel=1e-12)
