"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import concat
from .parameter import Parameter

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Parameter]) -> Tensor:
    """Return the elements of all parameters in one vector, through which gradients flow.

    It is a copy: what is done to it changes the parameters by ``vector_to_parameters`` only.

    >>> nn.parameters_to_vector(nn.Linear(2, 3).parameters()).shape
    (9,)
    """
    return concat([as_tensor(p) for p in parameters], axis=None)


def vector_to_parameters(vector: TensorLike, parameters: Iterable[Parameter]) -> None:
    """Give the parameters the values of a vector, in their order.

    Raises ShapeError unless the vector has as many elements as the parameters together; nothing
    has changed then.

    >>> layer = nn.Linear(1, 1)
    >>> nn.vector_to_parameters([2.0, 3.0], layer.parameters())
    >>> layer.weight.item(), layer.bias.item()
    (2.0, 3.0)
    """
    held, values = list(parameters), as_tensor(vector).numpy()
    total = sum(p.size for p in held)
    if values.shape != (total,):
        raise ShapeError(
            "vector_to_parameters", required=f"a vector of {total} elements",
            received=f"shape {values.shape}",
        )  # fmt: skip
    start = 0
    for parameter in held:
        parameter.assign(values[start : start + parameter.size].reshape(parameter.shape))
        start += parameter.size
