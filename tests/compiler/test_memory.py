"""The memory plan: what lives at one time lies apart, aligned, in little more than the peak."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compiler.programs import programs

from chainrule import dtypes
from chainrule.compiler.ir import Buffer, Check, Map, Place, Program, Store
from chainrule.compiler.ir import expr as ir
from chainrule.compiler.ir.program import reads_of, writes_of
from chainrule.compiler.memory import ALIGNMENT, MemoryPlan, plan_memory

HERE = Place(0, ())


def temporaries(program: Program) -> dict[Buffer, tuple[int, int]]:
    """Return the first and the last kernel that touches each temporary."""
    lives: dict[Buffer, tuple[int, int]] = {}
    for number, kernel in enumerate(program.kernels):
        for buffer in (*reads_of(kernel), *writes_of(kernel)):
            if buffer.kind == "temp":
                lives[buffer] = lives.get(buffer, (number, number))[0], number
    for check in program.checks:
        lives[check.flag] = lives[check.flag][0], len(program.kernels)
    return lives


def check_plan(program: Program) -> MemoryPlan:
    plan, lives = plan_memory(program), temporaries(program)
    assert plan.offsets.keys() == {id(b) for b in lives}
    spans = {b: (plan.offsets[id(b)], plan.offsets[id(b)] + b.nbytes) for b in lives}
    assert all(
        low % ALIGNMENT == 0 and 0 <= low <= high <= plan.size for low, high in spans.values()
    )
    for a in lives:
        for b in lives:
            meet = lives[a][0] <= lives[b][1] and lives[b][0] <= lives[a][1]
            if a is not b and meet:
                assert spans[a][1] <= spans[b][0] or spans[b][1] <= spans[a][0] or not a.nbytes
    peaks = [sum(b.nbytes for b, (i, j) in lives.items() if i <= k <= j)
             for k in range(len(program.kernels) + 1)]  # fmt: skip
    assert plan.size >= max(peaks)
    return plan


@settings(max_examples=60)
@given(programs(kernels=6))
def test_plans_of_random_programs(program: Program) -> None:
    check_plan(program)


def copies(pairs: list[tuple[Buffer, Buffer]]) -> Program:
    """Return a program that copies one element after the other."""
    return Program(kernels=[Map((), [Store(to, HERE, ir.read(x, HERE))]) for x, to in pairs])


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 9)), min_size=1, max_size=24))
def test_plans_of_random_lives(drawn: list[tuple[int, int]]) -> None:
    x = Buffer("x", dtypes.float32, 400, "input")
    made = [Buffer(f"t{k}", dtypes.float32, size) for k, (size, _) in enumerate(drawn)]
    pairs = [(x, b) for b in made]
    out = Buffer("y", dtypes.float32, 1, "output")
    for k, (_, later) in enumerate(drawn):
        pairs.insert(min(len(pairs), k + 1 + later + k), (made[k], out))
    check_plan(copies(pairs))


def test_a_chain_needs_two_places() -> None:
    chain = [Buffer("x", dtypes.float32, 100, "input")]
    chain += [Buffer(f"t{k}", dtypes.float32, 100) for k in range(6)]
    plan = check_plan(copies(list(itertools.pairwise(chain))))
    assert plan.size == 2 * 448  # 400 bytes take seven cache lines


def test_flags_of_checks_live_until_the_end() -> None:
    x = Buffer("x", dtypes.bool, 1, "input")
    flag, t, u = (Buffer(n, dtypes.bool, 1) for n in "ftu")
    program = copies([(x, flag), (x, t), (t, u)])
    program.checks.append(Check(flag, "", ""))
    plan = check_plan(program)
    assert len({plan.offsets[id(b)] for b in (flag, t, u)}) == 3
