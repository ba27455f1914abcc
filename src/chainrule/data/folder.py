"""Images in folders: one sub-folder a class, read with Pillow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from ..dtypes import Array
from ..errors import ArgumentError, ChainruleError, DataError, MissingDependencyError
from .checks import Pair, pair
from .dataset import ArrayDataset
from .files import existing_folder, file_errors

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset(
    (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
)
_CHANNELS = {"L": 1, "RGB": 3}
_GREY_MODES = ("1", "L", "LA")
_WIDE_MODES = ("I", "F")  # more than 8 bits a channel: Pillow would clip them silently


def image_folder(
    directory: str | os.PathLike[str],
    size: Pair | None = None,
    mode: str | None = None,
    classes: Sequence[str] | None = None,
) -> ArrayDataset:
    """Read ``directory/CLASS/IMAGE`` files: uint8 images (N, C, H, W), int64 labels (N,).

    Classes and images are in alphabetical order; ``classes`` fixes another order, so that two
    folders agree. ``size`` (height, width) resizes, otherwise all images must have one size.
    ``mode`` is "L" (grey, C = 1) or "RGB" (C = 3), by default "L" if every image is grey.
    Raises DataError for images that cannot be read, differ in size, or are in no class.
    """
    folder = existing_folder(directory)
    names, files = _list_images(folder, classes)
    images = read_images([path for path, _ in files], size, mode)
    labels = np.array([label for _, label in files], np.int64)
    return ArrayDataset(images, labels, names, name=folder.name)


def read_images(files: Sequence[Path], size: Pair | None, mode: str | None) -> Array:
    """Read one or more image files into uint8 (N, C, H, W); see image_folder for size and mode."""
    sizes, modes = zip(*(_header(path) for path in files), strict=True)
    if mode is None:
        mode = "L" if all(found in _GREY_MODES for found in modes) else "RGB"
    if size is None:
        for path, found in zip(files, sizes, strict=True):
            _check_size(path, found, sizes[0], files[0])
        size = sizes[0]
    images = np.empty((len(files), _channels(mode), *pair(size, "size", 1)), np.uint8)
    for image, path in zip(images, files, strict=True):
        image[...] = read_image(path, size, mode)
    return images


def read_image(path: str | os.PathLike[str], size: Pair | None = None, mode: str = "RGB") -> Array:
    """Read one image file into uint8 (C, H, W); ``size`` (height, width) resizes bilinearly.

    Raises DataError when the file is missing or no image that Pillow can decode.
    """
    channels = _channels(mode)
    with _opened(path) as image:
        _check_depth(path, image.mode)
        converted = image.convert(mode)
        if size is not None:
            height, width = pair(size, "size", 1)
            # Pillow's bilinear filter averages when it shrinks, so it does not alias.
            converted = converted.resize((width, height), _pillow().Resampling.BILINEAR)
        pixels = np.asarray(converted, np.uint8).reshape(
            converted.height, converted.width, channels
        )
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _list_images(
    folder: Path, classes: Sequence[str] | None
) -> tuple[tuple[str, ...], list[tuple[Path, int]]]:
    """Return the class names and every image with its class index, in alphabetical order."""
    found = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    names = tuple(found if classes is None else classes)
    unknown = [name for name in found if name not in names]
    if unknown:
        raise DataError(
            str(folder), required=f"sub-folders named {', '.join(names)}", received=unknown[0]
        )
    files = []
    for name in found:
        images = sorted(p for p in (folder / name).iterdir() if p.suffix.lower() in SUFFIXES)
        if not images:
            raise DataError(
                str(folder / name),
                required=f"images ({' '.join(sorted(SUFFIXES))})",
                received="none",
            )
        files += [(path, names.index(name)) for path in images]
    if not files:
        raise DataError(
            str(folder), required="one sub-folder of images for each class", received="none"
        )
    return names, files


def _pillow() -> ModuleType:
    try:
        from PIL import Image
    except ImportError:
        raise MissingDependencyError(
            "reading images", required="pillow", hint="pip install 'chainrule[train]'"
        ) from None
    return Image


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[Image]:
    """Open an image; whatever goes wrong until the end of the block is an error of this file."""
    pillow = _pillow()
    with file_errors(path, "a readable image"), open(path, "rb") as file:
        try:
            with pillow.open(file) as image:
                yield image
        except ChainruleError:
            raise
        # Pillow's decoders raise almost anything on damaged data, SyntaxError included.
        except Exception as error:
            reason = str(error).replace(repr(file), "the file") or type(error).__name__
            raise DataError(os.fspath(path), required="a readable image", received=reason) from None


def _channels(mode: str) -> int:
    if mode not in _CHANNELS:
        raise ArgumentError("mode", required="'L' or 'RGB'", received=repr(mode))
    return _CHANNELS[mode]


def _header(path: Path) -> tuple[tuple[int, int], str]:
    """Return the (height, width) and the mode of an image without decoding its pixels."""
    with _opened(path) as image:
        return (image.height, image.width), image.mode


def _check_depth(path: str | os.PathLike[str], mode: str) -> None:
    if mode.startswith(_WIDE_MODES):
        raise DataError(os.fspath(path), required="8 bits a channel", received=f"mode {mode}")


def _check_size(path: Path, size: tuple[int, int], expected: tuple[int, int], first: Path) -> None:
    if size != expected:
        raise DataError(
            str(path),
            required=f"{expected[0]} x {expected[1]} pixels like {first.name}",
            received=f"{size[0]} x {size[1]}",
            hint="give size=(height, width) to resize all images",
        )
