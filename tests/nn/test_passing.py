"""Layers that let values pass, rectifiers that draw, losses of losses, vectors of parameters."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.errors import ArgumentError, ShapeError


@pytest.mark.parametrize("compiled", [False, True])
def test_a_reversed_gradient(compiled: bool) -> None:
    def step(x: cr.Tensor) -> tuple[cr.Tensor, cr.Tensor | None]:
        y = nn.GradientReversal(0.5)(x * x)
        y.sum().backward()
        return y, x.grad

    call = cr.compile(step) if compiled else step
    y, gradient = call(cr.tensor([0.1, 3.0, -7e7], requires_grad=True))
    assert y.tolist() == (cr.tensor([0.1, 3.0, -7e7]) ** 2).tolist()  # the very same numbers
    np.testing.assert_allclose(gradient.numpy(), [-0.1, -3.0, 7e7], rtol=1e-6)


def test_noise_has_its_mean_and_spread_in_training() -> None:
    layer = nn.WhiteNoise(0.5, 0.2, generator=cr.Generator(0))
    drawn = layer(cr.ones((200, 50))).numpy()
    assert drawn.mean() == pytest.approx(1.5, abs=0.01)
    assert drawn.std() == pytest.approx(0.2, rel=0.03)
    assert layer.eval()(cr.ones(3)).tolist() == [1.5, 1.5, 1.5]
    assert repr(layer) == "WhiteNoise(mean=0.5, std=0.2)"
    with pytest.raises(ArgumentError, match="std >= 0"):
        F.white_noise(cr.ones(2), std=-1.0)


def test_slopes_are_drawn_for_each_element() -> None:
    layer = nn.RReLU(0.1, 0.3, generator=cr.Generator(0))
    slopes = -layer(-cr.ones((100, 100))).numpy()
    assert 0.1 <= slopes.min() < 0.101
    assert 0.299 < slopes.max() <= 0.3
    assert slopes.mean() == pytest.approx(0.2, abs=0.002)
    assert layer(cr.ones(2)).tolist() == [1, 1]
    with pytest.raises(ArgumentError, match="lower <= upper"):
        F.rrelu(cr.ones(2), lower=0.5, upper=0.1)


def test_maxout_by_hand() -> None:
    layer = nn.Maxout(1, 2, pieces=2)
    state = {"linear.weight": [[1.0], [2.0], [-1.0], [-3.0]], "linear.bias": [0.0, 0.0, 0.0, 1.0]}
    layer.load_state_dict(state)
    assert layer(cr.tensor([[2.0], [-2.0]])).tolist() == [[2, 4], [2, 7]]
    with pytest.raises(ShapeError, match="multiple of pieces = 2"):
        F.maxout(cr.ones((2, 3)), 2)
    with pytest.raises(ArgumentError, match="pieces >= 1"):
        nn.Maxout(1, 2, 0)


def test_softmax2d_wants_channels() -> None:
    assert nn.Softmax2d()(cr.zeros((2, 1, 1))).tolist() == [[[0.5]], [[0.5]]]
    with pytest.raises(ShapeError, match=r"\(N, C, H, W\) or \(C, H, W\)"):
        nn.Softmax2d()(cr.zeros((2, 3)))


def test_several_losses() -> None:
    x, y = cr.tensor([4.0]), cr.tensor([2.0])
    assert nn.MultiCriterion(nn.MSELoss(), nn.L1Loss(), weights=[0.5, 3])(x, y).item() == 2 + 6
    both = nn.ParallelCriterion(nn.MSELoss(), nn.L1Loss(), repeat_target=True)
    assert both((x, y), y).item() == 4
    with pytest.raises(ArgumentError, match="a weight for each; received 1 losses, 2 weights"):
        nn.MultiCriterion(nn.MSELoss(), weights=[1, 2])
    with pytest.raises(ArgumentError, match="ParallelCriterion, target: requires a tuple of 2"):
        nn.ParallelCriterion(nn.MSELoss(), nn.L1Loss())((x, y), y)


def test_parameters_as_a_vector() -> None:
    model = nn.Sequential(nn.Linear(2, 1), nn.ReLU(), nn.Linear(1, 1))
    vector = nn.parameters_to_vector(model.parameters())
    assert vector.shape == (5,)
    (vector**2).sum().backward()
    for p in model.parameters():
        assert p.grad is not None
        np.testing.assert_allclose(p.grad.numpy(), 2 * p.numpy())
    nn.vector_to_parameters(np.arange(5.0), model.parameters())
    assert model[2].bias.tolist() == [4]
    with pytest.raises(ShapeError, match="a vector of 5 elements"):
        nn.vector_to_parameters(np.arange(6.0), model.parameters())
    assert nn.parameters_to_vector(model.parameters()).tolist() == [0, 1, 2, 3, 4]
