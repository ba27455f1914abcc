"""Kernels that free memory run early; their order keeps what they compute."""

from __future__ import annotations

from chainrule.compiler.ir import parse_program
from chainrule.compiler.memory import peak_bytes
from chainrule.compiler.passes.reorder import reorder

TEXT = """
input x: float32[64]
state w: float32[1]
output y: float32[1]
temp a: float32[64]
temp b: float32[64]
temp s: float32[1]
temp t: float32[1]
map i0<64
    a[i0] = exp(x[i0])
map i0<64
    b[i0] = sin(x[i0])
reduce | k0<64
    acc0 = sum(a[k0])
    s[0] = acc0
reduce | k0<64
    acc0 = sum(b[k0])
    t[0] = acc0
map
    y[0] = add(s[0], w[0])
map
    w[0] = t[0]
"""


def writes(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.startswith("  ")]
    return [line[0] for line in lines if not line.startswith("acc")]


def test_the_reader_of_a_large_array_follows_its_writer() -> None:
    program = parse_program(TEXT)
    before = peak_bytes(program.kernels, [])
    reorder(program)
    assert writes(str(program)) == ["a", "s", "y", "b", "t", "w"]
    assert peak_bytes(program.kernels, []) < before


def test_state_is_written_after_everybody_read_it() -> None:
    program = parse_program(TEXT)
    reorder(program)
    order = writes(str(program))
    assert order.index("y") < order.index("w")


def test_an_order_that_needs_no_less_stays() -> None:
    program = parse_program(TEXT.replace("temp ", "output "))
    reorder(program)
    assert writes(str(program)) == ["a", "b", "s", "t", "y", "w"]
