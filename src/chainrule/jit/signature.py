"""Signatures: what of a call's arguments decides which program runs.

The structure of the arguments, the shape and data type of every tensor, array and number among
them, and the values of all others. Numbers are inputs like arrays without axes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import DType
from ..errors import ArgumentError
from ..graph import Shape, Tensor

NUMBERS = {float: dtypes.float32, int: dtypes.int64}  # as ``cr.tensor`` makes of them


@dataclass(frozen=True)
class ArrayKind:
    """A tensor, an array or a number: what may change from call to call without a new program."""

    shape: Shape
    dtype: DType
    requires_grad: bool = False
    number: type | None = None  # the Python type of a plain number

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class Static:
    """Any other argument: its type and value are part of the signature."""

    kind: type
    value: Hashable

    def __str__(self) -> str:
        return repr(self.value)


Kind = ArrayKind | Static


def kind_of(leaf: Any) -> Kind:
    """Return what a signature says about one argument."""
    if isinstance(leaf, Tensor):
        return ArrayKind(leaf.shape, leaf.dtype, leaf.requires_grad)
    if type(leaf) in NUMBERS:
        return ArrayKind((), NUMBERS[type(leaf)], number=type(leaf))
    if isinstance(leaf, np.ndarray | np.generic):
        return ArrayKind(leaf.shape, dtypes.dtype(leaf.dtype))
    return Static(type(leaf), leaf)


@dataclass(frozen=True)
class Signature:
    """The structure of the arguments and the kind of each leaf, from left to right."""

    structure: Hashable
    kinds: tuple[Kind, ...]
    is_flat: bool  # whether the arguments are the leaves, all by position

    def difference(self, other: Signature) -> str:
        """Say in words what another signature has different."""
        if self.structure != other.structure:
            return "the arguments have another structure"
        pairs = enumerate(zip(self.kinds, other.kinds, strict=True))
        changed = [f"argument {k} was {a}, now {b}" for k, (a, b) in pairs if a != b]
        return ", ".join(changed)


def signature_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Signature, list[Any]]:
    """Return the signature of a call, and its leaves from left to right.

    >>> signature, leaves = signature_of((1.0, {"mode": "same"}), {})
    >>> [str(kind) for kind in signature.kinds], leaves
    (['float32[]', "'same'"], [1.0, 'same'])
    """
    leaves: list[Any] = []
    structure = _structure((args, dict(sorted(kwargs.items()))), leaves)
    is_flat = not kwargs and all([a is b for a, b in zip(args, leaves, strict=False)])
    is_flat = is_flat and len(args) == len(leaves)
    return Signature(structure, tuple([kind_of(leaf) for leaf in leaves]), is_flat), leaves


def _structure(tree: Any, leaves: list[Any]) -> Hashable:
    """Return a tree without its leaves, hashable; add the leaves to a list."""
    if isinstance(tree, dict):
        return dict, tuple([(key, _structure(entry, leaves)) for key, entry in tree.items()])
    if isinstance(tree, tuple | list):
        return type(tree), tuple([_structure(entry, leaves) for entry in tree])
    leaves.append(tree)
    return None


def rebuilt(signature: Signature, leaves: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return positional and keyword arguments of a signature's structure with other leaves."""
    args, kwargs = _rebuilt(signature.structure, iter(leaves))
    return args, kwargs


def _rebuilt(structure: Any, leaves: Iterator[Any]) -> Any:
    if structure is None:
        return next(leaves)
    kind, parts = structure
    if kind is dict:
        return {key: _rebuilt(part, leaves) for key, part in parts}
    entries = [_rebuilt(part, leaves) for part in parts]
    return kind(*entries) if hasattr(kind, "_fields") else kind(entries)


def names_of(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[str]:
    """Return a name for each leaf of the arguments, made of the function's parameter names.

    >>> names_of(lambda batch, scale: 0, ({"x": 1, "y": (2, 3)},), {"scale": 4})
    ['batch.x', 'batch.y.0', 'batch.y.1', 'scale']
    """
    try:
        parameters = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        parameters = []
    more = [f"argument{k}" for k in range(len(parameters), len(args))]
    listed = zip([*parameters, *more], args, strict=False)
    pairs = [*listed, *sorted(kwargs.items())]
    return [name for start, tree in pairs for name in _names(start, tree)]


def _names(start: str, tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, entry in tree.items():
            yield from _names(f"{start}.{key}", entry)
    elif isinstance(tree, tuple | list):
        for position, entry in enumerate(tree):
            yield from _names(f"{start}.{position}", entry)
    else:
        yield start


def check_hashable(signature: Signature, what: str) -> None:
    """Raise ArgumentError that names the first argument that cannot be part of a signature."""
    for position, kind in enumerate(signature.kinds):
        try:
            hash(kind)
        except TypeError:
            raise ArgumentError(
                what, required="arguments that are tensors, arrays, numbers, or hashable",
                received=f"argument {position} of type {type(kind.value).__name__}"
                if isinstance(kind, Static) else str(kind),
                hint="turn it into a tuple, or hold it outside of the function",
            ) from None  # fmt: skip
