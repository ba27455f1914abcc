"""The normal form of a contraction: loops of one turn dropped, neighbours in memory joined."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from ...ir.expr import Place, moved, walk
from ...ir.kernels import Contract, Store
from .clip import clips_of

_SWAPPED = {"m": "n", "n": "m", "b": "b", "k": "k"}


def simplified(kernel: Contract) -> Contract:
    """Return the same contraction with as few loops as its places allow."""
    guarded = {clip.loop for which in (0, 1) for clip in clips_of(kernel, which)}
    kept = [x for x, extent in enumerate(kernel.loops) if extent != 1 or x in guarded]
    kernel = _with_loops(kernel, kept, kernel.loops)
    while pair := _joinable(kernel):
        outer, inner = pair
        extents = list(kernel.loops)
        extents[inner] *= extents[outer]
        kept = [x for x in range(len(extents)) if x != outer]
        kernel = _with_loops(kernel, kept, tuple(extents))
    return kernel


def swapped(kernel: Contract) -> Contract:
    """Return the same contraction with the names of a and b, m and n exchanged."""
    roles = "".join(_SWAPPED[role] for role in kernel.roles)
    return Contract(kernel.loops, roles, kernel.b, kernel.a, kernel.stores)


def _with_loops(kernel: Contract, kept: list[int], extents: tuple[int, ...]) -> Contract:
    """Return the contraction over some of its loops; the others' indices are zero."""
    change: Callable[[Place], Place] = lambda place: place.permuted(kept)  # noqa: E731
    values = [kernel.a, kernel.b, *(s.value for s in kernel.stores)]
    a, b, *rest = moved(values, change)
    stores = [
        Store(s.buffer, change(s.place), value)
        for s, value in zip(kernel.stores, rest, strict=True)
    ]
    roles = "".join(kernel.roles[x] for x in kept)
    return Contract(tuple(extents[x] for x in kept), roles, a, b, stores)


def _joinable(kernel: Contract) -> tuple[int, int] | None:
    """Return two loops of one role, outer and inner, that every place steps through as one."""
    places = _places(kernel)
    for outer, inner in permutations(range(len(kernel.loops)), 2):
        if kernel.roles[outer] == kernel.roles[inner] and all(
            p.coefs[outer] == p.coefs[inner] * kernel.loops[inner] for p in places
        ):
            return outer, inner
    return None


def _places(kernel: Contract) -> set[Place]:
    """Return every place that a contraction's formulas and stores have."""
    places = {s.place for s in kernel.stores}
    for node in walk([kernel.a, kernel.b, *(s.value for s in kernel.stores)]):
        if node.kind in ("read", "gather"):
            places.add(node.payload[1])
        if node.kind == "read":
            places.update(guard.place for guard in node.payload[2])
        if node.kind == "index":
            places.add(node.payload)
        if node.kind == "inside":
            places.update(guard.place for guard in node.payload)
    return places
