"""What an operation is to the graph: four questions, whoever answers them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..dtypes import Array
from .types import TensorType

if TYPE_CHECKING:
    from .tensor import Tensor

Attributes = Mapping[str, Any]
Values = Array | tuple[Array, ...]
Types = TensorType | tuple[TensorType, ...]


class Operation(ABC):
    """A primitive or a user-written op: its type rule, its kernel and its chain rule."""

    name: str

    @abstractmethod
    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types | None:
        """Return the type of the result, or a tuple of types for several results.

        While an input's shape is None, so is the result's. None instead of a type means that only
        running the operation can tell.
        """

    @abstractmethod
    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        """Return the value of the result, from NumPy arrays."""

    @abstractmethod
    def pullback(
        self,
        g: Any,
        y: Any,
        inputs: Sequence[Tensor],
        attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:
        """Return the gradient of each needed input, given the gradient ``g`` of result ``y``.

        For an operation with several results, ``g`` and ``y`` are tuples, and an entry of ``g``
        is None where no gradient arrives.
        """

    @property
    def differentiable(self) -> bool:
        """Whether gradients flow through this operation at all."""
        return True
