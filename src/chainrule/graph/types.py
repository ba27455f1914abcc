"""The type of a node: its data type and, once known, its shape."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..dtypes import DType

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TensorType:
    """Data type and shape of a node's value; ``shape`` is None until it is known."""

    dtype: DType
    shape: Shape | None = None

    @property
    def size(self) -> int | None:
        """Number of elements, or None while the shape is unknown."""
        return None if self.shape is None else math.prod(self.shape)

    def __str__(self) -> str:
        dims = "?" if self.shape is None else ", ".join(map(str, self.shape))
        return f"{self.dtype}[{dims}]"
