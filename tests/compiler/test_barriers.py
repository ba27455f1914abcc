"""Barriers: a kernel that touches what an earlier one touches waits for it."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from tests.compiler.programs import programs

from chainrule.compiler.barriers import waits
from chainrule.compiler.ir import Buffer, Kernel, Program, parse_program
from chainrule.compiler.ir.program import reads_of, writes_of
from chainrule.compiler.memory import MemoryPlan, plan_memory

HEAD = """
input x: float32[4]
temp s: float32[4]
temp t: float32[4]
temp u: float32[4]
output y: float32[4]
"""


def waiting(text: str) -> list[bool]:
    program = parse_program(HEAD.strip() + "\n" + text)
    return waits(program, plan_memory(program))


def copy(to: str, source: str) -> str:
    return f"map i0<4\n    {to}[i0] = {source}[i0]\n"


def test_what_is_independent_runs_at_once() -> None:
    assert waiting(copy("s", "x") + copy("y", "x")) == [False, False]


def test_a_reader_waits_for_the_writer() -> None:
    assert waiting(copy("s", "x") + copy("y", "s")) == [False, True]


def test_one_barrier_is_for_all_before_it() -> None:
    text = copy("s", "x") + copy("t", "x") + copy("u", "s") + copy("y", "t")
    assert waiting(text) == [False, False, True, False]


def test_a_place_in_the_arena_is_not_reused_too_early() -> None:
    program = parse_program(HEAD.strip() + "\n" + copy("y", "s") + copy("t", "x"))
    s, t = (next(b for k in program.kernels for b in (*reads_of(k), *writes_of(k)) if b.name == n)
            for n in "st")  # fmt: skip
    together, apart = ({id(s): 0, id(t): at} for at in (0, 64))
    assert waits(program, MemoryPlan(together, 64)) == [False, True]
    assert waits(program, MemoryPlan(apart, 128)) == [False, False]


@settings(max_examples=60)
@given(programs(kernels=6))
def test_kernels_between_two_barriers_are_independent(program: Program) -> None:
    plan = plan_memory(program)
    group: list[Kernel] = []
    for kernel, wait in zip(program.kernels, waits(program, plan), strict=True):
        group = [] if wait else group
        for other in group:
            assert not _meet(plan, writes_of(kernel), (*reads_of(other), *writes_of(other)))
            assert not _meet(plan, reads_of(kernel), writes_of(other))
        group.append(kernel)


def _meet(plan: MemoryPlan, some: Iterable[Buffer], others: Iterable[Buffer]) -> bool:
    return any(_share(plan, a, b) for a in some for b in others)


def _share(plan: MemoryPlan, a: Buffer, b: Buffer) -> bool:
    """Whether two buffers are one, or lie at common bytes of the arena."""
    if a is b or not (id(a) in plan.offsets and id(b) in plan.offsets):
        return a is b
    first, second = plan.offsets[id(a)], plan.offsets[id(b)]
    return first < second + b.nbytes and second < first + a.nbytes
