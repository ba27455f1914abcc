"""Programs as text: what a pass has done, for people to read and for tests to compare.

::

    program   = declaration* kernel* ("return" array)* check*
    declaration = ("input" | "state" | "output" | "temp") name ":" dtype "[" size "]"
    kernel    = "map" "pinned"? loops  line*                  a line: name = value, or a store
              | "reduce" loops "|" loops  (accN = reducer(value))* line*
              | "contract" loops       accN = read * read, line*     a loop's letter is its role
              | "scatter" loops "|" loops  line*, name[place; step*value, ...] += value
              | "fill" number          (loops: name[place])*
              | "call" operation(attribute=literal, ...)  ("at" 'where')  (array* = array*)
    loops     = name<extent, ...
    store     = name[place] = value
    array     = name[shape](strides) + offset
    check     = "check" name 'required' at 'where'
    value     = number(:dtype) | name | accN | index(place) | inside(guards) | dtype(value)
              | function(value, ...) | name[place] | name[place | guards]
              | name[place; step*value, ...]
    place     = 4*i0 + k0 - 3
    guards    = 0 <= place < length, ...

Numbers without a data type are float32, int64 and bool. Lines of kernels are indented.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .expr import Buffer, Expr, Shape
from .formula_printer import FormulaPrinter, literal_text, place_text
from .kernels import Array, Call, Contract, Fill, Kernel, Map, Reduce, Scatter, Store
from .program import Program, reads_of, values_of, writes_of

BufferNames = Mapping[Buffer, str]
INDENT = "\n    "


def print_program(program: Program) -> str:
    """Return a program's text; ``parse_program`` reads it.

    >>> from chainrule.compiler.ir import parse_program
    >>> text = "input x: float32[3]\\noutput y: float32[3]\\nmap i0<3\\n y[i0] = exp(x[i0])"
    >>> print(print_program(parse_program(text)))
    input x: float32[3]
    output y: float32[3]
    <BLANKLINE>
    map i0<3
        y[i0] = exp(x[i0])
    <BLANKLINE>
    """
    names = _names(_buffers(program))
    blocks = ["\n".join(f"{b.kind} {name}: {b.dtype}[{b.size}]" for b, name in names.items())]
    blocks += [_kernel(kernel, names) for kernel in program.kernels]
    last = [f"return {_array(array, names)}" for array in program.outputs]
    last += [f"check {names[c.flag]} {c.required!r} at {c.where!r}" for c in program.checks]
    return "\n\n".join(filter(None, [*blocks, "\n".join(last)])) + "\n"


def print_kernel(kernel: Kernel) -> str:
    """Return a kernel's text, without a line break at its end."""
    return _kernel(kernel, _names([*reads_of(kernel), *writes_of(kernel)]))


def _buffers(program: Program) -> list[Buffer]:
    """Return all buffers: inputs, states, then the others in order of their use."""
    found = [*program.inputs, *program.states]
    for kernel in program.kernels:
        found += [*reads_of(kernel), *writes_of(kernel)]
    return [*found, *(a.buffer for a in program.outputs), *(c.flag for c in program.checks)]


def _names(buffers: Iterable[Buffer]) -> dict[Buffer, str]:
    """Return a name of its own for each buffer: the one it has, made an identifier."""
    names: dict[Buffer, str] = {}
    taken: set[str] = set()
    for buffer in dict.fromkeys(buffers):
        base = re.sub(r"[^\w.]", "_", buffer.name, flags=re.ASCII)
        base = base if re.match(r"[A-Za-z_]", base) else f"_{base}"
        tries = Counter[str]()
        name = base
        while name in taken:
            tries[base] += 1
            name = f"{base}_{tries[base]}"
        taken.add(name)
        names[buffer] = name
    return names


def loop_names(letter: str, extents: Shape) -> list[str]:
    """Return the names of loops of one kind: i0, i1, ..."""
    return [f"{letter}{k}" for k in range(len(extents))]


def _loops(names: Sequence[str], extents: Sequence[int]) -> str:
    return ", ".join(f"{name}<{n}" for name, n in zip(names, extents, strict=True))


