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


def among(name: str, *inputs: np.ndarray, **options: Any) -> Sample:
    """Make a sample of a loss with more than two inputs."""
    return layer(name, inputs=inputs, shape=(), batched=False, **options)


signs = np.array([1, -1, -1])
several = np.array([[3, 0, -1, 1], [-1, 0, 0, 0], [2, 1, 0, 3]])
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
    loss("HingeLoss", spaced(3), np.array([1, -1, -1]), reduction="batchmean"),
    loss("MSELoss", x, far, reduction="full", peer=False),
    loss("SoftMarginLoss", spaced(3), signs),
    loss("MultiMarginLoss", x, labels, p=2, weight=spaced(4, low=0.5)),
    loss("MultiLabelMarginLoss", x, several),
    loss("MultiLabelSoftMarginLoss", x, targets, weight=spaced(4, low=0.5)),
    loss("FocalLoss", x, labels, weight=spaced(4, low=0.5), ignore_index=2),
    loss("SigmoidFocalLoss", x, targets),
    loss("InfogainLoss", x, labels, gains=spaced(4, 4, low=0.1)),
    loss("ClassSimplexLoss", x, labels),
    loss("DiceLoss", inside, targets, (3,), reduction="none"),
    loss("EuclideanLoss", x, far),
    loss("WeightedMSELoss", x, far, weight=spaced(4)),
    loss("AutoCropMSELoss", spaced(2, 3, 2), spaced(2, 5, 5, seed=1)),
    loss("PoissonNLLLoss", x, np.array([[0.5, 1.5, 2.0, 5.0]] * 3), full=True),
    among("GaussianNLLLoss", x, far, inside),
    among("MarginRankingLoss", spaced(3), spaced(3, seed=1, high=3.0), signs),
    loss("HingeEmbeddingLoss", spaced(3), signs),
    among("L1HingeEmbeddingLoss", x, far, signs, margin=9.0),
    among("CosineEmbeddingLoss", x, far, signs, margin=0.1),
    among("ContrastiveLoss", x, far, np.array([1, 0, 0]), margin=5.0),
    loss("DistanceRatioLoss", inside, targets),
    among("TripletMarginLoss", x, far, spaced(3, 4, seed=2), swap=True, margin=2.0),
    among("TripletMarginWithDistanceLoss", x, far, spaced(3, 4, seed=2), margin=3.0),
    layer("CosineSimilarity", inputs=(x, far), shape=(3,)),
    layer("PairwiseDistance", inputs=(x, far), shape=(3,)),
]
