"""What each pass makes of a small program: text before, text after."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from chainrule.compiler.ir import Program, parse_program, print_program, verify
from chainrule.compiler.passes.alias_copies import alias_copies
from chainrule.compiler.passes.dead_kernels import dead_kernels
from chainrule.compiler.passes.drop_guards import drop_guards
from chainrule.compiler.passes.fuse import fuse
from chainrule.compiler.passes.layouts import match_layouts
from chainrule.compiler.passes.merge_reductions import merge_reductions
from chainrule.compiler.passes.split_contractions import split_contractions
from chainrule.compiler.passes.split_reductions import split_reductions

Pass = Callable[[Program], None]
UNUSED = """
input x: float32[4]
temp t: float32[4]
output y: float32[4]
map i0<4
    t[i0] = exp(x[i0])
map i0<4
    y[i0] = neg(x[i0])
return y[4](1)
"""
CHAIN = """
input x: float32[4]
temp t: float32[4]
output y: float32[4]
map i0<4
    t[i0] = exp(x[i0])
map i0<4
    y[i0] = neg(t[i0])
return y[4](1)
"""
COPY = """
input x: float32[4]
temp t: float32[4]
output y: float32[6]
fill 0.0
    y[0]
fill 0.0
    y[5]
map i0<4
    t[i0] = exp(x[i0])
map i0<4
    y[i0 + 1] = t[i0]
return y[6](1)
"""
HALF_READ = """
input x: float32[4]
temp t: float32[4]
output y: float32[2]
map i0<4
    t[i0] = exp(x[i0])
map i0<2
    y[i0] = t[2*i0]
return y[2](1)
"""
GUARDS = """
input x: float32[8]
output y: float32[8]
map i0<8
    y[i0] = where(inside(0 <= i0 < 8), x[i0 | 0 <= i0 < 8], 0.0)
return y[8](1)
"""
TRANSPOSED = """
input a: float32[6]
input b: float32[8]
state w: float32[12]
temp t: float32[12]
contract m0<3, n0<4, k0<2
    acc0 = a[2*m0 + k0] * b[4*k0 + n0]
    t[4*m0 + n0] = acc0
map i0<4, i1<3
    w[3*i0 + i1] = sub(w[3*i0 + i1], t[i0 + 4*i1])
"""
EPILOGUE = """
input a: float32[6]
input b: float32[8]
input c: float32[4]
temp t: float32[12]
output y: float32[12]
contract m0<3, n0<4, k0<2
    acc0 = a[2*m0 + k0] * b[4*k0 + n0]
    t[4*m0 + n0] = acc0
map i0<3, i1<4
    y[4*i0 + i1] = add(t[4*i0 + i1], c[i1])
return y[3, 4](4, 1)
"""
ACROSS = """
input a: float32[256]
input b: float32[256]
temp t: float32[65536]
output y: float32[65536]
contract m0<256, n0<256, k0<1
    acc0 = a[m0 + k0] * b[n0 + k0]
    t[256*m0 + n0] = acc0
map i0<256, i1<256
    y[256*i0 + i1] = t[i0 + 256*i1]
return y[256, 256](256, 1)
"""
COPIED_ACROSS = """
input x: float32[65536]
temp t: float32[65536]
output y: float32[65536]
map i0<256, i1<256
    t[256*i0 + i1] = exp(x[256*i0 + i1])
map i0<256, i1<256
    y[256*i0 + i1] = t[i0 + 256*i1]
return y[256, 256](256, 1)
"""
TWO_SUMS = """
input x: float32[8192]
output y: float32[1]
output z: float32[1]
reduce | k0<8192
    acc0 = sum(x[k0])
    y[0] = acc0
reduce | k0<8192
    acc0 = max(x[k0])
    z[0] = acc0
return y[1](1)
return z[1](1)
"""
LONG_SUM = """
input x: float32[65536]
output y: float32[1]
reduce | k0<65536
    acc0 = sum(x[k0])
    y[0] = neg(acc0)
return y[1](1)
"""
LONG_ROWS = """
input x: float32[256000]
output y: float32[256]
reduce i0<256 | k0<1000
    acc0 = sum(x[1000*i0 + k0])
    y[i0] = acc0
return y[256](1)
"""
CHANNELS_OF_A_BATCH = """
input x: float32[3268864]
output y: float32[8]
reduce i0<8 | k0<113, k1<113, k2<32
    acc0 = sum(x[32*i0 + 28928*k0 + 256*k1 + k2])
    y[i0] = acc0
