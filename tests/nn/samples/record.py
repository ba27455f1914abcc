"""Sample: one way to make a layer and to call it.

``Sample(name, arguments, options, inputs, shape)``: ``nn.name(*arguments, **options)`` called with
the inputs gives an output of that shape. The first axis of inputs and output is the batch, unless
``batched`` is False.

An input is an array, or a structure of arrays (the state of an LSTM); what is no array, such as
None or False, is passed as it is. A layer that returns several tensors has a tuple of shapes. Tests
see neither: ``tensors`` are the arrays one by one, ``call`` puts them into their places and
returns a list of the output's tensors.

Parity tests compare with PyTorch's layer of the same name, where there is one: unless ``peer`` is
False, or a function that makes PyTorch's layer from the module ``torch``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import nn
from chainrule.dtypes import DTypeLike
from chainrule.graph.trees import flatten_tree
from chainrule.ops.random import Generator

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Sample:
    """One way to make and to call a layer."""

    name: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    inputs: tuple[Any, ...]
    shape: Shape | tuple[Shape, ...]
    kinks: tuple[float, ...] = ()
    batched: bool = True
    build: Callable[..., nn.Module] | None = field(default=None, compare=False)
    peer: bool | Callable[[Any], Any] = field(default=True, compare=False)

    def make(self, seed: int = 0, dtype: DTypeLike = "float64") -> nn.Module:
        """Make the layer; random numbers come from the seed."""
        maker = self.build or getattr(nn, self.name)
        accepted = inspect.signature(maker).parameters
        extra = {"generator": Generator(seed), "dtype": dtype}
        known = {name: value for name, value in extra.items() if name in accepted}
        made: nn.Module = maker(*self.arguments, **self.options, **known)
        return made

    @property
    def arrays(self) -> list[np.ndarray]:
        """The inputs that are arrays, also those inside of structures."""
        return [leaf for leaf in flatten_tree(self.inputs)[0] if isinstance(leaf, np.ndarray)]

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that can differ: a plain function of its inputs knows none."""
        kind = getattr(nn, self.name)
        plain = (
            self.build is None
            and issubclass(kind, nn.FunctionLayer)
            and kind.options is nn.FunctionLayer.options
            and kind.forward in (nn.FunctionLayer.forward, nn.Loss.forward)
        )
        return ("train",) if plain else ("train", "eval")

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of all outputs."""
        several = bool(self.shape) and isinstance(self.shape[0], tuple)
        return self.shape if several else (self.shape,)  # type: ignore[return-value]

    def tensors(self, dtype: str = "float64") -> list[cr.Tensor]:
        """Return the inputs; floats in the given type."""
        return [cr.tensor(a.astype(dtype) if a.dtype.kind == "f" else a) for a in self.arrays]

    def call(self, function: Callable[..., Any], tensors: Sequence[Any]) -> list[Any]:
        """Call a layer with the tensors in the places of the arrays; return all of its outputs."""
        places, rebuild = flatten_tree(self.inputs)
        given = iter(tensors)
        filled = [next(given) if isinstance(leaf, np.ndarray) else leaf for leaf in places]
        outputs = flatten_tree(function(*rebuild(filled)))[0]
        return [y for y in outputs if y is not None]

    def __str__(self) -> str:
        arguments = [getattr(a, "name", str(a)) for a in self.arguments]
        arguments += [f"{k}={v}" for k, v in self.options.items()]
        return "-".join([self.name, *arguments]).replace(" ", "")[:70]


def layer(
    name: str, *arguments: Any, inputs: Any, shape: Any, kinks: Any = (), batched: bool = True,
    build: Any = None, peer: Any = True, **options: Any,
) -> Sample:  # fmt: skip
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    return Sample(name, arguments, options, given, shape, kinks, batched, build, peer)


def same(name: str, *arguments: Any, x: np.ndarray, **options: Any) -> Sample:
    """Make a sample whose output has the shape of its input."""
    return layer(name, *arguments, inputs=x, shape=x.shape, **options)
