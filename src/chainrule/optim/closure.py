"""What optimizers share that evaluate the loss several times in a step: loops around a closure.

They work on one vector of all the parameters, in float64, with NumPy.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, ClassVar

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, CheckpointError, GraphError, ShapeError
from ..graph import Tensor
from ..graph.tensor import as_tensor, constant
from ..graph.trace import active_trace
from .optimizer import Optimizer, Parameters
from .options import check_options
from .slots import Options, Slots

Closure = Callable[[], Any]


class Objective:
    """The function that is minimised: the closure's loss at a vector, with signs and decay."""

    def __init__(self, optimizer: ClosureOptimizer, closure: Closure) -> None:
        self._optimizer, self._closure = optimizer, closure
        self._options = optimizer.param_groups[0]
        self.calls = 0

    def gradient(self, x: Array) -> tuple[float, Array]:
        """Return value and gradient at x."""
        loss, gradients = self._call(x)
        g = _flat(self._gradients(gradients))
        sign, decay = (-1.0 if self._options["maximize"] else 1.0), self._options["weight_decay"]
        return self._decayed(loss, x), sign * g + decay * x

    def value(self, x: Array) -> float:
        """Return the value at x alone; infinity for NaN, so that it is never the best."""
        value = self._decayed(self._call(x)[0], x)
        return math.inf if math.isnan(value) else value

    def loss(self, value: float, x: Array) -> Tensor:
        """Return the closure's loss, of which this value at x was made."""
        raw = value - 0.5 * self._options["weight_decay"] * float(x @ x)
        return as_tensor(-raw if self._options["maximize"] else raw)

    def _decayed(self, loss: float, x: Array) -> float:
        value = -loss if self._options["maximize"] else loss
        return value + 0.5 * float(self._options["weight_decay"]) * float(x @ x)

    def _call(self, x: Array) -> tuple[float, Any]:
        self._optimizer.put(x)
        self._optimizer.zero_grad()
        self.calls += 1
        result = self._closure()
        pair = isinstance(result, tuple) and len(result) == 2
        loss, gradients = result if pair else (result, None)
        return float(as_tensor(loss).item()), gradients

    def _gradients(self, given: Any) -> list[Array]:
        parameters = list(self._optimizer.parameters())
        found = [p.grad for p in parameters] if given is None else list(given)
        if len(found) != len(parameters) or all(g is None for g in found):
            raise ArgumentError(
                f"{type(self._optimizer).__name__}.step: closure",
                required=f"gradients of {len(parameters)} parameters",
                received="none" if given is None else str(len(found)),
                hint="call loss.backward() in it; one that is compiled, where gradients stay "
                "inside, returns (loss, [p.grad for p in parameters])",
            )  # fmt: skip
        made = []
        for g, p in zip(found, parameters, strict=True):
            array = np.zeros(p.shape) if g is None else as_tensor(g).numpy()
            if array.shape != p.shape:
                raise ShapeError(
                    f"{type(self._optimizer).__name__}.step: gradient of {p.label!r}",
                    required=f"shape {p.shape}", received=f"shape {array.shape}",
                )  # fmt: skip
            made.append(array)
        return made


