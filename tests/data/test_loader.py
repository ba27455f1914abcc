from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import ArrayDataset, DataLoader, Lambda, OneHot, RandomCrop
from chainrule.data.dataset import Batch
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, CheckpointError


def numbers(n: int) -> ArrayDataset:
    return ArrayDataset(np.arange(n, dtype=np.float32)[:, None], np.arange(n))


def noise(batch: Array, rng: np.random.Generator) -> Array:
    return batch + rng.random(batch.shape)


def same(first: list[Batch], second: list[Batch]) -> bool:
    return len(first) == len(second) and all(
        np.array_equal(x, u) and np.array_equal(y, v)
        for (x, y), (u, v) in zip(first, second, strict=True)
    )


def loader_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("chainrule-loader")]


def test_without_shuffling_the_order_is_that_of_the_data() -> None:
    loader = DataLoader(numbers(7), 3)
    for _ in range(2):
        assert [y.tolist() for _, y in loader] == [[0, 1, 2], [3, 4, 5], [6]]
    assert len(loader) == 3


def test_the_last_batch_can_be_dropped() -> None:
    loader = DataLoader(numbers(7), 3, drop_last=True)
    assert len(loader) == 2
    assert [len(y) for _, y in loader] == [3, 3]


@given(n=st.integers(1, 40), batch_size=st.integers(1, 9), seed=st.integers(0, 3))
def test_an_epoch_is_a_permutation_cut_into_batches(n: int, batch_size: int, seed: int) -> None:
    loader = DataLoader(numbers(n), batch_size, shuffle=True, seed=seed)
    for epoch in range(2):
        order = [int(y) for _, targets in loader for y in targets]
        assert sorted(order) == list(range(n))
        assert order == loader.indices(epoch).tolist()


def test_epochs_and_seeds_have_different_orders_and_the_same_seed_the_same() -> None:
    first, same_seed, other = (DataLoader(numbers(50), 5, True, seed) for seed in (1, 1, 2))
    assert not np.array_equal(first.indices(0), first.indices(1))
    assert not np.array_equal(first.indices(0), other.indices(0))
    assert np.array_equal(first.indices(3), same_seed.indices(3))
    assert first.indices(0).dtype == np.int64


def test_the_order_never_changes_between_versions() -> None:
    loader = DataLoader(numbers(10), 5, shuffle=True, seed=42)
    assert loader.indices(0).tolist() == [2, 3, 5, 9, 0, 1, 6, 7, 8, 4]


@given(
    stop=st.integers(0, 12),
    prefetch=st.sampled_from([0, 1, 3]),
    resumed_prefetch=st.sampled_from([0, 2]),
)
def test_resuming_anywhere_gives_exactly_the_batches_still_to_come(
    stop: int, prefetch: int, resumed_prefetch: int
) -> None:
    def make(prefetch: int) -> DataLoader:
        return DataLoader(numbers(19), 5, shuffle=True, seed=3, transform=noise, prefetch=prefetch)

    reference = make(0)
    whole = [batch for _ in range(3) for batch in reference]

    loader, seen, state = make(prefetch), [], {"epoch": 0, "batch": 0}
    while len(seen) < stop:
        for batch in loader:
            seen.append(batch)
            state = loader.state_dict()
            if len(seen) == stop:
                break
    resumed = make(resumed_prefetch)
    resumed.load_state_dict(state)
    while resumed.epoch < 3:
        seen.extend(resumed)
    assert same(seen, whole)


def test_the_position_while_and_after_iterating() -> None:
    loader = DataLoader(numbers(4), 2)
    positions = [loader.state_dict() for _ in loader]
    assert positions == [{"epoch": 0, "batch": 1}, {"epoch": 0, "batch": 2}]
    assert loader.state_dict() == {"epoch": 1, "batch": 0}


def test_a_state_at_the_end_of_an_epoch_ends_that_epoch() -> None:
    loader = DataLoader(numbers(4), 2)
    loader.load_state_dict({"epoch": 5, "batch": 2})
    assert list(loader) == []
    assert loader.state_dict() == {"epoch": 6, "batch": 0}


def test_after_leaving_early_a_new_epoch_begins() -> None:
    loader = DataLoader(numbers(6), 2, shuffle=True)
    next(iter(loader))
    assert loader.state_dict() == {"epoch": 0, "batch": 1}
    order = [int(y) for _, targets in loader for y in targets]
    assert order == loader.indices(1).tolist()


def test_two_iterations_at_once_do_not_disturb_each_other() -> None:
    loader = DataLoader(numbers(6), 2, shuffle=True, prefetch=1)
    pairs = list(zip(loader, loader, strict=True))
    for epoch, side in enumerate(zip(*pairs, strict=True)):
        order = [int(y) for _, targets in side for y in targets]
        assert order == loader.indices(epoch).tolist()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"epoch": 0},
        {"epoch": -1, "batch": 0},
        {"epoch": 0, "batch": 4},
        {"epoch": 0, "batch": -1},
        {"epoch": "0", "batch": 0},
        {"epoch": 0.5, "batch": 0},
    ],
)
def test_a_state_that_is_no_position(state: dict[str, Any]) -> None:
    loader = DataLoader(numbers(6), 2)
    with pytest.raises(CheckpointError, match="requires epoch >= 0 and 0 <= batch <= 3"):
        loader.load_state_dict(state)
    assert loader.state_dict() == {"epoch": 0, "batch": 0}


