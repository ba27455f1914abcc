"""What a trainer computes on a batch, as functions of tensors: compiled, or node by node."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from inspect import getclosurevars
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..data import DataLoader
from ..data.expression import express, is_expressible
from ..dtypes import Array, DType
from ..errors import AnomalyError, ShapeError
from ..graph import MODES, Tensor, active_trace
from ..graph.modes import guarded_loss
from ..graph.tensor import as_tensor
from ..jit import CompiledFunction, Loop, compile
from ..nn import Module
from ..ops import isfinite
from ..optim import clip_grad_norm, clip_grad_value

if TYPE_CHECKING:
    from .trainer import Trainer

Function = Callable[..., Any]
_LOSS, _NORM = "the loss is {}", "clip_grad_norm: the norm of the gradients is {}"


class Functions:
    """The functions of one trainer, good as long as ``facts`` are what they were."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.facts = facts_of(trainer)
        self.is_volatile = False  # the model changes by itself, so that no program stays right
        self.step = Switched(self, self._step)
        self.measure = Switched(self, self._measure)
        self.predict = Switched(self, self._predict)

    def _step(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        """Take a step; return the loss, the norm of the gradients if it is limited, the outputs.

        If one of the numbers is not finite the step changes nothing.
        """
        trainer = self.trainer
        with guarded_loss():
            loss, outputs = self._measure(inputs, targets)
        _require_finite(loss, _LOSS)
        trainer.optimizer.zero_grad()
        loss.backward()
        norm = None
        if trainer.clip_norm is not None:
            norm = clip_grad_norm(trainer.optimizer.parameters(), trainer.clip_norm)
            _require_finite(norm, _NORM)
        if trainer.clip_value is not None:
            clip_grad_value(trainer.optimizer.parameters(), trainer.clip_value)
        trainer.optimizer.step()
        return loss, norm, outputs

    def _measure(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss and the outputs."""
        outputs = self._predict(inputs)
        loss = self.trainer.loss(outputs, self._floating(targets))
        if not isinstance(loss, Tensor) or loss.shape != ():
            received = f"shape {loss.shape}" if isinstance(loss, Tensor) else type(loss).__name__
            raise ShapeError(
                "loss", required="a tensor of shape (), the mean over the batch", received=received
            )
        return loss, outputs

    def _predict(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.trainer.model(self._floating(inputs))
        return outputs

    def _floating(self, given: Any) -> Tensor:
        """Give floating values the type of the model's parameters."""
        held = as_tensor(given)
        kind = self._floating_type() if held.dtype.is_floating else None
        return held if kind is None else held.astype(kind)

    def _floating_type(self) -> DType | None:
        kinds = (p.dtype for p in self.trainer.optimizer.parameters() if p.dtype.is_floating)
        return next(kinds, None)


class Switched:
    """A function that runs compiled; node by node if it has to, and then it says why.

    It has to where the trainer says ``compile=False``, inside of ``detect_anomalies()``, and where
    the function cannot be traced: it needs values, or changes attributes of the model's modules.
    """

    def __init__(self, functions: Functions, function: Function) -> None:
        self._functions, self._function = functions, function
        self._compiled = compile(function) if functions.trainer.compile else None
        self._ready: set[Any] = set()  # kinds of arguments for which there is a program
        self._reason: Exception | None = None

    def __call__(self, *arrays: Any) -> Any:
        """Return the results for a batch."""
        compiled = self._compiled
        if compiled is not None and not MODES.anomalies and not self._functions.is_volatile:
            if self._can(compiled, arrays):
                return compiled(*arrays)
            self._compiled = None
        results = self._function(*map(as_tensor, arrays))
        if self._reason is not None:  # it was no mistake of the user's, as there is a result
            _warn(self._reason)
            self._reason = None
        return results

    @property
    def compiled(self) -> CompiledFunction | None:
        """The compiled function, unless it runs node by node."""
        return self._compiled

    def over(self, loader: DataLoader, transforms: list[Any]) -> Loop | None:
        """Return what runs many steps on a loader's data; None where single ones are needed."""
        held = loader.dataset.in_memory()
        if self._compiled is None or MODES.anomalies or held is None:
            return None
        if self._functions.is_volatile:
            return None
        if type(loader) is not DataLoader or not all(map(is_expressible, transforms)):
            return None

        def function(inputs: Tensor, targets: Tensor) -> Any:
            for transform in transforms:
                inputs = express(transform, inputs)
            return self._function(inputs, targets)

        inputs, targets, rows = held
        loop = compile(function).over(inputs, targets)
        return loop if self._can(loop.function, (rows[: loader.batch_size], *loop.data)) else None

    def _can(self, compiled: CompiledFunction, arrays: tuple[Array, ...]) -> bool:
        """Whether there is a program for such arguments; one is made if need be."""
        key = (compiled, *[(array.shape, array.dtype) for array in arrays])
        if key in self._ready:
            return True
        before = self._functions.facts
        try:
            compiled.lower(*arrays)
        except Exception as error:
            self._reason = error
            return False
        if facts_of(self._functions.trainer) != before:
            self._functions.is_volatile = True
            self._reason = TypeError("a forward pass changes attributes of its modules")
            return False
        self._ready.add(key)
        return True


def _warn(reason: Exception) -> None:
    text = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
    warnings.warn(f"not compiled, runs node by node: {text}", RuntimeWarning, stacklevel=4)


def facts_of(trainer: Trainer) -> list[Any]:
    """Return what compiled functions rely on without noticing when it changes."""
    facts: list[Any] = [
        trainer.compile, trainer.loss, trainer.optimizer, trainer.clip_norm, trainer.clip_value,
    ]  # fmt: skip
    facts += map(id, trainer.optimizer.parameters())
    facts += [value for value in _captured(trainer.loss) if _is_plain(value)]
    roots = [root for root in (trainer.model, trainer.loss) if isinstance(root, Module)]
    for root in roots:
        for module in root.modules():
            held = vars(module).items()
            # Whether a module is training decides about a program by itself.
            facts += [module, *[_fact(name, x) for name, x in held if name != "training"]]
    return facts


def _captured(function: Any) -> list[Any]:
    """Return the values that a function reads from the function around it."""
    if not isinstance(function, FunctionType):
        return []
    return list(getclosurevars(function).nonlocals.values())


def _fact(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, Tensor):
        return name, id(value), value.requires_grad
    return (name, value) if _is_plain(value) else (name,)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def _require_finite(number: Tensor, text: str) -> None:
    trace = active_trace()
    if trace is not None:
        trace.require(isfinite(number))
    elif not math.isfinite(number.item()):
        raise AnomalyError(text.format(number.item()))


def check_finite(loss: float, norm: float | None) -> None:
    """Raise AnomalyError if a compiled step has found a number that is not finite."""
    for number, text in ((loss, _LOSS), (norm, _NORM)):
        if number is not None and not math.isfinite(number):
            raise AnomalyError(text.format(number))
