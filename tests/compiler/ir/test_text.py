"""Text in, text out: what the printer writes is what the parser reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from tests.compiler.programs import programs

from chainrule import dtypes
from chainrule.compiler.ir import (
    Buffer,
    Map,
    Place,
    Program,
    Store,
    parse_kernel,
    parse_program,
    print_kernel,
    print_program,
)
from chainrule.compiler.ir import expr as ir
from chainrule.compiler.ir.kernels import Array, Call
from chainrule.errors import ArgumentError
from chainrule.graph import PRIMITIVES

GOLDEN = """\
input x: float32[2048]
input t: int64[12]
state w: float32[640]
temp t1: float32[2048]
temp flag: bool[1]
output y: float32[32]
output z: float64[320]
output order: int64[12]

map i0<32, i1<64
    a = x[64*i0 + i1]
    t1[64*i0 + i1] = where(gt(a, 0.0), a, mul(a, -0.1))
    flag[0] = or(isnan(x[0]), false)

reduce i0<32 | k0<64
    a = t1[64*i0 + k0]
    acc0 = sum(a)
    acc1 = argmax(a)
    y[i0] = mul(acc0, add(float32(acc1), 0.015625))

reduce | k0<2
    acc0 = max(x[-1024*k0 + 1024 | 0 <= k0 - 1 < 5, 0 <= 3 < 4])
    y[3] = acc0

contract b0<2, m0<32, k0<64, n0<5, k1<1
    acc0 = x[32*b0 + m0 + 64*k0] * w[10*k0 + n0 - k1 + 3]
    w[5*m0 + n0 + 160*b0] = where(inside(0 <= m0 - n0 < 4), acc0, -inf)

fill -0.0
    i0<3, i1<5: z[64*i0 + i1]
    z[7]

scatter i0<3 | k0<4
    a = t[4*i0 + k0]
    w[i0; 8*a, 1*mod(a, 3)] += x[4*i0; -1*index(k0)]

call argsort(axis=-1, descending=True)
    at 'train.py:3'
    order[3, 4](4, 1) = t[3, 2](4, -1) + 2

