"""What a compiled function returns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, dtypes


def test_a_part_that_is_returned_twice_and_used() -> None:
    @compile
    def f(x: Any) -> Any:
        part = x[1:3]
        return part, part, part * 2

    first, second, double = f(np.arange(4.0))
    assert first.tolist() == second.tolist() == [1.0, 2.0]
    assert double.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("dtype", dtypes.ALL)
def test_single_numbers_of_every_type(dtype: str) -> None:
    x = cr.tensor([1, 0, 1], dtype)
    single = compile(lambda x: (x[0], cr.max(x), cr.astype(cr.sum(x), dtype)))(x)
    assert [t.item() for t in single] == [1, 1, dtype == "bool" or 2]
    assert [str(t.dtype) for t in single] == [dtype] * 3


def test_an_empty_part_gets_no_gradient() -> None:
    """No kernel asks at every place whether it lies in a part that has none."""

    def f(x: Any) -> Any:
        return cr.grad(lambda v: v[1:2, 3:3].sum() + v.sum())(x)

    compiled, x = compile(f), cr.ones((2, 7, 5), dtype="bfloat16")
    assert "inside" not in compiled.program_text(x)
    np.testing.assert_array_equal(compiled(x).value, np.ones((2, 7, 5)))
