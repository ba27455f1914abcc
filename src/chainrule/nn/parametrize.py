"""Parametrisations: a weight that is computed from other parameters wherever it is used.

``module.weight`` becomes a property of a class made for the purpose, so that ``forward`` need not
know; what it is computed from lies below ``module.parametrizations.weight`` and is trained, saved
and replaced like every other parameter. The names of the state are PyTorch's.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ..errors import ArgumentError
from ..graph import Tensor
from ..ops import matmul, maximum, moveaxis, reshape, sqrt, square, vecdot
from ..ops.random import Generator, normal
from .containers import ModuleDict
from .convolution import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .module import Module
from .parameter import Parameter

__all__ = [
    "register_parametrization",
    "remove_parametrizations",
    "spectral_norm",
    "weight_norm",
]

M = TypeVar("M", bound=Module)
_HOLDER = "parametrizations"
_CLASSES: dict[tuple[type[Module], tuple[str, ...]], type[Module]] = {}
_FIRST_ITERATIONS = 15  # of the power method, before the first step of training


class _Parametrized(Module):
    """One weight: its original parameters, and the module that computes it from them."""

    def __init__(self, value: Parameter, parametrization: Module) -> None:
        split = getattr(parametrization, "right_inverse", None)
        parts = value.detach() if split is None else split(value.detach())
        if isinstance(parts, Tensor):
            self.original = Parameter(parts, requires_grad=value.requires_grad)
        else:
            for k, part in enumerate(parts):
                setattr(self, f"original{k}", Parameter(part, requires_grad=value.requires_grad))
        setattr(self, "0", parametrization)

    def forward(self) -> Tensor:
        originals = [v for name, v in vars(self).items() if name.startswith("original")]
        weight: Tensor = vars(self)["0"](*originals)
        return weight


def _become(module: Module, base: type[Module], names: tuple[str, ...]) -> None:
    """Give a module the class whose attributes of these names are computed: one for all alike."""
    if names and (base, names) not in _CLASSES:
        body: dict[str, Any] = {name: _computed(name) for name in names}
        body |= {"__doc__": base.__doc__, "parametrized_from": (base, names)}
        _CLASSES[base, names] = type(f"Parametrized{base.__name__}", (base,), body)
    module.__class__ = _CLASSES[base, names] if names else base


def _computed(name: str) -> property:
    def refuse(self: Module, value: object) -> None:
        raise ArgumentError(
            f"{type(self).__name__}.{name}", required="no assignment: it is computed",
            received=type(value).__name__,
            hint=f"assign to what is below .parametrizations.{name}, or call "
            "nn.remove_parametrizations",
        )  # fmt: skip

    return property(lambda self: _parametrizations(self)[name](), refuse)


def _held(module: Module) -> tuple[type[Module], tuple[str, ...]]:
    """Return the class without parametrisations, and the names of those that there are."""
    found: tuple[type[Module], tuple[str, ...]] = getattr(
        type(module), "parametrized_from", (type(module), ())
    )
    return found


def _parametrizations(module: Module) -> dict[str, Module]:
    return dict(vars(module)[_HOLDER].items()) if _HOLDER in vars(module) else {}


def register_parametrization(module: M, name: str, parametrization: Module) -> M:
    """Compute the parameter ``module.name`` by a module from now on; return the module.

    ``parametrization(original)`` gives the weight; the original starts as the present value. If it
    has a method ``right_inverse(weight)``, this gives the original, or a tuple of several, which
    ``forward`` takes. They are saved as ``parametrizations.name.original`` (or original0,
    original1...), with the parametrisation's own state under ``parametrizations.name.0``. Do it
    before the optimizer is made. Raises ArgumentError if there is no parameter of that name.

    >>> layer = nn.register_parametrization(nn.Linear(2, 2, bias=False), "weight", nn.ReLU())
    >>> bool((layer.weight >= 0).all()), list(layer.state_dict())
    (True, ['parametrizations.weight.original'])
    """
    base, names = _held(module)
    value = vars(module).get(name)
    if not isinstance(value, Parameter):
        known = ", ".join(n for n, v in vars(module).items() if isinstance(v, Parameter))
        raise ArgumentError(
            f"parametrization of {type(module).__name__}",
            required=f"a parameter of its own: {known or 'it has none'}",
            received=f"{name!r}" + (", parametrised already" if name in names else ""),
        )  # fmt: skip
    computed = _Parametrized(value, parametrization).train(module.training)
    held = _parametrizations(module)
    del vars(module)[name]
    _become(module, base, (*names, name))
    setattr(module, _HOLDER, ModuleDict({**held, name: computed}))
    return module


def remove_parametrizations(module: M, name: str = "weight") -> M:
    """Make the weight, with its present value, an ordinary parameter again; return the module.

    Raises ArgumentError if it is not parametrised.

    >>> layer = nn.remove_parametrizations(nn.weight_norm(nn.Linear(2, 1)))
    >>> sorted(layer.state_dict()), type(layer).__name__
    (['bias', 'weight'], 'Linear')
    """
    base, names = _held(module)
    if name not in names:
        raise ArgumentError(
            "remove_parametrizations", required=f"one of {names or 'no parametrisations'}",
            received=repr(name),
        )  # fmt: skip
    value = getattr(module, name)
    held = {n: m for n, m in _parametrizations(module).items() if n != name}
    rest = tuple(n for n in names if n != name)
    _become(module, base, rest)
    if rest:
        setattr(module, _HOLDER, ModuleDict(held))
    else:
        del vars(module)[_HOLDER]
    setattr(module, name, Parameter(value.detach()))
    return module


# --- weight norm ---------------------------------------------------------------------------


class _WeightNorm(Module):
    def __init__(self, dim: int | None) -> None:
        self.dim = dim

    def _norm(self, v: Tensor) -> Tensor:
        if self.dim is None:
            return sqrt(square(v).sum())
        axes = tuple(k for k in range(v.ndim) if k != self.dim % v.ndim)
        return sqrt(square(v).sum(axes, keepdims=True))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return self._norm(weight), weight

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        return v * (g / self._norm(v))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Train length and direction of weights apart: w = g * v / norm(v); return the module.

    The norm is over all axes but ``dim`` (that of the outputs), or all for None. g and v are
    ``parametrizations.weight.original0`` and ``original1``. nn.remove_parametrizations undoes it
    (Salimans and Kingma 2016).

    >>> layer = nn.weight_norm(nn.Linear(2, 3))
    >>> layer.parametrizations["weight"].original0.shape
    (3, 1)
    """
    return register_parametrization(module, name, _WeightNorm(dim))