def test_transforms_see_batches_and_one_generator_a_batch() -> None:
    data = ArrayDataset(np.zeros((6, 1, 8, 8), np.uint8), np.arange(6))
    loader = DataLoader(data, 4, transform=RandomCrop(5), target_transform=OneHot(6))
    shapes = [(x.shape, x.dtype, y.shape) for x, y in loader]
    assert shapes == [((4, 1, 5, 5), np.uint8, (4, 6)), ((2, 1, 5, 5), np.uint8, (2, 6))]


def test_augmentation_differs_between_batches_and_epochs() -> None:
    loader = DataLoader(ArrayDataset(np.zeros((4, 1)), np.zeros(4)), 2, transform=noise)
    draws = [tuple(x.ravel()) for _ in range(2) for x, _ in loader]
    assert len(set(draws)) == 4


def test_a_target_transform_does_not_change_the_augmentation() -> None:
    plain = DataLoader(numbers(6), 2, transform=noise)
    both = DataLoader(numbers(6), 2, transform=noise, target_transform=noise)
    for (x, _), (u, _) in zip(plain, both, strict=True):
        np.testing.assert_array_equal(x, u)


@pytest.mark.parametrize("prefetch", [1, 2, 50])
def test_prefetching_changes_nothing_and_its_thread_ends(prefetch: int) -> None:
    def epochs(prefetch: int) -> list[Batch]:
        loader = DataLoader(
            numbers(23), 4, shuffle=True, seed=9, transform=noise, prefetch=prefetch
        )
        return [batch for _ in range(2) for batch in loader]

    assert same(epochs(0), epochs(prefetch))
    assert loader_threads() == []


def test_batches_are_prepared_ahead_of_the_consumer_by_another_thread() -> None:
    made, names = threading.Semaphore(0), set()

    def watch(batch: Array, rng: np.random.Generator) -> Array:
        names.add(threading.current_thread().name)
        made.release()
        return batch

    iterator = iter(DataLoader(numbers(10), 1, transform=Lambda(watch), prefetch=2))
    next(iterator)
    for _ in range(3):  # the one in use and two more, while the consumer does nothing
        assert made.acquire(timeout=30)
    assert not made.acquire(blocking=False)
    assert names == {"chainrule-loader_0"}
    iterator.close()
    assert loader_threads() == []


def test_the_thread_ends_when_the_consumer_stops_early() -> None:
    for _ in DataLoader(numbers(100), 1, prefetch=3):
        assert len(loader_threads()) == 1
        break
    assert loader_threads() == []


def test_the_thread_ends_when_the_consumer_fails() -> None:
    loader = DataLoader(numbers(100), 1, prefetch=3)

    def fail() -> None:
        for _ in loader:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert loader_threads() == []


@pytest.mark.parametrize("prefetch", [0, 2])
def test_an_error_arrives_at_its_batch(prefetch: int) -> None:
    def fail_at_six(batch: Array, rng: np.random.Generator) -> Array:
        if 6 in batch:
            raise RuntimeError("six")
        return batch

    loader = DataLoader(numbers(10), 2, transform=fail_at_six, prefetch=prefetch)
    seen = []

    def consume() -> None:
        for _, targets in loader:
            seen.extend(targets.tolist())

    with pytest.raises(RuntimeError, match="six"):
        consume()
    assert seen == [0, 1, 2, 3, 4, 5]
    assert loader.state_dict() == {"epoch": 0, "batch": 3}
    assert loader_threads() == []


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 0},
        {"batch_size": 2, "prefetch": -1},
        {"batch_size": 4, "drop_last": True},
    ],
)
def test_arguments_that_are_wrong(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="DataLoader: requires"):
        DataLoader(numbers(3), **options)


def test_a_seed_that_is_none() -> None:
    with pytest.raises(ArgumentError, match="seed: requires an integer >= 0; received -1"):
        DataLoader(numbers(3), 1, seed=-1)


def test_an_empty_data_set() -> None:
    with pytest.raises(ArgumentError, match="at least one batch an epoch; received 0 samples"):
        DataLoader(numbers(0), 1)


def test_chunks_are_the_epochs_batches_as_numbers() -> None:
    one, other = (DataLoader(numbers(23), 4, shuffle=True, seed=5) for _ in range(2))
    limits = iter([1, 3, 100, 1])
    for _ in range(2):
        found = []
        for chunk in one.chunks(lambda: next(limits, 2)):
            assert one.state_dict()["batch"] == len(found) + len(chunk)
            found += [row.tolist() for row in chunk]
        assert found == [targets.tolist() for _, targets in other]
        assert one.state_dict() == other.state_dict()


def test_chunks_go_on_from_a_saved_position() -> None:
    loader = DataLoader(numbers(10), 3, shuffle=True)
    whole = [row.tolist() for chunk in loader.chunks(lambda: 2) for row in chunk]
    loader.load_state_dict({"epoch": 0, "batch": 1})
    assert [row.tolist() for chunk in loader.chunks(lambda: 9) for row in chunk] == whole[1:]
