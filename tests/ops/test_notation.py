"""Index notation means what kernels do, for every primitive; and its parser knows its grammar."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ops.samples import Sample, each_sample

from chainrule import dtypes
from chainrule.errors import ArgumentError, BoundsError
from chainrule.graph import PRIMITIVES, Opaque, TensorType
from chainrule.ops.notation import array_names, interpret, notation_of, parse, reads, variables

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_every_primitive_has_a_body_a_notation_or_a_reason(name: str) -> None:
    primitive = PRIMITIVES[name]
    assert (primitive.scalar is None) != (primitive.notation is None)
    if isinstance(primitive.notation, Opaque):
        assert primitive.notation.reason


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_sample
def test_notation_computes_what_the_kernel_computes(sample: Sample, dtype: str) -> None:
    inputs = sample.primitive.prepare(sample.arrays(dtype))
    types = [TensorType(t.dtype, t.shape) for t in inputs]
    notation = notation_of(sample.primitive, types, sample.attributes)
    if isinstance(notation, Opaque):
        assert notation.reason
        return
    result = sample.primitive.infer(types, sample.attributes)
    assert isinstance(result, TensorType)
    names = array_names(sample.primitive.kernel, len(inputs))
    values = dict(zip(names, [t.value for t in inputs], strict=True))
    assert result.shape is not None
    computed = interpret(notation, values, result.shape, result.dtype)
    tolerance = TOLERANCE[dtype]
    expected = sample.call(*inputs).value
    np.testing.assert_allclose(computed, expected, rtol=tolerance, atol=tolerance, strict=True)
    assert parse(str(notation)) == notation


GOOD = [
    "out[] = sum(k0 < 3)(x[k0])",
    "out[i0] = (x[i0] + 1) * -x[i0 - (i0 + 2)] / (y[] / 2)",
    "out[i0] = x[i0] if 0 <= i0 and i0 < 5 else 1 if not i0 == 3 else 0",
    "out[i0] = (x[i0] if i0 < 2 or i0 > 3 else 0) + 1.5",
    "out[i0] = int32(x[i0]) + where(x[i0] < (y[i0] == 0), 1.5, 2)",
    "out[i0, 0] = max(k0 < 2, k1 < 3)(x[i0 * 2 + k0, k1 // 2 % 3]) - sum(k2 < 4)(y[k2])",
    "out[i0] = ~x[i0] & 3 | x[i0] << 2 ^ x[i0] >> 1",
    "for i0 < 4, i1 < 2: out[indices[i0], i1] += updates[i0, i1]",
]


@pytest.mark.parametrize("text", GOOD)
def test_text_and_records_are_the_same(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "out[i0] = __import__('os')",
        "out[i0] = x.shape[0]",
        "out[i0] = f(x[i0])",
        "out[i0] = 'text'",
        "out[i0] = x[i0] ** 2",
        "out[i0] = 0 < i0 < 3",
        "out[i0] = sum(k0 <= 3)(x[k0])",
        "out[i0] = sum(k0 < n)(x[k0])",
        "out[i0] = x[i0]; out[i0] = y[i0]",
        "out[i0] += x[i0]",
        "for i0 < n: out[i0] += x[i0]",
        "for i0 < 3: out[i0] = x[i0]",
        "out = x",
        "y[i0] = x[i0]",
        "out[i0] = (",
        "out[i0] = " + "-" * 5000 + "x[i0]",
        "",
    ],
)
def test_what_is_not_in_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"notation: requires out\[i0, \.\.\.\] = value"):
        parse(text)


def run(text: str, shape: tuple[int, ...], **arrays: list[float]) -> list[float]:
    values = {name: np.asarray(array) for name, array in arrays.items()}
    result: list[float] = interpret(text, values, shape, dtypes.float64).tolist()
    return result


def test_reducers_run_over_all_their_loops() -> None:
    x = [[1.0, 2.0], [3.0, 4.0]]
    assert run("out[i0] = prod(k0 < 2)(x[i0, k0])", (2,), x=x) == [2.0, 12.0]
    assert run("out[] = sum(k0 < 2, k1 < 2)(x[k0, k1])", (), x=x) == 10.0
    assert run("out[] = max(k0 < 2)(sum(k1 < 2)(x[k0, k1]))", (), x=x) == 7.0
    assert run("out[i0] = sum(k0 < 0)(x[i0, k0])", (2,), x=x) == [0.0, 0.0]
    assert run("out[] = sum(k0 < 3)(1)", (), x=x) == 3.0


def test_loops_of_one_name_in_two_sums_are_different() -> None:
    text = "out[] = sum(k0 < 2)(x[k0]) * sum(k0 < 3)(x[k0])"
    assert run(text, (), x=[1.0, 2.0, 3.0]) == 18.0


def test_a_read_is_evaluated_only_where_its_condition_holds() -> None:
    padded = "out[i0] = x[i0 - 1] if 0 <= i0 - 1 and i0 - 1 < 2 else -1"
    assert run(padded, (4,), x=[5.0, 6.0]) == [-1.0, 5.0, 6.0, -1.0]
    chained = "out[i0] = 0 if i0 == 0 or x[i0 - 1] > 5 else 1"
    assert run(chained, (3,), x=[5.0, 6.0]) == [0.0, 1.0, 0.0]


def test_reading_outside_of_an_array_is_an_error() -> None:
    with pytest.raises(BoundsError, match=r"axis 0 of 'x': requires 0 <= index < 2; received i0 "):
        run("out[i0] = x[i0]", (3,), x=[5.0, 6.0])
    with pytest.raises(BoundsError, match="received i0 - 1 = -1"):
        run("out[i0] = x[i0 - 1]", (2,), x=[5.0, 6.0])


def test_a_scatter_adds_terms_of_one_place() -> None:
    text = "for i0 < 3: out[indices[i0]] += updates[i0]"
    assert run(text, (2,), indices=[1, 0, 1], updates=[1.0, 2.0, 4.0]) == [2.0, 5.0]
    with pytest.raises(BoundsError, match="axis 0 of 'out'"):
        run(text, (1,), indices=[1, 0, 1], updates=[1.0, 2.0, 4.0])


def test_reads_tell_places_loops_and_conditions() -> None:
    text = "for i0 < 4: out[at[i0]] += sum(k0 < 3)(x[i0 + k0] if i0 < k0 else y[k0])"
    found = reads(parse(text))
    assert list(found) == ["at", "x", "y"]
    ((x,), (y,)) = found["x"], found["y"]
    assert [str(e) for e in x.index] == ["i0 + k0"]
    assert x.loops == (("i0", 4), ("k0", 3))
    assert [str(c) for c in x.conditions] == ["i0 < k0"]
    assert [str(c) for c in y.conditions] == ["not i0 < k0"]
    assert variables(x.index[0]) == {"i0", "k0"}
