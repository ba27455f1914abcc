from __future__ import annotations

from typing import Any, cast, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from chainrule.data import (
    CenterCrop,
    Cutout,
    Pad,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomVerticalFlip,
    Transform,
)
from chainrule.data.augmentation import PaddingMode, _bilinear
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, ShapeError


class Upper:
    """A generator that always draws the upper end of an interval."""

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> Array:
        return np.full(size, high)


UPPER = cast(np.random.Generator, Upper())


@given(
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    padding=st.integers(0, 2),
    mode=st.sampled_from(get_args(PaddingMode)),
    seed=st.integers(0, 9),
    data=st.data(),
)
def test_a_random_crop_is_a_window_of_the_padded_image(
    height: int, width: int, padding: int, mode: PaddingMode, seed: int, data: st.DataObject
) -> None:
    h = data.draw(st.integers(1, height + 2 * padding))
    w = data.draw(st.integers(1, width + 2 * padding))
    # Numbers that occur once, so that a window tells its place.
    images = 1.0 + np.arange(3 * 2 * height * width).reshape(3, 2, height, width)
    rng = np.random.default_rng(seed)
    padded = Pad(padding, mode=mode)(images, rng)
    crops = RandomCrop((h, w), padding, mode)(images, rng)
    assert crops.shape == (3, 2, h, w)
    for image, crop in zip(padded, crops, strict=True):
        places = [
            np.array_equal(image[:, y : y + h, x : x + w], crop)
            for y in range(image.shape[1] - h + 1)
            for x in range(image.shape[2] - w + 1)
        ]
        assert any(places)


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        ("constant", [7, 7, 1, 2, 3, 7, 7]), ("edge", [1, 1, 1, 2, 3, 3, 3]),
        ("reflect", [3, 2, 1, 2, 3, 2, 1]), ("symmetric", [2, 1, 1, 2, 3, 3, 2]),
    ],
)  # fmt: skip
def test_what_a_border_is_of(mode: PaddingMode, row: list[int], rng: np.random.Generator) -> None:
    padded = Pad((0, 2), value=7, mode=mode)(np.array([[[[1, 2, 3]]]], np.uint8), rng)
    assert padded[0, 0, 0].tolist() == row
    assert padded.dtype == np.uint8


def test_an_image_without_pixels_has_no_mirror_image(rng: np.random.Generator) -> None:
    with pytest.raises(ShapeError, match="requires images that have pixels"):
        Pad(1, mode="reflect")(np.zeros((2, 3, 0, 4)), rng)


def test_random_crops_reach_every_place(rng: np.random.Generator) -> None:
    images = np.broadcast_to(np.arange(9).reshape(1, 1, 3, 3), (200, 1, 3, 3))
    assert np.unique(RandomCrop(1)(images, rng)).tolist() == list(range(9))


def test_center_crop(rng: np.random.Generator) -> None:
    image = np.arange(20).reshape(1, 1, 4, 5)
    np.testing.assert_array_equal(CenterCrop((2, 3))(image, rng), image[:, :, 1:3, 1:4])
    np.testing.assert_array_equal(CenterCrop((4, 5))(image, rng), image)


@pytest.mark.parametrize(("kind", "axis"), [(RandomHorizontalFlip, 3), (RandomVerticalFlip, 2)])
def test_flips_mirror_about_the_share_p_of_the_images(
    kind: Any, axis: int, rng: np.random.Generator
) -> None:
    images = rng.random((400, 1, 2, 2))
    np.testing.assert_array_equal(kind(p=0)(images, rng), images)
    np.testing.assert_array_equal(kind(p=1)(images, rng), np.flip(images, axis))
    result = kind(p=0.25)(images, rng)
    flipped = (result == np.flip(images, axis)).all(axis=(1, 2, 3))
    kept = (result == images).all(axis=(1, 2, 3))
    assert (flipped ^ kept).all()
    assert 60 < flipped.sum() < 140


def test_cutout_covers_a_square_cut_by_the_border(rng: np.random.Generator) -> None:
    result = Cutout(3, value=7)(np.zeros((300, 2, 6, 6), np.uint8), rng)
    assert result.dtype == np.uint8
    assert (result[:, 0] == result[:, 1]).all()
    counts = (result[:, 0] == 7).sum(axis=(1, 2))
    assert set(counts.tolist()) == {4, 6, 9}


