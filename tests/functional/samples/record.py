"""Sample: one good call of a function, and makers of numbers for it.

``Sample(name, inputs, options)``: floating inputs are checked numerically, in first and second
order. ``spaced(2, 3)`` makes numbers that are all different and away from kinks.

An input may be a structure of arrays, (h, c), and the result one of tensors.

Parity tests compare with PyTorch's function of the same name, where there is one: unless
``peer`` is False, or a function of ``torch``, the inputs and the options.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule import functional as F
from chainrule.graph.trees import flatten_tree
from chainrule.ops.random import Generator


def spaced(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 0) -> np.ndarray:
    """Numbers evenly spread over [low, high] in random order, so that no two are close."""
    count = int(np.prod(shape))
    values = low + (np.arange(count) + 0.37) * (high - low) / max(1, count)
    return np.random.default_rng(seed).permutation(values).reshape(shape)


def probabilities(*shape: int) -> np.ndarray:
    """Positive numbers that add up to 1 along axis 1."""
    weights = spaced(*shape, low=0.5, high=2.0)
    return weights / weights.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Sample:
    """One good call: ``F.name(*inputs, **options)``."""

    name: str
    inputs: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    kinks: tuple[float, ...] = ()
    peer: bool | Callable[..., Any] = field(default=True, compare=False)

    def call(self, *inputs: Any) -> Any:
        """Call the function; what is random starts from the same seed each time."""
        options = dict(self.options)
        if "generator" in options:
            options["generator"] = Generator(options["generator"])
        return getattr(F, self.name)(*inputs, **options)

    def leaves(self) -> list[Any]:
        """Return the inputs, those inside of structures one by one."""
        return flatten_tree(self.inputs)[0]

    def filled(self, leaves: Sequence[Any]) -> Any:
        """Return the inputs with others in the places of ``leaves``."""
        return flatten_tree(self.inputs)[1](leaves)

    def __str__(self) -> str:
        arrays = [leaf for leaf in self.leaves() if isinstance(leaf, np.ndarray)]
        shapes = "-".join("x".join(map(str, a.shape)) or "()" for a in arrays)
        return "-".join([self.name, shapes, *[f"{k}={shown(v)}" for k, v in self.options.items()]])


def shown(option: Any) -> str:
    """Say what an option is: a function by its name, an array by its shape."""
    if isinstance(option, np.ndarray):
        return "x".join(map(str, option.shape))
    return str(getattr(option, "__name__", option))


def f(name: str, *inputs: Any, kinks: tuple[float, ...] = (), peer: Any = True,
      **options: Any) -> Sample:  # fmt: skip
    return Sample(name, inputs, options, kinks, peer)
