"""Losses."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.functional.samples import probabilities, spaced

from .record import Sample, Shape, layer

x = spaced(3, 4)
labels = np.array([0, 2, 1])


def loss(name: str, prediction: np.ndarray, target: np.ndarray, shape: Shape = (),
         **options: Any) -> Sample:  # fmt: skip
    return layer(name, inputs=(prediction, target), shape=shape, batched=False, **options)


far = spaced(3, 4, seed=1, high=3.0)
inside, targets = spaced(3, 4, low=0.05, high=0.95), spaced(3, 4, low=0.0, high=1.0)
logs = -spaced(5, 2, 3, low=0.5, high=3.0)
SAMPLES = [
    loss("CrossEntropyLoss", x, labels, label_smoothing=0.1),
    loss("CrossEntropyLoss", x, labels, (3,), weight=spaced(4, low=0.5), reduction="none"),
    loss("NLLLoss", x, labels, ignore_index=2),
    loss("BCELoss", inside, targets),
    loss("BCEWithLogitsLoss", x, targets, pos_weight=2.0),
    layer(
        "CTCLoss",
        inputs=(logs, np.array([[1, 1], [2, 0]]), np.array([5, 3]), np.array([2, 1])),
        shape=(),
        batched=False,
        peer=False,
    ),
    loss("KLDivLoss", x, probabilities(3, 4), reduction="batchmean"),
    loss("MSELoss", x, far, (3, 4), reduction="none"),
    loss("L1Loss", x, far),
    loss("HuberLoss", x, far, delta=0.5),
    loss("SmoothL1Loss", x, far, beta=0.5),
    loss("HingeLoss", spaced(3), np.array([1, -1, -1]), squared=True),
    loss("MultiClassHingeLoss", x, labels, reduction="sum"),
    layer("CosineSimilarity", inputs=(x, far), shape=(3,)),
    layer("PairwiseDistance", inputs=(x, far), shape=(3,)),
]
