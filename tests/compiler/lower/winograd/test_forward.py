"""Tile by tile, convolutions and their gradients are what they are element by element."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compiler.lower.winograd.convolutions import Job, assert_right, transforms

TAPS = [(3, 3), (5, 5), (1, 3), (3, 1), (1, 7), (7, 1), (3, 5), (7, 7)]


@pytest.mark.parametrize("images", [2, 32])
@pytest.mark.parametrize("taps", TAPS, ids=str)
def test_each_size_of_taps(taps: tuple[int, int], images: int) -> None:
    pads = ((taps[0] // 2,) * 2, (taps[1] // 2,) * 2)
    job = Job(images, 9, 12, (9, 11), taps, pads)
    assert_right(job)
    assert_right(job, "exact")


@pytest.mark.parametrize("images", [1, 2, 32])
def test_notes_say_what_is_done(images: int) -> None:
    """Also of inputs that lie row by row, which is neither of the two layouts."""
    program = Job(images, 9, 12, (6, 7)).lowered("fast")
    assert all("F(" in note for note in program.notes)
    assert transforms(program) == len(program.notes) == 4


@pytest.mark.parametrize("images", [1, 32])
@pytest.mark.parametrize("side", range(1, 16, 2))
def test_edges_of_images(side: int, images: int) -> None:
    """Images smaller than a tile, whole tiles, and tiles that stick out."""
    assert_right(Job(images, 8, 8, (side, 16 - side)))


@pytest.mark.parametrize("groups", [2, 3])
@pytest.mark.parametrize("images", [1, 32])
def test_groups(images: int, groups: int) -> None:
    job = Job(images, 8 * groups, 9 * groups, (9, 7), groups=groups)
    assert transforms(job.lowered("fast")) >= 4
    assert_right(job)
    assert_right(job, "exact")


PADDING = st.tuples(st.integers(0, 3), st.integers(0, 3))


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    taps = draw(st.sampled_from(TAPS))
    padding = draw(PADDING), draw(PADDING)
    shape = tuple(
        draw(st.integers(max(1, r - sum(pads)), 15)) for r, pads in zip(taps, padding, strict=True)
    )
    images, channels, outputs = draw(
        st.sampled_from([(1, 8, 70), (2, 70, 8), (3, 17, 16), (5, 16, 9), (32, 8, 11), (48, 20, 8)])
    )
    return Job(images, channels, outputs, (shape[0], shape[-1]), taps, padding)


@settings(max_examples=15)
@given(jobs())
def test_any_padding(job: Job) -> None:
    assert_right(job)


@pytest.mark.parametrize("images", [3, 32])
def test_blocks_of_tiles(images: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of tiles that do not fit into the cache at once follow each other."""
    job = Job(images, 8, 10, (23, 9))
    whole = job.lowered("fast")
    monkeypatch.setattr("chainrule.compiler.lower.winograd.tiles.BLOCK_BYTES", 1 << 16)
    assert len(job.lowered("fast").kernels) > len(whole.kernels)
    assert_right(job)


@pytest.mark.parametrize("images", [3, 32])
def test_parts_of_weights(images: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights whose transforms do not fit into the cache at once follow each other."""
    job = Job(images, 12, 21, (7, 6))
    whole = job.lowered("fast")
    monkeypatch.setattr("chainrule.compiler.lower.winograd.tiles.PART_BYTES", 36 * 12 * 4 * 5)
    assert transforms(job.lowered("fast")) > transforms(whole)
    assert_right(job)


@pytest.mark.parametrize("images", [5, 32])
def test_the_same_bits_on_any_number_of_threads(images: int) -> None:
    job = Job(images, 16, 24, (13, 10))
    one, *others = [job.compiled("fast", threads=n) for n in (1, 2, 3)]
    for found in others:
        assert [y.tobytes() for y in found] == [y.tobytes() for y in one]
