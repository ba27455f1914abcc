"""A program: buffers, and kernels that run one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .expr import Buffer, Expr, buffers_read
from .kernels import Array, Call, Contract, Fill, Kernel, Map, Reduce, Scatter


@dataclass(eq=False)
class Check:
    """A condition on the user's data: after the run, ``flag`` (one bool) must not be true."""

    flag: Buffer
    required: str
    where: str


@dataclass(eq=False)
class Program:
    """Kernels in order; their effect is that of running them one after the other.

    ``fixed`` are the states that change between calls only, which the caller notices. Everything
    else says what is computed; ``vector_bytes``, of one register, is where it will be computed.
    """

    inputs: list[Buffer] = field(default_factory=list)
    states: list[Buffer] = field(default_factory=list)
    outputs: list[Array] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what was chosen, and why
    fixed: list[Buffer] = field(default_factory=list)
    vector_bytes: int = 32

    def __str__(self) -> str:
        from .printer import print_program  # here, since the printer imports this module

        return print_program(self)


def values_of(kernel: Kernel) -> list[Expr]:
    """Return every formula that a kernel evaluates."""
    match kernel:
        case Map():
            return [s.value for s in kernel.stores]
        case Reduce():
            return [*(t.value for t in kernel.terms), *(s.value for s in kernel.stores)]
        case Contract():
            return [kernel.a, kernel.b, *(s.value for s in kernel.stores)]
        case Scatter():
            return [*kernel.indices, kernel.value]
        case _:
            return []


def reads_of(kernel: Kernel) -> list[Buffer]:
    """Return the buffers that a kernel reads."""
    if isinstance(kernel, Call):
        return _once([array.buffer for array in kernel.inputs])
    more = [kernel.buffer] if isinstance(kernel, Scatter) else []
    return _once([*buffers_read(values_of(kernel)), *more])


def writes_of(kernel: Kernel) -> list[Buffer]:
    """Return the buffers that a kernel writes."""
    match kernel:
        case Map() | Reduce() | Contract():
            return _once([s.buffer for s in kernel.stores])
        case Fill():
            return _once([buffer for _, buffer, _ in kernel.boxes])
        case Scatter():
            return [kernel.buffer]
        case Call():
            return _once([array.buffer for array in kernel.outputs])


def _once(buffers: Sequence[Buffer]) -> list[Buffer]:
    return list({id(b): b for b in buffers}.values())
