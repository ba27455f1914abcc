"""The numerical check: does the chain rule agree with finite differences?

For a random cotangent u and a random direction v, the number <u, J v> is computed in two ways: by
the reverse sweep, as <J^T u, v>, and by central differences, as
(<u, f(x + h v)> - <u, f(x - h v)>) / 2h. A second order check is the same check of J^T u.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array
from ..errors import ArgumentError, GradientCheckError, GradientError
from ..graph import Tensor, TensorLike, as_tensor, enable_grad, no_grad
from .reverse import Pullback, alias

_COMPONENTS = 256  # up to this many, a failure is traced to the component
_MARGIN = 1e-2  # how far inputs are kept from a kink
_ORDINALS = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True)
class _Check:
    """One run of the check: what is compared, and how strictly."""

    f: Callable[..., Any]
    name: str
    derivative: str  # "first", "second", ...
    eps: float
    rtol: float
    atol: float

    def outputs(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Return the floating outputs of f."""
        result = self.f(*inputs)
        parts = list(result) if isinstance(result, tuple | list) else [result]
        floating = [y for y in map(as_tensor, parts) if y.dtype.is_floating]
        if any(y.dtype is not dtypes.float64 for y in floating):
            raise GradientError(
                f"check_gradients({self.name})", required="a function that keeps float64",
                received=f"a result of type {', '.join(str(y.dtype) for y in floating)}",
                hint="finite differences need float64: let the result's type follow the inputs'",
            )  # fmt: skip
        return floating

    def project(self, inputs: Sequence[Tensor], cotangents: Sequence[Array]) -> float:
        """Return <u, f(x)>."""
        with no_grad():
            outputs = self.outputs(inputs)
        return sum(float((u * y.value).sum()) for u, y in zip(cotangents, outputs, strict=True))

    def numerical(
        self, inputs: Sequence[Tensor], k: int, direction: Array, cotangents: Sequence[Array]
    ) -> tuple[float, float]:
        """Return the central difference along a direction of input k, and its rounding error."""
        x, ends = inputs[k].value, []
        for step in (self.eps, -self.eps):
            moved = Tensor(x + step * direction, dtypes.float64, x.shape)
            ends.append(self.project([*inputs[:k], moved, *inputs[k + 1 :]], cotangents))
        rounding = 16 * np.finfo(float).eps * max(map(abs, ends)) / self.eps
        return (ends[0] - ends[1]) / (2 * self.eps), rounding

    def agrees(self, analytic: float, numerical: float, rounding: float) -> bool:
        """Whether both are equal within tolerance; NaN never is."""
        allowed = self.atol + self.rtol * max(abs(analytic), abs(numerical)) + rounding
        return abs(analytic - numerical) <= allowed


def check_gradients(
    f: Callable[..., Any],
    inputs: TensorLike | Sequence[TensorLike],
    *,
    order: int = 2,
    eps: float = 1e-5,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
    directions: int = 2,
    kinks: Sequence[float] = (),
) -> None:
    """Compare the derivatives of f with central differences, in random directions, in float64.

    <u, J v> ~ (<u, f(x + eps v)> - <u, f(x - eps v)>) / (2 eps), for each input on its own, for
    ``directions`` random pairs (u, v); then the same for the derivative itself, up to ``order``.
    Floating inputs are converted to float64, other inputs are passed on. f returns a tensor or a
    tuple of them and must not be random. Finite differences across a kink (relu at 0, a tie of
    max) are wrong: choose inputs away from it, or list the values in ``kinks`` and inputs
    closer than 0.01 are moved away from them.

    Raises GradientCheckError that names the input and shows both numbers, and the first component
    that differs if the input is small; GradientError if f does not compute in float64.

    >>> check_gradients(lambda x, y: x.sin() * y, [[0.5, 1.0], 3.0])
    >>> check_gradients(lambda x: x * x.detach(), [3.0])
    Traceback (most recent call last):
        ...
    chainrule.errors.GradientCheckError: check_gradients(<lambda>): requires ...
    """
    if order < 1 or eps <= 0 or directions < 1:
        raise ArgumentError(
            "check_gradients", required="order >= 1, eps > 0, directions >= 1",
            received=f"order={order}, eps={eps}, directions={directions}",
        )  # fmt: skip
    given = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    nodes = [_double(x, kinks) for x in given]
    generator = np.random.default_rng(seed)
    name = _name_of(f)
    for k in range(1, order + 1):
        check = _Check(f, name, _ORDINALS.get(k, f"{k}th"), eps, rtol, atol)
        outputs = _repeatable_outputs(check, nodes)
        for _ in range(directions):
            _check_directions(check, nodes, outputs, generator)
        if k < order:
            f = _derivative(f, len(nodes))
            nodes += [_double(generator.standard_normal(y.shape), ()) for y in outputs]


