"""Loops of steps node by node: in debug mode, and while anomalies are hunted."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import AnomalyError


def test_debug_mode_runs_each_step_eagerly_with_the_same_results() -> None:
    data = np.arange(12, dtype=np.float32).reshape(6, 2)
    rows = np.array([[0, 1, 2], [3, 4, 5]])
    seen: list[int] = []

    def step(x: cr.Tensor) -> dict[str, cr.Tensor]:
        seen.append(x.symbolic)
        return {"total": x.sum(), "square": x * x}

    expected = cr.compile(step).over(data)(rows)
    seen.clear()
    found = cr.compile(step, debug=True).over(data)(rows)
    assert seen == [False, False]
    for name in expected:
        np.testing.assert_array_equal(found[name].value, expected[name].value)


def test_anomalies_are_found_in_a_loop() -> None:
    loop = cr.compile(lambda x: cr.log(x).sum()).over(np.array([1.0, -1.0], np.float32))
    with cr.detect_anomalies(), pytest.raises(AnomalyError, match="log"):
        loop([[0], [1]])
