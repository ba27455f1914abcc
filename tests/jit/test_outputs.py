"""Large results: memory is used again only when nobody looks at it any more."""

from __future__ import annotations

import numpy as np

import chainrule as cr

X = np.arange(40_000, dtype=np.float32)


def test_memory_of_a_result_that_was_dropped_is_used_again() -> None:
    twice = cr.compile(lambda x: x + x)
    first = twice(X)
    place = first.value.ctypes.data
    del first
    assert twice(X).value.ctypes.data == place


def test_what_is_held_in_any_way_stays_as_it_is() -> None:
    scaled = cr.compile(lambda x, s: x * s)
    held = scaled(X, 1.0)
    part = scaled(X, 2.0).value[::7]
    raw = memoryview(scaled(X, 3.0).value)
    for number in range(4, 8):
        scaled(X, float(number))
    np.testing.assert_array_equal(held.value, X)
    np.testing.assert_array_equal(part, 2 * X[::7])
    np.testing.assert_array_equal(np.asarray(raw), 3 * X)


def test_a_result_may_be_the_next_argument() -> None:
    add = cr.compile(lambda x: x + 1.0)
    x = cr.asarray(X)
    for _ in range(5):
        x = add(x)
    np.testing.assert_array_equal(x.value, X + 5)
