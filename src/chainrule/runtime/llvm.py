"""LLVM, as far as it is needed: from text to object code, and from object code to addresses."""

from __future__ import annotations

import ctypes
import itertools
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from .host import host

_thread = threading.local()
_libraries = itertools.count()
_loaded: list[Any] = []  # code that was loaded stays as long as the process


@cache
def binding() -> Any:
    """Return llvmlite's binding, ready to make code for this machine."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # Loops are in final form: rewriting their steps takes half of LLVM's time for nothing.
    llvm.set_option("chainrule", "-disable-lsr")
    return llvm


def machine() -> Any:
    """Return this thread's target machine."""
    if not hasattr(_thread, "machine"):
        here = host()
        target = binding().Target.from_triple(here.triple)
        _thread.machine = target.create_target_machine(here.cpu, here.features, opt=2, jit=True)
    return _thread.machine


def parse(text: str) -> Any:
    """Return a verified module in a context of its own; RuntimeError says what is wrong."""
    llvm = binding()
    module = llvm.parse_assembly(text, llvm.create_context())
    module.verify()
    return module


def object_code(text: str, target: Any = None) -> bytes:
    """Return the object code of a module; no pass of LLVM runs over it."""
    emit = _unlocked("LLVMPY_TargetMachineEmitToMemory")
    start, size = _unlocked("LLVMPY_GetBufferStart"), _unlocked("LLVMPY_GetBufferSize")
    module, message = parse(text), ctypes.c_char_p()
    memory = emit(target or machine(), module, 1, ctypes.byref(message))
    if not memory:
        raise RuntimeError(str(message.value))
    try:
        return ctypes.string_at(start(memory), size(memory))
    finally:
        _unlocked("LLVMPY_DisposeMemoryBuffer")(memory)


@cache
def _unlocked(name: str) -> Any:
    """Return a function of llvmlite's library without the lock that llvmlite puts around it.

    LLVM itself allows one thread per context, and code generation is nearly all of the time.
    """
    from llvmlite.binding import ffi

    locked = getattr(ffi.lib, name)
    function = ctypes.CDLL(ffi.lib._name)[name]
    function.argtypes, function.restype = locked.argtypes, locked.restype
    return function


@cache
def _linker() -> Any:
    return binding().create_lljit_compiler(use_jit_link=True)


def link(code: bytes, names: Sequence[str]) -> list[int]:
    """Load object code; return the addresses of functions; RuntimeError if a symbol is missing."""
    builder = binding().JITLibraryBuilder().add_object_img(code).add_current_process()
    for name in names:
        builder.export_symbol(name)
    library = builder.link(_linker(), f"kernels{next(_libraries)}")
    _loaded.append(library)
    return [library[name] for name in names]
