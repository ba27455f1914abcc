"""Transforms of images (N, C, H, W), most of them random: every image draws its own numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from .checks import Pair, check_images, interval, pair, probability
from .randomness import generator
from .transforms import Transform

PaddingMode = Literal["constant", "edge", "reflect", "symmetric"]


@dataclass(frozen=True)
class Pad(Transform):
    """Put a border around images: H + 2 * padding, W + 2 * padding.

    ``mode`` says of what: "constant" of ``value``, "edge" of the outermost pixels, "reflect" and
    "symmetric" of the image in a mirror, without and with its outermost pixels.

    >>> Pad((1, 0), value=9)(np.zeros((1, 1, 1, 2)), generator(0)).tolist()
    [[[[9.0, 9.0], [0.0, 0.0], [9.0, 9.0]]]]
    >>> Pad((0, 2), mode="reflect")(np.array([[[[1, 2, 3]]]]), generator(0)).tolist()
    [[[[3, 2, 1, 2, 3, 2, 1]]]]
    """

    padding: Pair
    value: float = 0
    mode: PaddingMode = "constant"

    def __post_init__(self) -> None:
        object.__setattr__(self, "padding", pair(self.padding, "Pad: padding", 0))
        _check_mode(self.mode, "Pad: mode")

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        check_images(batch, "Pad")
        vertical, horizontal = pair(self.padding, "Pad: padding", 0)
        border = ((0, 0), (0, 0), (vertical, vertical), (horizontal, horizontal))
        if self.mode == "constant":
            return np.pad(batch, border, constant_values=self.value)
        if 0 in batch.shape[2:]:
            raise ShapeError(
                f"Pad: mode {self.mode!r}", required="images that have pixels",
                received=f"shape {batch.shape}",
            )  # fmt: skip
        return np.pad(batch, border, mode=self.mode)


def _check_mode(mode: str, what: str) -> None:
    if mode not in get_args(PaddingMode):
        raise ArgumentError(
            what, required=f"one of {', '.join(get_args(PaddingMode))}", received=repr(mode)
        )


@dataclass(frozen=True)
class CenterCrop(Transform):
    """Cut the middle out of images: (N, C, H, W) -> (N, C, *size).

    >>> CenterCrop(1)(np.arange(9).reshape(1, 1, 3, 3), generator(0)).tolist()
    [[[[4]]]]
    """

    size: Pair

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", pair(self.size, "CenterCrop: size", 1))

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch; ShapeError if the images are smaller than the size."""
        height, width = _crop_size(batch, self.size, "CenterCrop")
        top, left = (batch.shape[2] - height) // 2, (batch.shape[3] - width) // 2
        return batch[:, :, top : top + height, left : left + width]