def _header(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _kernel(kernel: Kernel, names: BufferNames) -> str:
    match kernel:
        case Map():
            lines = _map(kernel, names)
        case Reduce():
            lines = _reduce(kernel, names)
        case Contract():
            lines = _contract(kernel, names)
        case Scatter():
            lines = _scatter(kernel, names)
        case Fill():
            lines = _fill(kernel, names)
        case Call():
            lines = _call(kernel, names)
    return INDENT.join(lines)


def _start(
    kernel: Kernel, names: BufferNames, loops: list[str], header: str
) -> tuple[list[str], FormulaPrinter]:
    lines = [header]
    roots: list[Expr] = values_of(kernel)
    return lines, FormulaPrinter(roots, loops, names, lines)


def _stores(lines: list[str], formulas: FormulaPrinter, stores: Sequence[Store]) -> list[str]:
    for store in stores:
        value = formulas.value(store.value)
        lines.append(f"{formulas.buffers[store.buffer]}[{formulas.place(store.place)}] = {value}")
    return lines


def _map_header(kernel: Map, loops: Sequence[str]) -> str:
    return _header("map", "pinned" if kernel.pinned else "", _loops(loops, kernel.loops))


def _map(kernel: Map, names: BufferNames) -> list[str]:
    loops = loop_names("i", kernel.loops)
    lines, formulas = _start(kernel, names, loops, _map_header(kernel, loops))
    return _stores(lines, formulas, kernel.stores)


def _reduce(kernel: Reduce, names: BufferNames) -> list[str]:
    kept, reduced = loop_names("i", kernel.kept), loop_names("k", kernel.reduced)
    header = _header("reduce", _loops(kept, kernel.kept), "|", _loops(reduced, kernel.reduced))
    lines, formulas = _start(kernel, names, kept + reduced, header)
    for k, term in enumerate(kernel.terms):
        value = formulas.value(term.value)
        lines.append(f"acc{k} = {term.reducer}({value})")
    return _stores(lines, formulas, kernel.stores)


def _contract(kernel: Contract, names: BufferNames) -> list[str]:
    seen = Counter[str]()
    loops = []
    for role in kernel.roles:
        loops.append(f"{role}{seen[role]}")
        seen[role] += 1
    header = _header("contract", _loops(loops, kernel.loops))
    lines, formulas = _start(kernel, names, loops, header)
    a, b = formulas.value(kernel.a), formulas.value(kernel.b)
    lines.append(f"acc0 = {a} * {b}")
    return _stores(lines, formulas, kernel.stores)


def _scatter(kernel: Scatter, names: BufferNames) -> list[str]:
    split = kernel.parallel
    first, rest = loop_names("i", kernel.loops[:split]), loop_names("k", kernel.loops[split:])
    header = _header(
        "scatter", _loops(first, kernel.loops[:split]), "|", _loops(rest, kernel.loops[split:])
    )
    lines, formulas = _start(kernel, names, first + rest, header)
    for index in kernel.indices:
        formulas.value(index)
    value = formulas.value(kernel.value)
    target = formulas.element(kernel.buffer, kernel.place, kernel.steps, kernel.indices)
    return [*lines, f"{target} += {value}"]


def _fill(kernel: Fill, names: BufferNames) -> list[str]:
    lines = [f"fill {literal_text(kernel.value)}"]
    for extents, buffer, place in kernel.boxes:
        loops = loop_names("i", extents)
        over = f"{_loops(loops, extents)}: " if extents else ""
        lines.append(f"{over}{names[buffer]}[{place_text(place, loops)}]")
    return lines


def _call(kernel: Call, names: BufferNames) -> list[str]:
    attributes = ", ".join(f"{name}={value!r}" for name, value in kernel.attributes.items())
    lines = [f"call {kernel.operation.name}({attributes})"]
    if kernel.where:
        lines.append(f"at {kernel.where!r}")
    outputs = ", ".join(_array(a, names) for a in kernel.outputs)
    inputs = ", ".join(_array(a, names) for a in kernel.inputs)
    return [*lines, f"{outputs} = {inputs}".rstrip()]


def _array(array: Array, names: BufferNames) -> str:
    shape, strides = (", ".join(map(str, numbers)) for numbers in (array.shape, array.strides))
    offset = f" + {array.offset}" if array.offset else ""
    return f"{names[array.buffer]}[{shape}]({strides}){offset}"
