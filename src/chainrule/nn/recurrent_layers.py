"""Recurrent layers: cells over whole sequences, in several layers and in both directions.

The input's products of all steps are one matrix product before the loop, which leaves the loop only
the products of the state.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from .. import functional as F
from ..dtypes import DTypeLike, float32
from ..errors import ArgumentError, ShapeError
from ..functional.dropouts import check_probability
from ..functional.recurrence import gru_update, lstm_update, rnn_update
from ..functional.sequences import State, checked_lengths, over_time
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import concat, expand_dims, result_type, squeeze, stack, swapaxes, zeros
from ..ops.random import Generator
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["GRU", "LSTM", "RNN"]

Loop = tuple[Tensor, Callable[[State, Tensor], State]]  # products of the input, and the step


class _Recurrent(Module):
    """Weights of ``gates`` linear maps for each layer and direction, from U(+-1/sqrt(hidden))."""

    gates: ClassVar[int]
    weight_ih_l0: Tensor
    proj_size: int = 0

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:
        what = type(self).__name__
        if min(input_size, hidden_size, num_layers) < 1 or not 0 <= self.proj_size < hidden_size:
            raise ArgumentError(
                what, required="sizes and layers >= 1, and 0 <= proj_size < hidden_size",
                received=f"{input_size}, {hidden_size}, num_layers={num_layers}, "
                f"proj_size={self.proj_size}",
            )  # fmt: skip
        check_probability(what, dropout)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.bidirectional, self.generator = bidirectional, generator
        draw = partial(init.fan_in_uniform, fan_in=hidden_size, generator=generator, dtype=dtype)
        for place in self._places():
            for name, shape in self._shapes(first=place.startswith("_l0")).items():
                setattr(self, name + place, Parameter(draw(shape)))

    @property
    def _features(self) -> int:
        """The size of h, in each direction."""
        return self.proj_size or self.hidden_size

    def _places(self) -> list[str]:
        """Return the endings of the parameters' names: _l0, _l0_reverse, _l1..."""
        ways = ("", "_reverse") if self.bidirectional else ("",)
        return [f"_l{k}{way}" for k in range(self.num_layers) for way in ways]

    def _shapes(self, first: bool) -> dict[str, tuple[int, ...]]:
        rows, width = self.gates * self.hidden_size, self._features
        size = self.input_size if first else width * (1 + self.bidirectional)
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, size), "weight_hh": (rows, width)}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        return shapes

    def _loop(self, x: Tensor, w: dict[str, Any]) -> Loop:
        """Return the products of the input, and the step, for the weights of one direction."""
        raise NotImplementedError

    def forward(
        self,
        x: Tensor,
        state: Any = None,
        lengths: TensorLike | None = None,
        cont: TensorLike | None = None,
    ) -> tuple[Tensor, Any]:
        """Return the outputs of the last layer, and the last state of all layers."""
        x = as_tensor(x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            order = "(N, T, in)" if self.batch_first else "(T, N, in)"
            raise ShapeError(
                type(self).__name__, received=f"x of shape {x.shape}",
                required=f"x {order} or (T, in) with in == {self.input_size}",
            )  # fmt: skip
        single, turned = x.ndim == 2, self.batch_first and x.ndim == 3
        x = expand_dims(x, axis=1) if single else swapaxes(x, 0, 1) if turned else x
        steps, count = x.shape[:2]
        start = self._start(x, state, single)
        valid = None
        if lengths is not None:
            known = checked_lengths(lengths, count, steps, type(self).__name__)
            valid = F.sequence_mask(known, max_length=steps).T
        if cont is not None:
            cont = self._cont(as_tensor(cont), single, turned, (steps, count))
        y, last = self._run(x, start, valid, cont)
        if single:
            last = tuple(squeeze(part, 1) for part in last)
        y = squeeze(y, 1) if single else swapaxes(y, 0, 1) if turned else y
        return y, (last if len(last) > 1 else last[0])

    def _run(
        self, x: Tensor, start: State, valid: Tensor | None, cont: Tensor | None
    ) -> tuple[Tensor, State]:
        ends: list[State] = []
        ways, places = 1 + self.bidirectional, self._places()
        for k in range(0, len(places), ways):
            if k:
                x = F.dropout(x, self.dropout, training=self.training, generator=self.generator)
            outputs = []
            for j, place in enumerate(places[k : k + ways], start=k):
                names = self._shapes(first=False)
                products, step = self._loop(x, {n: getattr(self, n + place) for n in names})
                y, end = over_time(
                    step, tuple(part[j] for part in start), products,
                    valid=valid, cont=cont, reverse=j > k,
                )  # fmt: skip
                outputs.append(y)
                ends.append(end)
            x = concat(outputs, axis=-1) if ways > 1 else outputs[0]
        return x, tuple(stack(parts) for parts in zip(*ends, strict=True))

    def _sizes(self) -> tuple[int, ...]:
        """Return the sizes of the parts of the state."""
        return (self._features,)

    def _start(self, x: Tensor, state: Any, single: bool) -> State:
        """Return the parts of the state, (layers * directions, N, size) each."""
        rows, batch = len(self._places()), () if single else x.shape[1:2]
        shapes = [(rows, *batch, size) for size in self._sizes()]
        if state is None:
            kind = result_type(x.dtype, self.weight_ih_l0.dtype)
            parts = [zeros(shape, dtype=kind) for shape in shapes]
        else:
            given = state if isinstance(state, tuple | list) else (state,)
            parts = [as_tensor(part) for part in given]
        if [part.shape for part in parts] != shapes:
            raise ShapeError(
                type(self).__name__, required=f"a state of {' and '.join(map(str, shapes))}",
                received=" and ".join(str(part.shape) for part in parts),
                hint="layers * directions come first, the batch second",
            )  # fmt: skip
        return tuple(expand_dims(part, axis=1) if single else part for part in parts)

    def _cont(self, cont: Tensor, single: bool, turned: bool, shape: tuple[int, ...]) -> Tensor:
        cont = expand_dims(cont, axis=1) if single else cont.T if turned else cont
        if cont.shape != shape:
            raise ShapeError(
                type(self).__name__, required="cont of the first axes of x, a number for each step",
                received=f"{cont.shape} for {shape} (T, N)",
            )  # fmt: skip
        return cont

    def extra_repr(self) -> str:
        """Show sizes, and the options that differ from their defaults."""
        usual = {"num_layers": 1, "proj_size": 0, "bias": True, "batch_first": False,
                 "dropout": 0.0, "bidirectional": False, "nonlinearity": "tanh"}  # fmt: skip
        shown = [
            f"{name}={getattr(self, name)!r}" for name, value in usual.items()
            if getattr(self, name, value) != value
        ]  # fmt: skip
        return ", ".join([str(self.input_size), str(self.hidden_size), *shown])


def _both(w: dict[str, Any]) -> Tensor | None:
    """Return the sum of both biases, which is added before the loop."""
    bias: Tensor | None = w["bias_ih"] + w["bias_hh"] if "bias_ih" in w else None
    return bias


class RNN(_Recurrent):
    """Simple recurrent layers: h[t] = f(W_ih x[t] + b_ih + W_hh h[t-1] + b_hh) (Elman 1990).

    x (T, N, input_size), (N, T, input_size) with ``batch_first``, or (T, input_size); the state h,
    zeros by default, is (layers * directions, N, hidden_size). Returns the last layer's h of all
    steps, (T, N, directions * hidden_size), and the last state. f is "tanh" or "relu". Each layer
    gets the outputs of the one before, through dropout.

    ``lengths`` (N,) says where sequences end: outputs after the end are zeros, the last state is
    that at the end, and in reverse a sequence starts at its end. ``cont`` (T, N), or (N, T), is 0
    where a new sequence starts, before which the state is set to zeros (Caffe's indicator).
    Raises ShapeError, ArgumentError, BoundsError.

    >>> y, h = nn.RNN(3, 4, bidirectional=True)(ones((5, 2, 3)), None, tensor([5, 2]))
    >>> y.shape, h.shape
    ((5, 2, 8), (2, 2, 4))
    """

    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0,
        bidirectional: bool = False, *, generator: Generator | None = None,
        dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError("RNN", required="'tanh' or 'relu'", received=repr(nonlinearity))
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            generator=generator, dtype=dtype,
        )  # fmt: skip

    def _loop(self, x: Tensor, w: dict[str, Any]) -> Loop:
        def step(state: State, from_x: Tensor) -> State:
            total = from_x + F.linear(state[0], w["weight_hh"])
            return (rnn_update(total, self.nonlinearity),)

        return F.linear(x, w["weight_ih"], _both(w)), step


