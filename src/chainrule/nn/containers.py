"""Containers: modules made of modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, overload

from ..errors import ArgumentError
from ..graph import Tensor
from ..ops import concat, unstack
from .module import Module

__all__ = [
    "Concat",
    "Identity",
    "Lambda",
    "ModuleDict",
    "ModuleList",
    "Parallel",
    "Residual",
    "Sequential",
]


def _checked(module: Any, what: str) -> Module:
    if not isinstance(module, Module):
        kind = module.__name__ if isinstance(module, type) else type(module).__name__
        raise ArgumentError(
            what, required="modules", received=kind,
            hint="wrap a function in nn.Lambda, and make an object of a class",
        )  # fmt: skip
    return module


class _Numbered(Module):
    """Modules in order, under the names "0", "1"... or names of their own."""

    def __init__(self, modules: Iterable[Module] | Mapping[str, Module]) -> None:
        named = modules.items() if isinstance(modules, Mapping) else (
            (str(k), module) for k, module in enumerate(modules)
        )  # fmt: skip
        for name, module in named:
            _set(self, name, module)

    def _held(self) -> list[Module]:
        return [value for value in vars(self).values() if isinstance(value, Module)]

    def _names(self) -> list[str]:
        return [name for name, value in vars(self).items() if isinstance(value, Module)]

    def __len__(self) -> int:
        return len(self._held())

    def __iter__(self) -> Iterator[Module]:
        return iter(self._held())

    @overload
    def __getitem__(self, index: int | str) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | str | slice) -> Any:
        """Return a module by number or name, or several by a slice."""
        if isinstance(index, slice):
            part = type(self).__new__(type(self))
            for name in self._names()[index]:
                _set(part, name, vars(self)[name])
            return part
        return vars(self)[self._name(index)]

    def __setitem__(self, index: int | str, module: Module) -> None:
        _set(self, self._name(index), module)

    def _name(self, index: int | str) -> str:
        names = self._names()
        if isinstance(index, str):
            if index in names:
                return index
        elif -len(names) <= index < len(names):
            return names[index]
        raise IndexError(f"{type(self).__name__} of {len(names)} modules has no {index!r}")

    def append(self, module: Module) -> Self:
        """Add a module at the end; return the container."""
        _set(self, str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules at the end; return the container."""
        for module in list(modules):
            self.append(module)
        return self


def _set(container: Module, name: str, module: Module) -> None:
    taken = not name or "." in name or hasattr(type(container), name)
    if taken:
        raise ArgumentError(
            f"{type(container).__name__}", required="a name without a dot, not that of a method",
            received=repr(name),
        )  # fmt: skip
    setattr(container, name, _checked(module, type(container).__name__))


def _given(
    modules: Sequence[Module | Mapping[str, Module]], what: str
) -> Iterable[Module] | Mapping[str, Module]:
    """Return the modules of an argument list, or the one mapping that it may consist of."""
    if len(modules) == 1 and isinstance(modules[0], Mapping):
        return modules[0]
    return [_checked(module, what) for module in modules]


class Sequential(_Numbered):
    """Modules one after the other: y = f_n(... f_1(x)).

    Give modules, or one mapping of names to modules. ``model[0]``, ``model["name"]``,
    ``model[1:3]`` (which shares the modules) and ``append`` work as of a list. Raises ArgumentError
    for what is no module.

    >>> model = nn.Sequential(nn.ReLU(), nn.Sequential({"limit": nn.ReLU6()}))
    >>> model(tensor([-1.0, 8.0]))
    tensor([0., 6.])
    >>> model
    Sequential(
      (0): ReLU()
      (1): Sequential(
        (limit): ReLU6()
      )
    )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__(_given(modules, "Sequential"))

    def forward(self, x: Any) -> Any:
        """Send x through all modules."""
        for module in self:
            x = module(x)
        return x


class ModuleList(_Numbered):
    """A list of modules, so that their parameters are found; ``forward`` is yours to write.

    >>> layers = nn.ModuleList([nn.ReLU(), nn.Tanh()])
    >>> len(layers), layers[-1]
    (2, Tanh())
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__(list(modules))


