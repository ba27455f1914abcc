"""Every rule of the verifier: what keeps it passes, what breaks it is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tests.compiler.programs import programs

from chainrule import dtypes
from chainrule.compiler.ir import (
    Array,
    Buffer,
    Check,
    Contract,
    Guard,
    Map,
    Place,
    Program,
    Reduce,
    Scatter,
    Store,
    Term,
    parse_program,
    verify,
)
from chainrule.compiler.ir import expr as ir
from chainrule.compiler.ir.bounds import outside, reach
from chainrule.compiler.ir.verify import verify_kernel
from chainrule.errors import GraphError

HEAD = """\
input x: float32[12]
input n: int64[4]
input d: float64[12]
input p: bool[12]
state s: float32[12]
temp t: float32[12]
output y: float32[12]
output z: float64[12]
output c: bool[12]
output e: float32[0]
"""

GOOD = [
    "map i0<12\n y[i0] = x[-i0 + 11]",
    "map i0<0\n y[99*i0 - 5] = x[i0 + 77]",
    "map i0<7\n y[i0] = x[i0 - 1 | 0 <= i0 - 1 < 12]",
    "map i0<1\n y[0] = 0.0\nmap\n y[0] = 1.0",
    "map i0<3, i1<4\n y[4*i0 + i1] = x[4*i0 + i1 - 5 | 0 <= i0 - 1 < 2, 0 <= i1 - 1 < 3]",
    "map i0<6, i1<2\n y[2*i0 + i1] = x[4*i0 + i1 - 2 | 0 <= 4*i0 + i1 - 2 < 12]",
    "map i0<3\n y[i0] = x[-i0 | 0 <= -2*i0 + 1 < 5]",
    "map i0<3\n y[i0] = x[77 | 0 <= 4 < 4]",
    "map i0<12\n s[i0] = add(s[i0], x[i0])",
    "map i0<12\n c[i0] = and(p[i0], gt(x[i0], 0.0))",
    "reduce i0<3 | k0<4\n acc0 = argmin(x[4*i0 + k0])\n y[i0] = float32(acc0)",
    "reduce i0<3 | k0<0\n acc0 = sum(x[44*i0 + k0])\n y[i0] = acc0",
    "contract m0<3, n0<2, k0<4\n acc0 = x[4*m0 + k0] * s[2*k0 + n0]\n y[2*m0 + n0] = acc0",
    "fill 0.0\n t[0]\nscatter i0<2 | k0<4\n t[4*i0; 1*n[k0]] += x[k0]",
    "call argsort(axis=0)\n y[4](1) = x[4](-1) + 3",
    "fill 0.0\n i0<12: y[i0]\nreturn y[3, 4](4, 1)\nreturn x[12](1)\nreturn e[0](1)",
]


def program(text: str) -> Program:
    return parse_program(HEAD + text)


@pytest.mark.parametrize("text", GOOD)
def test_programs_that_keep_the_rules_pass(text: str) -> None:
    verify(program(text))


@settings(max_examples=60)
@given(programs())
def test_random_programs_pass(drawn: Program) -> None:
    verify(drawn)


BAD = {
    "map i0<13\n y[0] = x[0]": "elements of their own",
    "map i0<13\n y[i0] = 1.0": "0 <= place < 12 in y; received 12",
    "map i0<12\n y[i0] = x[i0 - 1]": "0 <= place < 12 in x; received -1",
    "map i0<12\n y[i0] = x[2*i0 - 1 | 0 <= i0 - 1 < 12]": "0 <= place < 12 in x; received 21",
    "map i0<6, i1<2\n y[2*i0 + i1] = x[i0 + 9*i1 | 0 <= i0 + i1 < 5]": "received 12",
    "map\n y[0] = e[0]": "0 <= place < 0 in e",
    "map i0<12\n y[i0] = d[i0]": "float32 for y; received float64",
    "map i0<12\n y[i0] = add(x[i0], 1.0:float64)": "add of equal data types",
    "map i0<12\n y[i0] = where(x[i0], x[i0], 0.0)": "where of equal data types",
    "map i0<12\n y[i0] = float32(exp(n[0]))": "exp of float; received int64",
    "map i0<12\n y[i0] = and(x[i0], x[i0])": "and of bool, int, uint",
    "map i0<12\n y[i0] = x[0; 1*x[i0]]": "integers as indices",
    "map i0<12\n y[i0] = t[i0]": "written before; received t",
    "map i0<12\n t[i0] = t[i0]": "written before; received t",
    "map i0<12\n y[i0] = y[i0]": "written before; received y",
    "scatter i0<2 |\n t[0; 1*n[0]] += x[i0]": "written before; received t",
    "map i0<12\n x[i0] = 1.0": "a store to x",
    "fill 1.0\n x[0]": "a store to x",
    "fill 1.0\n i0<3: y[6*i0]": "0 <= place < 12",
    "reduce i0<3 | k0<4\n acc0 = any(x[k0])\n y[i0] = 1.0": "any of bool",
    "reduce i0<3 | k0<4\n acc0 = max(n[k0])\n y[i0] = acc0": "float32 for y; received int64",
    "reduce i0<3 | k0<4\n acc0 = sum(x[k0])\n y[4*i0 + k0] = acc0": "do not depend on reduced",
    "reduce i0<3 | k0<4\n acc0 = sum(x[k0])\n y[i0] = mul(acc0, x[k0])": "do not depend on reduced",
    "reduce i0<3 | k0<4\n acc0 = sum(x[k0])\n y[0] = acc0": "elements of their own",
    "reduce i0<3 | k0<5\n acc0 = sum(x[4*i0 + k0])\n y[i0] = acc0": "received 12",
    "contract m0<3, k0<4\n acc0 = x[m0] * s[k0]\n y[4*m0 + k0] = acc0": "do not depend on reduced",
    "contract m0<3, k0<4\n acc0 = x[m0] * s[m0 + k0]\n y[m0] = acc0": "b without loops of role m",
    "contract n0<3, k0<4\n acc0 = x[n0] * s[n0 + k0]\n y[n0] = acc0": "a without loops of role n",
    "contract m0<3, n0<3, k0<4\n acc0 = x[m0] * s[n0]\n y[m0] = acc0": "elements of their own",
    "contract m0<3\n acc0 = x[m0] * d[0]\n y[m0] = acc0": "one floating type",
    "contract m0<3\n acc0 = n[m0] * n[0]\n y[m0] = 1.0": "one floating type",
    "contract m0<3\n acc0 = x[m0] * 2.0\n y[m0] = acc0": "factors that are reads",
    "contract m0<3\n acc0 = x[m0 | 0 <= m0 < 2] * s[0]\n y[m0] = acc0": "one loop of role k",
    "fill 0.0\n t[0]\nscatter i0<2 |\n t[0; 1*x[0]] += x[i0]": "integers as indices",
    "fill 0.0\n t[0]\nscatter i0<2 |\n t[0; 1*n[0]] += d[i0]": "a value of float32",
    "fill 0.0\n t[0]\nscatter i0<2 |\n t[12*i0;] += x[i0]": "0 <= place < 12 in t",
    "call argsort(axis=0)\n y[4](1) = x[4](-1) + 2": "12 elements of x; received -1 to 2",
    "call argsort(axis=0)\n y[4](4) = x[4](1)": "12 elements of y; received 0 to 12",
    "call argsort(axis=0)\n y[4](1, 1) = x[4](1)": "a stride for each axis",
    "return y[12](1)": "results that a kernel has written; received y",
    "fill 0.0\n y[0]\nreturn y[13](1)": "12 elements of y",
    "check c 'x' at ''": "results that a kernel has written; received c",
    "check x 'x' at ''": "a bool as flag",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_breaks_a_rule_is_named_with_its_kernel(text: str) -> None:
    with pytest.raises(GraphError) as error:
        verify(program(text))
    assert BAD[text] in str(error.value)
    assert "\n" not in str(error.value)


def test_the_error_has_the_text_of_the_kernel() -> None:
    with pytest.raises(GraphError, match=r"kernel map i0<13: y\[i0\] = 1.0"):
        verify(program("map i0<13\n y[i0] = 1.0"))


# --- what text cannot say ---------------------------------------------------------------------

X = Buffer("x", dtypes.float32, 12, "input")
N = Buffer("n", dtypes.int64, 12, "input")
Y = Buffer("y", dtypes.float32, 12, "output")
HERE, NOWHERE = Place(0, (1,)), Place(0, (1, 1))
VALUE = ir.read(X, HERE)


def store(value: ir.Expr, place: Place = HERE) -> list[Store]:
    return [Store(Y, place, value)]


ACC = ir.acc(0, dtypes.float32)
BROKEN = {
    "1 coefficients": Map((4,), store(VALUE, NOWHERE)),
    "coefficients; received 2 in": Map((4,), store(ir.read(X, NOWHERE))),
    "coefficients; received 0 in": Map((4,), store(ir.read(X, HERE, (Guard(Place(0, ()), 3),)))),
    "one of 0 accumulators; received acc0": Map((4,), store(ACC)),
    "one of 1 accumulators; received acc1": Reduce(
        (4,), (), [Term("sum", VALUE)], store(ir.acc(1, dtypes.float32))
    ),
    "acc0 of int64; received float32": Reduce((4,), (), [Term("argmax", VALUE)], store(ACC)),
    "one of 0 accumulators": Reduce((4,), (), [Term("sum", ACC)], store(VALUE)),
    "a reducer of sum": Reduce((4,), (), [Term("mean", VALUE)], store(ACC)),
    "a role b, m, n or k": Contract((4,), "mk", VALUE, VALUE, store(ACC)),
    "role b, m, n or k for each loop; received 'q'": Contract((4,), "q", VALUE, VALUE, store(ACC)),
    "0 to 1 parallel loops; received 2": Scatter((4,), 2, Y, HERE, [], (), VALUE),
    "a step for each index": Scatter((4,), 1, Y, HERE, [ir.read(N, HERE)], (), VALUE),
    "1 indices, 2 steps": Map((4,), store(ir.gather(X, HERE, [ir.read(N, HERE)], [1, 2]))),
    "a kind of node; received twice": Map((4,), store(ir.make("twice", dtypes.float32, (VALUE,)))),
    "2 arguments of add": Map((4,), store(ir.make("add", dtypes.float32, (VALUE,)))),
    "0 arguments of read": Map(
        (4,), store(ir.make("read", dtypes.float32, (VALUE,), VALUE.payload))
    ),
    "add of float32; received float64": Map(
        (4,), store(ir.cast(ir.make("add", dtypes.float64, (VALUE, VALUE)), dtypes.float32))
    ),
    "read of float32; received float64": Map(
        (4,), store(ir.cast(ir.make("read", dtypes.float64, (), VALUE.payload), dtypes.float32))
    ),
}


@pytest.mark.parametrize("message", BROKEN)
def test_what_text_cannot_say_is_checked_as_well(message: str) -> None:
    with pytest.raises(GraphError) as error:
        verify_kernel(BROKEN[message])
    assert message in str(error.value)


def test_kinds_of_buffers_are_checked() -> None:
    with pytest.raises(GraphError, match="inputs of kind"):
        verify(Program(inputs=[Y]))
    with pytest.raises(GraphError, match="states of kind"):
        verify(Program(states=[Y]))
    odd = Buffer("odd", dtypes.float32, 12, "global")
    with pytest.raises(GraphError, match="'global'"):
        verify(Program(kernels=[Map((4,), [Store(odd, HERE, ir.const(0.0, dtypes.float32))])]))
    with pytest.raises(GraphError, match="written before"):
        verify(Program(kernels=[Map((4,), store(VALUE))]))


def test_results_of_inputs_and_empty_arrays_need_no_kernel() -> None:
    empty = Buffer("empty", dtypes.float32, 0, "output")
    verify(Program(inputs=[X], outputs=[Array(X, (12,), (1,)), Array(empty, (0, 3), (3, 1))]))
    flag = Buffer("flag", dtypes.bool, 1, "state")
    verify(Program(states=[flag], checks=[Check(flag, "", "")]))


# --- bounds -----------------------------------------------------------------------------------


def test_reach_is_the_least_and_the_greatest_value() -> None:
    assert reach(Place(5, (-2, 0, 3)), (4, 9, 2)) == (-1, 8)
    assert reach(Place(5, ()), ()) == (5, 5)


def test_guards_on_one_loop_cut_its_range() -> None:
    guard = Guard(Place(4, (-3,)), 5)  # 0 <= 4 - 3i < 5: i is 0 or 1
    assert outside(Place(0, (10,)), 11, (9,), (guard,)) is None
    assert outside(Place(0, (10,)), 10, (9,), (guard,)) == 10
    assert outside(Place(0, (10,)), 10, (9,), (guard, Guard(Place(-5, (1,)), 2))) is None


def test_guards_on_several_loops_are_tried_or_believed() -> None:
    both = Guard(Place(0, (1, 1)), 5)
    assert outside(Place(0, (1, 1)), 5, (9, 9), (both,)) is None
    assert outside(Place(0, (1, 1)), 4, (9, 9), (both,)) == 4
    assert outside(Place(0, (1, 1)), 4, (1000, 1000), (both,)) is None
