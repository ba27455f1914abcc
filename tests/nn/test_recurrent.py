"""Recurrent layers: numbers from hand, sequences of different lengths, indicators of new ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim
from chainrule.errors import ArgumentError, BoundsError, DTypeError, ShapeError
from chainrule.ops.random import Generator

LAYERS = [nn.RNN, nn.LSTM, nn.GRU]


def made(cls: Any, *arguments: Any, **options: Any) -> Any:
    return cls(*arguments, generator=Generator(0), dtype="float64", **options)


def parts(state: Any) -> list[np.ndarray]:
    return [p.numpy() for p in (state if isinstance(state, tuple) else (state,))]


def test_two_steps_of_an_lstm_by_hand() -> None:
    """All weights 1, no biases: each gate's sum is x + h."""
    layer = made(nn.LSTM, 1, 1, bias=False)
    layer.load_state_dict({"weight_ih_l0": np.ones((4, 1)), "weight_hh_l0": np.ones((4, 1))})
    y, (h, c) = layer(cr.tensor([[[1.0]], [[0.5]]], "float64"))

    def sigmoid(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    c1 = sigmoid(1.0) * math.tanh(1.0)
    h1 = sigmoid(1.0) * math.tanh(c1)
    total = 0.5 + h1
    c2 = sigmoid(total) * c1 + sigmoid(total) * math.tanh(total)
    h2 = sigmoid(total) * math.tanh(c2)
    assert y.numpy().ravel() == pytest.approx([h1, h2], rel=1e-14)
    assert (h.item(), c.item()) == pytest.approx((h2, c2), rel=1e-14)
    assert h1 == pytest.approx(0.36960635, abs=1e-8)


@pytest.mark.parametrize("cls", LAYERS)
def test_layers_are_their_cells_step_by_step(cls: Any) -> None:
    layer, x = made(cls, 4, 3), cr.tensor(spaced(5, 2, 4))
    cell = getattr(nn, f"{cls.__name__}Cell")(4, 3, dtype="float64")
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    state, outputs = None, []
    for step in x:
        state = cell(step, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    y, last = layer(x)
    np.testing.assert_allclose(y.numpy(), cr.stack(outputs).numpy(), rtol=1e-13)
    for a, b in zip(parts(last), parts(state), strict=True):
        np.testing.assert_allclose(a[0], b, rtol=1e-13)


@pytest.mark.parametrize("cls", LAYERS)
def test_lengths_give_what_each_sequence_gives_alone(cls: Any) -> None:
    layer = made(cls, 4, 3, num_layers=2, bidirectional=True)
    alone = [cr.tensor(spaced(n, 4, seed=n)) for n in (3, 5, 1)]
    x, lengths = F.pad_sequence(alone, padding_value=7.0)
    y, state = layer(x, None, lengths)
    for k, sequence in enumerate(alone):
        expected, last = layer(sequence)
        n = sequence.shape[0]
        np.testing.assert_allclose(y.numpy()[:n, k], expected.numpy(), rtol=1e-13)
        assert not y.numpy()[n:, k].any()
        for a, b in zip(parts(state), parts(last), strict=True):
            np.testing.assert_allclose(a[:, k], b, rtol=1e-13)


def test_no_gradient_comes_from_behind_the_end() -> None:
    layer = made(nn.LSTM, 4, 3, bidirectional=True)
    x = cr.tensor(spaced(5, 2, 4), requires_grad=True)
    layer(x, None, cr.tensor([5, 2]))[0].sum().backward()
    assert x.grad is not None
    assert not x.grad.numpy()[2:, 1].any()
    assert x.grad.numpy()[:2].all()


@pytest.mark.parametrize("cls", LAYERS)
def test_a_length_of_zero_leaves_the_state_as_it_was(cls: Any) -> None:
    layer = made(cls, 4, 3)
    start = cr.tensor(spaced(1, 2, 3))
    state = (start, start + 1) if cls is nn.LSTM else start
    y, last = layer(cr.tensor(spaced(5, 2, 4)), state, cr.tensor([0, 5]))
    assert not y.numpy()[:, 0].any()
    for a, b in zip(parts(last), parts(state), strict=True):
        np.testing.assert_array_equal(a[:, 0], b[:, 0])


@pytest.mark.parametrize("cls", LAYERS)
def test_cont_separates_sequences_in_one_stream(cls: Any) -> None:
    """Two sequences one after the other, in both directions and with a state to be forgotten."""
    layer = made(cls, 4, 3, bidirectional=True)
    first, second = cr.tensor(spaced(3, 1, 4)), cr.tensor(spaced(2, 1, 4, seed=1))
    cont = cr.tensor([[0], [1], [1], [0], [1]])
    start = cr.ones((2, 1, 3), dtype="float64")
    state = (start, start) if cls is nn.LSTM else start
    y, _ = layer(cr.concat([first, second]), None, None, cont)
    expected = cr.concat([layer(first)[0], layer(second)[0]])
    np.testing.assert_allclose(y.numpy(), expected.numpy(), rtol=1e-13)
    forgetful, _ = layer(cr.concat([first, second]), state, None, cont)
    np.testing.assert_allclose(forgetful.numpy()[:, :, :3], expected.numpy()[:, :, :3], rtol=1e-13)


def test_cont_is_the_factor_of_caffes_lstm() -> None:
    """c_t = cont * f * c + i * g, and the gates see cont * h."""
    layer, x = made(nn.LSTM, 4, 3), cr.tensor(spaced(1, 2, 4))
    h, c = cr.tensor(spaced(1, 2, 3)), cr.tensor(spaced(1, 2, 3, seed=1))
    _, (_, both) = layer(x, (h, c), None, cr.tensor([[1.0, 0.0]]))
    kept, reset = layer(x, (h, c))[1][1], layer(x)[1][1]
    np.testing.assert_array_equal(both.numpy()[:, 0], kept.numpy()[:, 0])
    np.testing.assert_array_equal(both.numpy()[:, 1], reset.numpy()[:, 1])


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("cls", LAYERS)
def test_batches_of_none_and_of_one(cls: Any, count: int) -> None:
    layer = made(cls, 4, 3, batch_first=True, bidirectional=True)
    x = spaced(2, 5, 4)
    y, state = layer(
        cr.tensor(x[:count], requires_grad=True), None, cr.tensor(np.array([4])[:count])
    )
    assert y.shape == (count, 5, 6)
    assert all(part.shape == (2, count, 3) for part in parts(state))
    whole = layer(cr.tensor(x), None, cr.tensor([4, 5]))[0].numpy()
    np.testing.assert_allclose(y.numpy(), whole[:count], rtol=1e-13)
    y.sum().backward()


def test_no_steps_leave_the_state() -> None:
    y, h = made(nn.GRU, 4, 3)(
        cr.zeros((0, 2, 4), dtype="float64"), cr.ones((1, 2, 3), dtype="float64")
    )
    assert y.shape == (0, 2, 3)
    assert (h.numpy() == 1).all()


def test_a_compiled_layer_takes_lengths_that_change() -> None:
    layer = made(nn.LSTM, 4, 3, bidirectional=True)
    compiled = cr.compile(lambda x, lengths: layer(x, None, lengths)[0])
    for lengths in ([5, 2], [1, 4]):
        x, n = cr.tensor(spaced(5, 2, 4)), cr.tensor(lengths)
        np.testing.assert_allclose(compiled(x, n).numpy(), layer(x, None, n)[0].numpy(), atol=1e-13)


def test_dropout_lies_between_layers_and_only_in_training() -> None:
    x = cr.tensor(spaced(5, 2, 4))
    layer = made(nn.RNN, 4, 3, 2, dropout=0.5)
    assert (layer(x)[0].numpy() != layer(x)[0].numpy()).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    single = made(nn.RNN, 4, 3, 1, dropout=0.5)
    np.testing.assert_array_equal(single(x)[0].numpy(), single(x)[0].numpy())


def test_repr_shows_what_is_not_usual() -> None:
    assert repr(nn.LSTM(2, 3)) == "LSTM(2, 3)"
    assert repr(nn.RNN(2, 3, 2, "relu", bidirectional=True)) == (
        "RNN(2, 3, num_layers=2, bidirectional=True, nonlinearity='relu')"
    )


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.LSTM(4, 3, proj_size=3), ArgumentError, "proj_size < hidden_size"),
        (lambda: nn.RNN(4, 3, 1, "sin"), ArgumentError, "'tanh' or 'relu'"),
        (lambda: nn.GRU(4, 3, dropout=2.0), ArgumentError, "0 <= p <= 1"),
        (lambda: nn.GRU(4, 0), ArgumentError, "sizes and layers >= 1"),
        (lambda: nn.GRU(4, 3)(cr.ones((5, 2, 3))), ShapeError, "in == 4"),
        (lambda: nn.LSTM(4, 3)(cr.ones((5, 2, 4)), cr.ones((1, 2, 3))), ShapeError, "a state of"),
        (lambda: nn.GRU(4, 3)(cr.ones((5, 2, 4)), None, [1, 6]), BoundsError, "from 0 to 5"),
        (lambda: nn.GRU(4, 3)(cr.ones((5, 2, 4)), None, [1]), ShapeError, "lengths of shape"),
        (lambda: nn.GRU(4, 3)(cr.ones((5, 2, 4)), None, [1.0, 2.0]), DTypeError, "integer"),
        (lambda: nn.GRU(4, 3)(cr.ones((5, 2, 4)), None, None, [1, 0]), ShapeError, "cont"),
        (lambda: F.pad_sequence([]), ShapeError, "one or more"),
        (lambda: F.pad_sequence([cr.ones(2), cr.ones((2, 2))]), ShapeError, "agree"),
    ],
)  # fmt: skip
def test_bad_input(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_an_lstm_learns_to_remember_the_first_step() -> None:
    """The label is the sign of the first number, five steps before the answer."""
    cr.manual_seed(0)
    lstm, head = nn.LSTM(1, 12), nn.Linear(12, 1)
    optimizer = optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.03)
    x = cr.random.normal((6, 32, 1))
    target = (x[0] > 0).astype("float32")
    losses = []
    for _ in range(60):
        loss = F.binary_cross_entropy_with_logits(head(lstm(x)[0][-1]), target)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[0] > 0.6
    assert losses[-1] < 0.2