return y[8](1)
"""
LONG_PRODUCT = """
input a: float32[262144]
input b: float32[262144]
output y: float32[64]
contract m0<8, n0<8, k0<32768
    acc0 = a[32768*m0 + k0] * b[32768*n0 + k0]
    y[8*m0 + n0] = neg(acc0)
return y[8, 8](8, 1)
"""
GOLDEN: dict[str, tuple[Pass, str, str]] = {
    "what nobody reads is not computed": (dead_kernels, UNUSED, "map i0<4\n    y[i0] = neg(x[i0])"),
    "what is read is": (dead_kernels, CHAIN, ""),
    "a copied temporary is written to its target": (
        alias_copies, COPY,
        "fill 0.0\n    y[0]\nfill 0.0\n    y[5]\nmap i0<4\n    y[i0 + 1] = exp(x[i0])",
    ),
    "a temporary that is copied in part is not": (alias_copies, HALF_READ, ""),
    "a temporary that is copied across memory is not": (alias_copies, COPIED_ACROSS, ""),
    "conditions that hold go": (drop_guards, GUARDS, "map i0<8\n    y[i0] = x[i0]"),
    "conditions that may fail stay": (drop_guards, GUARDS.replace("0 <= i0 < 8", "0 <= i0 < 7"),
                                      "map i0<8\n    y[i0] = x[i0 | 0 <= i0 < 7]"),
    "results lie as what is updated with them": (
        match_layouts, TRANSPOSED,
        "contract m0<3, n0<4, k0<2\n    acc0 = a[2*m0 + k0] * b[n0 + 4*k0]\n"
        "    t[m0 + 3*n0] = acc0\n"
        "map i0<4, i1<3\n    w[3*i0 + i1] = sub(w[3*i0 + i1], t[3*i0 + i1])",
    ),
    "results that maps read across memory stay": (match_layouts, ACROSS, ""),
    "reductions of one array are one": (
        merge_reductions, TWO_SUMS,
        "reduce | k0<8192\n    a = x[k0]\n    acc0 = sum(a)\n    acc1 = max(a)\n"
        "    y[0] = acc0\n    z[0] = acc1",
    ),
    "reductions of small arrays stay": (merge_reductions, TWO_SUMS.replace("8192", "2048"), ""),
    "maps join": (fuse, CHAIN, "map i0<4\n    y[i0] = neg(exp(x[i0]))"),
    "maps with other loops do not": (fuse, HALF_READ, ""),
    "a bias is an epilogue": (
        fuse, EPILOGUE,
        "contract m0<3, n0<4, k0<2\n    acc0 = a[2*m0 + k0] * b[n0 + 4*k0]\n"
        "    y[4*m0 + n0] = add(acc0, c[n0])",
    ),
    "what is written across memory is no epilogue": (fuse, ACROSS, ""),
    "long sums are cut": (
        split_reductions, LONG_SUM,
        "reduce i0<64 | k0<1024\n    acc0 = sum(x[1024*i0 + k0])\n    part0_0[i0] = acc0\n"
        "reduce | k0<64\n    acc0 = sum(part0_0[k0])\n    y[0] = neg(acc0)",
    ),
    "short sums are not": (split_reductions, LONG_SUM.replace("65536", "65535"), ""),
    "rows that are enough for all threads are not": (split_reductions, LONG_ROWS, ""),
    "nor is a loop over a few neighbours": (split_reductions, CHANNELS_OF_A_BATCH, ""),
    "long contractions to few results are cut": (
        split_contractions, LONG_PRODUCT,
        "contract b0<64, m0<8, n0<8, k0<512\n"
        "    acc0 = a[512*b0 + 32768*m0 + k0] * b[512*b0 + 32768*n0 + k0]\n"
        "    part0[64*b0 + 8*m0 + n0] = acc0\n"
        "reduce i0<8, i1<8 | k0<64\n    acc0 = sum(part0[8*i0 + i1 + 64*k0])\n"
        "    y[8*i0 + i1] = neg(acc0)",
    ),
    "small contractions are not": (split_contractions, EPILOGUE, ""),
}  # fmt: skip


def kernels(program: Program) -> str:
    """Return the text of the kernels alone."""
    lines = print_program(program).splitlines()
    head = re.compile(r"(input|state|temp|output|return) ")
    return "\n".join([line for line in lines if line and not head.match(line)])


@pytest.mark.parametrize("name", GOLDEN)
def test_text_before_and_after(name: str) -> None:
    transform, before, after = GOLDEN[name]
    program = parse_program(before.strip())
    verify(program)
    wanted = after or kernels(program)
    transform(program)
    verify(program)
    assert kernels(program) == wanted
