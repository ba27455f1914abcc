"""Kernels: from texts to addresses, each distinct one compiled once and kept on disk.

``begin`` lets LLVM compile in threads of its own while more texts are made; ``load`` waits for what
it needs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from ..errors import ChainruleError
from . import cache as disk
from .host import cores, host
from .llvm import binding, link, object_code, parse
from .residence import release_compiler

Kernel = tuple[str, tuple[str, ...]]  # text of one function @kernel, and what it declares

WORTH_BEGINNING = 100_000  # characters: a twentieth of a second of LLVM
BATCH = 8  # kernels of a module: a module costs as much as half a small kernel
_addresses: dict[str, int] = {}
_lock = threading.Lock()


@dataclass(eq=False)
class _Module:
    """Some kernels that are being compiled together."""

    keys: list[str]
    code: Future[bytes]


_begun: dict[str, _Module] = {}  # by the key of each of their kernels


@dataclass
class Loading:
    """Where kernels came from: this process had them, the cache had them, or LLVM compiled them."""

    memory: int = 0
    disk: int = 0
    compiled: int = 0
    seconds: float = 0.0  # that was waited for LLVM

    def counts(self) -> dict[str, int]:
        """Return how many distinct kernels came from where."""
        return {"memory": self.memory, "disk": self.disk, "compiled": self.compiled}


def begin(kernels: Sequence[Kernel]) -> None:
    """Let LLVM begin with the kernels that neither memory nor disk has, and come back at once.

    What takes LLVM no longer than threads and a look at the disk do is left to ``load``.
    """
    keyed = {_key(kernel): kernel for kernel in kernels}
    with _lock:
        new = {key: k for key, k in keyed.items() if key not in _addresses and key not in _begun}
        if sum(len(text) for text, _ in new.values()) < WORTH_BEGINNING:
            return
        known = disk.listed(new)
        _start({key: kernel for key, kernel in new.items() if key not in known})


def load(kernels: Sequence[Kernel], loading: Loading | None = None) -> list[int]:
    """Return the addresses of kernels; compile those that neither memory nor disk has."""
    told = Loading() if loading is None else loading
    keys = [_key(kernel) for kernel in kernels]
    with _lock:
        missing = {key: k for key, k in zip(keys, kernels, strict=True) if key not in _addresses}
        for found, code in disk.find([key for key in missing if key not in _begun]):
            _link(found, code)
        lacking = {key: k for key, k in missing.items() if key not in _addresses}
        began = time.perf_counter()
        _start({key: kernel for key, kernel in lacking.items() if key not in _begun})
        _finish(list(lacking))
        told.seconds = time.perf_counter() - began
        if missing:
            release_compiler()
    told.memory, told.compiled = len(set(keys)) - len(missing), len(lacking)
    told.disk = len(missing) - len(lacking)
    return [_addresses[key] for key in keys]


def functions(text: str, names: Sequence[str]) -> list[int]:
    """Return the addresses of functions of a module that is no kernel: of the driver."""
    key = key_of(text)
    code = next((code for _, code in disk.find([key])), b"")
    if not code:
        code = object_code(text)
        disk.store([key], code)
    addresses = link(code, names)
    release_compiler()
    return addresses


@cache
def circumstances() -> str:
    """Return what code depends on besides its text: processor and LLVM."""
    here = host()
    return f"{here.triple} {here.cpu} {here.features} {binding().llvm_version_info}"


def key_of(text: str) -> str:
    """Return the key of a text, on this machine."""
    return hashlib.sha256(f"{circumstances()}\0{text}".encode()).hexdigest()


def _key(kernel: Kernel) -> str:
    text, declarations = kernel
    return key_of("\n".join([text, *declarations]))


def _name(key: str) -> str:
    return f"kernel_{key}"


def _link(keys: Sequence[str], code: bytes) -> None:
    try:
        addresses = link(code, [_name(key) for key in keys])
    except RuntimeError as error:
        raise ChainruleError(
            "kernel", required="functions that this system has", received=_line(str(error))
        ) from error
    _addresses.update(zip(keys, addresses, strict=True))


def _start(missing: Mapping[str, Kernel]) -> None:
    """Compile in threads, which end with their work."""
    if not missing:
        return
    workers = min(cores(), len(missing))
    pool = ThreadPoolExecutor(workers)
    for keys in _groups(list(missing), missing, workers):
        module = _Module(keys, pool.submit(_compile, keys, missing))
        _begun.update(dict.fromkeys(keys, module))
    pool.shutdown(wait=False)


def _finish(keys: Sequence[str]) -> None:
    """Wait for kernels that are being compiled; keep them on disk and link them."""
    while wanted := [key for key in keys if key in _begun]:
        module = _begun[wanted[0]]
        try:
            code = module.code.result()
        finally:  # what cannot be compiled is tried again when it is asked for again
            for key in module.keys:
                del _begun[key]
        disk.store(module.keys, code)
        _link(module.keys, code)
    if keys:
        disk.prune()


def _groups(keys: list[str], kernels: Mapping[str, Kernel], workers: int) -> list[list[str]]:
    """Return the kernels of each module: some for each worker, of about equal size, large first."""
    ordered = sorted(keys, key=lambda key: (-len(kernels[key][0]), key))
    count = max(-(-len(keys) // BATCH), min(len(keys), 4 * workers))
    return [ordered[n::count] for n in range(count)]


def _compile(keys: Sequence[str], kernels: Mapping[str, Kernel]) -> bytes:
    try:
        return object_code(_module(keys, kernels))
    except RuntimeError:
        for key in keys:
            _check(kernels[key])
        raise


def _module(keys: Sequence[str], kernels: Mapping[str, Kernel]) -> str:
    declarations = dict.fromkeys(line for key in keys for line in kernels[key][1])
    texts = [kernels[key][0].replace("@kernel(", f"@{_name(key)}(") for key in keys]
    return "\n".join([*declarations, *texts])


def _check(kernel: Kernel) -> None:
    text, declarations = kernel
    try:
        parse("\n".join([*declarations, text]))
    except RuntimeError as error:
        raise ChainruleError(
            "kernel",
            required="LLVM IR of a function @kernel",
            received=f"{_line(str(error))}, in {_line(text)}",
            hint="this is a mistake of the compiler: please report it",
        ) from error


def _line(text: str) -> str:
    return " ".join(text.split())[:200]


def _renew() -> None:
    global _lock
    _lock = threading.Lock()
    _begun.clear()  # their threads are not here


with contextlib.suppress(AttributeError):  # there is no fork on every system
    os.register_at_fork(after_in_child=_renew)
