"""Copies that need not be: what a temporary is copied to becomes its home from the start.

The zeros around a convolution's input, the parts of a concatenation, the outputs of a program: all
are lowered as copies into a part of a buffer. Every element of a temporary is written once, so the
kernel that computes it can write to that part at once, and its readers can read there. Not where
what lies side by side in the one would lie apart in the other: vectors could only be written
element by element then, each to a cache line of its own. The copy, block by block, is faster.
"""

from __future__ import annotations

from ..ir.cost import TURNED
from ..ir.kernels import Map
from ..ir.program import Program
from .relocate import Relocation, axes_of, copied, relocate
from .usage import Usage


def alias_copies(program: Program) -> None:
    """Remove copies of whole temporaries by moving them to where they are copied to."""
    usage = Usage(program)
    for number, kernel in enumerate(program.kernels):
        if isinstance(kernel, Map) and len(kernel.stores) == 1 and not kernel.pinned:
            move = _move(kernel, usage)
            if move is not None:
                _apply(usage, number, move)
    usage.finish()


def _move(kernel: Map, usage: Usage) -> Relocation | None:
    """Return where a copy's source may be from the start."""
    (store,) = kernel.stores
    source = copied(store)
    if source is None or store.buffer.kind not in ("temp", "output"):
        return None
    buffer, place = source
    if buffer.kind != "temp" or buffer.dtype is not store.buffer.dtype or buffer is store.buffer:
        return None
    axes = axes_of(place, kernel.loops, buffer.size)
    if axes is None or id(buffer) in usage.lasting:
        return None
    order = sorted((k for k, n in enumerate(kernel.loops) if n != 1), key=lambda k: -place.coefs[k])
    strides = [store.place.coefs[k] for k in order]
    if strides and abs(strides[-1]) != 1 and buffer.size >= TURNED:
        return None
    return Relocation(buffer, axes, store.buffer, store.place.offset, strides)


def _apply(usage: Usage, number: int, move: Relocation) -> None:
    others = [k for k in usage.touching(move.old) if k != number]
    if relocate([k for k in map(usage.kernels.__getitem__, others) if k is not None], move):
        usage.put(number, None)
        for other in others:
            usage.put(other, usage.kernels[other])
