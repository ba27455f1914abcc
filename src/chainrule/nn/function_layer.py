"""FunctionLayer: a layer without parameters, that is a function with its options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, dataclass_transform

from .module import Module


@dataclass_transform(eq_default=False)
class FunctionLayer(Module):
    """Base of layers that call a function: the class's fields are the function's options.

    A subclass names the function and lists the options with their defaults, which become the
    constructor's arguments.

    >>> class Scaled(nn.FunctionLayer, function=multiply):
    ...     '''Multiply two tensors.'''
    >>> Scaled()(2.0, 3.0)
    tensor(6.)
    """

    function: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, function: Callable[..., Any] | None = None) -> None:
        super().__init_subclass__()
        if function is not None:
            cls.function = staticmethod(function)
        dataclass(eq=False, repr=False)(cls)

    def options(self) -> dict[str, Any]:
        """Return the options by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def forward(self, *inputs: Any) -> Any:
        """Call the function with the options."""
        return self.function(*inputs, **self.options())

    def extra_repr(self) -> str:
        """Show the options."""
        return ", ".join(f"{name}={value!r}" for name, value in self.options().items())


class ModeLayer(FunctionLayer):
    """Base of function layers that compute otherwise in training: their function has ``training``.

    >>> from chainrule.nn.function_layer import ModeLayer
    >>> issubclass(nn.RReLU, ModeLayer)
    True
    """

    def options(self) -> dict[str, Any]:
        """Add the mode of the module."""
        return {**super().options(), "training": self.training}

    def extra_repr(self) -> str:
        """Show the options, but neither the mode nor the source of random numbers."""
        shown = FunctionLayer.options(self).items()
        return ", ".join(f"{name}={value!r}" for name, value in shown if name != "generator")
