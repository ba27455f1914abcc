"""Temporaries that wait through the peak are written again after it."""

from __future__ import annotations

from chainrule.compiler.ir import parse_program
from chainrule.compiler.memory import peak_bytes
from chainrule.compiler.passes.recompute import recompute

TEXT = """
input x: float32[64]
state w: float32[64]
output y: float32[64]
temp a: float32[64]
temp b: float32[64]
temp c: float32[64]
map i0<64
    a[i0] = exp(x[i0])
map i0<64
    b[i0] = sin(a[i0])
map i0<64
    c[i0] = cos(b[i0])
map i0<64
    y[i0] = mul(c[i0], b[i0])
map i0<64
    w[i0] = add(a[i0], w[i0])
"""


def test_the_cheap_value_is_computed_again() -> None:
    program = parse_program(TEXT)
    assert peak_bytes(program.kernels, []) == 3 * 256
    recompute(program, 2 * 256)
    assert peak_bytes(program.kernels, []) == 2 * 256
    text = str(program)
    assert text.count("exp(x[i0])") == 2
    assert text.count("sin(") == text.count("cos(") == 1


def test_what_is_overwritten_in_between_cannot_be_computed_again() -> None:
    early = "map i0<64\n    x[i0] = c[i0]\n"
    text = TEXT.replace("input x", "state x").replace(
        "map i0<64\n    y", early + "map i0<64\n    y"
    )
    program = parse_program(text)
    recompute(program, 2 * 256)
    assert str(program).count("exp(") == 1


def test_nothing_changes_within_the_limit() -> None:
    program = parse_program(TEXT)
    before = str(program)
    recompute(program, 3 * 256)
    assert str(program) == before


def test_an_impossible_limit_ends() -> None:
    program = parse_program(TEXT)
    recompute(program, 1)
    assert peak_bytes(program.kernels, []) == 2 * 256
