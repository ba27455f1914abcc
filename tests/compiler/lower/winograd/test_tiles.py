"""Blocks of tiles, and where the points of tiles lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.compiler.lower.lowering import Lowering
from chainrule.compiler.lower.winograd.tiles import BLOCK_BYTES, LINE, blocks, points_array
from chainrule.dtypes import float32


@given(st.integers(1, 200), st.integers(1, 3 * BLOCK_BYTES))
def test_blocks_cover_all_rows_and_stay_in_the_cache(rows: int, size: int) -> None:
    found = blocks(rows, size)
    assert [first + k for first, count in found for k in range(count)] == list(range(rows))
    assert all(count == 1 or count * size <= BLOCK_BYTES for _, count in found)


@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("axes", [(1, 8), (32, 16), (5, 33)])
def test_points_of_a_tile_lie_an_odd_number_of_cache_lines_apart(
    axes: tuple[int, int], channels_last: bool
) -> None:
    array = points_array(Lowering({}), 36, (3, 4), axes, channels_last, float32)
    assert array.shape == (36, 3, 4, *axes)
    step = array.strides[0]
    assert (step % LINE, step // LINE % 2) == (0, 1)
    assert array.strides[3:] == ((axes[1], 1) if channels_last else (1, axes[0]))
    extents = [(n - 1) * s for n, s in zip(array.shape, array.strides, strict=True)]
    assert sum(extents) < array.buffer.size
    assert sum(extents[3:]) < step  # points do not overlap, nor do tiles
    assert sum(extents[:1] + extents[3:]) < array.strides[2]
    assert sum(extents[:1] + extents[2:]) < array.strides[1]
