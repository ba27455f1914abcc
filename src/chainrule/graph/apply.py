"""Apply an operation to nodes: compute at once if all are concrete, and record the history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import Array, DType
from ..errors import AnomalyError, ChainruleError
from .location import describe, user_location
from .modes import MODES
from .operation import Attributes, Operation, Types, Values
from .tensor import Tensor
from .types import TensorType


def apply(op: Operation, inputs: tuple[Tensor, ...], attributes: Attributes) -> Any:
    """Return the node (or the tuple of nodes) that ``op`` makes of ``inputs``."""
    trace = MODES.trace
    try:
        if trace is not None:
            inputs = tuple([trace.current(t) for t in inputs])
        if trace is not None or any([t.symbolic for t in inputs]):
            result = _record_symbolic(op, inputs, attributes)
        else:
            result = _compute(op, inputs, attributes)
        for tape in MODES.tapes:
            tape.note(op, inputs, attributes, result)
        return result
    except ChainruleError as error:
        if error.where is None:
            error.where = f"node {op.name!r}, {describe(user_location())}"
        raise


def _compute(op: Operation, inputs: tuple[Tensor, ...], attributes: Attributes) -> Any:
    types = op.infer([t.type for t in inputs], attributes)
    values, types = evaluate(op, [decoded(t) for t in inputs], types, attributes)
    if not MODES.grad:
        return _wrap(op, inputs, attributes, types, values, False, False)
    wants = any([t.requires_grad for t in inputs])
    records = wants and op.differentiable and _any_floating(types)
    result = _wrap(op, inputs, attributes, types, values, records, records)
    if not records:
        _remember_cut(op, inputs, wants, result)
    return result


def _any_floating(types: Types) -> bool:
    listed = types if isinstance(types, tuple) else (types,)
    return any([t.dtype.is_floating for t in listed])


def _remember_cut(op: Operation, inputs: Sequence[Tensor], wants: bool, result: Any) -> None:
    """Note at which operation a gradient stopped, so that a later error can name it."""
    cut = (op, user_location()) if wants else next((t.cut_by for t in inputs if t.cut_by), None)
    if cut is not None:
        for node in result if isinstance(result, tuple) else (result,):
            node.cut_by = cut


def _record_symbolic(op: Operation, inputs: tuple[Tensor, ...], attributes: Attributes) -> Any:
    types = op.infer([t.type for t in inputs], attributes) or TensorType(_main_dtype(inputs))
    wants = MODES.grad and op.differentiable and any([t.requires_grad for t in inputs])
    return _wrap(op, inputs, attributes, types, None, True, wants)


def _main_dtype(inputs: Sequence[Tensor]) -> DType:
    floating = [t.dtype for t in inputs if t.dtype.is_floating]
    return reduce(dtypes.promote, floating or [t.dtype for t in inputs])


def _wrap(
    op: Operation,
    inputs: tuple[Tensor, ...],
    attributes: Attributes,
    types: Types,
    values: Values | None,
    records: bool,
    wants: bool,
) -> Any:
    if isinstance(types, TensorType):
        return _node(op, inputs, attributes, types, values, records, wants)
    parts = values if isinstance(values, tuple) else (None,) * len(types)
    if not records:
        return tuple(Tensor(v, t.dtype, t.shape) for v, t in zip(parts, types, strict=True))
    whole = _node(op, inputs, attributes, TensorType(types[0].dtype), values, True, wants)
    whole.requires_grad = wants
    whole.tuple_types = types
    return tuple(
        _node(PICK, (whole,), {"index": i}, t, v, True, wants)
        for i, (v, t) in enumerate(zip(parts, types, strict=True))
    )


def _node(
    op: Operation,
    inputs: tuple[Tensor, ...],
    attributes: Attributes,
    kind: TensorType,
    value: Values | None,
    records: bool,
    wants: bool,
) -> Tensor:
    if not records:
        return Tensor(value, kind.dtype, kind.shape)
    node = Tensor(
        value, kind.dtype, kind.shape, op=op, inputs=inputs, attributes=attributes,
        requires_grad=wants and kind.dtype.is_floating, location=user_location(),
    )  # fmt: skip
    if MODES.trace is not None:
        MODES.trace.made(node)
    return node


def decoded(t: Tensor) -> Any:
    """Return what a kernel sees of a node's value."""
    if t.tuple_types is not None:
        return t._data
    return dtypes.decode(t.data, t.dtype)


def evaluate(
    op: Operation, arrays: Sequence[Any], types: Types | None, attributes: Attributes
) -> tuple[Values, Types]:
    """Run the kernel; return its results in stored form, and their types."""
    with np.errstate(all="ignore"):
        values = op.compute(arrays, attributes)
    if types is None:
        types = _types_of(values)
    if isinstance(types, TensorType):
        if MODES.anomalies:
            check_finite(op.name, values, arrays)
        return _stored(values, types), types
    if MODES.anomalies:
        for value in values:
            check_finite(op.name, value, arrays)
    return tuple(_stored(v, t) for v, t in zip(values, types, strict=True)), types


def _types_of(values: Any) -> Types:
    if isinstance(values, tuple):
        return tuple(TensorType(dtypes.of_array(v), v.shape) for v in map(np.asarray, values))
    array = np.asarray(values)
    return TensorType(dtypes.of_array(array), array.shape)


def _stored(value: Any, kind: TensorType) -> Array:
    if type(value) is np.ndarray and value.dtype == kind.dtype.storage:
        return value
    return dtypes.encode(np.asarray(value), kind.dtype)


def check_finite(name: str, value: Any, arrays: Sequence[Any] = ()) -> None:
    """Raise AnomalyError if the value has a NaN or an infinity that no input had."""
    array = np.asarray(value)
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return
    nan, infinite = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    kinds = " and ".join(
        f"{count} {word}" for count, word in ((nan, "NaN"), (infinite, "infinite")) if count
    )
    arrays = [a for a in arrays if isinstance(a, np.ndarray)]
    spoiled = [i for i, a in enumerate(arrays) if a.dtype.kind == "f" and not np.isfinite(a).all()]
    came_in = f"; input {spoiled[0]} was not finite already" if spoiled else ""
    ranges = ", ".join(
        f"[{a.min():.4g}, {a.max():.4g}]" for a in arrays if a.size and a.dtype.kind in "fiu"
    )
    raise AnomalyError(
        f"{name}: produced {kinds} of {array.size} values"
        + (f" from inputs in {ranges}" if ranges else "")
        + came_in
    )


class _Pick(Operation):
    """One of the results of an operation that has several."""

    name = "pick"

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types:
        kind: TensorType = types[0][attributes["index"]]
        return kind

    def compute(self, arrays: Sequence[Any], attributes: Attributes) -> Array:
        value: Array = arrays[0][attributes["index"]]
        return value

    def pullback(
        self, g: Any, y: Any, inputs: Sequence[Tensor], attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:  # fmt: skip
        raise AssertionError("the sweep hands a pick's gradient to the node it picks from")


PICK = _Pick()


def results_of(whole: Tensor) -> tuple[Tensor, ...]:
    """Return the results of an operation that has several, each as a node of its own."""
    types = whole.tuple_types
    assert types is not None
    known = isinstance(whole._data, tuple) and not whole.symbolic
    values = whole._data if known else (None,) * len(types)
    return tuple(
        _node(PICK, (whole,), {"index": i}, kind, value, True, whole.requires_grad)
        for i, (kind, value) in enumerate(zip(types, values or (), strict=True))
    )
