"""Programs as text whose kernels run natively and in the interpreter, on the same memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.compiler import programs as random
from tests.compiler.codegen import native

from chainrule import dtypes
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import Buffer, Program, parse_program
from chainrule.compiler.ir.interpret import run_kernel
from chainrule.compiler.ir.verify import verify

Array = np.ndarray[Any, Any]
CLOSE = {  # relative and absolute; what is computed in float32 may be rounded to a neighbour
    "float64": (2.0**-47, 2.0**-44), "float32": (2.0**-18, 2.0**-15),
    "float16": (2.0**-10, 2.0**-15), "bfloat16": (2.0**-7, 2.0**-15),
}  # fmt: skip


def check(text: str, **given: Array) -> dict[str, Array]:
    """Demand that native kernels compute what the interpreter does; return what memory holds.

    Arrays that are not given are small multiples of 1/8, or small integers.
    """
    program = parse_program(text)
    verify(program)
    memory = random.data(program)
    for buffer, array in memory.items():
        if buffer.name in given:
            array[...] = dtypes.encode(np.asarray(given[buffer.name]), buffer.dtype)
    return {buffer.name: array for buffer, array in agree(program, memory).items()}


def agree(program: Program, memory: dict[Buffer, Array]) -> dict[Buffer, Array]:
    """Run kernel after kernel, natively and by the interpreter; return the latter's memory."""
    for kernel in program.kernels:
        expected = {buffer: array.copy() for buffer, array in memory.items()}
        with np.errstate(all="ignore"):
            run_kernel(kernel, expected)
        native.run(generate(kernel, native.HOST), memory)
        for buffer, array in memory.items():
            assert_close(array, expected[buffer], buffer)
        memory = expected
    return memory


def assert_close(ours: Array, theirs: Array, buffer: Buffer) -> None:
    """Demand equal integers, and floats that differ by rounding alone."""
    found, wanted = (dtypes.decode(a, buffer.dtype) for a in (ours, theirs))
    relative, absolute = CLOSE.get(buffer.dtype.name, (0.0, 0.0))
    np.testing.assert_allclose(found, wanted, relative, absolute, err_msg=buffer.name)
