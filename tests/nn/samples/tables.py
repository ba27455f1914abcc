"""Merges of tensors, and selections of them, as parts of modules with one output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.functional.samples import spaced

from chainrule import nn

from .branches import Several
from .record import layer

x = spaced(3, 4)
y = spaced(3, 4, seed=1) + 3
z = spaced(3, 4, seed=2)
gates = spaced(3, 2)


def several(*makers: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    """Return the builder of a chain of modules of which the first gets all inputs as one tuple."""
    return lambda: Several(nn.Sequential(*[make() for make in makers]))


def ends() -> nn.Module:
    return nn.ConcatTable(nn.SelectTable(0), nn.SelectTable(-1))


def parts() -> nn.Module:
    return nn.ConcatTable(nn.NarrowTable(0), nn.NarrowTable(1, 2))


def nested(*inputs: Any) -> Any:
    return (inputs[0][:2], inputs[0][2:])


def gates_and_experts(inputs: Any) -> Any:
    return inputs[0], inputs[1:]


SAMPLES = [
    layer("CAddTable", inputs=(x, y, z), shape=(3, 4), build=several(nn.CAddTable)),
    layer("CAddTable", inputs=(x, y), shape=(3, 4)),
    layer("CSubTable", inputs=(x, y), shape=(3, 4)),
    layer("CMulTable", inputs=(x, y, z), shape=(3, 4)),
    layer("CDivTable", inputs=(x, y), shape=(3, 4)),
    layer("CMaxTable", inputs=(x, z + 0.01, x[::-1] + 0.02), shape=(3, 4)),
    layer("CMinTable", inputs=(x, z + 0.01), shape=(3, 4)),
    layer("JoinTable", inputs=(x, gates), shape=(3, 6)),
    layer("SplitTable", inputs=x[..., None], shape=(3, 4), build=several(nn.SplitTable)),
    layer("SelectTable", inputs=(x, gates), shape=(3, 6), build=several(ends)),
    layer("NarrowTable", inputs=(x, y, gates), shape=(3, 10), build=several(parts)),
    layer("FlattenTable", inputs=(x, y, z), shape=(3, 12),
          build=several(lambda: nn.Lambda(nested), nn.FlattenTable)),
    layer("ZipTable", inputs=(x, y, z, gates), shape=(3, 14),
          build=several(lambda: nn.Lambda(nested), nn.ZipTable)),
    layer("MixtureTable", inputs=(gates, x, y), shape=(3, 4),
          build=several(lambda: nn.Lambda(gates_and_experts), nn.MixtureTable)),
    layer("MixtureTable", inputs=(gates, spaced(3, 2, 4)), shape=(3, 4)),
    layer("MixtureTable", 2, inputs=(gates, spaced(3, 4, 2)), shape=(3, 4)),
]  # fmt: skip
