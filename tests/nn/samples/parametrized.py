"""Layers whose weights are computed from others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.functional.samples import spaced

from chainrule import nn
from chainrule.ops.random import Generator

from .record import layer


def normed(name: str, *arguments: Any, dim: int | None = 0) -> Callable[..., nn.Module]:
    def build(generator: Generator | None = None, dtype: Any = "float32") -> nn.Module:
        made = getattr(nn, name)(*arguments, generator=generator, dtype=dtype)
        return nn.weight_norm(made, dim=dim)

    return build


def peer(name: str, *arguments: Any, dim: int | None = 0) -> Callable[[Any], Any]:
    return lambda torch: torch.nn.utils.parametrizations.weight_norm(
        getattr(torch.nn, name)(*arguments), dim=dim
    )


SAMPLES = [
    layer("Linear", inputs=spaced(2, 4), shape=(2, 3), build=normed("Linear", 4, 3),
          peer=peer("Linear", 4, 3)),
    layer("Linear", inputs=spaced(2, 4), shape=(2, 3), build=normed("Linear", 4, 3, dim=None),
          peer=peer("Linear", 4, 3, dim=None)),
    layer("Conv2d", inputs=spaced(2, 3, 4, 5), shape=(2, 2, 3, 4),
          build=normed("Conv2d", 3, 2, 2, dim=1), peer=peer("Conv2d", 3, 2, 2, dim=1)),
]  # fmt: skip