def test_random_erasing_covers_a_rectangle(rng: np.random.Generator) -> None:
    images = np.ones((300, 2, 20, 20))
    result = RandomErasing(p=0.5, scale=(0.1, 0.2))(images, rng)
    erased = result[:, 0] == 0
    assert (result[:, 1] == result[:, 0]).all()
    areas = erased.sum(axis=(1, 2))
    assert 100 < (areas > 0).sum() < 200
    for mask, area in zip(erased, areas, strict=True):
        assert area == mask.any(axis=1).sum() * mask.any(axis=0).sum()
        assert area == 0 or 0.08 * 400 < area < 0.24 * 400


def test_an_affine_without_range_changes_nothing(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (2, 3, 5, 7)).astype(np.uint8)
    result = RandomAffine()(images, rng)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, images)


def test_a_quarter_turn_is_counter_clockwise(rng: np.random.Generator) -> None:
    images = rng.random((2, 3, 5, 5))
    result = RandomAffine(degrees=90)(images, UPPER)
    np.testing.assert_allclose(result, np.rot90(images, axes=(2, 3)), atol=1e-12)


def test_a_shift_moves_down_and_right_and_fills_the_rest(rng: np.random.Generator) -> None:
    images = rng.random((2, 1, 4, 8))
    result = RandomAffine(translate=0.25, value=9)(images, UPPER)
    np.testing.assert_allclose(result[:, :, 1:, 2:], images[:, :, :-1, :-2], atol=1e-12)
    assert (result[:, :, 0] == 9).all()
    assert (result[:, :, :, :2] == 9).all()


def test_a_factor_of_two_magnifies() -> None:
    image = np.zeros((1, 1, 5, 5))
    image[..., 2, 2] = 1
    result = RandomAffine(scale=(2, 2))(image, UPPER)
    assert result.sum() == pytest.approx(4)
    assert result[0, 0, 2, 2] == 1
    assert result[0, 0, 2, 3] == pytest.approx(0.5)


@given(seed=st.integers(0, 50))
def test_bilinear_sampling_agrees_with_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.random((1, 1, 4, 5))
    y, x = rng.uniform(-3, 7, (2, 1, 4, 5))
    expected = ndimage.map_coordinates(
        np.pad(image[0, 0], 4), [y[0] + 4, x[0] + 4], order=1, mode="constant"
    )
    np.testing.assert_allclose(_bilinear(image, y, x, 0)[0, 0], expected, atol=1e-12)


IMAGE_TRANSFORMS: list[Transform] = [
    Pad(1),
    CenterCrop(2),
    RandomCrop(2),
    RandomHorizontalFlip(),
    RandomVerticalFlip(),
    Cutout(1),
    RandomErasing(),
    RandomAffine(),
]


@pytest.mark.parametrize("transform", IMAGE_TRANSFORMS, ids=repr)
def test_only_images_have_rows_and_columns(transform: Transform, rng: np.random.Generator) -> None:
    with pytest.raises(
        ShapeError, match=r"requires images \(N, C, H, W\); received shape \(2, 4\)"
    ):
        transform(np.zeros((2, 4)), rng)


@pytest.mark.parametrize("transform", IMAGE_TRANSFORMS, ids=repr)
def test_a_batch_may_be_empty(transform: Transform, rng: np.random.Generator) -> None:
    assert len(transform(np.zeros((0, 1, 4, 4)), rng)) == 0


@pytest.mark.parametrize("transform", [CenterCrop(5), RandomCrop((5, 4)), RandomCrop(7, 1)])
def test_images_smaller_than_the_crop(transform: Transform, rng: np.random.Generator) -> None:
    with pytest.raises(ShapeError, match="requires images of at least"):
        transform(np.zeros((1, 1, 4, 4)), rng)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Pad(-1),
        lambda: Pad(1, mode="wrap"),  # type: ignore[arg-type]
        lambda: RandomCrop(2, 1, "mirror"),  # type: ignore[arg-type]
        lambda: CenterCrop(0),
        lambda: RandomCrop((1, 2, 3)),
        lambda: RandomCrop(2.5),
        lambda: RandomHorizontalFlip(1.5),
        lambda: RandomVerticalFlip(-0.1),
        lambda: Cutout(0),
        lambda: RandomErasing(p=2),
        lambda: RandomErasing(scale=(0.5, 0.1)),
        lambda: RandomErasing(ratio=(0, 1)),
        lambda: RandomAffine(degrees=-1),
        lambda: RandomAffine(scale=(0, 1)),
    ],
)
def test_arguments_that_are_wrong(make: Any) -> None:
    with pytest.raises(ArgumentError):
        make()
