"""A function compiled and eager: the same results, the same gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import dtypes
from chainrule.dtypes import Array
from chainrule.graph import Tensor
from chainrule.graph.trees import flatten_tree

# How far compiled results may be from eager ones, relative to the largest number of a result:
# sums are taken in another order, and chains of operations round less often.
TOLERANCES = {"float64": 1e-12, "float32": 2e-5, "float16": 4e-3, "bfloat16": 3e-2}


def tolerance(dtype: dtypes.DType) -> float:
    """Return what may differ in results of a type; nothing in integers and truth values."""
    return TOLERANCES.get(str(dtype), 0.0)


def assert_same(found: Any, expected: Any, bound: float | None = None) -> None:
    """Compare trees of tensors; floating ones to a bound, or to that of their type."""
    ours, theirs = flatten_tree(found)[0], flatten_tree(expected)[0]
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        if not isinstance(other, Tensor):
            assert one == other
            continue
        assert one.type == other.type
        a, b = (np.asarray(t.value) for t in (one, other))
        limit = tolerance(other.dtype) if bound is None else bound
        assert_close(a, b, limit if other.dtype.is_floating else 0.0)


def assert_close(found: Array, expected: Array, bound: float) -> None:
    """Compare two arrays to a bound relative to the largest finite number, and NaN with NaN."""
    if not bound:
        np.testing.assert_array_equal(found, expected)
        return
    a, b = (np.asarray(array, np.float64) for array in (found, expected))
    scale = max(1.0, np.max(np.abs(b), initial=0.0, where=np.isfinite(b)))
    np.testing.assert_allclose(a, b, rtol=bound, atol=bound * scale)


def with_gradients(
    call: Callable[..., Any], places: Sequence[int], parameters: Sequence[Tensor] = ()
) -> Callable[..., Any]:
    """Return a function of the same inputs: results, and gradients for some inputs and parameters.

    The gradient is that of all floating results, each element with a weight of its own.
    """

    def both(*inputs: Any) -> Any:
        leaves, _ = flatten_tree(results := call(*inputs))
        loss = cr.tensor(0.0)
        for result in leaves:
            if isinstance(result, Tensor) and result.requires_grad:
                loss = loss + (result * weights(result)).sum().astype("float32")
        gradients = []
        if loss.requires_grad:
            loss.backward()
            wanted = [*[inputs[k] for k in places], *parameters]
            gradients = [leaf.grad for leaf in wanted]
            for leaf in wanted:
                leaf.grad = None
        return results, gradients

    return both


def weights(result: Tensor) -> Tensor:
    """Return weights that differ from element to element."""
    count = int(np.prod(result.shape))
    return cr.tensor(np.cos(np.arange(count)).reshape(result.shape), result.dtype)
