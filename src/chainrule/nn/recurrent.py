"""Recurrent cells: one step in time, the state in and out."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError
from ..graph import Tensor, as_tensor
from ..ops import zeros
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class _Cell(Module):
    """Weights of ``gates`` linear maps of the input and of the state, from U(+-1/sqrt(hidden))."""

    gates: ClassVar[int]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        if min(input_size, hidden_size) < 1:
            raise ArgumentError(
                type(self).__name__, required="sizes >= 1", received=f"{input_size}, {hidden_size}"
            )
        self.input_size, self.hidden_size = input_size, hidden_size
        rows = self.gates * hidden_size
        draw = partial(init.fan_in_uniform, fan_in=hidden_size, generator=generator, dtype=dtype)
        self.weight_ih = Parameter(draw((rows, input_size)))
        self.weight_hh = Parameter(draw((rows, hidden_size)))
        self.bias_ih = Parameter(draw((rows,))) if bias else None
        self.bias_hh = Parameter(draw((rows,))) if bias else None

    def _weights(self) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _start(self, x: Tensor) -> Tensor:
        """Return the state of zeros in which a sequence starts."""
        return zeros((*as_tensor(x).shape[:-1], self.hidden_size), dtype=self.weight_hh.dtype)

    def extra_repr(self) -> str:
        """Show sizes."""
        return f"{self.input_size}, {self.hidden_size}, bias={self.bias_ih is not None}"


class RNNCell(_Cell):
    """Step of a simple recurrent network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    x (..., input_size) and h (..., hidden_size), zeros by default, give the next h.

    >>> nn.RNNCell(3, 4)(ones((2, 3))).shape
    (2, 4)
    """

    gates = 1

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """Return the next state."""
        return F.rnn_cell(x, self._start(x) if h is None else h, *self._weights())


class LSTMCell(_Cell):
    """Step of long short-term memory: x and (h, c) give the next (h, c); see functional.lstm_cell.

    x (..., input_size), h and c (..., hidden_size), zeros by default.

    >>> h, c = nn.LSTMCell(3, 4)(ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    gates = 4

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the next state."""
        if state is None:
            state = (self._start(x), self._start(x))
        return F.lstm_cell(x, state, *self._weights())


class GRUCell(_Cell):
    """Step of a gated recurrent unit: x and h give the next h; see functional.gru_cell.

    x (..., input_size) and h (..., hidden_size), zeros by default.

    >>> cell, h = nn.GRUCell(3, 4), None
    >>> for x in ones((5, 2, 3)):
    ...     h = cell(x, h)
    >>> h.shape
    (2, 4)
    """

    gates = 3

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """Return the next state."""
        return F.gru_cell(x, self._start(x) if h is None else h, *self._weights())
