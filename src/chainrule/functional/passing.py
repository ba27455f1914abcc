"""What lets values pass: with another gradient, or with noise."""

from __future__ import annotations

from ..errors import ArgumentError
from ..graph import Tensor, TensorLike
from ..ops import stop_gradient
from ..ops.random import Generator, normal
from ..ops.rules import promoted_floating

__all__ = ["gradient_reversal", "white_noise"]


def gradient_reversal(x: TensorLike, *, scale: float = 1.0) -> Tensor:
    """Return x, of which the gradient is multiplied by -scale.

    What comes before it learns to make worse what comes after it learns to do well (Ganin and
    Lempitsky 2015).

    >>> x = tensor([3.0], requires_grad=True)
    >>> F.gradient_reversal(x).backward()
    >>> x.grad
    tensor([-1.])
    """
    (node,) = promoted_floating([x])
    constant = stop_gradient(node)
    return constant - scale * (node - constant)  # the difference is 0, its derivative is not


def white_noise(
    x: TensorLike, *, mean: float = 0.0, std: float = 0.1, training: bool = True,
    generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Add a number drawn from N(mean, std**2) to each element; without ``training`` the mean.

    Raises ArgumentError unless std >= 0.

    >>> F.white_noise(ones(2), mean=0.5, training=False)
    tensor([1.5, 1.5])
    """
    (node,) = promoted_floating([x])
    if not std >= 0:
        raise ArgumentError("white_noise", required="std >= 0", received=str(std))
    if not training:
        return node + mean if mean else node
    return node + normal(node.shape, mean, std, generator=generator, dtype=node.dtype)
