"""Load a state dict: check everything first, then assign, so that an error changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..errors import ChainruleError, CheckpointError
from ..graph import Tensor, as_tensor

_SHOWN = 8  # paths of each kind that an error lists


class Mismatch(NamedTuple):
    """The paths that a loaded state lacked, and those that the model does not have."""

    missing: list[str]
    unexpected: list[str]


def load(what: str, tensors: Mapping[str, Tensor], state: Mapping[str, Any], strict: bool
         ) -> Mismatch:  # fmt: skip
    """Assign the state's values to the tensors of the same paths (see Module.load_state_dict)."""
    known = {path: value for path, value in state.items() if path in tensors}
    given = {id(tensors[path]) for path in known}
    mismatch = Mismatch(
        missing=[path for path, held in tensors.items() if id(held) not in given],
        unexpected=[path for path in state if path not in tensors],
    )
    problems = [
        text for path, value in known.items() if (text := _misfit(path, tensors[path], value))
    ]
    problems = _listed("wrong", problems or _contradictions(tensors, known))
    if strict:
        problems = [
            *_listed("missing", mismatch.missing),
            *_listed("unexpected", mismatch.unexpected),
            *problems,
        ]
    if problems:
        raise CheckpointError(
            f"{what}.load_state_dict", required="a state with the paths and shapes of this model",
            received="; ".join(problems), hint="nothing was loaded",
        )  # fmt: skip
    for path, value in known.items():
        tensors[path].assign(value)
    return mismatch


def _listed(kind: str, entries: list[str]) -> list[str]:
    if not entries:
        return []
    rest = f" and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
    return [f"{kind}: {', '.join(entries[:_SHOWN])}{rest}"]


def _misfit(path: str, held: Tensor, value: Any) -> str | None:
    try:
        given = as_tensor(value)
    except ChainruleError as error:
        return f"{path} ({error})"
    if given.shape != held.shape:
        return f"{path} (shape {given.shape} instead of {held.shape})"
    if given.dtype.is_floating and not held.dtype.is_floating:
        return f"{path} ({given.dtype} instead of {held.dtype})"
    return None


def _contradictions(tensors: Mapping[str, Tensor], known: Mapping[str, Any]) -> list[str]:
    """Find paths that share one tensor in the model, but have different values in the state."""
    first: dict[int, str] = {}
    found = []
    for path in known:
        other = first.setdefault(id(tensors[path]), path)
        if other != path and not np.array_equal(
            np.asarray(known[path]), np.asarray(known[other]), equal_nan=True
        ):
            found.append(f"{path} (shares its tensor with {other}, but has another value)")
    return found
