"""What a processor offers: vector width, registers, caches, and its name for LLVM."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A processor that code is generated for."""

    triple: str
    cpu: str
    features: str
    vector_bytes: int  # of one register: 64 AVX-512, 32 AVX2, 16 SSE2 and NEON
    registers: int  # vector registers: 32 AVX-512 and NEON, 16 others
    l1_bytes: int = 32 * 1024
    l2_bytes: int = 1024 * 1024

    def lanes(self, itemsize: int) -> int:
        """Return how many elements of so many bytes fit into a register."""
        return self.vector_bytes // itemsize
