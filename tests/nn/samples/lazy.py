"""Layers that learn the size of their input, after a first call; and weights that are computed."""

from __future__ import annotations

from typing import Any

from tests.functional.samples import spaced

import chainrule as cr
from chainrule import nn
from chainrule.ops.random import Generator

from .record import Sample, layer

SIZES = {1: (5,), 2: (5, 4), 3: (4, 3, 3)}


def called(name: str, *arguments: Any, inputs: Any, shape: Any, **options: Any) -> Sample:
    """Make a sample of a lazy layer that has been called, in evaluation."""

    def build(*_: Any, generator: Generator | None = None, dtype: Any = "float32", **__: Any
              ) -> nn.Module:  # fmt: skip
        drawn = {} if "Norm" in name else {"generator": generator}
        made: nn.Module = getattr(nn, name)(*arguments, **options, **drawn, dtype=dtype)
        made.eval()(cr.tensor(inputs, dtype))
        return made.train()

    def peer(torch: Any) -> Any:
        if "Instance" in name:  # PyTorch's lazy one does not take its size from a loaded state
            return getattr(torch.nn, name.removeprefix("Lazy"))(inputs.shape[1], **options)
        return getattr(torch.nn, name)(*arguments, **options)

    return layer(name, *arguments, inputs=inputs, shape=shape, build=build, peer=peer, **options)


SAMPLES = [
    called("LazyLinear", 3, inputs=spaced(2, 4), shape=(2, 3)),
    *[
        called(f"LazyConv{r}d", 4, 2, padding=1, inputs=spaced(2, 3, *SIZES[r]),
               shape=(2, 4, *[n + 1 for n in SIZES[r]]))
        for r in SIZES
    ],
    *[
        called(f"LazyConvTranspose{r}d", 4, 2, inputs=spaced(2, 3, *SIZES[r]),
               shape=(2, 4, *[n + 1 for n in SIZES[r]]))
        for r in SIZES
    ],
    *[
        called(f"LazyBatchNorm{r}d", inputs=spaced(2, 3, *SIZES[r]), shape=(2, 3, *SIZES[r]))
        for r in SIZES
    ],
    *[
        called(f"LazyInstanceNorm{r}d", affine=True, inputs=spaced(2, 3, *SIZES[r]),
               shape=(2, 3, *SIZES[r]))
        for r in SIZES
    ],
]  # fmt: skip
