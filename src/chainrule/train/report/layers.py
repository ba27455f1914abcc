"""Norms of gradients and weights by layer over time, and whether gradients vanish or explode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from ..history import Record
from .plot import Line, chart, norm_map, short

FEW = 8  # layers that are drawn as lines, each in a colour of its own
COLUMNS = 60  # of a map
APART = 1e3  # factor between layers that is worth a word


def norms(probes: Sequence[Record], problem: str) -> str:
    """Return what probes tell of the layers; ``problem`` is why there are none."""
    if not probes:
        return f'<p class="soft">No norms: {escape(problem)}</p>' if problem else ""
    layers = list(probes[-1]["weights"])
    lines, maps = [], []
    for kind, title in (
        ("gradients", "gradient norm by layer"),
        ("weights", "weight norm by layer"),
    ):
        if len(layers) <= FEW:
            each = [
                Line(layer, [(p["epoch"], p[kind].get(layer)) for p in probes], k, dots=True)
                for k, layer in enumerate(layers)
            ]
            lines.append(chart(title, each, log=True))
        shown = probes[:: max(1, math.ceil(len(probes) / COLUMNS))]
        maps.append(norm_map(
            f"{title}, first layer above" if len(layers) > FEW else f"{title}, as colours", layers,
            [f"epoch {short(p['epoch'])}" for p in shown],
            [[p[kind].get(layer) for p in shown] for layer in layers],
        ))  # fmt: skip
    return (
        f"<p>{escape(verdict(probes[-1]))}</p>\n"
        '<p class="soft">Euclidean norms of each layer\'s parameters and of their gradients, from '
        "sweeps over a few samples that stay the same.</p>\n"
        f'<div class="cards">{"".join([*lines, *maps])}</div>'
    )


def verdict(probe: Record) -> str:
    """Say whether gradients vanish or explode on their way to the first layers.

    >>> verdict({"gradients": {"first": 1e-7, "last": 1e-1}})
    'Gradients vanish: 1e-07 in first, 0.1 in last.'
    """
    known = {name: g for name, g in probe["gradients"].items() if g is not None}
    bad = [name for name, g in known.items() if not math.isfinite(g)]
    if bad:
        return f"Gradients are not finite in {', '.join(bad[:5])}."
    if len(known) < len(probe["gradients"]):
        missing = [name for name in probe["gradients"] if name not in known]
        return f"No gradient, or none that is finite, reaches {', '.join(missing[:5])}."
    zero = [name for name, g in known.items() if g == 0]
    if zero:
        return f"Gradients are exactly 0 in {', '.join(zero[:5])}."
    (first, low), *_, (last, high) = [*known.items(), *known.items()]
    if low < high / APART:
        return f"Gradients vanish: {short(low)} in {first}, {short(high)} in {last}."
    if low > high * APART:
        return f"Gradients explode: {short(low)} in {first}, {short(high)} in {last}."
    return (
        f"Gradients reach all layers: their norms lie between {short(min(known.values()))} and "
        f"{short(max(known.values()))}."
    )
