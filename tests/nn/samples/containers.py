"""Containers."""

from __future__ import annotations

from tests.functional.samples import spaced

import chainrule as cr
from chainrule import nn
from chainrule.dtypes import DTypeLike
from chainrule.ops.random import Generator

from .record import layer, same

x = spaced(3, 4)
line = spaced(2, 4, 5)


def sequential(generator: Generator, dtype: DTypeLike) -> nn.Module:
    options = {"generator": generator, "dtype": dtype}
    return nn.Sequential(nn.Linear(4, 3, **options), nn.Tanh(), nn.Linear(3, 2, **options))


def residual(generator: Generator, dtype: DTypeLike) -> nn.Module:
    body = nn.Linear(4, 4, generator=generator, dtype=dtype)
    return nn.Residual(body, nn.Linear(4, 4, False, generator=generator, dtype=dtype))


def concat(generator: Generator, dtype: DTypeLike) -> nn.Module:
    return nn.Concat(nn.Linear(4, 3, generator=generator, dtype=dtype), nn.Identity())


def parallel(generator: Generator, dtype: DTypeLike) -> nn.Module:
    return nn.Parallel(*[nn.Linear(5, 2, generator=generator, dtype=dtype) for _ in range(4)])


def module_list(generator: Generator, dtype: DTypeLike) -> nn.Module:
    class Chain(nn.ModuleList):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            for module in self:
                x = module(x)
            return x

    return Chain(sequential(generator, dtype))  # type: ignore[arg-type]


def module_dict(generator: Generator, dtype: DTypeLike) -> nn.Module:
    class Sum(nn.ModuleDict):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            total: cr.Tensor = self["a"](x) + self["b"](x)
            return total

    options = {"generator": generator, "dtype": dtype}
    return Sum({"a": nn.Linear(4, 2, **options), "b": nn.Linear(4, 2, **options)})


def parameter_list(dtype: DTypeLike) -> nn.Module:
    class Chain(nn.ParameterList):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            for parameter in self:
                x = cr.sin(x * parameter)
            return x

    return Chain([cr.full((4,), 0.5, dtype=dtype), cr.ones((3, 4), dtype=dtype)])


def parameter_dict(dtype: DTypeLike) -> nn.Module:
    class Line(nn.ParameterDict):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            return x * self["scale"] + self["shift"]

    return Line({"scale": cr.full((4,), 0.5, dtype=dtype), "shift": cr.ones((4,), dtype=dtype)})


SAMPLES = [
    layer("Sequential", inputs=x, shape=(3, 2), build=sequential, peer=False),
    same("Residual", x=x, build=residual),
    layer("Concat", inputs=x, shape=(3, 7), build=concat),
    layer("Parallel", inputs=line, shape=(2, 8), build=parallel),
    layer("ModuleList", inputs=x, shape=(3, 2), build=module_list, peer=False),
    layer("ModuleDict", inputs=x, shape=(3, 2), build=module_dict, peer=False),
    same("Identity", "ignored", x=x),
    same("Lambda", cr.sin, x=x),
    layer("MLP", 4, [5, 5], 2, activation="tanh", norm="layer", dropout=0.3, inputs=x,
          shape=(3, 2)),
    layer("MLP", [4, 3], norm="batch", init="orthogonal", inputs=x, shape=(3, 3)),
    layer("ParameterList", inputs=x, shape=(3, 4), build=parameter_list, batched=False, peer=False),
    layer("ParameterDict", inputs=x, shape=(3, 4), build=parameter_dict, peer=False),
]  # fmt: skip
