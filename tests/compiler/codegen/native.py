"""Runs generated kernels on NumPy arrays: LLVM without any pass, as the runtime does it.

>>> native.run(generate_map(kernel, native.HOST), {x: np.ones(4, np.float32), y: result})
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from chainrule.compiler.codegen.target import Target
from chainrule.compiler.codegen.writer import Code
from chainrule.compiler.ir.expr import Buffer

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()

Array = np.ndarray[Any, np.dtype[Any]]
Arrays = Mapping[Buffer, Array]
BAND = 256  # bytes around every array that a kernel must leave alone
_BYTE = 0x5A


def _host() -> Target:
    features = llvm.get_host_cpu_features()
    wide = 64 if features.get("avx512f") else 32 if features.get("avx2") else 16
    registers = 32 if wide == 64 or "aarch64" in llvm.get_process_triple() else 16
    return Target(
        llvm.get_process_triple(), llvm.get_host_cpu_name(), features.flatten(), wide, registers
    )


HOST = _host()


class Native:
    """A compiled kernel: call it with the arrays that its buffers stand for."""

    def __init__(self, code: Code) -> None:
        self.code = code
        text = "\n".join([*code.declarations, code.text])
        module = llvm.parse_assembly(text)
        module.triple = HOST.triple
        module.verify()
        machine = llvm.Target.from_triple(HOST.triple).create_target_machine(
            cpu=HOST.cpu, features=HOST.features, opt=2, jit=True
        )
        self.assembly = machine.emit_assembly(module)
        self._engine = llvm.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()
        kind = ctypes.CFUNCTYPE(
            None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
        )
        self._function = kind(self._engine.get_function_address("kernel"))

    def __call__(self, arrays: Arrays, parts: Iterable[tuple[int, int]] | None = None) -> None:
        """Do the units of each part, one part after the other; without parts, all at once."""
        slots = {id(buffer): k for k, buffer in enumerate(arrays)}
        for buffer, array in arrays.items():
            assert array.dtype == buffer.dtype.storage
            assert array.flags.c_contiguous
            assert array.size == buffer.size
        table = (ctypes.c_void_p * len(arrays))(*[a.ctypes.data for a in arrays.values()])
        flat = [n for buffer, offset in self.code.arguments for n in (slots[id(buffer)], offset)]
        flat += self.code.numbers
        arguments = (ctypes.c_int64 * max(1, len(flat)))(*flat)
        for start, stop in [(0, self.code.units)] if parts is None else parts:
            self._function(ctypes.addressof(table), ctypes.addressof(arguments), start, stop)


def run(code: Code, arrays: Arrays) -> None:
    """Run all units, and see that other splits of them into parts give the same bits.

    The arrays are changed as the kernel says; bytes around them must not be.
    """
    kernel = Native(code)
    units = code.units
    first = _run_guarded(kernel, arrays, [(0, units)])
    half = units // 2
    splits = [[(half, units), (0, half)], [(u, u + 1) for u in reversed(range(units))]]
    for parts in splits if units > 1 else []:
        again = _run_guarded(kernel, arrays, parts)
        for buffer, array in first.items():
            assert array.tobytes() == again[buffer].tobytes(), f"{buffer} depends on the split"
    for buffer, array in arrays.items():
        array[...] = first[buffer].reshape(array.shape)


def _run_guarded(
    kernel: Native, arrays: Arrays, parts: list[tuple[int, int]]
) -> dict[Buffer, Array]:
    memory = {b: np.full(a.nbytes + 2 * BAND, _BYTE, np.uint8) for b, a in arrays.items()}
    inner: dict[Buffer, Array] = {}
    for buffer, array in arrays.items():
        inner[buffer] = memory[buffer][BAND : BAND + array.nbytes].view(array.dtype)
        inner[buffer][:] = array.ravel()
    kernel(inner, parts)
    for buffer, whole in memory.items():
        outside = np.concatenate([whole[:BAND], whole[len(whole) - BAND :]])
        assert (outside == _BYTE).all(), (
            f"{buffer} is written outside of its {buffer.size} elements"
        )
    return inner
