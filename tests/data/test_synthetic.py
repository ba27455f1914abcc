from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from chainrule.data import ArrayDataset, blobs, line, moons, spirals, xor
from chainrule.errors import ArgumentError

ALL = [spirals, blobs, moons, xor, line]
Maker = Callable[..., ArrayDataset]


@pytest.mark.parametrize("make", ALL)
def test_a_seed_fixes_every_number(make: Maker) -> None:
    first, again, other = (make(40, noise=0.3, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.inputs, again.inputs)
    np.testing.assert_array_equal(first.targets, again.targets)
    assert not np.array_equal(first.inputs, other.inputs)
    assert first.inputs.dtype == np.float32


@pytest.mark.parametrize(
    ("make", "classes"), [(partial(spirals, classes=5), 5), (blobs, 3), (moons, 2)]
)
def test_classes_have_equal_sizes(make: Maker, classes: int) -> None:
    data = make(31)
    counts = np.bincount(data.targets, minlength=classes)
    assert data.num_classes == classes
    assert counts.sum() == 31
    assert counts.max() - counts.min() <= 1


def test_spirals_stay_within_the_unit_circle() -> None:
    assert np.linalg.norm(spirals(200).inputs, axis=1).max() <= 1


def test_moons_without_noise_are_half_circles() -> None:
    data = moons(100, noise=0)
    for label, centre in ((0, (0, 0)), (1, (1, 0.5))):
        radius = np.linalg.norm(data.inputs[data.targets == label] - centre, axis=1)
        np.testing.assert_allclose(radius, 1, atol=1e-6)


def test_xor_labels_with_noise_are_those_of_the_corners() -> None:
    data = xor(40, noise=0.05)
    corners = np.rint(data.inputs).astype(int)
    np.testing.assert_array_equal(data.targets, corners[:, 0] ^ corners[:, 1])


def test_a_line_without_noise_is_its_formula() -> None:
    data = line(20, slope=(2.0, -1.0), intercept=0.5, noise=0)
    assert data.targets.shape == (20, 1)
    expected = data.inputs @ np.array([[2.0], [-1.0]]) + 0.5
    np.testing.assert_allclose(data.targets, expected, atol=1e-6)


@pytest.mark.parametrize("make", ALL)
def test_no_samples(make: Maker) -> None:
    with pytest.raises(ArgumentError, match="requires n >= 1; received 0"):
        make(0)


def test_no_classes() -> None:
    with pytest.raises(ArgumentError, match="blobs: requires classes >= 1; received 0"):
        blobs(10, classes=0)
