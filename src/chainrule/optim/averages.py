"""Averages of weights over the course of training, to be used in place of the last weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import ArgumentError, CheckpointError
from ..graph import Tensor, no_grad
from ..graph.tensor import constant
from ..ops import where
from .slots import as_type_of, counter, fill, toward


class WeightAverage(ABC):
    """Base of averages of parameters, those of a module or listed ones.

    ``update()`` after each step of the optimizer takes the present values into account; it may be
    part of a compiled step. ``swap()`` exchanges averages and parameters, ``swapped()`` does so for
    a block. The first update takes the values over. Raises ArgumentError for no parameters.
    """

    def __init__(self, parameters: Any) -> None:
        named = getattr(parameters, "named_parameters", None)
        listed = enumerate(parameters) if named is None else named()
        self._parameters: dict[str, Tensor] = {str(name): p for name, p in listed}
        if not self._parameters:
            raise ArgumentError(
                type(self).__name__, required="at least one parameter", received="none"
            )
        self.averages = {name: _copy(p) for name, p in self._parameters.items()}
        self.count = counter()

    @abstractmethod
    def moved(self, average: Tensor, parameter: Tensor) -> Tensor:
        """Return the average after one more value."""

    def update(self) -> None:
        """Take the present values of the parameters into account."""
        with no_grad():
            for name, average in self.averages.items():
                parameter = self._parameters[name]
                moved = self.moved(average, parameter)
                average.assign(where(self.count == 0, parameter, moved))
            self.count.assign(self.count + 1)

    def swap(self) -> None:
        """Give the parameters their averages, and keep their values in the averages' place."""
        for name, average in self.averages.items():
            parameter = self._parameters[name]
            held, mean = _copy(parameter), _copy(average)
            parameter.assign(mean)
            average.assign(held)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Let the parameters be the averages inside of the block."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    def state_dict(self) -> dict[str, Any]:
        """Return the averages by the names or positions of parameters, and how many updates."""
        averages = {name: average.numpy() for name, average in self.averages.items()}
        return {"averages": averages, "count": int(self.count.item())}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put averages back; nothing changes if they do not fit (CheckpointError)."""
        what = f"state of {type(self).__name__}"
        if set(state) != {"averages", "count"}:
            raise CheckpointError(
                what, required="'averages' and 'count'", received=", ".join(state) or "nothing"
            )
        made = {name: _copy(average) for name, average in self.averages.items()}
        fill(made, state["averages"], what)
        for name, average in made.items():
            self.averages[name].assign(average)  # programs may be compiled for it
        self.count.assign(counter(float(state["count"])))


class ExponentialMovingAverage(WeightAverage):
    """Averages that forget: ``average = decay * average + (1 - decay) * w`` after each step.

    Raises ArgumentError unless 0 <= decay < 1. Polyak and Juditsky, 1992, with weights that fall.

    >>> w = tensor([1.0], requires_grad=True)
    >>> average = ExponentialMovingAverage([w], decay=0.75)
    >>> for value in (4.0, 8.0):
    ...     w.assign([value])
    ...     average.update()
    >>> with average.swapped():
    ...     print(w.item())
    5.0
    """

    def __init__(self, parameters: Iterable[Tensor] | Any, decay: float = 0.999) -> None:
        if not 0 <= decay < 1:
            raise ArgumentError(
                "ExponentialMovingAverage", required="0 <= decay < 1", received=repr(decay)
            )
        super().__init__(parameters)
        self.decay = decay

    def moved(self, average: Tensor, parameter: Tensor) -> Tensor:
        """Return ``decay * average + (1 - decay) * parameter``."""
        return toward(average, parameter, self.decay)


class StochasticWeightAverage(WeightAverage):
    """The plain mean: ``average = average + (w - average) / n`` at the n-th update.

    Updated once an epoch, at a rate that is kept high (``SWALR``), it finds wider minima than the
    last weights. Running statistics of batch norm belong to the last weights: call
    ``update_batch_norm`` while the averages are swapped in. Izmailov et al., 2018.

    >>> w = tensor([1.0], requires_grad=True)
    >>> average = StochasticWeightAverage([w])
    >>> for value in (4.0, 8.0):
    ...     w.assign([value])
    ...     average.update()
    >>> average.averages["0"]
    tensor([6.])
    """

    def moved(self, average: Tensor, parameter: Tensor) -> Tensor:
        """Return ``average + (parameter - average) / n``."""
        return average + (parameter - average) / as_type_of(self.count + 1, parameter)


def update_batch_norm(loader: Iterable[Any], model: Any) -> None:
    """Compute the running statistics of a model's batch norms anew, as means over batches.

    ``loader`` gives batches of inputs, or tuples that begin with them. Each batch is sent through
    the model in training mode without gradients; modes and momenta are then as before.

    >>> model = nn.Sequential(nn.BatchNorm1d(1))
    >>> update_batch_norm([ones((4, 1)), 3 * ones((4, 1))], model)
    >>> model[0].running_mean
    tensor([2.])
    """
    modules = list(model.modules())
    norms = [m for m in modules if getattr(m, "running_mean", None) is not None]
    before = [(module, module.training) for module in modules]
    momenta = [(norm, norm.momentum) for norm in norms]
    for norm in norms:
        norm.running_mean.assign(0.0 * norm.running_mean.numpy())
        norm.running_var.assign(1.0 + 0.0 * norm.running_var.numpy())
        norm.num_batches_tracked.assign(0)
        norm.momentum = None  # the plain mean of all batches
    try:
        model.train()
        with no_grad():
            for batch in loader:
                model(batch[0] if isinstance(batch, tuple | list) else batch)
    finally:
        for module, training in before:
            module.training = training
        for norm, momentum in momenta:
            norm.momentum = momentum


def _copy(tensor: Tensor) -> Tensor:
    return constant(tensor.data.copy(), tensor.dtype)
