"""Which convolutions are computed tile by tile, what is said about it, and what is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.compiler.lower.winograd.convolutions import Job, transforms

import chainrule as cr
from chainrule import functional as F
from chainrule.compiler.ir import Map, Program
from chainrule.compiler.lower.winograd.choice import CONVOLUTIONS, Choice, Shape, choose
from chainrule.errors import ArgumentError

LANES = 16
LARGE = Shape(32, 64, 64, (28, 28), (3, 3))


def sizes(choice: Choice) -> tuple[Any, ...] | None:
    return None if choice.sizes is None else tuple([(s.outputs, s.taps) for s in choice.sizes])


def test_many_channels_are_worth_it() -> None:
    choice = choose(LARGE, "auto", LANES)
    assert sizes(choice) == ((4, 3), (4, 3))
    assert choice.nanoseconds < choice.direct
    assert str(choice).startswith("F(4x4, 3x3): about ")
    assert sizes(choose(LARGE, "auto", LANES, gradient=True)) == ((3, 4), (3, 4))


@pytest.mark.parametrize("gradient", [False, True])
def test_exact_is_direct(gradient: bool) -> None:
    choice = choose(LARGE, "exact", LANES, gradient)
    assert (choice.sizes, str(choice)) == (None, f"direct: about {choice.direct / 1e3:,.0f} us")


SMALL = {
    "few channels": Shape(32, 7, 64, (28, 28), (3, 3)),
    "few outputs": Shape(32, 64, 7, (28, 28), (3, 3)),
    "one tap": Shape(32, 64, 64, (28, 28), (1, 1)),
    "even taps": Shape(32, 64, 64, (28, 28), (2, 2)),
    "many taps": Shape(32, 64, 64, (28, 28), (9, 9)),
}


@pytest.mark.parametrize("name", SMALL)
def test_what_no_mode_computes_by_tiles(name: str) -> None:
    for mode in CONVOLUTIONS:
        assert choose(SMALL[name], mode, LANES).sizes is None
        assert choose(SMALL[name], mode, LANES, gradient=True).sizes is None


def test_fast_is_by_tiles_also_where_that_is_slower() -> None:
    shape = Shape(1, 8, 8, (4, 4), (3, 3))
    auto, fast = choose(shape, "auto", LANES), choose(shape, "fast", LANES)
    assert auto.sizes is None
    assert fast.sizes is not None
    assert "the best other way" in str(auto)
    assert (auto.nanoseconds, auto.direct) == (fast.nanoseconds, fast.direct)


def test_tiles_that_images_fill_are_preferred() -> None:
    """Two outputs of a tile of 2 x 2 are four, of one of 4 x 4 they would be sixteen."""
    small = choose(Shape(64, 64, 64, (2, 2), (3, 3)), "fast", LANES)
    assert sizes(small) == ((2, 3), (2, 3))


# Weights of 512 x 512 channels, for one image of 7 x 7: their transforms are 4 to 16 times as many.
DEEP = Shape(1, 512, 512, (7, 7), (3, 3))


def test_transforms_of_weights_that_are_kept_cost_reading_only() -> None:
    kept = replace(DEEP, kept=True)
    assert sizes(choose(DEEP, "auto", 8)) is None
    assert sizes(choose(kept, "auto", 8)) == ((2, 3), (2, 3))


def test_wider_registers_multiply_more_for_the_same_bytes() -> None:
    kept = replace(DEEP, kept=True)
    assert sizes(choose(kept, "auto", 16)) is None
    assert choose(LARGE, "auto", 8).direct == 2 * choose(LARGE, "auto", 16).direct


# --- from the outside ---------------------------------------------------------------------------


def images(*shape: int, dtype: str = "float32") -> cr.Tensor:
    return cr.asarray(np.random.default_rng(0).standard_normal(shape).astype(dtype))


def program(f: Any, mode: str, *arrays: cr.Tensor) -> Program:
    return cr.compile(f, convolution=mode).lower(*arrays).lowered.program


def widest(program: Program) -> int:
    """Return the most stores of a map: transforms have one for each point."""
    return max([0, *[len(k.stores) for k in program.kernels if isinstance(k, Map)]])


def test_exact_programs_have_no_transforms() -> None:
    job = Job(32, 16, 16, (8, 8))
    exact, fast = job.lowered("exact"), job.lowered("fast")
    assert (transforms(exact), transforms(fast)) == (0, 4)
    assert widest(exact) < 9
    assert widest(fast) == 36
    assert all(note.split(": ")[1].startswith("direct") for note in exact.notes)


def test_notes_name_the_convolution_the_tiles_and_both_times() -> None:
    (note,) = program(lambda x, w: F.conv2d(x, w), "fast", images(32, 8, 6, 6),
                      images(9, 8, 3, 3)).notes  # fmt: skip
    assert note.startswith("convolve (32, 8, 6, 6) by (9, 8, 3, 3): F(4x4, 3x3): about ")
    assert note.endswith(" us")
    assert "direct" in note


OTHERS: dict[str, dict[str, Any]] = {
    "strided": {"stride": 2},
    "dilated": {"dilation": 2},
    "in groups of few channels": {"groups": 4},
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_convolutions_are_direct(name: str) -> None:
    inner = 16 // OTHERS[name].get("groups", 1)
    arrays = images(32, 16, 9, 9), images(16, inner, 3, 3)
    found = program(lambda x, w: F.conv2d(x, w, **OTHERS[name]), "fast", *arrays)
    assert transforms(found) == 0
    assert [note.split(": ")[1] for note in found.notes] == ["direct"]


def test_groups_are_convolutions_of_their_own() -> None:
    whole, half = Shape(8, 32, 32, (9, 9), (3, 3)), Shape(8, 16, 16, (9, 9), (3, 3), groups=4)
    assert (half.weights, half.products) == (whole.weights, whole.products)
    few = Shape(8, 4, 4, (9, 9), (3, 3), groups=8)
    assert choose(few, "fast", LANES).sizes is None


@pytest.mark.parametrize("rank", [1, 3])
def test_other_ranks_are_direct(rank: int) -> None:
    convolve = {1: F.conv1d, 3: F.conv3d}[rank]
    arrays = images(32, 8, *(5,) * rank), images(8, 8, *(3,) * rank)
    assert transforms(program(lambda x, w: convolve(x, w), "fast", *arrays)) == 0


def test_float64_is_direct() -> None:
    arrays = images(32, 16, 8, 8, dtype="float64"), images(16, 16, 3, 3, dtype="float64")
    fast, exact = [program(lambda x, w: F.conv2d(x, w), m, *arrays) for m in ("fast", "exact")]
    assert transforms(fast) == 0
    assert str(fast) == str(exact)


@pytest.mark.parametrize("mode", ["quick", "Fast", "", None])
def test_modes_that_do_not_exist(mode: Any) -> None:
    with pytest.raises(ArgumentError, match="convolution in 'exact', 'fast', 'auto'") as error:
        cr.compile(lambda x: x, convolution=mode)
    assert repr(mode) in str(error.value)
