"""Convolutions and their gradients: compiled in each mode, and eagerly in float64.

>>> job = Job(images=2, channels=8, outputs=9, shape=(7, 5), taps=(3, 3), padding=((1, 1), (0, 2)))
>>> job.errors(job.compiled("fast"))  # of y, of the input's gradient and of the weight's
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.compiler.ir import Program
from chainrule.compiler.ir.program import reads_of
from chainrule.ops import convolve

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]
WORST = {"exact": 2e-6, "fast": 1e-5}  # error relative to the largest element of a result


@dataclass(frozen=True)
class Job:
    """A convolution of float32 images, the gradients of the sum of squares of its result."""

    images: int
    channels: int
    outputs: int
    shape: Pair
    taps: Pair = (3, 3)
    padding: tuple[Pair, Pair] = ((1, 1), (1, 1))
    seed: int = 0
    groups: int = 1

    def forward(self, x: Any, w: Any) -> Any:
        ones = (1, 1)
        return convolve(
            x, w, stride=ones, padding=self.padding, dilation=ones, input_dilation=ones,
            groups=self.groups,
        )  # fmt: skip

    def all(self, x: Any, w: Any) -> Any:
        def loss(x: Any, w: Any) -> Any:
            y = self.forward(x, w)
            return (y * y).sum()

        return (self.forward(x, w), *cr.grad(loss, (0, 1))(x, w))

    @cached_property
    def data(self) -> list[Array]:
        random = np.random.default_rng(self.seed)
        inner = self.channels // self.groups
        shapes = [(self.images, self.channels, *self.shape), (self.outputs, inner, *self.taps)]
        return [random.standard_normal(shape, np.float32) for shape in shapes]

    @cached_property
    def expected(self) -> list[Array]:
        return [y.value for y in self.all(*[cr.asarray(a.astype(np.float64)) for a in self.data])]

    def program(self, mode: str, **options: Any) -> cr.jit.CompiledFunction:
        return cr.compile(self.all, convolution=mode, **options)

    def compiled(self, mode: str, **options: Any) -> list[Array]:
        return [y.value for y in self.program(mode, **options)(*map(cr.asarray, self.data))]

    def lowered(self, mode: str) -> Program:
        return self.program(mode).lower(*map(cr.asarray, self.data)).lowered.program

    def notes(self, mode: str) -> list[str]:
        return self.lowered(mode).notes

    def errors(self, found: Sequence[Array]) -> list[float]:
        """Return the largest error of each result, relative to the result's largest element."""
        pairs = zip(found, self.expected, strict=True)
        return [float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30)) for a, b in pairs]


def assert_right(job: Job, mode: str = "fast") -> None:
    found = job.compiled(mode)
    assert [y.dtype for y in found] == [np.float32] * 3
    assert max(job.errors(found)) < WORST[mode], (job, job.errors(found))


def transforms(program: Program) -> int:
    """Return how many convolutions of a program are computed tile by tile."""
    names = {b.name for kernel in program.kernels for b in reads_of(kernel)}
    return sum(1 for name in names if re.fullmatch(r"u\d+", name))
