"""Evaluates a scalar formula over NumPy arrays in compiled vectors of some width and target."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from chainrule import dtypes
from chainrule.compiler.codegen.lanes import Lanes
from chainrule.compiler.codegen.target import Target
from chainrule.compiler.codegen.writer import Code, Writer
from chainrule.compiler.ir.expr import COMPARISONS, PREDICATES, Buffer, Expr, Place, make, read
from chainrule.dtypes import DType

from . import native

Array = np.ndarray[Any, np.dtype[Any]]
HOST = native.HOST
AVX2 = replace(HOST, cpu="haswell", features="+avx2,+fma,+sse4.1,+f16c", vector_bytes=32)
SSE2 = replace(HOST, cpu="x86-64", features="", vector_bytes=16)
KINDS = PREDICATES | COMPARISONS


@lru_cache(maxsize=256)
def machine(target: Target) -> llvm.TargetMachine:
    """Return LLVM's compiler for a target."""
    triple = llvm.Target.from_triple(target.triple)
    return triple.create_target_machine(cpu=target.cpu, features=target.features, opt=2, jit=True)


def kernel(formula: Callable[..., Expr], kinds: tuple[DType, ...], width: int,
           target: Target = HOST) -> tuple[Code, DType]:  # fmt: skip
    """Return a kernel whose unit is a vector of ``width`` elements, and the type of its result."""
    buffers = [Buffer(f"x{k}", kind, 1 << 40) for k, kind in enumerate(kinds)]
    root = formula(*[read(b, Place(0, (1,))) for b in buffers])
    result = Buffer("y", root.dtype, 1 << 40)
    writer = Writer(target)
    for buffer in (*buffers, result):
        writer.bind(buffer, 0)
    with writer.loop("%start", "%stop", width) as (at, _):
        lanes = Lanes(writer, [at], 0, width)
        lanes.store(result, Place(0, (1,)), lanes.emit(root))
    return writer.finish(1), root.dtype


class Compiled:
    """A formula as a function of arrays of equal size, which is a multiple of the width."""

    def __init__(self, code: Code, result: DType, target: Target = HOST) -> None:
        self.result = result
        module = llvm.parse_assembly("\n".join([*code.declarations, code.text]))
        module.triple = target.triple
        module.verify()
        self.assembly = machine(target).emit_assembly(module)
        self._engine = llvm.create_mcjit_compiler(module, machine(target))
        self._engine.finalize_object()
        types = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
        self._run = ctypes.CFUNCTYPE(None, *types)(self._engine.get_function_address("kernel"))

    def into(self, result: Array, *arrays: Array) -> None:
        """Write the results for all elements."""
        every = (*arrays, result)
        table = (ctypes.c_void_p * len(every))(*[a.ctypes.data for a in every])
        slots = (ctypes.c_int64 * (2 * len(every)))(*[n for k in range(len(every)) for n in (k, 0)])
        self._run(ctypes.addressof(table), ctypes.addressof(slots), 0, result.size)


@cache
def _compiled(kind: str, dtypes_of: tuple[DType, ...], result: DType, constants: tuple[Any, ...],
              width: int, target: Target) -> Compiled:  # fmt: skip
    def formula(*values: Expr) -> Expr:
        numbers = tuple(make("const", values[-1].dtype, (), c) for c in constants)
        return make(kind, result, (*values, *numbers))

    return Compiled(*kernel(formula, dtypes_of, width, target), target)


def evaluate(kind: str, *arrays: Array, result: DType | None = None,
             constants: tuple[Any, ...] = (), width: int = 8, target: Target = HOST,
             sources: tuple[DType, ...] = ()) -> Array:  # fmt: skip
    """Return a function's values for all elements; the last vector is filled up with the last one.

    ``sources`` are the arrays' data types if NumPy does not know them, ``result`` is the function's
    if it is not that of the last array (or bool, of a predicate).
    """
    kinds = sources or tuple(dtypes.of_array(a) for a in arrays)
    to = result or (dtypes.bool if kind in KINDS else kinds[-1])
    size = len(arrays[0])
    padded = [np.pad(a, (0, -size % width), mode="edge") for a in arrays]
    out = np.empty(padded[0].size, to.storage)
    _compiled(kind, kinds, to, constants, width, target).into(out, *padded)
    return out[:size]