@dataclass(frozen=True)
class RandomCrop(Transform):
    """Cut a window at a random place out of padded images: -> (N, C, *size).

    The border is of zeros, or of what else ``Pad`` makes it of.

    >>> crop = RandomCrop(28, padding=2)
    >>> crop(np.zeros((8, 1, 28, 28), np.uint8), generator(0)).shape
    (8, 1, 28, 28)
    """

    size: Pair
    padding: Pair = 0
    padding_mode: PaddingMode = "constant"

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", pair(self.size, "RandomCrop: size", 1))
        object.__setattr__(self, "padding", pair(self.padding, "RandomCrop: padding", 0))
        _check_mode(self.padding_mode, "RandomCrop: padding_mode")

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch; ShapeError if the padded images are smaller than the size."""
        padded = Pad(self.padding, mode=self.padding_mode)(batch, rng)
        size = _crop_size(padded, self.size, "RandomCrop")
        windows = sliding_window_view(padded, size, axis=(2, 3))  # (N, C, tops, lefts, *size)
        top = rng.integers(windows.shape[2], size=len(batch))
        left = rng.integers(windows.shape[3], size=len(batch))
        return windows[np.arange(len(batch)), :, top, left]


@dataclass(frozen=True)
class RandomHorizontalFlip(Transform):
    """Mirror each image left to right with probability p.

    >>> RandomHorizontalFlip(p=1)(np.array([[[[1, 2]]]]), generator(0)).tolist()
    [[[[2, 1]]]]
    """

    p: float = 0.5

    def __post_init__(self) -> None:
        probability(self.p, "RandomHorizontalFlip")

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        return _flip(batch, rng, self.p, 3)


@dataclass(frozen=True)
class RandomVerticalFlip(Transform):
    """Mirror each image top to bottom with probability p.

    >>> RandomVerticalFlip(p=1)(np.array([[[[1], [2]]]]), generator(0)).tolist()
    [[[[2], [1]]]]
    """

    p: float = 0.5

    def __post_init__(self) -> None:
        probability(self.p, "RandomVerticalFlip")

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        return _flip(batch, rng, self.p, 2)


@dataclass(frozen=True)
class Cutout(Transform):
    """Cover a square of ``size`` pixels around a random pixel of each image with ``value``.

    T. DeVries, G. W. Taylor, arXiv:1708.04552. The square may reach over the border.

    >>> Cutout(3)(np.ones((1, 1, 2, 2)), generator(0)).tolist()
    [[[[0.0, 0.0], [0.0, 0.0]]]]
    """

    size: int
    value: float = 0

    def __post_init__(self) -> None:
        pair(self.size, "Cutout: size", 1)

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        check_images(batch, "Cutout")
        n, _, height, width = batch.shape
        top = rng.integers(height, size=(n,)) - self.size // 2
        left = rng.integers(width, size=(n,)) - self.size // 2
        return _cover(batch, top, top + self.size, left, left + self.size, self.value)


@dataclass(frozen=True)
class RandomErasing(Transform):
    """Cover a random rectangle of each image with ``value``, with probability p.

    ``scale`` bounds its share of the area, ``ratio`` its height / width (drawn log-uniformly);
    it is cut to the size of the image. Z. Zhong et al., arXiv:1708.04896.

    >>> RandomErasing(p=1, scale=(1, 1), ratio=(1, 1))(np.ones((1, 1, 2, 2)), generator(0)).sum()
    np.float64(0.0)
    """

    p: float = 0.5
    scale: tuple[float, float] = (0.02, 0.33)
    ratio: tuple[float, float] = (0.3, 3.3)
    value: float = 0

    def __post_init__(self) -> None:
        probability(self.p, "RandomErasing")
        object.__setattr__(self, "scale", interval(self.scale, "RandomErasing: scale", 0))
        object.__setattr__(self, "ratio", interval(self.ratio, "RandomErasing: ratio", 1e-6))

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        check_images(batch, "RandomErasing")
        n, _, height, width = batch.shape
        area = rng.uniform(*self.scale, size=n) * height * width
        low, high = np.log(self.ratio)
        ratio = np.exp(rng.uniform(low, high, size=n))
        # An image that is left alone gets a rectangle without pixels.
        chosen = rng.random(n) < self.p
        rows = np.minimum(np.rint(np.sqrt(area * ratio)), height) * chosen
        columns = np.minimum(np.rint(np.sqrt(area / ratio)), width)
        top = np.floor(rng.random(n) * (height - rows + 1))
        left = np.floor(rng.random(n) * (width - columns + 1))
        return _cover(batch, top, top + rows, left, left + columns, self.value)


@dataclass(frozen=True)
class RandomAffine(Transform):
    """Rotate, scale and shift each image about its centre, interpolating bilinearly.

    The angle is uniform in -degrees ... degrees (counter-clockwise), the shift in -translate ...
    translate of the height and width, the factor in ``scale``; outside of the image is ``value``.

    >>> RandomAffine(degrees=15, translate=0.1)(np.ones((8, 3, 32, 32)), generator(0)).shape
    (8, 3, 32, 32)
    """

    degrees: float = 0.0
    translate: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    value: float = 0

    def __post_init__(self) -> None:
        if not (self.degrees >= 0 and self.translate >= 0):
            raise ArgumentError(
                "RandomAffine",
                required="degrees >= 0, translate >= 0",
                received=f"{self.degrees}, {self.translate}",
            )
        object.__setattr__(self, "scale", interval(self.scale, "RandomAffine: scale", 1e-6))

    def __call__(self, batch: Array, rng: np.random.Generator) -> Array:
        """Transform a batch."""
        check_images(batch, "RandomAffine")
        n, _, height, width = batch.shape
        angle = np.deg2rad(rng.uniform(-self.degrees, self.degrees, size=(n, 1, 1)))
        factor = rng.uniform(*self.scale, size=(n, 1, 1))
        down = rng.uniform(-self.translate, self.translate, size=(n, 1, 1)) * height
        right = rng.uniform(-self.translate, self.translate, size=(n, 1, 1)) * width
        middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
        # Where each pixel of the result comes from: the inverse of shift, scale and rotation.
        y = (np.arange(height)[:, None] - middle_y - down) / factor
        x = (np.arange(width) - middle_x - right) / factor
        source_y = np.cos(angle) * y + np.sin(angle) * x + middle_y
        source_x = np.cos(angle) * x - np.sin(angle) * y + middle_x
        return _bilinear(batch, source_y, source_x, self.value)


def _crop_size(batch: Array, size: Pair, what: str) -> tuple[int, int]:
    check_images(batch, what)
    height, width = pair(size, what, 1)
    if batch.shape[2] < height or batch.shape[3] < width:
        raise ShapeError(
            what,
            required=f"images of at least {height} x {width}",
            received=f"{batch.shape[2]} x {batch.shape[3]}",
        )
    return height, width


def _flip(batch: Array, rng: np.random.Generator, p: float, axis: int) -> Array:
    check_images(batch, "RandomFlip")
    chosen = rng.random(len(batch)) < p
    result = batch.copy()
    result[chosen] = np.flip(batch[chosen], axis)
    return result


def _cover(
    batch: Array, top: Array, bottom: Array, left: Array, right: Array, value: float
) -> Array:
    """Fill rows top ... bottom - 1, columns left ... right - 1 of each image."""
    y, x = np.arange(batch.shape[2]), np.arange(batch.shape[3])
    rows = (y >= top[:, None]) & (y < bottom[:, None])  # (N, H)
    columns = (x >= left[:, None]) & (x < right[:, None])  # (N, W)
    inside = rows[:, None, :, None] & columns[:, None, None, :]
    return np.where(inside, np.asarray(value, batch.dtype), batch)


def _bilinear(batch: Array, y: Array, x: Array, value: float) -> Array:
    """Sample images at real positions y, x (N, H, W), ``value`` outside of them."""
    height, width = batch.shape[2:]
    padded = Pad(1, value)(batch, generator(0))
    y, x = np.clip(y, -1, height) + 1, np.clip(x, -1, width) + 1
    # The last row and column of the border only serve as the far neighbour.
    top = np.minimum(y.astype(np.intp), height)
    left = np.minimum(x.astype(np.intp), width)
    image = np.arange(len(batch))[:, None, None]
    result = np.zeros((*y.shape, batch.shape[1]))  # channels last, as the gather gives them
    for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weight = np.abs(1 - dy - (y - top)) * np.abs(1 - dx - (x - left))
        result += weight[..., None] * padded[image, :, top + dy, left + dx]
    if batch.dtype.kind in "iu":
        result = np.rint(result)
    return np.moveaxis(result, -1, 1).astype(batch.dtype)
