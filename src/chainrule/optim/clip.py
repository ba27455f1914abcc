"""Limit gradients before an optimizer's step."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..errors import AnomalyError, ArgumentError
from ..graph import Tensor, no_grad
from ..graph.tensor import as_tensor
from ..ops import abs as absolute
from ..ops import clip, maximum, minimum, pow, sqrt
from ..ops import max as largest


def clip_grad_norm(
    parameters: Iterable[Tensor] | Tensor,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale all gradients so that their norm, taken together, is at most ``max_norm``.

    ``norm = (sum of abs(g) ** p) ** (1 / p)`` with p = ``norm_type`` (``math.inf``: the largest
    element); every gradient is multiplied by ``min(1, max_norm / (norm + 1e-6))``. Returns the norm
    before, shape (). Parameters without gradient are skipped. Raises ArgumentError for a negative
    limit, AnomalyError for a norm that is not finite if ``error_if_nonfinite``. Pascanu, 2013.

    >>> w = tensor([0.0, 0.0], requires_grad=True)
    >>> (w * tensor([3.0, 4.0])).sum().backward()
    >>> clip_grad_norm([w], 1.0)
    tensor(5.)
    >>> w.grad
    tensor([0.5999999 , 0.79999983])
    """
    if not max_norm >= 0 or not norm_type > 0:
        raise ArgumentError(
            "clip_grad_norm", required="max_norm >= 0 and norm_type > 0",
            received=f"max_norm={max_norm}, norm_type={norm_type}",
        )  # fmt: skip
    with no_grad():
        chosen = _with_gradient(parameters)
        norm = norm_of([p.grad for p in chosen if p.grad is not None], norm_type)
        if error_if_nonfinite and not math.isfinite(norm.item()):
            raise AnomalyError(
                f"clip_grad_norm: the norm of the gradients is {norm.item()}",
                hint="find the first bad value with chainrule.detect_anomalies()",
            )
        factor = minimum(max_norm / (norm + 1e-6), 1.0)
        for parameter in chosen:
            if parameter.grad is not None:
                parameter.grad = parameter.grad * factor.astype(parameter.grad.dtype)
    return norm


def clip_grad_value(parameters: Iterable[Tensor] | Tensor, clip_value: float) -> None:
    """Limit every element of every gradient to [-clip_value, clip_value].

    Raises ArgumentError for a negative limit.

    >>> w = tensor([0.0, 0.0], requires_grad=True)
    >>> (w * tensor([3.0, -0.5])).sum().backward()
    >>> clip_grad_value([w], 1.0)
    >>> w.grad
    tensor([ 1. , -0.5])
    """
    if not clip_value >= 0:
        raise ArgumentError(
            "clip_grad_value", required="clip_value >= 0", received=repr(clip_value)
        )
    with no_grad():
        for parameter in _with_gradient(parameters):
            parameter.grad = clip(parameter.grad, -clip_value, clip_value)


def _with_gradient(parameters: Iterable[Tensor] | Tensor) -> list[Tensor]:
    listed = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p for p in listed if p.grad is not None]


def norm_of(gradients: list[Tensor], p: float) -> Tensor:
    """Return the norm of all gradients, taken together: (sum of abs(g) ** p) ** (1 / p)."""
    total = as_tensor(0.0)
    for g in gradients:
        if p == math.inf:
            total = maximum(total, largest(absolute(g))) if g.size else total
        elif p == 2.0:
            total = total + (g * g).sum()
        else:
            total = total + pow(absolute(g), p).sum()
    if p == math.inf:
        return total
    return sqrt(total) if p == 2.0 else pow(total, 1 / p)
