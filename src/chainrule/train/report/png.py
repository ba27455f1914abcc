"""Small images as PNG in a data URI: what a page needs to show samples without any file."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from ...dtypes import Array
from ..mistakes import picture


def data_uri(image: Array) -> str:
    """Return an image (H, W), (1, H, W) or (3, H, W) as the address of a PNG of 8 bits.

    Values other than uint8 are stretched from the least to black, from the greatest to white.
    Raises ShapeError for other shapes. The format is that of the PNG specification, third edition.

    >>> data_uri(np.zeros((2, 2), np.uint8))[:26]
    'data:image/png;base64,iVBO'
    """
    pixels = picture(image)
    if pixels.dtype != np.uint8:
        pixels = np.round(np.nan_to_num(pixels) * 255).astype(np.uint8)
    height, width = pixels.shape[:2]
    kind = 2 if pixels.ndim == 3 else 0  # colours or greys
    rows = pixels.reshape(height, -1)
    unfiltered = np.concatenate([np.zeros((height, 1), np.uint8), rows], 1).tobytes()
    data = b"\x89PNG\r\n\x1a\n" + b"".join([
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(unfiltered, 9)),
        _chunk(b"IEND", b""),
    ])  # fmt: skip
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
