"""Code for any kernel: which generator has it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ..ir.kernels import Call, Contract, Fill, Kernel, Map, Reduce, Scatter
from .contraction import generate_contract
from .form import Form
from .map import generate_fill, generate_map
from .reduction import generate_reduce
from .scatter import generate_scatter
from .target import Target
from .writer import Code


def generate(kernel: Kernel, target: Target) -> Code:
    """Return the code of a kernel; kernels of one form share it. Calls of NumPy have none."""
    form = Form(kernel)
    code = _of_form(form, target)
    return replace(code, arguments=tuple([form.real(b, o) for b, o in code.arguments]))


@lru_cache(maxsize=2048)
def _of_form(form: Form, target: Target) -> Code:
    """Return the code of a form, its arguments being placeholders."""
    kernel = form.kernel
    match kernel:
        case Map():
            return generate_map(kernel, target)
        case Fill():
            return generate_fill(kernel, target)
        case Reduce():
            return generate_reduce(kernel, target)
        case Contract():
            return generate_contract(kernel, target)
        case Scatter():
            return generate_scatter(kernel, target)
        case Call():
            raise AssertionError("a call has no code")
