"""Sample inputs for every primitive: one family file each, mirroring ``chainrule.ops``.

A family file holds ``SAMPLES``, a list of ``Sample(primitive's name, inputs, attributes)``. Inputs
are makers: ``real(2, 3)`` draws floats from the primitive's domain, away from its kinks and from
each other; ``integers``, ``bools`` and ``fixed`` make what has none. The attributes are those
of the primitive itself, not of the public function around it.

Tests take ``ALL``: numerical gradients, shape and type rules, notation against kernel, untouched
inputs. So a primitive is tested once it has samples, and a test fails for one that has none.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from chainrule.dtypes import Array
from chainrule.graph import PRIMITIVES, Primitive

Maker = Callable[[np.random.Generator, np.dtype[Any], Primitive], Array]


def real(*shape: int, low: float | None = None, high: float | None = None) -> Maker:
    """Floats from the primitive's domain, at least 0.02 away from kinks, and all different."""

    def make(rng: np.random.Generator, dtype: np.dtype[Any], primitive: Primitive) -> Array:
        bottom = primitive.domain[0] if low is None else low
        top = primitive.domain[1] if high is None else high
        count = int(np.prod(shape))
        # Evenly spread and shuffled: no two values are close, so max and sort have no ties.
        values = bottom + (np.arange(count) + rng.uniform(0.3, 0.7)) * (top - bottom) / max(
            1, count
        )
        for kink in primitive.kinks:
            side = np.where(values < kink, -0.02, 0.02)
            values = np.where(abs(values - kink) < 0.02, kink + side, values)
        return rng.permutation(values).reshape(shape).astype(dtype)

    return make


def integers(*shape: int, low: int = 0, high: int = 5, dtype: str = "int64") -> Maker:
    """Integers in [low, high)."""
    return lambda rng, _, __: rng.integers(low, high, shape).astype(dtype)


def bools(*shape: int) -> Maker:
    """Truth values."""
    return lambda rng, _, __: rng.integers(0, 2, shape).astype(bool)


def fixed(values: Any, dtype: str | None = None) -> Maker:
    """Just these values; as floats of the wanted type, unless ``dtype`` is given."""

    def make(rng: np.random.Generator, wanted: np.dtype[Any], primitive: Primitive) -> Array:
        return np.array(values, wanted if dtype is None else dtype)

    return make


@dataclass(frozen=True)
class Sample:
    """One good call of a primitive: ``PRIMITIVES[name](*inputs, **attributes)``."""

    name: str
    inputs: tuple[Maker, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""  # what is special, for the test's name
    smooth: bool = True  # whether numerical derivatives in float64 make sense

    @property
    def primitive(self) -> Primitive:
        """The primitive that is sampled."""
        return PRIMITIVES[self.name]

    def arrays(self, dtype: str = "float64", seed: int = 0) -> list[Array]:
        """Draw the inputs."""
        rng = np.random.default_rng(seed)
        return [np.asarray(make(rng, np.dtype(dtype), self.primitive)) for make in self.inputs]

    def call(self, *inputs: Any) -> Any:
        """Apply the primitive: a tensor, or a tuple of them if it has several results."""
        return self.primitive.several(*inputs, **self.attributes)

    def __str__(self) -> str:
        return f"{self.name}-{self.note}" if self.note else self.name


def _collect() -> list[Sample]:
    found: list[Sample] = []
    for module in pkgutil.iter_modules(__path__):
        found += import_module(f"{__name__}.{module.name}").SAMPLES
    return found


ALL = _collect()
each_sample = pytest.mark.parametrize("sample", ALL, ids=str)
