"""Gradients of weights that are summed over tiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.compiler.lower.winograd.convolutions import Job, assert_right, transforms

import chainrule as cr
from chainrule.compiler.ir import Contract, Program


@pytest.mark.parametrize("images", [1, 3, 32])
@pytest.mark.parametrize(("channels", "outputs"), [(8, 24), (33, 8), (24, 70)])
def test_sums_over_images(images: int, channels: int, outputs: int) -> None:
    assert_right(Job(images, channels, outputs, (6, 5), padding=((0, 0), (2, 1))))


def added(program: Program) -> int:
    """Return how many contractions are added to what there is."""
    contracts = [k for k in program.kernels if isinstance(k, Contract)]
    return sum(1 for k in contracts if k.stores[0].value.kind == "add")


@pytest.mark.parametrize("images", [3, 32])
def test_sums_over_blocks_of_tiles(images: int, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(images, 8, 10, (17, 6))
    assert added(job.lowered("fast")) == 0
    monkeypatch.setattr("chainrule.compiler.lower.winograd.tiles.BLOCK_BYTES", 1 << 14)
    assert added(job.lowered("fast")) > 0
    assert_right(job)


def test_seven_by_seven_taps_are_summed_directly() -> None:
    """F(7, 2) along both axes has relative errors above 1e-5."""
    job = Job(32, 9, 12, (9, 11), (7, 7), ((3, 3), (3, 3)))
    assert transforms(job.lowered("fast")) == 3  # the result, twice, and the input's gradient
    assert_right(job)


def test_gradients_that_lie_row_by_row() -> None:
    """The gradient of the output may come in as the caller has it."""
    job = Job(4, 9, 12, (8, 6))
    slope = np.random.default_rng(1).standard_normal((4, 12, 8, 6), np.float32)

    def gradient(x: Any, w: Any, slope: Any) -> Any:
        return cr.grad(lambda w: (job.forward(x, w) * slope).sum())(w)

    arrays = (*job.data, slope)
    f = cr.compile(gradient, convolution="fast")
    program = f.lower(*map(cr.asarray, arrays)).lowered.program
    assert transforms(program) == sum("F(3x3, 4x4)" in note for note in program.notes) == 1
    exact = gradient(*[cr.asarray(a.astype(np.float64)) for a in arrays]).value
    found = f(*map(cr.asarray, arrays)).value
    assert np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()