return y[4, 8](8, 1)
return z[](), order[0](1)
check flag "x is not 'NaN'" at 'train.py:7'
"""


def test_printing_what_was_parsed_gives_the_text() -> None:
    text = GOLDEN.replace("return z[](), order[0](1)", "return z[]()\nreturn order[0](1)")
    text = text.replace("32*b0 + m0 + 64*k0", "32*b0 + m0 + 64*k0 - 2*k1")
    text = text.replace("w[5*m0 + n0 + 160*b0]", "w[160*b0 + 5*m0 + n0]")
    assert str(parse_program(text)) == text


def test_layout_and_names_are_free_in_what_is_parsed() -> None:
    text = "input x: float32[6]\noutput y: float32[6]\n\n\nmap i0 < 2,i1<3\n"
    text += "  v = x[ i1+3*i0 + 0 ]\n"
    text += "\n  unused = x[0]\n  y[3*i0 + i1]=mul( v,v )\n"
    kernel = parse_program(text).kernels[0]
    assert print_kernel(kernel) == (
        "map i0<2, i1<3\n    a = x[3*i0 + i1]\n    y[3*i0 + i1] = mul(a, a)"
    )


def structure(program: Program) -> Any:
    """Return all that a program is, buffers by their names."""

    def plain(thing: Any) -> Any:
        if isinstance(thing, Buffer):
            return thing.name, thing.dtype.name, thing.size, thing.kind
        if isinstance(thing, ir.Expr):
            content = repr(thing.payload) if thing.kind == "const" else plain(thing.payload)
            return thing.kind, thing.dtype.name, content, plain(thing.args)
        if isinstance(thing, list | tuple):
            return [plain(part) for part in thing]
        if hasattr(thing, "__dataclass_fields__"):
            return type(thing).__name__, [plain(v) for v in vars(thing).values()]
        return thing

    return plain(program)


@settings(max_examples=60)
@given(programs())
def test_parsing_what_was_printed_gives_the_program(program: Program) -> None:
    text = print_program(program)
    again = parse_program(text)
    assert structure(again) == structure(program)
    assert print_program(again) == text


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (1.0, "float32", "1.0"), (1, "float32", "1:float32"), (1e-7, "float64", "1e-07:float64"),
        (3, "int64", "3"), (-3, "uint8", "-3:uint8"), (True, "bool", "true"),
        (float("nan"), "float32", "nan"), (float("-inf"), "float16", "-inf:float16"),
        (-0.0, "float32", "-0.0"), (False, "float32", "false:float32"), (1e30, "float32", "1e+30"),
    ],
)  # fmt: skip
def test_numbers_keep_value_and_type(value: float, dtype: str, text: str) -> None:
    kind = dtypes.dtype(dtype)
    y = Buffer("y", kind, 1, "output")
    kernel = Map((), [Store(y, Place(0, ()), ir.const(value, kind))])
    assert print_kernel(kernel) == f"map\n    y[0] = {text}"
    again = parse_kernel(print_kernel(kernel), {"y": y})
    assert isinstance(again, Map)
    assert again.stores[0].value is kernel.stores[0].value


def test_buffers_of_one_name_are_told_apart() -> None:
    x, y = (Buffer("layer 1.w", dtypes.float32, 1, kind) for kind in ("input", "output"))
    kernel = Map((), [Store(y, Place(0, ()), ir.read(x, Place(0, ())))])
    program = Program(inputs=[x], kernels=[kernel])
    assert "layer_1.w_1[0] = layer_1.w[0]" in str(program)
    assert str(parse_program(str(program))) == str(program)


def test_names_avoid_buffers_and_long_formulas_are_cut() -> None:
    a = Buffer("a", dtypes.float32, 1, "input")
    value = element = ir.read(a, Place(0, ()))
    for _ in range(300):
        value = ir.make("add", dtypes.float32, (value, element))
    kernel = Map((), [Store(Buffer("y", dtypes.float32, 1), Place(0, ()), value)])
    text = print_kernel(kernel)
    assert "    b = a[0]\n" in text
    assert max(map(len, text.splitlines())) <= 100
    y = kernel.stores[0].buffer
    again = parse_kernel(text, {"a": a, "y": y})
    assert isinstance(again, Map)
    assert again.stores[0].value is value


def test_attributes_are_literals_and_data_types() -> None:
    attributes = {"dtype": dtypes.float16, "slices": ((0, 1, -2), (3,)), "axis": None, "x": [1.5]}
    x = Buffer("at", dtypes.float32, 4, "input")
    arrays = [Array(x, (2, 2), (2, 1))]
    text = print_kernel(Call(PRIMITIVES["cast"], attributes, arrays, arrays))
    again = parse_kernel(text, {"at": x})
    assert isinstance(again, Call)
    assert again.attributes == attributes
    assert print_kernel(again) == text


HEAD = "input x: float32[4]\noutput y: float32[4]\n"
BAD = {
    "map i0<4\n y[i0] = x[i1]": "line 4",
    "map i0<4\n y[i0] = z[i0]": "declared buffer in place of 'z'",
    "map i0<4\n y[i0] = exp(x[i0], x[i0])": "function of 2 arguments",
    "map i0<4\n y[i0] = __import__(x[i0])": "__import__",
    "map i0<4\n y[i0] = x[i0].real": "a token",
    "map i0<4\n y[i0] = a": "a value that has been computed",
    "map i0<4\n y[i0] = acc0": "a value that has been computed",
    "map i0<4\n y[i0] = x[i0] x[i0]": "the end in place of 'x'",
    "map i0<4\n y[i0] = x[1.5*i0]": "an integer",
    "map i0<4\n y[i0] = x[i0*4]": "']'",
    "map i0<4\n y[i0] = x[4*i0 + -3]": "name in place of '-'",
    "map i0<4\n y[i0] = x[i0 | 1 <= i0 < 3]": "0 <= place < length",
    "map i0<4\n y[i0] = 1.0:float33": "a data type",
    "map k0<4\n y[k0] = 1.0": "loop of i",
    "map i0<4, i0<4\n y[i0] = 1.0": "a new loop",
    "map i0<4\n a = x[0]\n a = x[1]": "a new name",
    "reduce i0<4 | k0<2\n acc1 = sum(x[i0])": "'acc0'",
    "reduce i0<4 | k0<2\n acc0 = median(x[i0])": "one of sum",
    "reduce i0<4\n acc0 = sum(x[i0])": "'|'",
    "contract m0<4\n y[m0] = 1.0": "acc0 = a * b",
    "scatter i0<4 |": "+=",
    "fill i0<4": "a number",
    "call nothing()\n y[4](1) = x[4](1)": "a primitive",
    "call exp()": "results = arguments",
    "temp x: float32[1]": "a new name",
    "temp z: text[1]": "a data type",
    "loop i0<4": "one of input",
    "return y[4](1)\n  y[0] = 1.0": "indented",
    "map i0<4\n y[i0] = " + "neg(" * 20000 + "x[i0]" + ")" * 20000: "depth",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_what_is_not_in_the_grammar_is_an_error_with_the_line(text: str) -> None:
    with pytest.raises(ArgumentError) as error:
        parse_program(HEAD + text)
    assert BAD[text] in str(error.value)
    assert "line " in str(error.value)


def test_the_first_line_is_not_indented() -> None:
    with pytest.raises(ArgumentError, match="without indentation"):
        parse_program("  map i0<3")


def test_a_kernel_is_one_kernel() -> None:
    with pytest.raises(ArgumentError, match="one kernel"):
        parse_kernel("map\n\nmap", {})
    with pytest.raises(ArgumentError, match="one kernel"):
        parse_kernel("input x: float32[4]", {})
