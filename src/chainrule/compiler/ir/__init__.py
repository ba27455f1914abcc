"""The intermediate representation: kernels in index notation, its text, its rules, its meaning."""

from .expr import Buffer, Expr, Guard, Place
from .interpret import evaluate, interpret
from .kernels import Array, Call, Contract, Fill, Kernel, Map, Origin, Reduce, Scatter, Store, Term
from .parser import parse_kernel, parse_program
from .printer import print_kernel, print_program
from .program import Check, Program
from .verify import verify

__all__ = [
    "Array",
    "Buffer",
    "Call",
    "Check",
    "Contract",
    "Expr",
    "Fill",
    "Guard",
    "Kernel",
    "Map",
    "Origin",
    "Place",
    "Program",
    "Reduce",
    "Scatter",
    "Store",
    "Term",
    "evaluate",
    "interpret",
    "parse_kernel",
    "parse_program",
    "print_kernel",
    "print_program",
    "verify",
]
