"""The IDX format of MNIST: a magic number, the sizes, then the numbers, all big-endian.

The first two bytes are 0, the third is the type, the fourth the number of dimensions; then come
the dimensions as 32-bit unsigned integers, then the data in row-major order. Files may be
compressed with gzip, whatever their name.
"""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from ..dtypes import Array
from ..errors import DataError
from .files import Source, as_file, file_errors, replacing

TYPES = {
    code: np.dtype(text)
    for code, text in zip(
        (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E), ("u1", "i1", ">i2", ">i4", ">f4", ">f8"), strict=True
    )
}
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_DIMENSIONS = 64  # NumPy's limit
_CHUNK = 1 << 20


def read_idx(path: Source) -> Array:
    """Read an IDX file, plain or compressed with gzip, into an array of native byte order.

    Raises DataError, naming the file, when it is missing, truncated, too long, or not IDX.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_idx(folder + "/a.idx.gz", np.arange(6, dtype=np.uint8).reshape(2, 3))
    ...     read_idx(folder + "/a.idx.gz")
    array([[0, 1, 2],
           [3, 4, 5]], dtype=uint8)
    """
    name = str(path)
    with file_errors(name, "a readable IDX file"), as_file(path).open("rb") as file:
        compressed = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if compressed else file
        return _decode(cast(BinaryIO, stream), name)


def write_idx(path: str | Path, array: npt.ArrayLike) -> None:
    """Write an array of 1 to 64 dimensions as an IDX file, compressed if the name ends in .gz.

    Raises DataError for a type that the format does not have (it has uint8, int8, int16, int32,
    float32, float64).
    """
    values = np.asarray(array)
    codes = {dtype.newbyteorder("="): code for code, dtype in TYPES.items()}
    code = codes.get(values.dtype.newbyteorder("="))
    if code is None or values.ndim == 0 or max(values.shape) >= 2**32:
        raise DataError(
            str(path),
            required=f"1 to 64 dimensions below 2^32 of {', '.join(str(d) for d in codes)}",
            received=f"{values.dtype} of shape {values.shape}",
            hint="convert it with array.astype(...)",
        )
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, code, values.ndim, *values.shape)
    content = header + values.astype(TYPES[code]).tobytes()
    target = Path(path).expanduser()
    with file_errors(target, "a file that can be written"), replacing(target) as file:
        # mtime=0 makes equal arrays equal files.
        file.write(gzip.compress(content, mtime=0) if target.suffix == ".gz" else content)


def _decode(stream: BinaryIO, name: str) -> Array:
    magic = stream.read(4)
    valid = len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in TYPES
    if not valid or not 1 <= magic[3] <= _MAX_DIMENSIONS:
        raise DataError(
            name,
            required="an IDX file, whose first bytes are 00 00 TYPE DIMENSIONS",
            received=magic.hex(" ") if magic else "an empty file",
        )
    dtype, ndim = TYPES[magic[2]], magic[3]
    header = stream.read(4 * ndim)
    if len(header) < 4 * ndim:
        raise DataError(
            name, required=f"{ndim} dimensions of 4 bytes", received=f"{len(header)} bytes"
        )
    shape = struct.unpack(f">{ndim}I", header)
    size = dtype.itemsize * math.prod(shape)
    data = _read_up_to(stream, size + 1)
    if len(data) != size:
        raise DataError(
            name,
            required=f"{size} bytes of {dtype.name} for shape {shape}",
            received=f"{len(data)} bytes (truncated)" if len(data) < size else "more bytes",
        )
    try:
        return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))
    except ValueError:  # no element, but dimensions whose product overflows
        raise DataError(name, required="a shape that fits memory", received=str(shape)) from None


def _read_up_to(stream: BinaryIO, size: int) -> bytes:
    """Read ``size`` bytes or to the end, in chunks: a wrong header must not reserve its memory."""
    chunks = []
    while size > 0 and (chunk := stream.read(min(size, _CHUNK))):
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
