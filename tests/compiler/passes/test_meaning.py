"""Every pass keeps the rules of programs, and what random programs compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from tests.compiler import programs as random

from chainrule import dtypes
from chainrule.compiler.ir import Buffer, Program, interpret, parse_program, print_program, verify
from chainrule.compiler.passes.usage import surviving
from chainrule.compiler.pipeline import PASSES, optimise

Memory = dict[Buffer, np.ndarray[Any, Any]]


def computed(program: Program) -> dict[str, np.ndarray[Any, Any]]:
    """Return what outlives a run, by name of the buffer."""
    memory: Memory = random.data(program)
    for buffer, array in memory.items():  # each by its name, however many others there are
        if buffer.kind in ("input", "state"):
            alone = Program(inputs=[Buffer(buffer.name, buffer.dtype, buffer.size, "input")])
            (array[...],) = random.data(
                alone, seed=len(buffer.name) + ord(buffer.name[-1])
            ).values()
        else:
            array[...] = 0
    interpret(program, memory)
    return {b.name: dtypes.decode(memory[b], b.dtype) for b in surviving(program) if b in memory}


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        rough = 64 * np.finfo(array.dtype).eps if array.dtype.kind == "f" else 0
        np.testing.assert_allclose(found[name], array, rtol=rough, atol=8 * rough, err_msg=name)


@pytest.mark.parametrize("transform", dict.fromkeys(PASSES), ids=lambda p: p.__name__)
def test_passes_keep_what_is_computed(transform: Any) -> None:
    @settings(max_examples=40)
    @given(random.programs(kernels=5))
    def keeps(program: Program) -> None:
        expected = computed(program)
        transform(program)
        verify(program)
        assert_same(computed(program), expected)

    keeps()


@settings(max_examples=60)
@given(random.programs(kinds=("map", "map", "reduce", "contract"), kernels=6))
def test_all_passes_one_after_the_other(program: Program) -> None:
    expected = computed(program)
    optimise(program)
    verify(program)
    assert_same(computed(program), expected)
    verify(parse_program(print_program(program)))
