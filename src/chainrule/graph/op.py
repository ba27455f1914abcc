"""Op: an operation that a user writes, what it computes and its chain rule in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import GradientError, GraphError
from .apply import apply, evaluate
from .modes import MODES
from .operation import Attributes, Operation, Types, Values
from .primitive import tensors
from .registry import call
from .tensor import Tensor, as_tensor
from .types import TensorType


class Op(Operation):
    """Base of user-written operations: override ``forward`` and ``backward``.

    ``forward`` gets NumPy arrays and returns one (or a tuple of them). ``backward`` gets the
    gradient of the result and the inputs, all as tensors, and returns the gradient of each input
    (None for one that has none); since it is written with tensors, second derivatives come for
    free. What an instance needs besides its inputs it keeps in ``self``.

    >>> from chainrule import check_gradients, tensor
    >>> class MulNode(Op):
    ...     def forward(self, x, y):
    ...         return x * y
    ...     def backward(self, dz, x, y):
    ...         return y * dz, x * dz
    >>> x, y = tensor(3.0, requires_grad=True), tensor(4.0, requires_grad=True)
    >>> MulNode()(x, y).backward()
    >>> x.grad, y.grad
    (tensor(4.), tensor(3.))
    >>> check_gradients(MulNode(), [x, y])
    """

    @property
    def name(self) -> str:  # type: ignore[override]
        """The class's name: what drawings and errors call the node."""
        return type(self).__name__

    def forward(self, *arrays: Array) -> Any:
        """Compute the result from NumPy arrays."""
        raise NotImplementedError(f"{self.name} must define forward(self, ...)")

    def backward(self, g: Any, *inputs: Tensor) -> Any:
        """Return the gradient of each input, given the gradient ``g`` of the result."""
        raise GradientError(
            f"gradient of {self.name!r}", required="a method backward(self, g, *inputs)",
            received="none",
            hint=f"define {self.name}.backward, or stop the gradient with .detach()",
        )  # fmt: skip

    def result_type(self, *types: TensorType) -> Types | None:
        """Tell the result's type in advance, where a graph is built symbolically.

        A compiled function asks ``forward`` itself if this says nothing: it is run once on ones
        (zeros, if integers), so define this method for a ``forward`` that does not take those.
        """
        return None

    def __call__(self, *inputs: Any) -> Any:
        """Make a node (several for an operation with several results)."""
        return apply(self, tensors(inputs), {})

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types | None:
        """Ask ``result_type`` once all shapes are known, and in a trace ``forward`` if need be."""
        if any(t.shape is None for t in types):
            return None
        told = self.result_type(*types)
        return self._probed(types) if told is None and MODES.trace is not None else told

    def _probed(self, types: Sequence[TensorType]) -> Types:
        examples = [np.full(t.shape or (), t.dtype.is_floating, t.dtype.compute) for t in types]
        try:
            return evaluate(self, examples, None, {})[1]
        except Exception as error:
            raise GraphError(
                f"type of the result of {self.name!r}", required=f"{self.name}.result_type(*types)",
                received=f"none, and forward fails on ones: {type(error).__name__}: {error}",
                hint="return chainrule.graph.TensorType(dtype, shape) in it",
            ) from error  # fmt: skip

    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        """Run ``forward``."""
        values = self.forward(*arrays)
        if isinstance(values, tuple):
            return tuple(np.asarray(v) for v in values)
        return np.asarray(values)

    def pullback(
        self,
        g: Any,
        y: Any,
        inputs: Sequence[Tensor],
        attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:
        """Run ``backward`` and check what it returns."""
        grads = self.backward(g, *inputs)
        grads = tuple(grads) if isinstance(grads, tuple | list) else (grads,)
        if len(grads) != len(inputs):
            raise GradientError(
                f"{self.name}.backward", required=f"{len(inputs)} gradients, one for each input",
                received=f"{len(grads)}", hint="return None for an input without gradient",
            )  # fmt: skip
        return [
            self._checked(k, grad, x, g)
            for k, (grad, x) in enumerate(zip(grads, inputs, strict=True))
        ]

    def _checked(self, k: int, given: Any, x: Tensor, g: Any) -> Tensor | None:
        if given is None:
            return None
        grad = as_tensor(given)
        if not grad.symbolic and grad.shape != x.shape:
            raise GradientError(
                f"{self.name}.backward", required=f"gradient {k} of shape {x.shape}, as input {k}",
                received=f"shape {grad.shape}",
                hint="sum over the axes along which the input was broadcast",
            )  # fmt: skip
        if x.dtype.is_floating and grad.dtype is not x.dtype:
            grad = call("astype", grad, x.dtype)
        above = [t for t in (g if isinstance(g, tuple | list) else (g,)) if t is not None]
        lost = MODES.grad and not grad.requires_grad and any(t.requires_grad for t in above)
        if lost and not grad.symbolic and np.any(grad.data):
            linked: Tensor = apply(_Severed(self.name), (grad, *above), {})
            return linked
        return grad


class _Severed(Operation):
    """A gradient that was computed outside of the graph: fine, until its derivative is wanted."""

    def __init__(self, name: str) -> None:
        self.name = f"{name}.backward"

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types:
        kind: TensorType = types[0]
        return kind

    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        return arrays[0]

    def pullback(
        self, g: Any, y: Any, inputs: Sequence[Tensor], attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:  # fmt: skip
        raise GradientError(
            f"derivative of {self.name}", required="a backward written with tensors",
            received="a gradient that does not depend on g in the graph",
            hint="use chainrule's operations in backward, instead of NumPy on .value",
        )  # fmt: skip
