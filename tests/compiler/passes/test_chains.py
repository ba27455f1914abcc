"""Passes keep what is computed where kernels read what others computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from tests.compiler.chains import chains, computed

from chainrule.compiler.ir import Program, verify
from chainrule.compiler.passes import merge_reductions, split_contractions, split_reductions
from chainrule.compiler.pipeline import PASSES, optimise

SMALL: list[tuple[Any, dict[str, int]]] = [
    (merge_reductions, {"_LARGE": 1}),
    (split_reductions, {"_LONG": 2, "_PARTS": 4, "_RUN": 1}),
    (split_contractions, {"_WORK": 2, "_SUM": 1, "_TILE": 1}),
]


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passes do to small arrays what they do to large ones."""
    for module, limits in SMALL:
        for name, limit in limits.items():
            monkeypatch.setattr(module, name, limit)


def assert_kept(program: Program, transform: Any) -> None:
    before = str(program)
    expected = computed(program)
    transform(program)
    verify(program)
    found = computed(program)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(
            found[name], array, rtol=1e-9, atol=1e-9, err_msg=f"{before}\n---\n{program}"
        )


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("transform", dict.fromkeys(PASSES), ids=lambda p: p.__name__)
def test_each_pass(transform: Any) -> None:
    @settings(max_examples=150)
    @given(chains())
    def keeps(program: Program) -> None:
        assert_kept(program, transform)

    keeps()


@pytest.mark.usefixtures("_small")
def test_all_passes_one_after_the_other() -> None:
    @settings(max_examples=300)
    @given(chains(kernels=9))
    def keeps(program: Program) -> None:
        assert_kept(program, optimise)

    keeps()