class ClosureOptimizer(Optimizer):
    """Base of optimizers whose ``step`` needs a closure that evaluates the loss.

    The closure returns the loss; if gradients are needed it calls ``backward()``, or it returns
    ``(loss, gradients)`` with the gradients in the order of the parameters. It may be a compiled
    function, ``step`` may not be part of one (GraphError). There is one parameter group. ``memory``
    holds what is kept between steps, as float64 arrays by name.

    A rule defines ``search``:

    >>> class Halving(ClosureOptimizer):
    ...     def search(self, objective, x, options):
    ...         value, gradient = objective.gradient(x)
    ...         self.put(x - 0.5 * gradient)
    ...         return objective.loss(value, x)
    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Halving([w], {})
    >>> def closure():
    ...     loss = (w * w).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure), w
    (tensor(5.), tensor([0., 0.], requires_grad=True))
    """

    remembers: ClassVar[tuple[str, ...]] = ()  # names in ``memory`` after a step
    not_vectors: ClassVar[Set[str]] = frozenset()  # those whose last axis is not the parameters'

    def __init__(
        self, parameters: Parameters, defaults: Options, *, weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:  # fmt: skip
        self.memory: dict[str, Array] = {}
        common = {"weight_decay": weight_decay, "maximize": maximize}
        super().__init__(parameters, {**defaults, **common})

    @abstractmethod
    def search(self, objective: Objective, x: Array, options: Options) -> Tensor:
        """Start from x, ``put`` better parameters, and return the loss as ``step`` promises it."""

    def step(self, closure: Closure | None = None) -> Any:
        """Evaluate the closure as often as the algorithm needs, and change the parameters."""
        what = f"{type(self).__name__}.step"
        if active_trace() is not None:
            raise GraphError(
                what, required="a loop outside of compiled functions", received="a compiled one",
                hint="how often it evaluates depends on values; compile the closure instead",
            )  # fmt: skip
        if closure is None:
            raise ArgumentError(
                what, required="a closure", received="none",
                hint="a function without arguments that computes the loss and its gradients",
            )  # fmt: skip
        options = self.param_groups[0]
        check_options(type(self).__name__, options, self.checked_by_itself)
        self._check_together(options)
        x = _flat([p.numpy() for p in self.parameters()])
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self.search(Objective(self, closure), x, options)

    def put(self, x: Array) -> None:
        """Give the parameters the values of a vector."""
        start = 0
        for parameter in self.parameters():
            values = x[start : start + parameter.size].reshape(parameter.shape)
            parameter.assign(values.astype(parameter.dtype.compute))
            start += parameter.size

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Take the parameters; ArgumentError for a second group, or for no numbers at all."""
        if self.param_groups:
            raise ArgumentError(
                type(self).__name__, required="one parameter group", received="a second one",
                hint="its steps move all parameters at once, so that options are common to them",
            )  # fmt: skip
        super().add_param_group(group)
        if not any(parameter.size for parameter in self.parameters()):
            raise ArgumentError(
                type(self).__name__, required="parameters with elements", received="none"
            )

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Return no slots: what is kept concerns all parameters."""
        return {}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Refuse: there is no rule for one parameter."""
        raise ArgumentError(f"{type(self).__name__}.update", required="step(closure)")

    # --- state -----------------------------------------------------------------------------

    def named_slots(self) -> Iterator[tuple[str, Tensor]]:
        """Iterate over what is kept, as ``("all.name", tensor)``."""
        for name, array in self.memory.items():
            yield f"all.{name}", constant(np.array(array, np.float64))

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put memory and options back; nothing changes if they do not fit (CheckpointError)."""
        (group,) = self._checked_groups(state)
        arrays = {
            name.removeprefix("all."): np.array(as_tensor(value).numpy(), np.float64)
            for name, value in state["slots"].items()
        }
        what = f"state of {type(self).__name__}"
        if arrays and set(arrays) != set(self.remembers):
            raise CheckpointError(
                what, required=f"slots {', '.join(self.remembers) or '(none)'}",
                received=", ".join(arrays),
            )  # fmt: skip
        size = sum(parameter.size for parameter in self.parameters())
        for name, array in arrays.items():
            if array.ndim and name not in self.not_vectors and array.shape[-1] != size:
                raise CheckpointError(
                    f"{what}, slot {name!r}", required=f"vectors of {size} elements",
                    received=f"shape {array.shape}",
                )  # fmt: skip
        self.param_groups[0].update(group)
        self.memory = arrays


def _flat(arrays: list[Array]) -> Array:
    return np.concatenate([np.asarray(array, np.float64).ravel() for array in arrays])
