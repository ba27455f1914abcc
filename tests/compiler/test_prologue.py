"""What depends on fixed states alone comes first, and what is read of it later is kept."""

from __future__ import annotations

from chainrule.compiler.ir import Program, parse_program, print_kernel, verify
from chainrule.compiler.memory import plan_memory
from chainrule.compiler.passes.pack_operands import pack_operands
from chainrule.compiler.prologue import form_prologue

TEXT = """
input x: float32[64]
state w: float32[64]
state v: float32[64]
temp a: float32[64]
temp b: float32[64]
temp c: float32[64]
temp d: float32[64]
output y: float32[64]
map i0<64
    c[i0] = exp(x[i0])
map i0<64
    a[i0] = exp(w[i0])
map i0<64
    b[i0] = neg(a[i0])
map i0<64
    d[i0] = add(b[i0], c[i0])
map i0<64
    y[i0] = mul(d[i0], v[i0])
return y[64](1)
"""


def fixed(*names: str, text: str = TEXT) -> Program:
    program = parse_program(text.strip())
    program.fixed = [state for state in program.states if state.name in names]
    return program


def targets(program: Program) -> list[str]:
    return [print_kernel(k).split("\n")[1].strip()[0] for k in program.kernels]


def test_kernels_of_fixed_states_come_first() -> None:
    program = fixed("w", "v")
    count, kept = form_prologue(program)
    verify(program)
    assert count == 2
    assert targets(program) == ["a", "b", "c", "d", "y"]
    assert [buffer.name for buffer in kept] == ["b"]


def test_what_is_kept_shares_its_place_with_nothing() -> None:
    program = fixed("w")
    _, kept = form_prologue(program)
    shared, own = plan_memory(program).size, plan_memory(program, kept)
    assert own.size > shared or own.size == 3 * 256
    temporaries = {b.name: b for k in program.kernels for s in k.stores  # type: ignore[union-attr]
                   for b in [s.buffer] if b.kind == "temp"}  # fmt: skip
    place = own.offsets[id(temporaries["b"])]
    assert all(own.offsets[id(b)] != place for name, b in temporaries.items() if name != "b")


def test_without_fixed_states_nothing_moves() -> None:
    program = fixed()
    assert form_prologue(program) == (0, [])
    assert targets(program) == ["c", "a", "b", "d", "y"]


def test_what_is_overwritten_later_is_not_kept() -> None:
    text = TEXT.replace("    y[i0] = mul", "    b[i0] = exp(x[i0])\n    y[i0] = mul")
    program = fixed("w", text=text)
    count, kept = form_prologue(program)
    assert count == 1
    assert [buffer.name for buffer in kept] == ["a"]


PRODUCT = """
input x: float32[320]
state w: float32[4096]
output y: float32[640]
contract b0<2, m0<5, n0<64, k0<4, k1<8
    acc0 = x[160*b0 + 32*m0 + 8*k0 + k1] * w[2048*b0 + n0 + 512*k0 + 64*k1]
    y[320*b0 + 64*m0 + n0] = acc0
return y[2, 5, 64](320, 64, 1)
"""


def test_a_fixed_matrix_is_packed_for_a_single_product() -> None:
    program, same = fixed("w", text=PRODUCT), fixed(text=PRODUCT)
    pack_operands(program)
    pack_operands(same)
    verify(program)
    assert len(program.kernels) == 2
    assert len(same.kernels) == 1
    assert form_prologue(program)[0] == 1
