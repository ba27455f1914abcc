"""Index notation: how every operation says which elements make which, as one line of text.

    out[i0, i1] = sum(k0 < 3)(x[i0, k0] * y[k0, i1])                a matrix product
    out[i0] = x[i0 - 1] if 0 <= i0 - 1 and i0 - 1 < 5 else 0        padding by one zero
    for i0 < 4: out[indices[i0]] += updates[i0]                     a scatter

The grammar is a part of Python's, so that Python's own parser reads it; nothing is evaluated::

    notation  = out[index, ...] = value                 each element of out, on its own
              | for loops: out[index, ...] += value     out starts as zeros; all terms are added
    loops     = name < length, ...                      the name runs over 0 .. length - 1
    value     = number | index | read | -value | ~value | value operator value
              | reducer(loops)(value)                   over all the loops' names
              | value if condition else value           just one of the two is evaluated
              | function(value, ...)
    read      = array[index, ...]                       must lie inside of the array
    index     = integers, loop names, reads of integer arrays, and + - * // % of them
    condition = values compared by == != < <= > >=, joined by and, or, not
    operator  = + - * / // % & | ^ << >> and the comparisons
    reducer   = sum | prod | max | min | any | all
    function  = a name of ScalarFunctions, or of a data type, which casts

On the left of ``=`` an index is a name that runs over that axis of out, or 0 for an axis of length
1. ``//`` and ``%`` round down, as in Python. Arrays have the names of the kernel's parameters;
where their number is open, x0, x1, and so on. The result is cast to out's data type.
"""

from .access import Access, reads, variables
from .cost import multiply_adds, scalar_operations
from .elementwise import array_names, elementwise_notation, notation_of
from .interpreter import Scope, interpret
from .parser import parse
from .records import (
    Binary,
    Call,
    Choice,
    Expression,
    Notation,
    Number,
    Read,
    Reduce,
    Unary,
    Variable,
    literal,
)
from .scalars import NUMPY_SCALARS, ScalarFunctions

__all__ = [
    "NUMPY_SCALARS",
    "Access",
    "Binary",
    "Call",
    "Choice",
    "Expression",
    "Notation",
    "Number",
    "Read",
    "Reduce",
    "ScalarFunctions",
    "Scope",
    "Unary",
    "Variable",
    "array_names",
    "elementwise_notation",
    "interpret",
    "literal",
    "multiply_adds",
    "notation_of",
    "parse",
    "reads",
    "scalar_operations",
    "variables",
]
