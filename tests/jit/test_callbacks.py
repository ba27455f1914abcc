"""User-written NumPy operations inside of compiled functions."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile


@pytest.mark.parametrize("threads", [1, 2])
def test_a_program_may_begin_with_a_call(threads: int) -> None:
    f = compile(lambda x: cr.argsort(x), threads=threads)
    assert f(np.array([3.0, 1.0, 2.0])).tolist() == [1, 2, 0]


def test_what_is_called_may_read_backwards() -> None:
    f = compile(lambda x: cr.argsort(cr.flip(x)[:, ::-2], axis=1))
    x = np.random.default_rng(0).standard_normal((3, 8))
    np.testing.assert_array_equal(f(x).value, np.argsort(x[::-1, ::2], axis=1))
