"""Random programs: every kernel's native code does what the interpreter says, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tests.compiler import programs as random
from tests.compiler.codegen.agreement import agree

from chainrule.compiler.ir import Program


@pytest.mark.parametrize("kind", random.KINDS)
def test_kernels_compute_what_the_interpreter_does(kind: str) -> None:
    @settings(max_examples=40)
    @given(random.programs((kind,), 1))
    def kernels(program: Program) -> None:
        agree(program, random.data(program))

    kernels()


@settings(max_examples=30)
@given(random.programs())
def test_programs_compute_what_the_interpreter_does(program: Program) -> None:
    agree(program, random.data(program))
