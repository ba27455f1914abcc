"""Linear maps and convolutions."""

from __future__ import annotations

import numpy as np
from tests.functional.samples import spaced

from .record import layer

x = spaced(3, 4)
line = spaced(2, 4, 5)
image = spaced(2, 4, 5, 4)

SAMPLES = [
    layer("Linear", 4, 2, inputs=x, shape=(3, 2)),
    layer("Linear", 5, 2, bias=False, inputs=line, shape=(2, 4, 2)),
    layer("Bilinear", 4, 2, 3, inputs=(x, spaced(3, 2)), shape=(3, 3)),
    layer("Bilinear", 4, 2, 3, bias=False, inputs=(x, spaced(3, 2)), shape=(3, 3)),
    layer("Flatten", inputs=image, shape=(2, 80)),
    layer("Flatten", 1, 2, inputs=image, shape=(2, 20, 4)),
    layer("Unflatten", 1, (2, 2), inputs=x, shape=(3, 2, 2)),
    layer("Embedding", 5, 3, inputs=np.array([[0, 2], [4, 2]]), shape=(2, 2, 3)),
    layer("Embedding", 5, 3, padding_idx=1, inputs=np.array([[0, 2], [4, 2]]), shape=(2, 2, 3)),
    layer("Embedding", 5, 3, scale_grad_by_freq=True, max_norm=9.0, norm_type=1.0,
          inputs=np.array([[0, 2], [4, 1]]), shape=(2, 2, 3)),
    layer("EmbeddingBag", 5, 3, inputs=np.array([[0, 2], [4, 2]]), shape=(2, 3)),
    layer("EmbeddingBag", 5, 3, mode="max", inputs=np.array([[0, 2], [4, 2]]), shape=(2, 3)),
    layer("EmbeddingBag", 5, 3, mode="sum", padding_idx=2, batched=False, shape=(3, 3),
          inputs=(np.array([0, 2, 4, 3]), np.array([0, 1, 1]), spaced(4))),
    layer("AdaptiveLogSoftmaxWithLoss", 4, 9, [2, 5], inputs=(x, np.array([1, 3, 8])),
          shape=((3,), ()), batched=False, div_value=2.0),
    layer("AdaptiveLogSoftmaxWithLoss", 4, 9, [3], head_bias=True, batched=False, shape=((), ()),
          inputs=(x[0], np.array(3))),
]  # fmt: skip
