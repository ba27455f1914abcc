"""Rectifiers that keep both signs, draw their slope, or choose the largest of several."""

from __future__ import annotations

from typing import Any

from .record import f, spaced

x = spaced(3, 4)


def cat_of_relus(torch: Any, x: Any, axis: int = 1) -> Any:
    return torch.cat([torch.relu(x), torch.relu(-x)], axis)


def largest(torch: Any, x: Any, pieces: int, axis: int = -1) -> Any:
    return torch.stack(torch.chunk(x, pieces, axis)).amax(0)


SAMPLES = [
    f("crelu", x, kinks=(0.0,), peer=cat_of_relus),
    f("crelu", spaced(2, 3, 4), axis=-1, kinks=(0.0,), peer=cat_of_relus),
    f("maxout", x, 2, peer=largest),
    f("maxout", spaced(2, 6, 3), 3, axis=1, peer=largest),
    f("rrelu", x, training=True, generator=3, kinks=(0.0,), peer=False),
    f("rrelu", x, lower=0.1, upper=0.4, kinks=(0.0,)),
]
