"""Containers with several inputs and outputs, as parts of a module with one output.

``Several`` takes the inputs one by one, hands them out as one tuple, and joins what comes out.
"""

from __future__ import annotations

from tests.functional.samples import spaced

import chainrule as cr
from chainrule import nn
from chainrule.dtypes import DTypeLike
from chainrule.graph.trees import flatten_tree
from chainrule.ops.random import Generator

from .record import layer

x = spaced(3, 4)
image = spaced(2, 1, 5, 4)


class Several(nn.Module):
    """A module of tuples as one of tensors."""

    def __init__(self, body: nn.Module) -> None:
        self.body = body

    def forward(self, *inputs: cr.Tensor) -> cr.Tensor:
        outputs = flatten_tree(self.body(inputs if len(inputs) > 1 else inputs[0]))[0]
        return cr.concat([cr.flatten(y, start_axis=1) for y in outputs], axis=1)


def concat_table(generator: Generator, dtype: DTypeLike) -> nn.Module:
    options = {"generator": generator, "dtype": dtype}
    inner = nn.ConcatTable(nn.Tanh(), nn.Linear(4, 1, **options))
    return Several(nn.ConcatTable(nn.Linear(4, 3, **options), inner))


def parallel_table(generator: Generator, dtype: DTypeLike) -> nn.Module:
    options = {"generator": generator, "dtype": dtype}
    return Several(nn.ParallelTable(nn.Linear(4, 3, **options), nn.Sigmoid()))


def map_table(generator: Generator, dtype: DTypeLike) -> nn.Module:
    options = {"generator": generator, "dtype": dtype}
    return Several(nn.MapTable(nn.Linear(4, 3, **options)))


def bottle(generator: Generator, dtype: DTypeLike) -> nn.Module:
    options = {"generator": generator, "dtype": dtype}
    return nn.Bottle(nn.Conv2d(1, 2, 2, **options), 4)


def depth_concat(generator: Generator, dtype: DTypeLike) -> nn.Module:
    options = {"generator": generator, "dtype": dtype}
    return nn.DepthConcat(*[nn.Conv2d(1, 2, k, **options) for k in (1, 2, 3)])


SAMPLES = [
    layer("ConcatTable", inputs=x, shape=(3, 8), build=concat_table),
    layer("ParallelTable", inputs=(x, spaced(3, 2)), shape=(3, 5), build=parallel_table),
    layer("MapTable", inputs=(x, x + 1), shape=(3, 6), build=map_table),
    layer("Bottle", inputs=spaced(2, 3, 1, 3, 4), shape=(2, 3, 2, 2, 3), build=bottle),
    layer("DepthConcat", inputs=image, shape=(2, 6, 5, 4), build=depth_concat),
]
