"""One step in time of recurrent networks; the loop is ``chainrule.scan`` or plain Python."""

from __future__ import annotations

from ..errors import ArgumentError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import relu, sigmoid, split, tanh
from .linear_maps import linear

__all__ = ["gru_cell", "lstm_cell", "rnn_cell"]


def rnn_cell(
    x: TensorLike, h: TensorLike, weight_ih: TensorLike, weight_hh: TensorLike,
    bias_ih: TensorLike | None = None, bias_hh: TensorLike | None = None, *,
    nonlinearity: str = "tanh",
) -> Tensor:  # fmt: skip
    """Next state of a simple recurrent network: f(W_ih x + b_ih + W_hh h + b_hh) (Elman 1990).

    x (..., in), h (..., hidden), W_ih (hidden, in), W_hh (hidden, hidden) give (..., hidden); f is
    "tanh" or "relu", ArgumentError for another.

    >>> F.rnn_cell([[1.0]], [[2.0]], [[3.0]], [[4.0]], nonlinearity="relu")
    tensor([[11.]])
    """
    total = linear(x, weight_ih, bias_ih) + linear(h, weight_hh, bias_hh)
    return rnn_update(total, nonlinearity)


def lstm_cell(
    x: TensorLike, state: tuple[TensorLike, TensorLike], weight_ih: TensorLike,
    weight_hh: TensorLike, bias_ih: TensorLike | None = None, bias_hh: TensorLike | None = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Next state (h, c) of long short-term memory (Hochreiter and Schmidhuber 1997).

    c' = sigmoid(f) * c + sigmoid(i) * tanh(g) and h' = sigmoid(o) * tanh(c'), where i, f, g, o are
    the quarters of W_ih x + b_ih + W_hh h + b_hh. x (..., in), h and c (..., hidden), W_ih
    (4 * hidden, in), W_hh (4 * hidden, hidden).

    >>> h, c = F.lstm_cell([[0.0]], ([[0.0]], [[4.0]]), zeros((4, 1)), zeros((4, 1)))
    >>> c
    tensor([[2.]])
    """
    h, c = state
    return lstm_update(linear(x, weight_ih, bias_ih) + linear(h, weight_hh, bias_hh), c)


def gru_cell(
    x: TensorLike, h: TensorLike, weight_ih: TensorLike, weight_hh: TensorLike,
    bias_ih: TensorLike | None = None, bias_hh: TensorLike | None = None,
) -> Tensor:  # fmt: skip
    """Next state of a gated recurrent unit: (1 - z) * n + z * h (Cho et al. 2014).

    r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z), n = tanh(x_n + r * h_n), where x_r, x_z, x_n are
    the thirds of W_ih x + b_ih, and h_r, h_z, h_n those of W_hh h + b_hh. x (..., in), h
    (..., hidden), W_ih (3 * hidden, in), W_hh (3 * hidden, hidden).

    >>> F.gru_cell([[0.0]], [[4.0]], zeros((3, 1)), zeros((3, 1)))
    tensor([[2.]])
    """
    hidden = as_tensor(h)
    return gru_update(linear(x, weight_ih, bias_ih), linear(hidden, weight_hh, bias_hh), hidden)


# --- from sums of products to the next state -------------------------------------------------


def rnn_update(total: Tensor, nonlinearity: str) -> Tensor:
    """Return the next h."""
    if nonlinearity not in ("tanh", "relu"):
        raise ArgumentError("rnn_cell", required="'tanh' or 'relu'", received=repr(nonlinearity))
    return tanh(total) if nonlinearity == "tanh" else relu(total)


def lstm_update(gates: Tensor, c: TensorLike) -> tuple[Tensor, Tensor]:
    """Return the next (h, c)."""
    i, f, g, o = split(gates, gates.shape[-1] // 4, axis=-1)
    cell = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(cell), cell


def gru_update(from_x: Tensor, from_h: Tensor, h: Tensor) -> Tensor:
    """Return the next h."""
    xr, xz, xn = split(from_x, h.shape[-1], axis=-1)
    hr, hz, hn = split(from_h, h.shape[-1], axis=-1)
    update = sigmoid(xz + hz)
    candidate = tanh(xn + sigmoid(xr + hr) * hn)
    return candidate + update * (h - candidate)
