"""Programs from text: reads what the printer writes (its module says the grammar)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ... import dtypes
from ...graph import PRIMITIVES
from . import expr as ir
from .expr import Buffer, Expr, Place, Shape
from .formula_parser import ACCUMULATOR, FormulaParser
from .functions import accumulated_dtype
from .kernels import Array, Call, Contract, Fill, Kernel, Map, Reduce, Scatter, Store, Term
from .program import Check, Program
from .tokens import Tokens, program_error

Buffers = Mapping[str, Buffer]
BUFFER_KINDS = ("input", "state", "output", "temp")
REDUCERS = ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin")
_LITERALS: dict[str, Any] = {"True": True, "False": False, "None": None, **dtypes.ALL}


def parse_program(text: str) -> Program:
    """Read a program; ArgumentError with the line for what is not in the grammar.

    >>> program = parse_program("input x: float32[2]\\noutput y: float32[2]\\nfill 1.0\\n y[0]")
    >>> program.inputs, program.kernels[0].value
    ([x], 1.0)
    """
    program, buffers = Program(), dict[str, Buffer]()
    for header, body in _blocks(text):
        word = header.take("name")
        if word in KERNELS:
            program.kernels.append(_kernel(word, header, body, buffers))
        elif body:
            body[0].fail("an indented line only after a kernel's first line")
        else:
            _statement(program, word, header, buffers)
            header.end()
    return program


def parse_kernel(text: str, buffers: Buffers) -> Kernel:
    """Read one kernel; its buffers have the names that the text uses."""
    blocks = list(_blocks(text))
    word = blocks[0][0].take("name") if len(blocks) == 1 else ""
    if word not in KERNELS:
        raise program_error(f"one kernel: {', '.join(KERNELS)}", text, 1)
    return _kernel(word, *blocks[0], buffers)


def _blocks(text: str) -> Iterator[tuple[Tokens, list[Tokens]]]:
    """Return each line without indentation, with the indented ones after it."""
    lines = [Tokens(line, n) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    starts = [k for k, line in enumerate(lines) if not line.indented]
    if lines and lines[0].indented:
        lines[0].fail("a first line without indentation")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], lines[start + 1 : end]


def _statement(program: Program, word: str, line: Tokens, buffers: dict[str, Buffer]) -> None:
    if word in BUFFER_KINDS:
        buffer = _declared(word, line)
        if buffer.name in buffers:
            line.fail(f"a new name in place of {buffer.name!r}")
        buffers[buffer.name] = buffer
        {"input": program.inputs, "state": program.states}.get(word, []).append(buffer)
    elif word == "return":
        program.outputs.append(_array(line, buffers))
    elif word == "check":
        flag, required = FormulaParser([], buffers).buffer(line), line.string()
        line.expect("at")
        program.checks.append(Check(flag, required, line.string()))
    else:
        known = (*BUFFER_KINDS, *KERNELS, "return", "check")
        line.fail(f"one of {', '.join(known)} in place of {word!r}")


def _declared(kind: str, line: Tokens) -> Buffer:
    name = line.take("name")
    line.expect(":")
    dtype = line.take("name")
    if dtype not in dtypes.ALL:
        line.fail(f"a data type in place of {dtype!r}")
    line.expect("[")
    size = line.integer()
    line.expect("]")
    return Buffer(name, dtypes.ALL[dtype], size, kind)


def _array(line: Tokens, buffers: Buffers) -> Array:
    buffer = FormulaParser([], buffers).buffer(line)
    line.expect("[")
    shape = tuple(line.listed(line.integer, "]"))
    line.expect("(")
    strides = tuple(line.listed(line.integer, ")"))
    return Array(buffer, shape, strides, line.integer() if line.skip("+") else 0)


def _kernel(word: str, header: Tokens, body: list[Tokens], buffers: Buffers) -> Kernel:
    try:
        return KERNELS[word](header, body, buffers)
    except RecursionError:
        raise program_error("formulas of less depth", header.line, header.number) from None


def _loops(line: Tokens, letters: str) -> tuple[list[str], Shape]:
    """Read loops of the given letters: i0<4, i1<3."""
    names, extents = [], []
    while line.peek()[0] == "name":
        name = line.take("name")
        if name[0] not in letters or name in names:
            line.fail(f"a new loop of {', '.join(letters)} in place of {name!r}")
        line.expect("<")
        names.append(name)
        extents.append(line.integer())
        if not line.skip(","):
            break
    return names, tuple(extents)


def _store(line: Tokens, formulas: FormulaParser) -> Store:
    buffer, place = _target(line, formulas)
    line.expect("=")
    return Store(buffer, place, formulas.value(line))


def _target(line: Tokens, formulas: FormulaParser) -> tuple[Buffer, Place]:
    buffer = formulas.buffer(line)
    line.expect("[")
    place = formulas.place(line)
    line.expect("]")
    return buffer, place


def _lines(
    body: list[Tokens],
    formulas: FormulaParser,
    accumulate: Callable[[Tokens], Expr] | None = None,
) -> list[Store]:
    """Read names, accumulators and stores."""
    stores = []
    for line in body:
        name = line.peek()[1]
        if line.at("[", ahead=1):
            stores.append(_store(line, formulas))
        elif accumulate and ACCUMULATOR.fullmatch(name) and not stores:
            line.expect(f"acc{len(formulas.accumulators)}", "=")
            formulas.accumulators.append(accumulate(line))
        else:
            _define(line, formulas)
        line.end()
    return stores


def _define(line: Tokens, formulas: FormulaParser) -> None:
    name = line.take("name")
    if name in formulas.names:
        line.fail(f"a new name in place of {name!r}")
    line.expect("=")
    formulas.names[name] = formulas.value(line)


def _map(header: Tokens, body: list[Tokens], buffers: Buffers) -> Map:
    pinned = header.skip("pinned")
    names, extents = _loops(header, "i")
    header.end()
    return Map(extents, _lines(body, FormulaParser(names, buffers)), pinned)


def _two_parts(header: Tokens) -> tuple[list[str], Shape, Shape]:
    """Read the loops before and after a bar."""
    first, outer = _loops(header, "i")
    header.expect("|")
    rest, inner = _loops(header, "k")
    header.end()
    return first + rest, outer, inner


def _reduce(header: Tokens, body: list[Tokens], buffers: Buffers) -> Reduce:
    names, kept, reduced = _two_parts(header)
    formulas = FormulaParser(names, buffers)
    terms: list[Term] = []

    def accumulate(line: Tokens) -> Expr:
        reducer = line.take("name")
        if reducer not in REDUCERS:
            line.fail(f"one of {', '.join(REDUCERS)} in place of {reducer!r}")
        line.expect("(")
        term = Term(reducer, formulas.value(line))
        line.expect(")")
        terms.append(term)
        return ir.acc(len(terms) - 1, accumulated_dtype(reducer, term.value.dtype))

    return Reduce(kept, reduced, terms, _lines(body, formulas, accumulate))


def _contract(header: Tokens, body: list[Tokens], buffers: Buffers) -> Contract:
    names, extents = _loops(header, "bmnk")
    header.end()
    formulas = FormulaParser(names, buffers)
    factors: list[Expr] = []

    def accumulate(line: Tokens) -> Expr:
        factors.append(formulas.value(line))
        line.expect("*")
        factors.append(formulas.value(line))
        return ir.acc(0, factors[0].dtype)

    stores = _lines(body, formulas, accumulate)
    if len(factors) != 2:
        header.fail("one line acc0 = a * b")
    a, b = factors
    return Contract(extents, "".join(name[0] for name in names), a, b, stores)


def _scatter(header: Tokens, body: list[Tokens], buffers: Buffers) -> Scatter:
    names, first, rest = _two_parts(header)
    formulas = FormulaParser(names, buffers)
    if not body:
        header.fail("a line buffer[place; step*value, ...] += value")
    _lines(body[:-1], formulas)
    line = body[-1]
    buffer = formulas.buffer(line)
    line.expect("[")
    place = formulas.place(line)
    line.expect(";")
    steps, indices = formulas.steps(line)
    line.expect("+=")
    value = formulas.value(line)
    line.end()
    return Scatter(first + rest, len(first), buffer, place, indices, tuple(steps), value)


def _fill(header: Tokens, body: list[Tokens], buffers: Buffers) -> Fill:
    value = header.literal()
    header.end()
    return Fill([_box(line, buffers) for line in body], value)


def _box(line: Tokens, buffers: Buffers) -> tuple[Shape, Buffer, Place]:
    names: list[str] = []
    extents: Shape = ()
    if not line.at("[", ahead=1):
        names, extents = _loops(line, "i")
        line.expect(":")
    buffer, place = _target(line, FormulaParser(names, buffers))
    line.end()
    return extents, buffer, place


def _call(header: Tokens, body: list[Tokens], buffers: Buffers) -> Call:
    name = header.take("name")
    if name not in PRIMITIVES:
        header.fail(f"a primitive in place of {name!r}")
    header.expect("(")
    attributes = dict(header.listed(lambda: _attribute(header), ")"))
    header.end()
    where = ""
    if body and body[0].peek(1)[0] == "text":
        body[0].expect("at")
        where = body[0].string()
        body[0].end()
        body = body[1:]
    if len(body) != 1:
        header.fail("one line results = arguments")
    line = body[0]
    outputs = line.listed(lambda: _array(line, buffers), "=")
    inputs = line.listed(lambda: _array(line, buffers))
    return Call(PRIMITIVES[name], attributes, inputs, outputs, where)


def _attribute(line: Tokens) -> tuple[str, Any]:
    name = line.take("name")
    line.expect("=")
    return name, _literal(line)


def _literal(line: Tokens) -> Any:
    """Read a Python literal or a data type."""
    kind, text = line.peek()
    if kind == "text":
        return line.string()
    if line.skip("("):
        return tuple(line.listed(lambda: _literal(line), ")"))
    if line.skip("["):
        return line.listed(lambda: _literal(line), "]")
    if text in _LITERALS:
        return _LITERALS[line.take("name")]
    return line.literal()


KERNELS: dict[str, Callable[[Tokens, list[Tokens], Buffers], Kernel]] = {
    "map": _map, "fill": _fill, "reduce": _reduce, "contract": _contract, "scatter": _scatter,
    "call": _call,
}  # fmt: skip
