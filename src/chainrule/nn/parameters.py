"""Parameters in lists and dictionaries, where a module has as many as its arguments say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from ..errors import ArgumentError
from ..graph import Tensor, TensorLike
from .module import Module
from .parameter import Parameter

__all__ = ["ParameterDict", "ParameterList"]


class _Held(Module):
    """Parameters as attributes, in order; arrays become parameters."""

    def _put(self, name: str, value: TensorLike) -> None:
        if not name or "." in name or hasattr(type(self), name):
            raise ArgumentError(
                type(self).__name__, required="a name without a dot, not that of a method",
                received=repr(name),
            )  # fmt: skip
        setattr(self, name, value if isinstance(value, Parameter) else Parameter(value))

    def _held(self) -> dict[str, Any]:
        """Return the parameters, or the tensors that stand for them in ``functional_call``."""
        return {k: v for k, v in vars(self).items() if isinstance(v, Tensor)}

    def _found(self, key: Any, name: str) -> Parameter:
        held = self._held()
        if name not in held:
            raise LookupError(f"{type(self).__name__} of {len(held)} parameters has no {key!r}")
        found: Parameter = held[name]
        return found

    def __len__(self) -> int:
        return len(self._held())

    def extra_repr(self) -> str:
        """Show shapes."""
        return ", ".join(f"{name}: {value.shape}" for name, value in self._held().items())


class ParameterList(_Held):
    """A list of parameters, so that they are found; ``forward`` of the module around is yours.

    >>> scales = nn.ParameterList([ones((2,)), zeros((3,))])
    >>> len(scales), scales[-1].shape, [name for name, _ in scales.named_parameters()]
    (2, (3,), ['0', '1'])
    """

    def __init__(self, parameters: Iterable[TensorLike] = ()) -> None:
        self.extend(parameters)

    def append(self, parameter: TensorLike) -> Self:
        """Add a parameter at the end; return the list."""
        self._put(str(len(self)), parameter)
        return self

    def extend(self, parameters: Iterable[TensorLike]) -> Self:
        """Add several parameters at the end; return the list."""
        for parameter in parameters:
            self.append(parameter)
        return self

    def __getitem__(self, index: int) -> Parameter:
        return self._found(index, str(index + len(self) if index < 0 else index))

    def __setitem__(self, index: int, value: TensorLike) -> None:
        name = str(index + len(self) if index < 0 else index)
        self._found(index, name)
        self._put(name, value)

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._held().values())


class ParameterDict(_Held):
    """Parameters by name, so that they are found; ``forward`` of the module around is yours.

    >>> scales = nn.ParameterDict({"left": ones((2,)), "right": zeros((3,))})
    >>> list(scales), scales["right"].shape
    (['left', 'right'], (3,))
    """

    def __init__(self, parameters: Mapping[str, TensorLike] | None = None) -> None:
        self.update(parameters or {})

    def update(self, parameters: Mapping[str, TensorLike]) -> None:
        """Add or replace parameters."""
        for name, parameter in parameters.items():
            self._put(name, parameter)

    def __getitem__(self, name: str) -> Parameter:
        return self._found(name, name)

    def __setitem__(self, name: str, value: TensorLike) -> None:
        self._put(name, value)

    def __contains__(self, name: object) -> bool:
        return name in self._held()

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def keys(self) -> list[str]:
        """Return the names."""
        return list(self._held())

    def values(self) -> list[Parameter]:
        """Return the parameters."""
        return list(self._held().values())

    def items(self) -> list[tuple[str, Parameter]]:
        """Return names and parameters."""
        return list(self._held().items())
