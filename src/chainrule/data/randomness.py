"""Counter-based randomness: what is drawn depends on a seed and a position, never on history.

The bits come from Philox (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011),
keyed by a seed and any number of counters. Whoever asks for (seed, epoch 3, batch 17) gets the
same numbers, whether or not epochs 0 to 2 were run before.
"""

from __future__ import annotations

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError


def _philox(seed: int, *counters: int) -> np.random.Philox:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ArgumentError("seed", required="an integer >= 0", received=repr(seed))
    return np.random.Philox(np.random.SeedSequence(int(seed), spawn_key=counters))


def generator(seed: int, *counters: int) -> np.random.Generator:
    """Return the random generator of a seed and a position.

    >>> bool(generator(0, 3, 17).random() == generator(0, 3, 17).random())
    True
    """
    return np.random.Generator(_philox(seed, *counters))


def permutation(n: int, seed: int, *counters: int) -> Array:
    """Return the numbers 0 to n - 1, int64, in the random order of a seed and a position.

    It sorts raw Philox bits instead of calling ``Generator.permutation``, whose algorithm NumPy
    may change between versions: a run must resume in the same order after an upgrade.

    >>> sorted(permutation(5, seed=1).tolist())
    [0, 1, 2, 3, 4]
    """
    return np.argsort(_philox(seed, *counters).random_raw(n), kind="stable").astype(np.int64)
