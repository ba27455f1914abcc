"""What a compiled function returns."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import compile


def test_a_part_that_is_returned_twice_and_used() -> None:
    @compile
    def f(x: Any) -> Any:
        part = x[1:3]
        return part, part, part * 2

    first, second, double = f(np.arange(4.0))
    assert first.tolist() == second.tolist() == [1.0, 2.0]
    assert double.tolist() == [2.0, 4.0]
