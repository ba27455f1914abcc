"""Forms: kernels that differ in names and offsets alone are one function."""

from __future__ import annotations

import pytest
from tests.compiler.codegen import native
from tests.compiler.codegen.agreement import check

from chainrule.compiler.codegen.form import Form
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.ir import Kernel, parse_program

HEAD = """\
input x: float32[400]
input u: float32[400]
input v: float32[200]
input d: float64[400]
input n: int64[8]
output y: float32[400]
output z: float32[400]
output e: float64[400]
state s: float32[400]
state t: float32[400]
"""
KERNELS = {
    "map": "map i0<7, i1<9\n y[9*i0 + i1] = add(x[i0 + 7*i1], s[i1 + 2])",
    "fill": "fill 1.5\n i0<9: y[3*i0]\n i0<4, i1<4: z[4*i0 + i1]",
    "reduce": "reduce i0<5 | k0<11\n acc0 = sum(x[11*i0 + k0])\n y[i0] = mul(acc0, s[i0])",
    "contract": "contract m0<6, n0<17, k0<5\n acc0 = x[5*m0 + k0] * u[17*k0 + n0]\n"
                " y[17*m0 + n0] = maximum(acc0, s[n0])",
    "scatter": "scatter i0<4 | k0<8\n s[16*i0; 2*mod(n[k0], 8)] += x[8*i0 + k0]",
}  # fmt: skip
RENAMED = str.maketrans({"x": "u", "u": "x", "y": "z", "z": "y", "s": "t"})


def one(text: str, head: str = HEAD) -> Kernel:
    (kernel,) = parse_program(head + text).kernels
    return kernel


def renamed(text: str) -> str:
    """Return a kernel on other buffers: names stand before a bracket, words do not."""
    return "".join(
        c.translate(RENAMED) if text[k + 1 : k + 2] == "[" else c for k, c in enumerate(text)
    )


def starts_later(text: str) -> str:
    """Return a kernel on the same buffers, each from an element further on."""
    moved = text
    for name, by in (("x", 20), ("u", 30), ("y", 40), ("z", 50), ("s", 7)):
        moved = moved.replace(f"{name}[", f"{name}[{by} + ")
    return moved


@pytest.mark.parametrize("kind", KERNELS)
def test_kernels_that_differ_in_names_share_their_code(kind: str) -> None:
    first, second = (generate(one(t), native.HOST) for t in (KERNELS[kind], renamed(KERNELS[kind])))
    assert second.text is first.text
    names = [[b.name for b, _ in code.arguments] for code in (first, second)]
    assert [name.translate(RENAMED) for name in names[0]] == names[1]
    assert [at for _, at in first.arguments] == [at for _, at in second.arguments]


@pytest.mark.parametrize("kind", KERNELS)
def test_kernels_that_begin_elsewhere_share_their_code(kind: str) -> None:
    later = one(starts_later(KERNELS[kind]))
    first, second = (generate(kernel, native.HOST) for kernel in (one(KERNELS[kind]), later))
    assert second.text is first.text
    by = {"x": 20, "u": 30, "y": 40, "z": 50, "s": 7}
    for (buffer, at), (_, moved) in zip(first.arguments, second.arguments, strict=True):
        assert moved - at == by.get(buffer.name, 0) * buffer.dtype.itemsize


OTHERS = {
    "loops": ("map", "i0<7", "i0<6"),
    "coefficient": ("map", "7*i1", "8*i1"),
    "function": ("map", "add", "sub"),
    "data type": ("map", "x[i0 + 7*i1]", "float32(d[i0 + 7*i1])"),
    "one buffer in place of two": ("map", "s[", "x["),
    "distance of two places of a buffer": ("map", "s[i1 + 2]", "x[i1 + 3]"),
    "size": ("map", "x[", "v["),
    "number": ("fill", "1.5", "-0.0"),
    "boxes": ("fill", "i0<9", "i0<8"),
    "reducer": ("reduce", "sum", "max"),
    "order of loops": ("reduce", "11*i0 + k0", "i0 + 5*k0"),
    "what is stored": ("reduce", "mul(acc0", "add(acc0"),
    "factors": ("contract", "5*m0 + k0", "m0 + 6*k0"),
    "epilogue": ("contract", "maximum", "minimum"),
    "steps": ("scatter", "2*mod", "1*mod"),
    "indices": ("scatter", "mod(n[k0], 8)", "mod(n[k0], 7)"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_kernels_that_differ_otherwise_do_not(what: str) -> None:
    kind, old, new = OTHERS[what]
    assert old in KERNELS[kind]
    ours, theirs = Form(one(KERNELS[kind])), Form(one(KERNELS[kind].replace(old, new)))
    assert ours != theirs
    assert ours == Form(one(KERNELS[kind]))


def test_the_sign_of_zero_and_which_nan_make_a_form() -> None:
    forms = [Form(one(f"fill {value}\n y[0]")) for value in ("0.0", "-0.0", "nan", "nan")]
    assert forms[0] != forms[1]
    assert forms[2] == forms[3]


def test_which_loops_are_parallel_makes_a_form() -> None:
    text = "scatter {}\n s[0; 1*mod(n[{}], 8)] += x[0]"
    texts = [text.format("| k0<8", "k0"), text.format("i0<1 | k0<8", "k0")]
    assert len({Form(one(t)) for t in texts}) == 2


@pytest.mark.parametrize("kind", KERNELS)
def test_shared_code_computes_on_the_buffers_that_it_is_called_with(kind: str) -> None:
    text = HEAD + KERNELS[kind] + "\n" + starts_later(renamed(KERNELS[kind]))
    first, second = (generate(kernel, native.HOST) for kernel in parse_program(text).kernels)
    assert second.text is first.text
    check(text)