def _name_of(f: Callable[..., Any]) -> str:
    for attribute in ("__name__", "name"):
        if isinstance(name := getattr(f, attribute, None), str):
            return name
    return type(f).__name__


def _double(value: TensorLike, kinks: Sequence[float]) -> Tensor:
    node = as_tensor(value)
    if not node.dtype.is_floating:
        return node
    array = node.value.astype(np.float64)
    for kink in kinks:
        side = np.where(array < kink, -_MARGIN, _MARGIN)
        array = np.where(abs(array - kink) < _MARGIN, kink + side, array)
    return Tensor(array, dtypes.float64, array.shape, name=node.name)


def _repeatable_outputs(check: _Check, inputs: Sequence[Tensor]) -> list[Tensor]:
    with no_grad():
        first, second = check.outputs(inputs), check.outputs(inputs)
    if any(
        not np.array_equal(a.value, b.value, equal_nan=True)
        for a, b in zip(first, second, strict=True)
    ):
        raise GradientError(
            f"check_gradients({check.name})", required="the same result for the same inputs",
            received="two different ones", hint="fix the randomness inside of the function",
        )  # fmt: skip
    return first


def _check_directions(
    check: _Check, inputs: Sequence[Tensor], outputs: Sequence[Tensor], generator: Any
) -> None:
    cotangents = [generator.standard_normal(y.shape) for y in outputs]
    if sum(y.size for y in outputs) == 1:
        cotangents = [np.ones_like(u) for u in cotangents]  # then the gradient shown is that of f
    seeds = [Tensor(u, dtypes.float64, u.shape) for u in cotangents]
    gradients = _derivative(check.f, len(inputs))(*inputs, *seeds)
    floating = [k for k, x in enumerate(inputs) if x.dtype.is_floating]
    for k, gradient in zip(floating, gradients, strict=True):
        direction = generator.standard_normal(inputs[k].shape)
        analytic = float((gradient.value * direction).sum())
        numerical, rounding = check.numerical(inputs, k, direction, cotangents)
        if not check.agrees(analytic, numerical, rounding):
            component = _first_wrong_component(check, inputs, k, gradient.value, cotangents)
            raise _error(check, inputs[k], k, analytic, numerical, component)


def _derivative(f: Callable[..., Any], n: int) -> Callable[..., list[Tensor]]:
    """Return the function (inputs, cotangents) -> J^T u for each floating input."""

    def pulled_back(*arguments: Tensor) -> list[Tensor]:
        inputs, seeds = arguments[:n], arguments[n:]
        with enable_grad():
            nodes = [alias(x) if x.dtype.is_floating else x for x in inputs]
            result = f(*nodes)
        parts = list(result) if isinstance(result, tuple | list) else [result]
        outputs = [y for y in map(as_tensor, parts) if y.dtype.is_floating]
        return Pullback(outputs, [x for x in nodes if x.dtype.is_floating])(seeds)

    return pulled_back


def _first_wrong_component(
    check: _Check, inputs: Sequence[Tensor], k: int, gradient: Array, cotangents: Sequence[Array]
) -> str:
    if gradient.size > _COMPONENTS:
        return ""
    for place, unit in _unit_vectors(gradient.shape):
        analytic = float(gradient[place])
        numerical, rounding = check.numerical(inputs, k, unit, cotangents)
        if not check.agrees(analytic, numerical, rounding):
            at = f" [{', '.join(map(str, place))}]" if place else ""
            return f"first wrong component{at}: gradient {analytic:.9g}, numerical {numerical:.9g}"
    return ""


def _unit_vectors(shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Array]]:
    for place in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[place] = 1.0
        yield place, unit


def _error(
    check: _Check, x: Tensor, k: int, analytic: float, numerical: float, component: str
) -> GradientCheckError:
    name = f"input {k}" + (f" ({x.name!r})" if x.name else "")
    return GradientCheckError(
        f"check_gradients({check.name})",
        required=f"a {check.derivative} derivative with respect to {name}, shape {x.shape}, "
        f"equal to its numerical estimate {numerical:.9g}",
        received=f"{analytic:.9g}",
        hint=component or None,
    )
