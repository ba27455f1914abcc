"""Batches in random order, the same ones from wherever an epoch is resumed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from functools import partial

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, CheckpointError
from .dataset import Batch, Dataset
from .randomness import generator, permutation

BatchTransform = Callable[[Array, np.random.Generator], Array]
_ORDER, _AUGMENTATION = 0, 1  # independent streams of the same seed


class DataLoader:
    """Iterate over the batches of a data set, one epoch each time it is iterated.

    The order of an epoch depends on (seed, epoch), the transforms of a batch on (seed, epoch,
    batch), on nothing that happened before. The position (epoch, next batch) is the whole state:
    after ``load_state_dict`` iteration goes on with exactly the batches that were still to come.
    An epoch that was left early is not taken up again by itself; the next iteration is a new one.

    ``transform`` and ``target_transform`` are functions of (array, generator). ``prefetch`` is
    the number of batches that a thread prepares ahead; it changes nothing but the time.

    >>> from chainrule.data import ArrayDataset
    >>> data = ArrayDataset(np.arange(5.0)[:, None], np.arange(5))
    >>> [targets.tolist() for _, targets in DataLoader(data, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        shuffle: bool = False,
        seed: int = 0,
        drop_last: bool = False,
        transform: BatchTransform | None = None,
        target_transform: BatchTransform | None = None,
        prefetch: int = 0,
    ) -> None:
        if batch_size < 1 or prefetch < 0:
            raise ArgumentError(
                "DataLoader",
                required="batch_size >= 1, prefetch >= 0",
                received=f"{batch_size}, {prefetch}",
            )
        generator(seed)  # a seed that is none is an error here, not at the first batch
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.drop_last = drop_last
        self.transform = transform
        self.target_transform = target_transform
        self.prefetch = prefetch
        self.epoch = 0
        self.batch = 0  # the next one of this epoch
        self._resumes = False
        if len(self) == 0:
            raise ArgumentError(
                "DataLoader",
                required="at least one batch an epoch",
                received=f"{len(dataset)} samples, {batch_size=}, {drop_last=}",
            )

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Batch]:
        epoch, first = self._begin()
        order = self.indices(epoch)
        numbers = range(first, len(self))
        with closing(self._ahead(partial(self._make, order, epoch), numbers)) as batches:
            for batch, arrays in zip(numbers, batches, strict=True):
                # Whoever saves the state while using this batch wants to go on with the next.
                self.epoch, self.batch = epoch, batch + 1
                yield arrays
        self.epoch, self.batch = epoch + 1, 0

    def chunks(self, limit: Callable[[], int]) -> Iterator[Array]:
        """Iterate over an epoch without gathering it: sample numbers (batches, batch_size), int64.

        Each chunk has as many batches as ``limit()`` allows, one at least, all of one size. The
        position is behind a chunk as soon as it is given out. Transforms are left to the user.
        """
        epoch, batch = self._begin()
        order, size = self.indices(epoch), self.batch_size
        whole = len(order) // size
        while batch < len(self):
            stop = batch + max(1, min(limit(), whole - batch))
            self.epoch, self.batch = epoch, stop
            yield order[batch * size : stop * size].reshape(stop - batch, -1)
            batch = stop
        self.epoch, self.batch = epoch + 1, 0

    def _begin(self) -> tuple[int, int]:
        """Return the epoch, and its first batch: a new one, unless it is to be resumed."""
        if self.batch > 0 and not self._resumes:
            self.epoch, self.batch = self.epoch + 1, 0
        self._resumes = False
        return self.epoch, self.batch

    def indices(self, epoch: int) -> Array:
        """Return the samples of an epoch in their order: a permutation of 0 ... N - 1, int64."""
        n = len(self.dataset)
        return permutation(n, self.seed, _ORDER, epoch) if self.shuffle else np.arange(n)

    def state_dict(self) -> dict[str, int]:
        """Return the position: the epoch and the number of its batches already given out."""
        return {"epoch": self.epoch, "batch": self.batch}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Go to a position; the next iteration gives the rest of that epoch."""
        position = [state.get(key) for key in ("epoch", "batch")]
        match position:
            case [int(epoch), int(batch)] if epoch >= 0 and 0 <= batch <= len(self):
                self.epoch, self.batch, self._resumes = epoch, batch, True
            case _:
                raise CheckpointError(
                    "DataLoader state",
                    required=f"epoch >= 0 and 0 <= batch <= {len(self)}",
                    received=repr(dict(state)),
                )

    def _make(self, order: Array, epoch: int, batch: int) -> Batch:
        start = batch * self.batch_size
        inputs, targets = self.dataset.batch(order[start : start + self.batch_size])
        rng = generator(self.seed, _AUGMENTATION, epoch, batch)
        if self.transform is not None:
            inputs = self.transform(inputs, rng)
        if self.target_transform is not None:
            targets = self.target_transform(targets, rng)
        return inputs, targets

    def _ahead(self, make: Callable[[int], Batch], numbers: range) -> Generator[Batch]:
        """Yield ``make(n)`` for each number, prepared by a thread if prefetch > 0."""
        if self.prefetch == 0:
            yield from map(make, numbers)
            return
        from concurrent.futures import ThreadPoolExecutor

        # One thread, so batches are made in order; a future carries an error to its batch.
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chainrule-loader")
        try:
            pending = deque(pool.submit(make, n) for n in numbers[: self.prefetch])
            for n in numbers:
                future = pending.popleft()
                if n + self.prefetch < numbers.stop:
                    pending.append(pool.submit(make, n + self.prefetch))
                yield future.result()
        finally:
            # Also reached when the consumer stops early and the generator is closed.
            pool.shutdown(cancel_futures=True)