class ModuleDict(_Numbered):
    """Modules by name, so that their parameters are found; ``forward`` is yours to write.

    Iteration goes over the names, as of a dictionary. New names are set by ``update``.

    >>> heads = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
    >>> list(heads), heads["b"]
    (['a', 'b'], Tanh())
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__(modules or {})

    def __iter__(self) -> Iterator[Any]:
        return iter(self._names())

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __setitem__(self, index: int | str, module: Module) -> None:
        _set(self, str(index), module)

    def update(self, modules: Mapping[str, Module]) -> None:
        """Add or replace modules."""
        for name, module in modules.items():
            _set(self, name, module)

    def keys(self) -> list[str]:
        """Return the names."""
        return self._names()

    def values(self) -> list[Module]:
        """Return the modules."""
        return self._held()

    def items(self) -> list[tuple[str, Module]]:
        """Return names and modules."""
        return list(zip(self._names(), self._held(), strict=True))


class Identity(Module):
    """Return the input itself; whatever arguments the constructor gets are ignored.

    >>> nn.Identity()(tensor([1.0]))
    tensor([1.])
    """

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        """Return x."""
        return x


class Lambda(Module):
    """A function as a module.

    >>> nn.Lambda(lambda x: x * 2)(tensor([1.0]))
    tensor([2.])
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def forward(self, *inputs: Any) -> Any:
        """Call the function."""
        return self.function(*inputs)

    def extra_repr(self) -> str:
        """Show the function's name."""
        kind = type(self.function).__name__
        return str(getattr(self.function, "__name__", getattr(self.function, "name", kind)))


class Residual(Module):
    """A way around a module: y = shortcut(x) + body(x), the shortcut being x itself by default.

    (He et al. 2016.)

    >>> nn.Residual(nn.ReLU())(tensor([-1.0, 2.0]))
    tensor([-1.,  4.])
    """

    def __init__(self, body: Module, shortcut: Module | None = None) -> None:
        self.body = _checked(body, "Residual")
        self.shortcut = Identity() if shortcut is None else _checked(shortcut, "Residual")

    def forward(self, x: Tensor) -> Tensor:
        """Add both ways."""
        result: Tensor = self.shortcut(x) + self.body(x)
        return result


class Concat(_Numbered):
    """All modules get the same input; their outputs are joined along an axis (Torch7's Concat).

    Give modules, or one mapping of names to modules.

    >>> nn.Concat(nn.ReLU(), nn.Identity(), axis=0)(tensor([-1.0]))
    tensor([ 0., -1.])
    """

    def __init__(self, *modules: Module | Mapping[str, Module], axis: int = 1) -> None:
        super().__init__(_given(modules, "Concat"))
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        """Join the outputs."""
        return concat([module(x) for module in self], axis=self.axis)

    def extra_repr(self) -> str:
        """Show the axis."""
        return f"axis={self.axis}"


class Parallel(_Numbered):
    """Module i gets slice i of the input; the outputs are joined along an axis (Torch7's Parallel).

    The input has as many slices along ``input_axis``, which disappears, as there are modules.

    >>> nn.Parallel(nn.ReLU(), nn.Identity(), input_axis=0, output_axis=0)(tensor([[-1.0], [-2.0]]))
    tensor([ 0., -2.])
    """

    def __init__(self, *modules: Module, input_axis: int = 1, output_axis: int = 1) -> None:
        super().__init__(modules)
        self.input_axis, self.output_axis = input_axis, output_axis

    def forward(self, x: Tensor) -> Tensor:
        """Hand out the slices, join the outputs."""
        slices = unstack(x, axis=self.input_axis)
        if len(slices) != len(self):
            raise ArgumentError(
                "Parallel", required=f"{len(self)} slices along axis {self.input_axis}",
                received=f"{len(slices)}",
            )  # fmt: skip
        outputs = [module(part) for module, part in zip(self, slices, strict=True)]
        return concat(outputs, axis=self.output_axis)

    def extra_repr(self) -> str:
        """Show the axes."""
        return f"input_axis={self.input_axis}, output_axis={self.output_axis}"
