"""Blocks of tiles, and where the points of tiles lie."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.compiler.ir.kernels import Array
from chainrule.compiler.lower.lowering import Lowering
from chainrule.compiler.lower.winograd.tiles import (
    BLOCK_BYTES,
    LINE,
    PART_BYTES,
    blocks,
    parts,
    points_array,
    weights_array,
)
from chainrule.dtypes import float32


@given(st.integers(1, 200), st.integers(1, 3 * BLOCK_BYTES))
def test_blocks_cover_all_rows_and_stay_in_the_cache(rows: int, size: int) -> None:
    found = blocks(rows, size)
    assert [first + k for first, count in found for k in range(count)] == list(range(rows))
    assert all(count == 1 or count * size <= BLOCK_BYTES for _, count in found)


@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("axes", [(1, 8), (32, 16), (5, 33)])
def test_points_and_tiles_lie_an_odd_number_of_cache_lines_apart(
    axes: tuple[int, int], channels_last: bool
) -> None:
    array = points_array(Lowering({}), 36, (3, 4), axes, channels_last, float32)
    assert array.shape == (36, 3, 4, *axes)
    for step in (array.strides[0], array.strides[2]):
        assert (step % LINE, step // LINE % 2) == (0, 1)
    assert array.strides[3:] == ((axes[1], 1) if channels_last else (1, axes[0]))
    assert apart(array)


@pytest.mark.parametrize("last", [0, 1])
def test_the_points_of_weights_lie_an_odd_number_of_cache_lines_apart(last: int) -> None:
    array = weights_array(Lowering({}), 16, (64, 32), float32, last)
    assert array.shape == (16, 64, 32)
    assert (array.strides[0] % LINE, array.strides[0] // LINE % 2) == (0, 1)
    assert array.strides[1 + last] == 1
    assert apart(array)


def apart(array: Array) -> bool:
    """Return whether all elements have places of their own in the buffer."""
    places = np.int64(0)
    for length, stride in zip(array.shape, array.strides, strict=True):
        places = np.add.outer(places, stride * np.arange(length))
    return len(np.unique(places)) == math.prod(array.shape) and places.max() < array.buffer.size


@given(st.integers(1, 2000), st.integers(1, 2 * PART_BYTES))
def test_parts_of_weights_stay_in_the_cache(count: int, size: int) -> None:
    found = parts(count, size, again=False)
    assert [first + k for first, n in found for k in range(n)] == list(range(count))
    assert all(n == 1 or n * size <= PART_BYTES for _, n in found)
    assert parts(count, size, again=True) == [(0, count)]
