"""debug=True: the function itself runs, node by node with NumPy; nothing is traced or compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import Array
from ..graph import Tensor, as_tensor
from ..graph.trees import flatten_tree
from .signature import ArrayKind, kind_of


def run_eagerly(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function on tensors, as a compiled one is called; its results have no history."""
    leaves, rebuild = flatten_tree((args, kwargs))
    tensors = [as_tensor(leaf) if isinstance(kind_of(leaf), ArrayKind) else leaf for leaf in leaves]
    args, kwargs = rebuild([_leaf(t) for t in tensors])
    results, rebuild_result = flatten_tree(function(*args, **kwargs))
    return rebuild_result([r.detach() if isinstance(r, Tensor) else r for r in results])


def run_many_eagerly(
    function: Callable[..., Any], args: tuple[Any, ...], rows: Array,
    each_step: Callable[[], Any] | None, progress: Callable[[int], Any] | None,
) -> Any:  # fmt: skip
    """Call a function for each row of an array, which takes the place of the first argument."""
    columns: list[list[Any]] = []
    for number, row in enumerate(rows, start=1):
        leaves, rebuild = flatten_tree(run_eagerly(function, (row, *args[1:]), {}))
        columns.append(leaves)
        if each_step is not None:
            each_step()
        if progress is not None:
            progress(number)
    stacked = [_stacked(column) for column in zip(*columns, strict=True)]
    return rebuild(stacked)


def _stacked(column: tuple[Any, ...]) -> Any:
    first = column[0]
    if not isinstance(first, Tensor):
        return first
    return Tensor(np.stack([t.data for t in column]), first.dtype, (len(column), *first.shape))


def _leaf(given: Any) -> Any:
    """Return a handle of its own on a tensor, as the inputs of a program are."""
    if not isinstance(given, Tensor):
        return given
    return Tensor(given.data, given.dtype, given.shape, requires_grad=given.requires_grad)
