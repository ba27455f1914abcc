"""LLVM: from the text of a module to functions that can be called."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

Entry = Any  # a ctypes function (table, barrier, thread, threads, clock)


@cache
def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def vector_lanes() -> int:
    """Return how many float32 one register of this CPU holds."""
    features = _llvm().get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx") else 4


class Library:
    """A loaded module; the functions live as long as this object."""

    def __init__(self, text: str, entries: list[str]) -> None:
        llvm = _llvm()
        features = llvm.get_host_cpu_features().flatten() + ",-prefer-256-bit"
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=features, opt=2
        )
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), machine)
        self._engine.finalize_object()
        proto = ctypes.CFUNCTYPE(
            None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p
        )
        self.functions: dict[str, Entry] = {
            name: proto(self._engine.get_function_address(name)) for name in entries
        }
