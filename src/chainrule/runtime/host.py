"""What the machine offers: cores, vector registers, caches, and its processor's name for LLVM."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .residence import release_compiler

_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3}


@dataclass(frozen=True)
class Host:
    """This machine, as far as code generation needs to know it."""

    triple: str
    cpu: str
    features: str  # as LLVM takes them: +avx2,-avx512f,...
    cores: int  # that this process may use
    vector_bytes: int  # of one register
    registers: int  # vector registers
    l1_bytes: int
    l2_bytes: int
    l3_bytes: int


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


@cache
def host() -> Host:
    """Return what this machine offers."""
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    triple = llvm.get_process_triple()
    vector, registers = _vectors(features, triple)
    listed = features.flatten()
    if vector == 64:
        listed += ",-prefer-256-bit"  # or LLVM cuts our vectors of 64 bytes in two
    caches = cache_sizes()
    release_compiler()  # to load the library touches most of its pages
    return Host(
        triple=triple, cpu=llvm.get_host_cpu_name(), features=listed, cores=cores(),
        vector_bytes=vector, registers=registers,
        l1_bytes=caches.get(1, 32 * 1024),
        l2_bytes=caches.get(2, 1024**2),
        l3_bytes=caches.get(3, 8 * 1024**2),
    )  # fmt: skip


def _vectors(features: dict[str, bool], triple: str) -> tuple[int, int]:
    if features.get("avx512f"):
        return 64, 32
    if features.get("avx2"):
        return 32, 16
    return 16, 32 if triple.startswith(("aarch64", "arm64")) else 16


def cache_sizes(folder: Path = _CACHES) -> dict[int, int]:
    """Return the bytes of the caches for data, by level, as far as the system tells."""
    sizes: dict[int, int] = {}
    for entry in sorted(folder.glob("index*")):
        try:
            kind, level, size = [
                (entry / name).read_text(encoding="ascii").strip()
                for name in ("type", "level", "size")
            ]
            if kind != "Instruction":
                sizes[int(level)] = int(size.rstrip("KMG")) * _UNITS.get(size[-1], 1)
        except (OSError, ValueError, IndexError):
            continue
    return sizes