# --- spectral norm -------------------------------------------------------------------------


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(
        self, weight: Tensor, iterations: int, eps: float, dim: int, generator: Generator | None
    ) -> None:
        self.iterations, self.eps, self.dim = iterations, eps, dim
        if weight.ndim < 2:
            return
        matrix = self._matrix(weight.detach())
        u, v = (
            self._unit(normal((n,), generator=generator, dtype=weight.dtype)) for n in matrix.shape
        )
        u, v = self._iterated(matrix, u, v, _FIRST_ITERATIONS)
        self.register_buffer("_u", u)
        self.register_buffer("_v", v)

    def _matrix(self, weight: Tensor) -> Tensor:
        return reshape(moveaxis(weight, self.dim, 0), (weight.shape[self.dim], -1))

    def _unit(self, x: Tensor) -> Tensor:
        return x / maximum(sqrt(square(x).sum()), self.eps)

    def _iterated(self, matrix: Tensor, u: Tensor, v: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Turn u and v towards the singular vectors of the largest singular value."""
        for _ in range(count):
            u = self._unit(matmul(matrix, v))
            v = self._unit(matmul(u, matrix))
        return u, v

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim < 2:
            return self._unit(weight)
        matrix, u, v = self._matrix(weight), self._u, self._v
        if self.training:
            u, v = self._iterated(matrix.detach(), u, v, self.iterations)
            self._u.assign(u)
            self._v.assign(v)
        return weight / vecdot(u, matmul(matrix, v))


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12,
    dim: int | None = None, *, generator: Generator | None = None,
) -> M:  # fmt: skip
    """Divide weights by their largest singular value: w / (u W v); return the module.

    W is the weight as a matrix, with the outputs (axis ``dim``: 0, or 1 for transposed
    convolutions) as rows. Each use in training turns u and v, which count as constants, by power
    iteration. The state is ``parametrizations.weight.original``, and ``_u`` and ``_v`` below
    ``parametrizations.weight.0``. nn.remove_parametrizations undoes it (Miyato et al. 2018).

    >>> layer = nn.spectral_norm(nn.Linear(4, 3)).eval()
    >>> sorted(layer.state_dict())[1:]  # doctest: +NORMALIZE_WHITESPACE
    ['parametrizations.weight.0._u', 'parametrizations.weight.0._v',
     'parametrizations.weight.original']
    """
    if n_power_iterations < 1:
        raise ArgumentError(
            "spectral_norm", required="n_power_iterations >= 1", received=str(n_power_iterations)
        )
    transposed = isinstance(module, ConvTranspose1d | ConvTranspose2d | ConvTranspose3d)
    rows = int(transposed) if dim is None else dim
    value = vars(module).get(name)
    weight = value if isinstance(value, Parameter) else normal((1,))
    made = _SpectralNorm(weight, n_power_iterations, eps, rows, generator)
    return register_parametrization(module, name, made)
