from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from chainrule.data import (
    CenterCrop,
    Compose,
    Cutout,
    Flatten,
    Lambda,
    Normalize,
    OneHot,
    Pad,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomVerticalFlip,
    ToFloat,
    Transform,
    from_config,
)
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, DataError, ShapeError

ALL: list[Transform] = [
    ToFloat(),
    Normalize(0.5, 0.25),
    Normalize([0.1, 0.2, 0.3], (1, 2, 3), scale=1),
    Flatten(),
    OneHot(10),
    Pad(2, value=1),
    CenterCrop((3, 4)),
    RandomCrop(8, padding=(2, 0)),
    RandomHorizontalFlip(),
    RandomVerticalFlip(p=0.1),
    Cutout(3),
    RandomErasing(scale=(0.1, 0.2)),
    RandomAffine(degrees=10, translate=0.1, scale=(0.9, 1.1)),
    Compose([Compose([ToFloat()]), RandomCrop(4)]),
    Compose([]),
]


@pytest.fixture
def images(rng: np.random.Generator) -> Array:
    return rng.integers(0, 256, (6, 3, 8, 8)).astype(np.uint8)


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_a_config_travels_as_json_and_restores_the_transform(transform: Transform) -> None:
    config = json.loads(json.dumps(transform.config()))
    restored = from_config(config)
    assert restored == transform
    assert repr(restored) == repr(transform)


@pytest.mark.parametrize(
    "config",
    [
        {},
        None,
        [],
        {"transform": "os.system"},
        {"transform": ["Pad"]},
        {"transform": "Transform"},
        {"transform": "Pad"},
        {"transform": "Pad", "padding": 1, "extra": 2},
        {"transform": "Pad", "padding": "x"},
        {"transform": "Cutout", "size": None},
        {"transform": "RandomHorizontalFlip", "p": "x"},
        {"transform": "RandomHorizontalFlip", "p": 2},
        {"transform": "ToFloat", "scale": "x"},
        {"transform": "Compose"},
        {"transform": "Compose", "transforms": [{"transform": "Nothing"}]},
        {"transform": "Compose", "transforms": [], "extra": 1},
        {"transform": "Lambda", "function": "print"},
    ],
)
def test_a_config_that_describes_no_transform(config: Any) -> None:
    with pytest.raises(DataError) as info:
        from_config(config)
    assert "\n" not in str(info.value)


def test_a_lambda_is_named_but_not_restored() -> None:
    def double(batch: Array, rng: np.random.Generator) -> Array:
        return batch * 2

    config = Lambda(double).config()
    assert config == {"transform": "Lambda", "function": "double"}
    with pytest.raises(DataError, match="'double': requires a transform class"):
        from_config(config)


def test_a_transform_of_the_user_is_known_by_its_name(rng: np.random.Generator) -> None:
    @dataclass(frozen=True)
    class Darken(Transform):
        by: int

        def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
            return batch // self.by

    restored = from_config(Darken(2).config())
    assert restored(np.array([8]), rng).tolist() == [4]


@pytest.mark.parametrize("transform", [t for t in ALL if t != OneHot(10)], ids=repr)
def test_a_batch_is_left_as_it_is_and_the_generator_decides_all(
    transform: Transform, images: Array
) -> None:
    before = images.copy()
    first, again = (transform(images, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(images, before)
    assert len(first) == len(images)


def test_compose_applies_in_order(rng: np.random.Generator) -> None:
    add = Lambda(lambda batch, rng: batch + 1)
    double = Lambda(lambda batch, rng: batch * 2)
    assert Compose([add, double])(np.array([1]), rng).tolist() == [4]
    assert Compose([double, add])(np.array([1]), rng).tolist() == [3]
    with pytest.raises(ArgumentError, match="Compose: requires transforms; received <built-in"):
        Compose([add, abs])


@pytest.mark.parametrize(("dtype", "result"), [("u1", "f4"), ("i8", "f4"), ("f4", "f4")])
def test_integers_become_float32(dtype: str, result: str, rng: np.random.Generator) -> None:
    batch = np.array([[0, 51]], dtype)
    for transform in (ToFloat(), Normalize(0, 1)):
        values = transform(batch, rng)
        assert values.dtype == result
        np.testing.assert_allclose(values, [[0, 0.2]], rtol=1e-6)


def test_float64_stays_float64(rng: np.random.Generator) -> None:
    assert ToFloat()(np.zeros((1, 2)), rng).dtype == np.float64
    assert Normalize(0, 1)(np.zeros((1, 2)), rng).dtype == np.float64


def test_normalize_by_channel(images: Array, rng: np.random.Generator) -> None:
    mean, std = np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 4.0])
    expected = (images / 255 - mean.reshape(3, 1, 1)) / std.reshape(3, 1, 1)
    np.testing.assert_allclose(Normalize(mean, std)(images, rng), expected, atol=1e-6)
    table = np.array([[1.0, 10.0], [3.0, 30.0]])
    assert Normalize((1, 10), 2, scale=1)(table, rng).tolist() == [[0, 0], [1, 10]]


def test_normalize_fits_its_inputs(images: Array, rng: np.random.Generator) -> None:
    fitted = Normalize.fit(images)
    values = fitted(images, rng).astype(np.float64)
    np.testing.assert_allclose(values.mean(axis=(0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(values.std(axis=(0, 2, 3)), 1, atol=1e-6)


def test_normalize_fits_more_samples_than_one_piece(rng: np.random.Generator) -> None:
    table = 1e4 + rng.standard_normal((10_000, 2)) * [1, 100]
    fitted = Normalize.fit(table)
    np.testing.assert_allclose(fitted.mean, table.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(fitted.std, table.std(axis=0), rtol=1e-9)


def test_a_constant_channel_is_only_shifted(rng: np.random.Generator) -> None:
    table = np.full((7, 1), 0.1)
    fitted = Normalize.fit(table)
    assert fitted.std == (1.0,)
    np.testing.assert_allclose(fitted(table, rng), 0, atol=1e-12)
    assert Normalize.fit(np.full((2, 1, 2, 2), 51, np.uint8)).std == (1.0,)


def test_one_hot_rejects_labels_out_of_range(rng: np.random.Generator) -> None:
    for labels in ([0, 3], [-1, 0]):
        with pytest.raises(DataError, match="OneHot: requires labels 0 to 2"):
            OneHot(3)(np.array(labels), rng)
    with pytest.raises(ShapeError, match="OneHot: requires integer labels"):
        OneHot(3)(np.array([0.0]), rng)


@pytest.mark.parametrize(
    ("mean", "std"), [(0, 0), (0, -1), (0, float("nan")), ([1, 2], [1, 2, 3]), (0, [1, 0])]
)
def test_normalize_needs_a_positive_deviation(mean: Any, std: Any) -> None:
    with pytest.raises(ArgumentError, match="Normalize: requires std > 0"):
        Normalize(mean, std)


def test_shapes_that_do_not_fit(images: Array, rng: np.random.Generator) -> None:
    with pytest.raises(ShapeError, match="requires 2 channels on axis 1"):
        Normalize([0, 0], 1)(images, rng)
    with pytest.raises(ShapeError, match=r"Normalize.fit: requires \(N, C, ...\), N > 0"):
        Normalize.fit(np.zeros((0, 2)))
