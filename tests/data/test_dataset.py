from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import ArrayDataset, Dataset, Subset, split
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, DataError


class Squares(Dataset):
    """A data set that computes its samples, to test what the base class derives."""

    def __len__(self) -> int:
        return 10

    def batch(self, indices: Array) -> tuple[Array, Array]:
        indices = np.asarray(indices)
        return indices[:, None] * 1.0, indices**2


def test_the_base_class_derives_all_from_batch() -> None:
    data = Squares()
    assert data.input_shape == (1,)
    assert data.num_classes is None
    assert data.targets.tolist() == [i**2 for i in range(10)]
    assert data.inputs.shape == (10, 1)
    assert [int(y) for _, y in data] == data.targets.tolist()
    assert repr(data) == "Squares('data', 10 samples, inputs (1,))"


def test_a_sample_a_slice_and_an_index_array() -> None:
    data = Squares()
    x, y = data[3]
    assert (x.tolist(), int(y)) == ([3.0], 9)
    assert data[-1:][1].tolist() == [81]
    assert data[[4, 0]][1].tolist() == [16, 0]
    assert data[np.array([], int)][1].shape == (0,)


def test_uint8_stays_uint8_and_is_not_copied() -> None:
    images = np.zeros((3, 1, 2, 2), np.uint8)
    data = ArrayDataset(images, np.array([0, 1, 2], np.uint8))
    assert data.inputs is images
    assert data.batch([0, 2])[0].dtype == np.uint8
    assert data.targets.dtype == np.int64
    assert data.num_classes == 3


def test_a_batch_is_a_copy() -> None:
    images = np.zeros((3, 2))
    ArrayDataset(images, [0, 1, 2]).batch([0])[0][:] = 1
    assert images.sum() == 0


@pytest.mark.parametrize(
    ("targets", "count"),
    [([0, 4], 5), ([-1, 1], None), ([0.0, 1.0], None), ([[0], [1]], None), ([True, False], 2)],
)
def test_targets_are_classes_if_they_are_one_dimensional_and_whole(
    targets: list[object], count: int | None
) -> None:
    assert ArrayDataset(np.zeros((2, 1)), targets).num_classes == count


def test_lists_of_floats_become_float32_and_arrays_keep_their_type() -> None:
    assert ArrayDataset([[1.0]], [1.0]).inputs.dtype == np.float32
    assert ArrayDataset(np.array([[1.0]]), [1.0]).inputs.dtype == np.float64


def test_a_label_beyond_the_classes_names_its_sample() -> None:
    with pytest.raises(DataError) as info:
        ArrayDataset(np.zeros((3, 1)), [0, 12, 1], classes=list("abcdefghij"), name="mine")
    assert str(info.value) == "mine: requires labels 0 to 9; received label 12 (sample 1)"


@pytest.mark.parametrize(
    ("inputs", "targets", "text"),
    [
        ([[1], [2]], [0], "mine: requires as many targets as inputs; received 2 inputs, 1 targets"),
        (["a", "b"], [0, 1], "mine: inputs: requires an array of numbers"),
        ([[1], [2, 3]], [0, 1], "mine: inputs: requires one shape for all samples"),
        (3.0, [0], "mine: inputs: requires an array of numbers, one row a sample"),
    ],
)
def test_arrays_that_are_no_samples(inputs: object, targets: object, text: str) -> None:
    with pytest.raises(DataError) as info:
        ArrayDataset(inputs, targets, name="mine")
    assert str(info.value).startswith(text)


def test_class_names_need_labels() -> None:
    with pytest.raises(DataError, match="one integer label a sample"):
        ArrayDataset([[1.0]], [0.5], classes=["a"])


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (10, "0 <= index < 10; received 10"),
        (-11, "0 <= index < 10; received -11"),
        ([0.5], "one-dimensional array of integers"),
        ([[1]], "one-dimensional array of integers"),
    ],
)
def test_an_index_that_is_wrong(index: object, text: str) -> None:
    data = ArrayDataset(np.zeros((10, 1)), np.zeros(10))
    with pytest.raises(DataError, match=text):
        data[index]


def test_a_subset_gathers_from_its_data_set() -> None:
    data = ArrayDataset(np.arange(6)[:, None], [0, 1, 2, 0, 1, 2], classes=["a", "b", "c"])
    part = Subset(data, [5, 3, 1])
    assert len(part) == 3
    assert part.batch([0, 2])[0].tolist() == [[5], [1]]
    assert part.targets.tolist() == [2, 0, 1]
    assert (part.classes, part.num_classes, part.input_shape) == (("a", "b", "c"), 3, (1,))
    assert Subset(part, [1]).inputs.tolist() == [[3]]
    with pytest.raises(DataError, match="received 3"):
        part.batch([3])
    with pytest.raises(DataError, match="received 6"):
        Subset(data, [6])


@given(
    n=st.integers(0, 60),
    weights=st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any),
    seed=st.integers(0, 5),
)
def test_fractions_cut_all_samples_into_disjoint_parts(
    n: int, weights: list[int], seed: int
) -> None:
    data = ArrayDataset(np.arange(n), np.arange(n) * 1.0)
    parts = split(data, [w / sum(weights) for w in weights], seed)
    assert sorted(int(i) for part in parts for i in part.inputs) == list(range(n))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(len(part) - n * weight / sum(weights)) <= 1


def test_sizes_leave_the_rest_over() -> None:
    data = ArrayDataset(np.arange(10), np.arange(10))
    assert [len(part) for part in split(data, (3, 2))] == [3, 2]


def test_a_split_depends_on_its_seed_only() -> None:
    data = ArrayDataset(np.arange(50), np.arange(50))
    first, again, other = (split(data, (0.5,), seed)[0].inputs for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("parts", [(), (0.6, 0.6), (-0.1, 0.5), (8, 3), (float("nan"), 0.5)])
def test_parts_that_cannot_be_cut(parts: tuple[float, ...]) -> None:
    with pytest.raises(ArgumentError, match="split: requires fractions"):
        split(ArrayDataset(np.zeros(10), np.zeros(10)), parts)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "a"])
def test_a_seed_is_a_whole_number(seed: object) -> None:
    with pytest.raises(ArgumentError, match="seed: requires an integer >= 0"):
        split(ArrayDataset(np.zeros(4), np.zeros(4)), (0.5,), seed)
