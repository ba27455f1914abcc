"""The images that a classifier gets wrong, as one picture."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data import Dataset
from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from .evaluation import Data, evaluation_loader
from .figure import new_figure, save_figure
from .labels import labels_of

if TYPE_CHECKING:
    from .trainer import Trainer


@dataclass(frozen=True)
class Mistakes:
    """The samples that are classified wrongly, the surest first: one-dimensional arrays."""

    indices: Array
    predicted: Array
    true: Array

    def __len__(self) -> int:
        return len(self.indices)


def find_mistakes(trainer: Trainer, data: Data, *, batch_size: int = 256) -> Mistakes:
    """Return which samples of a data set the trainer's model classifies wrongly.

    The order is by the margin, the highest score minus the score of the true class.
    """
    loader = evaluation_loader(data, batch_size)
    outputs = trainer.predict(loader, batch_size=batch_size)
    targets = np.concatenate([targets for _, targets in loader])
    predicted, true = labels_of(outputs, targets)
    if true.ndim != 1:
        raise ShapeError("mistakes", required="one label a sample", received=f"{true.shape}")
    wrong = np.flatnonzero(predicted != true)
    order = wrong[np.argsort(-margins(outputs, true, wrong), kind="stable")]
    return Mistakes(order, predicted[order], true[order])


def margins(outputs: Array, true: Array, wrong: Array) -> Array:
    """Return by how much the highest score of each wrong sample exceeds that of its class."""
    scores = outputs[wrong]
    if outputs.ndim == 2 and outputs.shape[1] > 1:
        exceeds: Array = scores.max(1) - scores[np.arange(len(wrong)), true[wrong]]
        return exceeds
    return np.asarray(np.abs(scores.reshape(len(wrong), -1)).max(1, initial=0.0))


def save_mistakes(
    trainer: Trainer, data: Data, path: str | os.PathLike[str], *, limit: int = 25
) -> int:
    """Draw the surest mistakes with true and predicted label into a PNG; return how many there are.

    Images are drawn as the data set holds them, before all transforms: (N, H, W), (N, 1, H, W) or
    (N, 3, H, W). Raises ShapeError for other inputs, MissingDependencyError without matplotlib.
    """
    if limit < 1:
        raise ArgumentError("save_mistakes", required="limit >= 1", received=str(limit))
    mistakes = find_mistakes(trainer, data)
    dataset = evaluation_loader(data, 1).dataset
    shown = mistakes.indices[:limit]
    images = [picture(image) for image in dataset.batch(shown)[0]] if len(shown) else []
    columns = max(1, min(8, math.ceil(math.sqrt(len(images)))))
    rows = max(1, math.ceil(len(images) / columns))
    figure = new_figure("mistakes", 1.4 * columns + 0.4, 1.6 * rows + 0.5)
    figure.suptitle(_title(len(mistakes), len(dataset), len(shown)), fontsize=9)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    for axis, image, true, predicted in zip(
        axes, images, mistakes.true, mistakes.predicted, strict=False
    ):
        axis.imshow(image, cmap="gray", interpolation="nearest")
        names = [_name(dataset, int(label)) for label in (true, predicted)]
        axis.set_title(f"{names[0]} taken for {names[1]}", fontsize=7)
    save_figure(figure, path)
    return len(mistakes)


def _title(wrong: int, total: int, shown: int) -> str:
    text = f"{wrong:,} of {total:,} samples are wrong"
    return text if shown == wrong else f"{text}; the {shown} surest mistakes"


def _name(dataset: Dataset, label: int) -> str:
    classes: Sequence[str] | None = dataset.classes
    return str(label) if classes is None or not 0 <= label < len(classes) else classes[label]


def picture(image: Array) -> Any:
    """Return an image as matplotlib wants it: (H, W) or (H, W, 3), values from 0 to 1."""
    if image.ndim == 3 and image.shape[0] in (1, 3):
        image = image[0] if image.shape[0] == 1 else image.transpose(1, 2, 0)
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[-1] != 3):
        raise ShapeError(
            "save_mistakes", required="images (H, W), (1, H, W) or (3, H, W)",
            received=f"shape {image.shape}",
        )  # fmt: skip
    if image.dtype == np.uint8:
        return image
    low, high = float(image.min()), float(image.max())
    return (image - low) / (high - low) if high > low else np.zeros(image.shape)
