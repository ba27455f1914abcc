"""Texts that differ in numbers only are one, and compute what each of them did."""

from __future__ import annotations

import pytest
from tests.compiler import programs as random
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import assert_close

from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.codegen.share import share
from chainrule.compiler.ir import parse_program
from chainrule.compiler.ir.interpret import run_kernel

HEAD = """\
input x: float32[4000]
input u: float32[4000]
output y: float32[4000]
"""
PAIRS = {
    "maps of other widths": (
        "map i0<8, i1<64\n y[80*i0 + i1] = mul(x[64*i0 + i1], 2.0)",
        "map i0<8, i1<128\n y[136*i0 + i1] = mul(x[192*i0 + i1], 2.0)",
    ),
    "several offsets": (
        "map i0<6, i1<64\n y[128*i0 + i1] = x[64*i0 + i1]\n y[64 + 128*i0 + i1] = u[64*i0 + i1]",
        "map i0<9, i1<64\n y[160*i0 + i1] = x[72*i0 + i1]\n y[80 + 160*i0 + i1] = u[72*i0 + i1]",
    ),
    "guards": (
        "map i0<6, i1<64\n y[64*i0 + i1] = x[64*i0 + i1 - 64 | 0 <= i0 - 1 < 4]",
        "map i0<9, i1<64\n y[64*i0 + i1] = x[64*i0 + i1 - 128 | 0 <= i0 - 2 < 5]",
    ),
    "reductions": (
        "reduce i0<5 | k0<256\n acc0 = sum(x[256*i0 + k0])\n y[i0] = acc0",
        "reduce i0<5 | k0<512\n acc0 = sum(x[520*i0 + k0])\n y[i0] = acc0",
    ),
    "contractions": (
        "contract m0<24, n0<32, k0<24\n acc0 = x[24*m0 + k0] * u[32*k0 + n0]\n"
        " y[32*m0 + n0] = acc0",
        "contract m0<24, n0<32, k0<24\n acc0 = x[40*m0 + k0] * u[48*k0 + n0]\n"
        " y[64*m0 + n0] = acc0",
    ),
    "fills": (
        "fill 1.5\n i0<9, i1<64: y[128*i0 + i1]", "fill 1.5\n i0<7, i1<64: y[144*i0 + i1]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_kernels_that_differ_in_numbers_share_a_text_and_compute_what_they_did(pair: str) -> None:
    program = parse_program(HEAD + "\n".join(PAIRS[pair]))
    made = [generate(kernel, native.HOST) for kernel in program.kernels]
    codes = share(made)
    assert made[0].text != made[1].text
    assert codes[0].text == codes[1].text
    assert codes[0].numbers != codes[1].numbers
    for kernel, code in zip(program.kernels, codes, strict=True):
        memory = random.data(program)
        expected = {buffer: array.copy() for buffer, array in memory.items()}
        run_kernel(kernel, expected)
        native.run(code, memory)
        for buffer, array in memory.items():
            assert_close(array, expected[buffer], buffer)


def test_what_all_have_stays_a_number() -> None:
    program = parse_program(HEAD + "\n".join(PAIRS["maps of other widths"]))
    codes = share([generate(kernel, native.HOST) for kernel in program.kernels])
    # of a row its length, and the steps to the next; both have eight rows
    assert {*codes[0].numbers} == {64, 80}
    assert {*codes[1].numbers} == {128, 136, 192}


def test_a_kernel_like_no_other_is_not_changed() -> None:
    texts = [PAIRS["reductions"][0], PAIRS["fills"][0], PAIRS["guards"][0]]
    program = parse_program(HEAD + "\n".join(texts))
    made = [generate(kernel, native.HOST) for kernel in program.kernels]
    assert share(made) == made


def test_other_formulas_and_other_constants_are_other_texts() -> None:
    texts = [
        "map i0<64\n y[i0] = mul(x[i0], 2.0)", "map i0<64\n y[i0] = mul(x[i0], 3.0)",
        "map i0<64\n y[i0] = add(x[i0], 2.0)",
    ]  # fmt: skip
    program = parse_program(HEAD + "\n".join(texts))
    codes = share([generate(kernel, native.HOST) for kernel in program.kernels])
    assert len({code.text for code in codes}) == 3


def test_memory_on_the_stack_is_as_large_as_any_needs() -> None:
    texts = [
        "define void @kernel(ptr %buffers, ptr %args, i64 %start, i64 %stop) {\nentry:\n"
        f"  %a1 = alloca float, i64 {size}, align 64\n  ret void\n}}\n"
        for size in (96, 24)
    ]
    made = [generate(k, native.HOST) for k in parse_program(HEAD + PAIRS["fills"][0]).kernels]
    codes = share([type(made[0])(text, (), (), 1) for text in texts])
    assert codes[0] == codes[1]
    assert "i64 96" in codes[0].text
    assert codes[0].numbers == ()
