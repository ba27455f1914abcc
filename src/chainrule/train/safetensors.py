"""The safetensors format: a JSON header that names each array, then the bytes.

Eight bytes tell the header's length (little-endian); the header maps each name to its type, shape
and place among the bytes. Nothing in such a file can be executed. The format is Hugging Face's; it
is written out here because NumPy has no bfloat16.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array, DType
from ..errors import CheckpointError
from ..graph import Tensor
from ..graph.tensor import constant

_CODES = {
    "bool": "BOOL", "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64",
    "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64",
    "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64",
}  # fmt: skip
_DTYPES = {code: dtypes.ALL[name] for name, code in _CODES.items()}
_METADATA = "__metadata__"
_ALIGNMENT = 8


def encode(tensors: Mapping[str, Tensor]) -> bytes:
    """Return the file that holds tensors by name, with the types they are stored in.

    >>> decode(encode({"w": tensor([1.0, 2.0])}), "file")
    {'w': tensor([1., 2.])}
    """
    header: dict[str, Any] = {}
    parts, start = [], 0
    # Wide types first, so that every array is aligned to its type, as the reference writer does.
    for name in sorted(tensors, key=lambda n: (-tensors[n].dtype.itemsize, n)):
        held = tensors[name]
        part = np.ascontiguousarray(held.data, _little_endian(held.dtype)).tobytes()
        header[name] = {
            "dtype": _CODES[held.dtype.name],
            "shape": list(held.shape),
            "data_offsets": [start, start + len(part)],
        }
        parts.append(part)
        start += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def decode(data: bytes, what: str) -> dict[str, Tensor]:
    """Return the tensors of a file by name; CheckpointError, naming ``what``, if it is damaged."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > len(data) - 8:
        raise _damaged(what, "a header within the file", f"{len(data)} bytes")
    try:
        header = json.loads(data[8 : 8 + length])
        header.pop(_METADATA, None)
        entries = sorted(_entries(header), key=lambda entry: entry[3:])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(what, "a header of types, shapes and offsets", str(error)) from None
    return _tensors(entries, memoryview(data)[8 + length :], what)


def _entries(header: dict[str, Any]) -> Iterator[tuple[str, DType, tuple[int, ...], int, int]]:
    for name, entry in header.items():
        shape = tuple(entry["shape"])
        start, stop = entry["data_offsets"]
        if not all(type(n) is int and n >= 0 for n in (*shape, start, stop)):
            raise ValueError(f"negative lengths for {name!r}")
        yield name, _DTYPES[entry["dtype"]], shape, start, stop


def _tensors(entries: list[Any], body: memoryview, what: str) -> dict[str, Tensor]:
    """Cut the body into arrays: they must follow each other and fill it."""
    tensors, position = {}, 0
    for name, kind, shape, start, stop in entries:
        size = math.prod(shape) * kind.itemsize
        if start != position or stop != start + size or stop > len(body):
            raise _damaged(
                what, f"{size} bytes from {position} for array {name!r}",
                f"bytes {start} to {stop} of {len(body)}",
            )  # fmt: skip
        stored = np.frombuffer(body[start:stop], _little_endian(kind)).reshape(shape)
        array: Array = stored.astype(kind.storage)  # a copy that owns its memory
        tensors[name] = constant(array, kind)
        position = stop
    if position != len(body):
        raise _damaged(what, f"{position} bytes of arrays", f"{len(body)}")
    return tensors


def _little_endian(kind: DType) -> np.dtype[Any]:
    return kind.storage.newbyteorder("<")


def _damaged(what: str, required: str, received: str) -> CheckpointError:
    return CheckpointError(f"{what} is damaged", required=required, received=received)
