"""The options of parameter groups: what is allowed in them, and how a step reads them."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from ..dtypes import DType, float32, float64
from ..errors import ArgumentError, CheckpointError
from ..graph import Tensor
from ..graph.trace import Trace, active_trace
from .slots import Options

_NOT_FIXED = {"params", "initial_lr"}
# From the first number to below the second; every other number is finite and not negative.
_RANGES = {"betas": (0.0, 1.0), "rho": (0.0, 1.0), "beta2_decay": (-math.inf, 0.0)}


def as_groups(given: list[Any], what: str) -> list[dict[str, Any]]:
    """Return the groups of what an optimizer was given: dicts, or the parameters of one group."""
    if not given:
        raise ArgumentError(
            what, required="at least one parameter", received="none",
            hint="an iterator of parameters can be used only once",
        )  # fmt: skip
    if all(isinstance(entry, dict) for entry in given):
        return given
    return [{"params": given}]


def live(group: dict[str, Any], scheduled: Set[str], dtype: DType) -> Options:
    """Return the options of a step; in a trace scheduled ones are read anew whenever it is run.

    Like the numbers that they stand for, they take the type of the parameters.
    """
    trace = active_trace()
    if trace is None:
        return group
    names = scheduled & set(group)
    fixed = sorted(set(group) - _NOT_FIXED - names)
    if fixed:  # they are looked at before every run, so by what is fast
        trace.rely(partial(itemgetter(*fixed), group))
    numbers = {name: _number(trace, group, name, dtype) for name in sorted(names)}
    return {**{name: group[name] for name in fixed}, **numbers}


def _number(trace: Trace, group: dict[str, Any], name: str, dtype: DType) -> Any:
    """Return the number of an option as a node; of several, the first is scheduled."""
    if not isinstance(group[name], tuple | list):
        return _typed(trace, lambda: float(group[name]), dtype)
    rest = trace.rely(lambda: tuple(group[name][1:]))
    return (_typed(trace, lambda: float(group[name][0]), dtype), *rest)


def _typed(trace: Trace, read: Callable[[], float], dtype: DType) -> Tensor:
    kind = float64 if dtype is float64 else float32
    number = trace.number(read, kind)
    return number if dtype is kind else number.astype(dtype)


def check_options(what: str, options: Options, but: Set[str]) -> None:
    """Raise ArgumentError unless all numbers but some are finite and within their range."""
    for name, value in options.items():
        if name == "params" or name in but or isinstance(value, bool | Tensor):
            continue
        low, high = _RANGES.get(name, (0.0, math.inf))
        for number in value if isinstance(value, tuple | list) else (value,):
            is_number = isinstance(number, int | float | np.number)
            if not (is_number and low <= number < high and math.isfinite(number)):
                raise ArgumentError(
                    f"{what}: {name}", required=f"{low:g} <= {name} < {high}",
                    received=repr(value),
                )  # fmt: skip


def restored(group: dict[str, Any], defaults: Options, what: str) -> dict[str, Any]:
    """Check the names of a saved group; JSON turned its tuples into lists.

    Options that did not exist when it was saved have their defaults.
    """
    if set(group) - set(defaults) - {"initial_lr"}:
        raise CheckpointError(
            what, required=f"options {', '.join(defaults)}", received=", ".join(group)
        )
    return {k: tuple(v) if isinstance(v, list) else v for k, v in {**defaults, **group}.items()}
