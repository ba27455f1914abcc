"""Primitive: the one record that says everything about an operation.

A record holds the shape rule, the data type rule, the NumPy kernel (that IS the meaning), the chain
rule (written with tensors, so that it builds graph), and how a compiler computes one element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..dtypes import Array, DType
from ..errors import GradientError
from .apply import apply
from .operation import Attributes, Operation, Types, Values
from .registry import FUNCTIONS
from .tensor import Tensor, as_tensor
from .types import Shape, TensorType

Rule = Callable[..., Tensor | None]


@dataclass(frozen=True)
class Each:
    """The chain rule of an operation with any number of inputs: ``rule(i, g, y, *inputs)``."""

    rule: Rule


@dataclass(frozen=True)
class NotDifferentiable:
    """Why no gradient flows through an operation."""

    reason: str


@dataclass(frozen=True)
class Opaque:
    """Why an operation has no index notation: the compiler calls a routine of its own."""

    reason: str


ChainRules = tuple[Rule | None, ...] | Each | NotDifferentiable
PRIMITIVES: dict[str, Primitive] = {}


def tensors(inputs: Sequence[Any]) -> tuple[Tensor, ...]:
    """Turn what the user gave into nodes, as they are."""
    return tuple([t if isinstance(t, Tensor) else as_tensor(t) for t in inputs])


@dataclass(frozen=True, eq=False, repr=False)
class Primitive(Operation):
    """One operation of the graph; calling it makes a node.

    * ``kernel(*arrays, **attributes)``: its meaning, in NumPy;
    * ``shape(*shapes, **attributes)`` and ``dtype(*dtypes, **attributes)``: the type rule;
    * ``vjp``: a rule ``(g, y, *inputs, **attributes) -> gradient`` for each input (None in place of
      a rule: the gradient is zero everywhere), ``Each`` for any number of inputs, or
      ``NotDifferentiable``;
    * ``scalar(*elements)``: one element in infix, for elementwise operations; or
      ``notation(*types, **attributes)``: index notation as text; or ``Opaque``;
    * ``prepare``: turns what the user gives into nodes (data type promotion);
    * ``kinks``: where the derivative jumps, ``domain``: where samples are drawn.
    """

    name: str
    kernel: Callable[..., Values]
    shape: Callable[..., Any]
    dtype: Callable[..., Any]
    vjp: ChainRules
    scalar: Callable[..., Any] | None
    notation: Callable[..., str] | Opaque | None
    prepare: Callable[[Sequence[Any]], tuple[Tensor, ...]]
    kinks: tuple[float, ...]
    domain: tuple[float, float]
    __doc__: str | None = None

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *inputs: Any, **attributes: Any) -> Tensor:
        """Make a node of what the user gives."""
        result: Tensor = apply(self, self.prepare(inputs), attributes)
        return result

    def several(self, *inputs: Any, **attributes: Any) -> tuple[Tensor, ...]:
        """Apply an operation that has several results."""
        results: tuple[Tensor, ...] = apply(self, self.prepare(inputs), attributes)
        return results

    @property
    def differentiable(self) -> bool:
        """Whether gradients flow through this operation at all."""
        return not isinstance(self.vjp, NotDifferentiable)

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types:
        """Return the result's type by the two rules of the record."""
        kinds = self.dtype(*[t.dtype for t in types], **attributes)
        shapes: Any = None
        if all([t.shape is not None for t in types]):
            shapes = self.shape(*[t.shape for t in types], **attributes)
        if isinstance(kinds, DType):
            return TensorType(kinds, shapes)
        dims: Sequence[Shape | None] = [None] * len(kinds) if shapes is None else shapes
        return tuple(TensorType(k, s) for k, s in zip(kinds, dims, strict=True))

    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        """Run the NumPy kernel."""
        return self.kernel(*arrays, **attributes)

    def pullback(
        self,
        g: Any,
        y: Any,
        inputs: Sequence[Tensor],
        attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:
        """Apply the chain rule for the inputs that need it."""
        if isinstance(self.vjp, Each):
            rule = self.vjp.rule
            return [
                rule(i, g, y, *inputs, **attributes) if need else None
                for i, need in enumerate(needed)
            ]
        if isinstance(self.vjp, NotDifferentiable):
            raise GradientError(
                f"gradient of {self.name!r}", required="a differentiable operation",
                received=self.vjp.reason, hint="stop the gradient with .detach()",
            )  # fmt: skip
        return [
            each(g, y, *inputs, **attributes) if need and each is not None else None
            for each, need in zip(self.vjp, needed, strict=True)
        ]


def same_shape(*shapes: Shape, **_: Any) -> Shape:
    """Give the result the first input's shape."""
    return shapes[0]


def same_dtype(*kinds: DType, **_: Any) -> DType:
    """Give the result the first input's data type."""
    return kinds[0]


def primitive(
    *,
    vjp: ChainRules,
    shape: Callable[..., Any] = same_shape,
    dtype: Callable[..., Any] = same_dtype,
    scalar: Callable[..., Any] | None = None,
    notation: Callable[..., str] | Opaque | None = None,
    prepare: Callable[[Sequence[Any]], tuple[Tensor, ...]] = tensors,
    kinks: tuple[float, ...] = (),
    domain: tuple[float, float] = (-2.0, 2.0),
) -> Callable[[Callable[..., Values]], Primitive]:
    """Make the decorated NumPy kernel a primitive, registered under the kernel's name.

    >>> import numpy as np
    >>> @primitive(vjp=(lambda g, y, x: g * 2 * x,), scalar=lambda x: x * x)
    ... def squared(x):
    ...     return x * x
    >>> squared(np.array([3.0]))
    tensor([9.], dtype=float64)
    """

    def record(kernel: Callable[..., Values]) -> Primitive:
        name = kernel.__name__.strip("_")
        made = Primitive(
            name, kernel, shape, dtype, vjp, scalar, notation, prepare, kinks, domain,
            kernel.__doc__,
        )  # fmt: skip
        PRIMITIVES[name] = FUNCTIONS[name] = made
        return made

    return record
