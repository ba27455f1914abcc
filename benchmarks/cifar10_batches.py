"""CIFAR-10 as the recipe of ResNet-9 sees it: augmented, normalised batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from chainrule import data, models


def load(folder: str) -> tuple[Any, data.Transform]:
    """Return the training set, and what normalises it."""
    train = data.load("cifar10", "train", folder)
    return train, data.Normalize.fit(train.batch(np.arange(0, len(train), 5))[0])


def batches(
    train: Any, normalize: data.Transform, batch_size: int, epochs: Iterable[int]
) -> Iterator[tuple[Any, Any]]:
    """Yield the whole batches of some epochs, each in an order of its own: images and labels."""
    augment = models.recipe("resnet9").augment(train.input_shape)
    loader = data.DataLoader(train, batch_size, shuffle=True, drop_last=True,
                             transform=data.Compose([augment, normalize]))  # fmt: skip
    for _ in epochs:
        for images, labels in loader:
            yield images.astype(np.float32), labels.astype(np.int64)