class LSTM(_Recurrent):
    """Layers of long short-term memory; a step is functional.lstm_cell.

    As RNN, with a state (h, c): c (layers * directions, N, hidden_size). With ``proj_size`` > 0
    h is W_hr (sigmoid(o) * tanh(c)), of that size (Hochreiter and Schmidhuber 1997; Sak et al.
    2014). ``cont`` makes it c[t] = sigmoid(f) * cont[t] * c[t-1] + sigmoid(i) * tanh(g).

    >>> y, (h, c) = nn.LSTM(3, 4, num_layers=2, batch_first=True)(ones((2, 5, 3)))
    >>> y.shape, h.shape, c.shape
    ((2, 5, 4), (2, 2, 4), (2, 2, 4))
    """

    gates = 4

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
        proj_size: int = 0, *, generator: Generator | None = None, dtype: DTypeLike = float32,
    ) -> None:  # fmt: skip
        self.proj_size = proj_size
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            generator=generator, dtype=dtype,
        )  # fmt: skip

    def _sizes(self) -> tuple[int, ...]:
        return self._features, self.hidden_size

    def _loop(self, x: Tensor, w: dict[str, Any]) -> Loop:
        def step(state: State, from_x: Tensor) -> State:
            h, c = lstm_update(from_x + F.linear(state[0], w["weight_hh"]), state[1])
            return (F.linear(h, w["weight_hr"]) if self.proj_size else h), c

        return F.linear(x, w["weight_ih"], _both(w)), step


class GRU(_Recurrent):
    """Layers of gated recurrent units; a step is functional.gru_cell, the rest as of RNN.

    >>> y, h = nn.GRU(3, 4)(ones((5, 2, 3)))
    >>> y.shape, h.shape, bool((y[-1] == h[0]).all())
    ((5, 2, 4), (1, 2, 4), True)
    """

    gates = 3

    def _loop(self, x: Tensor, w: dict[str, Any]) -> Loop:
        def step(state: State, from_x: Tensor) -> State:
            from_h = F.linear(state[0], w["weight_hh"], w.get("bias_hh"))
            return (gru_update(from_x, from_h, state[0]),)

        return F.linear(x, w["weight_ih"], w.get("bias_ih")), step
