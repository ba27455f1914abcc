"""Random programs: every kernel's native code does what the interpreter says, however it is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from tests.compiler import programs as random
from tests.compiler.codegen import native

from chainrule import dtypes
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import Buffer, Program
from chainrule.compiler.ir.interpret import run_kernel

Array = np.ndarray[Any, Any]


def assert_close(ours: Array, theirs: Array, buffer: Buffer) -> None:
    """Demand equal integers, and floats that differ by rounding alone."""
    found, wanted = (dtypes.decode(a, buffer.dtype) for a in (ours, theirs))
    eps = dtypes.finfo(buffer.dtype).eps if buffer.dtype.is_floating else 0.0
    np.testing.assert_allclose(found, wanted, rtol=32 * eps, atol=256 * eps, err_msg=buffer.name)


def check(program: Program) -> None:
    """Run kernel after kernel on the same memory, natively and by the interpreter."""
    memory = random.data(program)
    for kernel in program.kernels:
        expected = {buffer: array.copy() for buffer, array in memory.items()}
        with np.errstate(all="ignore"):
            run_kernel(kernel, expected)
        native.run(generate(kernel, native.HOST), memory)
        for buffer, array in memory.items():
            assert_close(array, expected[buffer], buffer)
        memory = expected


@pytest.mark.parametrize("kind", random.KINDS)
def test_kernels_compute_what_the_interpreter_does(kind: str) -> None:
    @settings(max_examples=40)
    @given(random.programs((kind,), 1))
    def kernels(program: Program) -> None:
        check(program)

    kernels()


@settings(max_examples=30)
@given(random.programs())
def test_programs_compute_what_the_interpreter_does(program: Program) -> None:
    check(program)
