"""Random graphs: programs of chainrule operations, as text that can be run and printed.

A graph grows line by line, ``v7 = cr.tanh(v3)``; each line is run eagerly as soon as it is drawn,
so that values stay tame. A value is ``exact`` if compiled and eager numbers must be equal bit for
bit: inputs, integers, truth values, and what only moves or chooses numbers. What jumps
(comparisons, rounding, the largest of several) is applied to exact values alone, so that no
rounding decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import functional as F
from chainrule.graph import Tensor

LENGTHS = (0, 1, 1, 2, 3, 5, 7, 13, 16, 32, 48)
SHAPES = [(), (1,), (7,), (33,), (0, 3), (3, 0, 2), (5, 1), (1, 64), (13, 16), (32, 48), (2, 3, 5),
          (1, 3, 9, 8), (2, 4, 7, 7), (16, 3, 8, 8), (32, 2, 6, 5), (2, 16, 4, 4)]  # fmt: skip
PALETTES = (("float32",), ("float32",), ("float64",), ("float64",), ("float32", "float64"),
            ("float16",), ("bfloat16",), ("float32", "float16", "bfloat16", "float64"))  # fmt: skip
FLOATS = ("float32", "float64", "float16", "bfloat16")
INTEGERS = ("int8", "uint8", "int16", "int32", "int64", "uint32")
LARGEST_SIZE, LARGEST_NUMBER = 20_000, 30.0
NAMES = {"cr": cr, "F": F, "np": np}


@dataclass
class Graph:
    """Arguments, lines that compute values of them, and which values are results."""

    arguments: dict[str, Tensor] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)

    @property
    def types(self) -> set[str]:
        """The types of its values."""
        named = {str(argument.dtype) for argument in self.arguments.values()}
        return named | {kind for kind in FLOATS if f"{kind!r}" in self.text}

    @property
    def text(self) -> str:
        """The graph as a Python function."""
        body = "\n    ".join([*self.lines, f"return {', '.join(self.results)},"])
        return f"def f({', '.join(self.arguments)}):\n    {body}\n"

    def function(self) -> Callable[..., Any]:
        """Return the function."""
        names: dict[str, Any] = dict(NAMES)
        exec(self.text, names)  # the text was made by this module
        made: Callable[..., Any] = names["f"]
        return made

    def __repr__(self) -> str:
        types = [f"# {name}: {t.dtype}{list(t.shape)}" for name, t in self.arguments.items()]
        return "\n".join(["", *types, self.text])


class Builder:
    """A graph as it grows, and the values of its lines."""

    def __init__(self, random: Random) -> None:
        self.random, self.graph = random, Graph()
        self.floats: tuple[str, ...] = self.choose(*PALETTES)
        self.values: dict[str, Tensor] = {}
        self.exact: set[str] = set()

    def choose(self, *options: Any) -> Any:
        """Draw one of some options."""
        return options[self.random.randint(0, len(options) - 1)]

    def argument(self, shape: Sequence[int], dtype: str, low: int = -8, high: int = 8) -> str:
        """Add an input: multiples of 1/4 in a small range, or small integers."""
        seed = self.random.randint(0, 999)
        numbers = np.random.default_rng(seed).integers(low, high, tuple(shape), endpoint=True)
        name = f"a{len(self.graph.arguments)}"
        if dtype in FLOATS:
            value = cr.tensor(numbers / 4, dtype, requires_grad=True)
        else:
            value = cr.tensor(np.abs(numbers) if dtype.startswith("u") else numbers, dtype)
        self.graph.arguments[name] = self.values[name] = value
        self.exact.add(name)
        return name

    def indices(self, shape: Sequence[int], length: int) -> str:
        """Add an input of places along an axis, some counted from its end."""
        return self.argument(shape, "int64", -length, length - 1)

    def line(self, expression: str, exact: bool = False) -> str | None:
        """Add a value unless it is too large; return its name."""
        value = eval(expression, {**NAMES, **self.values})
        numbers = np.abs(np.asarray(value.value, np.float64)) if value.size else np.zeros(1)
        if value.size > LARGEST_SIZE or not np.max(numbers) <= LARGEST_NUMBER:
            return None
        name = f"v{len(self.graph.lines)}"
        self.graph.lines.append(f"{name} = {expression}")
        self.values[name] = value
        if exact or not value.dtype.is_floating:
            self.exact.add(name)
        return name


def build(random: Random, steps: int) -> Graph:
    """Draw a graph of about so many operations."""
    builder = Builder(random)
    for _ in range(builder.choose(1, 2, 3)):
        real = builder.choose(*builder.floats)
        kind = builder.choose(real, real, real, real, "bool", builder.choose(*INTEGERS))
        builder.argument(builder.choose(*SHAPES), kind)
    for _ in range(steps):
        grow(builder)
    used = [name for name in builder.values if name[0] == "v"] or ["a0"]
    builder.graph.results = used[-1:] + [builder.choose(*used) for _ in range(2)]
    return builder.graph


def build_chain(random: Random, steps: int) -> Graph:
    """Draw smooth operations of which each takes the result of the one before."""
    builder = Builder(random)
    x = builder.argument(builder.choose(*[shape for shape in SHAPES if 0 not in shape]),
                         builder.choose(*builder.floats))  # fmt: skip
    for _ in range(steps):
        builder.choose(unary, unary, binary)(builder, x)
        x = list(builder.values)[-1]
    builder.graph.results = [x]
    return builder.graph


def grow(b: Builder) -> None:
    """Apply one random operation to the last value; to any if that has become too small."""
    names = list(b.values)
    x = names[-1]
    if b.choose(0, 0, 1) or (b.values[x].size < 2 and b.choose(0, 1, 1, 1)):
        x = b.choose(*names)
    families = [MOVEMENT, REDUCTION]
    if b.values[x].dtype.is_floating:
        families += [SMOOTH, SMOOTH, PRODUCTS]
    families.append(EXACT if x in b.exact else MOVEMENT)
    b.choose(*b.choose(*families))(b, x)


def partner(b: Builder, x: str) -> str:
    """Return a value that broadcasts with another: one that is there, or a new input."""
    shape = b.values[x].shape
    fitting = [
        n
        for n, v in b.values.items()
        if broadcasts(v.shape, shape) and v.dtype == b.values[x].dtype
    ]
    if b.choose(0, 1) and fitting:
        return str(b.choose(*fitting))
    start = b.random.randint(0, len(shape))
    new = [n if b.choose(0, 1) else 1 for n in shape[start:]]
    kind = str(b.values[x].dtype)
    return b.argument(
        new, b.choose(*b.floats) if kind in FLOATS and not b.choose(0, 1, 2) else kind
    )


def broadcasts(one: Sequence[int], other: Sequence[int]) -> bool:
    try:
        np.broadcast_shapes(tuple(one), tuple(other))
    except ValueError:
        return False
    return True


# --- smooth functions of floating numbers ------------------------------------------------------

UNARY = [
    "cr.tanh({0})", "cr.sin({0})", "cr.cos({0})", "cr.sigmoid({0})", "cr.erf({0})", "-{0}",
    "cr.exp({0} * 0.125)", "cr.sqrt({0} * {0} + 1)", "cr.log({0} * {0} + 1)", "cr.atan({0})",
    "cr.rsqrt({0} * {0} + 2)", "cr.log1p({0} * {0})", "cr.expm1({0} * 0.1)", "cr.asinh({0})",
    "({0} * {0} + 1) ** 0.75", "{0} ** 2 * 0.25", "1 / ({0} * {0} + 1)", "F.softplus({0})",
    "F.gelu({0})", "F.silu({0})", "cr.square({0}) * 0.125", "{0} * 0.5 + 0.25",
    "cr.stop_gradient({0}) + {0}",
]  # fmt: skip
BINARY = [
    "{0} + {1}", "{0} - {1}", "{0} * {1}", "{1} / ({0} * {0} + 1)", "cr.hypot({0}, {1} + 1.0625)",
    "cr.logaddexp({0}, {1})", "cr.atan2({0}, {1} * {1} + 1)", "{1} - {0} * 0.5",
]  # fmt: skip


def unary(b: Builder, x: str) -> None:
    b.line(b.choose(*UNARY).format(x))


def binary(b: Builder, x: str) -> None:
    b.line(b.choose(*BINARY).format(x, partner(b, x)))


def convert(b: Builder, x: str) -> None:
    b.line(f"cr.astype({x}, {b.choose(*b.floats)!r})")


def normalise(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    if shape and 0 not in shape:
        b.line(b.choose(
            "F.softmax({0}, axis={1})", "F.log_softmax({0}, axis={1})",
            "F.layer_norm({0} * 4, {2}, eps=0.1)",
        ).format(x, b.random.randint(-len(shape), -1), shape[-1]))  # fmt: skip


SMOOTH = [unary, unary, unary, binary, binary, convert, normalise]


# --- products ----------------------------------------------------------------------------------


def matrix(b: Builder, x: str) -> None:
    shape, kind = b.values[x].shape, str(b.values[x].dtype)
    if not shape:
        return
    columns = b.choose(*LENGTHS)
    batch = [n if b.choose(0, 1) else 1 for n in shape[:-2]] if b.choose(0, 1) else []
    if b.choose(0, 1):
        weight = b.argument([*batch, shape[-1], columns], kind, -2, 2)
        b.line(f"cr.matmul({x}, {weight})")
    else:
        weight = b.argument([*batch, columns, shape[-1]], kind, -2, 2)
        b.line(f"cr.matmul({x}, cr.matrix_transpose({weight}))")


def gram(b: Builder, x: str) -> None:
    if len(b.values[x].shape) >= 2:
        b.line(b.choose(
            "cr.matmul({0}, cr.matrix_transpose({0})) * 0.0625",
            "cr.matmul(cr.matrix_transpose({0}), {0}) * 0.0625", "cr.vecdot({0}, {0}) * 0.0625",
        ).format(x))  # fmt: skip


def convolution(b: Builder, x: str) -> None:
    shape, kind = b.values[x].shape, str(b.values[x].dtype)
    if len(shape) != 4 or 0 in shape:
        return
    groups = b.choose(1, 1, shape[1])
    size = [b.random.randint(1, min(3, n)) for n in shape[2:]]
    made = groups * b.choose(1, 2, 16 // groups or 1)
    weight = b.argument([made, shape[1] // groups, *size], kind, -2, 2)
    b.line(
        f"cr.convolve({x}, {weight}, stride={b.choose(1, 1, 2)}, padding={b.choose(0, 1, 2)}, "
        f"groups={groups}) * 0.25"
    )


def average(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    if len(shape) == 4 and min(shape) > 0 and min(shape[2:]) >= 2:
        b.line(f"F.avg_pool2d({x}, 2, stride={b.choose(1, 2)}, padding={b.choose(0, 1)})")


PRODUCTS = [matrix, matrix, gram, convolution, convolution, convolution, average]


# --- movement: any values, exact ones stay exact -------------------------------------------------


def reshape(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    joined = [*shape[:-2], int(np.prod(shape[-2:]))]
    b.line(f"cr.reshape({x}, {b.choose((b.values[x].size,), tuple(shape[::-1]), tuple(joined))})",
           x in b.exact)  # fmt: skip


def permute(b: Builder, x: str) -> None:
    axes = list(range(len(b.values[x].shape)))
    b.random.shuffle(axes)
    b.line(f"cr.permute_dims({x}, {tuple(axes)})", x in b.exact)


def part(b: Builder, x: str) -> None:
    cuts = []
    for n in b.values[x].shape:
        start, stop = sorted((b.random.randint(0, n), b.random.randint(0, n)))
        step = b.choose(":2", ":-1", ":3")
        cuts.append(b.choose(":", ":", f"{start}:{stop}", f"{start}:", f":{step}"))
    if cuts:
        b.line(f"{x}[{', '.join(cuts)}]", x in b.exact)


def padded(b: Builder, x: str) -> None:
    amounts = [(b.choose(0, 1, 3), b.choose(0, 1, 2)) for _ in b.values[x].shape]
    if amounts:
        b.line(f"cr.pad({x}, {amounts})", x in b.exact)


def joined(b: Builder, x: str) -> None:
    shape, kind = list(b.values[x].shape), str(b.values[x].dtype)
    if not shape:
        return
    axis = b.random.randint(0, len(shape) - 1)
    other = x if b.choose(0, 1) else b.argument([*shape[:axis], 2, *shape[axis + 1 :]], kind)
    b.line(f"cr.concat([{b.choose(x, other)}, {other}, {x}], axis={axis})", x in b.exact)


def moved(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    axis = b.random.randint(0, len(shape) - 1) if shape else None
    options = ["cr.expand_dims({0})", "cr.broadcast_to({0}, (2, *{0}.shape))",
               "cr.stack([{0}, {0}], axis=-1)", "cr.tile({0}, 2)"]  # fmt: skip
    if axis is not None:
        options += ["cr.flip({0}, axis={1})", "cr.roll({0}, 1, axis={1})",
                    "cr.repeat({0}, 2, axis={1})"]  # fmt: skip
    if len(shape) >= 2:
        options += ["cr.tril({0})", "cr.triu({0}, k=1)"]
    if axis is not None and shape[axis] == 1:
        options.append("cr.squeeze({0}, {1})")
    b.line(b.choose(*options).format(x, axis), x in b.exact)


def taken(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    axis = b.random.randint(0, len(shape) - 1) if shape else 0
    if not shape or not shape[axis]:
        return
    count = b.choose(0, 1, 5)
    if b.choose(0, 1):
        b.line(f"cr.take({x}, {b.indices([count], shape[axis])}, axis={axis})", x in b.exact)
    else:
        places = b.indices([*shape[:axis], count, *shape[axis + 1 :]], shape[axis])
        b.line(f"cr.take_along_axis({x}, {places}, axis={axis})", x in b.exact)


def scattered(b: Builder, x: str) -> None:
    shape, kind = b.values[x].shape, str(b.values[x].dtype)
    if shape and shape[0] and kind != "bool":
        updates = b.argument([5, *shape[1:]], kind)
        b.line(f"cr.scatter_add({x}, {b.indices([5], shape[0])}, {updates})")


MOVEMENT = [reshape, permute, part, part, padded, joined, moved, moved, taken, scattered]


# --- reductions ----------------------------------------------------------------------------------


def reduced(b: Builder, x: str) -> None:
    value = b.values[x]
    axes = tuple(k for k in range(len(value.shape)) if b.choose(0, 1))
    options = ["cr.sum({0}, axis={1}, keepdims={2})"]
    if value.dtype.is_floating:
        options = ["cr.sum({0} * 0.125, axis={1}, keepdims={2})"]
    nonempty = value.size > 0 or (axes and all(value.shape[k] for k in axes))
    if value.dtype.is_floating and nonempty and axes:
        options += ["cr.mean({0}, {1}, keepdims={2})", "cr.var({0} * 0.5, {1}, keepdims={2})",
                    "cr.logsumexp({0}, {1}, keepdims={2})"]  # fmt: skip
    if x in b.exact and nonempty and str(value.dtype) != "bool":
        options += ["cr.max({0}, axis={1}, keepdims={2})", "cr.min({0}, axis={1}, keepdims={2})"]
    if str(value.dtype) == "bool":
        options += ["cr.any({0}, axis={1}, keepdims={2})", "cr.all({0}, axis={1}, keepdims={2})"]
    if not value.dtype.is_floating:
        options += ["cr.count_nonzero({0}, axis={1}, keepdims={2})"]
    b.line(b.choose(*options).format(x, axes, b.choose(True, False)))


def cumulated(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    if shape and b.values[x].dtype.is_floating:
        b.line(f"cr.cumulative_sum({x}, axis={b.random.randint(0, len(shape) - 1)}) * 0.125")


REDUCTION = [reduced, reduced, reduced, cumulated]


# --- what jumps, or is exact ---------------------------------------------------------------------


def compared(b: Builder, x: str) -> None:
    other = b.argument(b.values[x].shape, str(b.values[x].dtype))
    sign = b.choose("<", "<=", ">", ">=", "==", "!=")
    name = b.line(f"{x} {sign} {other}")
    if name and b.choose(0, 1):
        b.line(f"cr.where({name}, {x}, {other})", True)


def kinked(b: Builder, x: str) -> None:
    if not b.values[x].dtype.is_floating:
        return
    options = ["cr.relu({0})", "cr.abs({0})", "cr.clip({0}, -0.5, 1.5)", "cr.floor({0})",
               "cr.round({0})", "cr.sign({0})", "cr.maximum({0}, {1})", "cr.minimum({0}, {1})",
               "cr.trunc({0})", "cr.isfinite({0})", "cr.ceil({0})"]  # fmt: skip
    other = b.argument(b.values[x].shape, str(b.values[x].dtype))
    b.line(b.choose(*options).format(x, other), True)


LOGICAL = [
    "cr.logical_not({0})", "cr.logical_and({0}, {1})", "cr.logical_or({0}, {1})",
    "cr.logical_xor({0}, {1})", "cr.astype({0}, {2!r})", "cr.astype({0}, 'int32')",
]  # fmt: skip
INTEGRAL = [
    "{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} // 3", "{0} % 5", "{0} & {1}", "{0} | {1}",
    "{0} ^ {1}", "~{0}", "{0} << 1", "{0} >> 1", "-{0}", "cr.maximum({0}, {1})", "cr.abs({0})",
]  # fmt: skip


def integral(b: Builder, x: str) -> None:
    kind = str(b.values[x].dtype)
    if kind in (*INTEGERS, "bool"):
        options = LOGICAL if kind == "bool" else INTEGRAL
        b.line(b.choose(*options).format(x, partner(b, x), b.choose(*b.floats)))


def cast(b: Builder, x: str) -> None:
    low = float(np.min(np.asarray(b.values[x].value, np.float64), initial=0.0))
    kinds = [*b.floats, "int32", "int8", "bool", *(INTEGERS if low >= 0 else ())]
    b.line(f"cr.astype({x}, {b.choose(*kinds)!r})")


def largest(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    if shape and 0 not in shape and str(b.values[x].dtype) != "bool":
        axis = b.random.randint(0, len(shape) - 1)
        b.line(f"cr.{b.choose('argmax', 'argmin', 'sort')}({x}, axis={axis})", True)


def pooled(b: Builder, x: str) -> None:
    shape = b.values[x].shape
    if len(shape) == 4 and min(shape) > 0 and min(shape[2:]) >= 3:
        b.line(f"F.max_pool2d({x}, {b.choose(2, 3)}, stride={b.choose(1, 2)})", True)


EXACT: list[Callable[[Builder, str], None]] = [
    compared, kinked, kinked, integral, integral, cast, largest, pooled,
]  # fmt: skip
