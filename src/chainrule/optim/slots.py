"""Slots, the memory that an optimizer keeps for each parameter, and what rules do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import CheckpointError
from ..graph import Tensor
from ..graph.tensor import as_tensor, constant
from ..ops import sign

Slots = dict[str, Tensor]
Options = Mapping[str, Any]


def filled(parameter: Tensor, value: float = 0.0) -> Tensor:
    """Return a new tensor like a parameter, all elements equal: a slot's first value."""
    array = np.zeros(parameter.shape, parameter.dtype.compute)  # no memory until it is written
    if value:
        array[...] = value
    return constant(dtypes.encode(array, parameter.dtype), parameter.dtype)


def counter(start: float = 0.0) -> Tensor:
    """Return the slot that counts steps: float64, since 1 - beta ** step needs the digits."""
    return constant(np.array(start, np.float64))


def regularized(parameter: Tensor, gradient: Tensor, options: Options) -> Tensor:
    """Return the gradient of what is minimised: sign of ``maximize``, plus L2 and L1 decay."""
    if options["maximize"]:
        gradient = -gradient
    if options["weight_decay"] != 0:
        gradient = gradient + options["weight_decay"] * parameter
    if options["l1_decay"] != 0:
        gradient = gradient + options["l1_decay"] * sign(parameter)
    return gradient


def shrunk(parameter: Tensor, options: Options) -> Tensor:
    """Return a parameter after weight decay that is decoupled from its gradient."""
    lr = options["lr"]
    smaller = parameter
    if options["weight_decay"] != 0:
        smaller = parameter * (1 - lr * options["weight_decay"])
    if options["l1_decay"] != 0:
        smaller = smaller - lr * options["l1_decay"] * sign(parameter)
    return smaller


def toward(average: Tensor, value: Tensor, decay: float) -> Tensor:
    """Move a running average toward a value: decay * average + (1 - decay) * value."""
    return average + (1 - decay) * (value - average)


def mean_square(average: Tensor, g: Tensor, decay: float) -> Tensor:
    """Move a running mean square: decay * average + (1 - decay) * g**2."""
    return decay * average + (1 - decay) * (g * g)


def as_type_of(scalar: Tensor, parameter: Tensor) -> Tensor:
    """Give a float64 factor, computed from the step counter, the parameter's type."""
    return scalar.astype(parameter.dtype)


def fill(slots: Slots, saved: Mapping[str, Any], what: str) -> None:
    """Give the slots of a parameter their saved values; CheckpointError if they do not fit."""
    if set(saved) != set(slots):
        raise CheckpointError(
            what, required=f"slots {', '.join(slots) or '(none)'}",
            received=", ".join(saved) or "none",
        )  # fmt: skip
    for name, value in saved.items():
        new = as_tensor(value, slots[name].dtype)
        if new.shape != slots[name].shape:
            raise CheckpointError(
                f"{what}, slot {name!r}",
                required=f"shape {slots[name].shape}", received=f"shape {new.shape}",
            )  # fmt: skip
        slots[name].assign(new.numpy())
