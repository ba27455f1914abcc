"""What programs mean: an interpreter in NumPy, plain, strict about bounds, one grid per kernel.

Every loop is an axis of a grid, and formulas are evaluated on the whole grid at once. 16-bit floats
are computed in float32, and rounded where they are stored or cast to. Sums of floats are taken in
float64 and rounded once: the order in which a kernel adds is its own affair. What is reduced over
nothing is the reducer's identity (for max of integers the least one); argmax of nothing is 0.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ... import dtypes
from ...dtypes import Array, DType
from ...errors import BoundsError
from . import kernels as ir
from .expr import Buffer, Expr, Guard, Place, Shape, walk
from .functions import FUNCTIONS
from .kernels import Call, Contract, Fill, Kernel, Map, Reduce, Scatter, Store, Term
from .program import Program

Memory = Mapping[Buffer, Array]
_REDUCERS: dict[str, Any] = {
    "sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "any": np.any, "all": np.all,
    "argmax": np.argmax, "argmin": np.argmin,
}  # fmt: skip


def interpret(program: Program, arrays: Memory) -> None:
    """Run a program on flat arrays, one for each buffer, in the buffers' form in memory."""
    with np.errstate(all="ignore"):
        for kernel in program.kernels:
            run_kernel(kernel, arrays)


def run_kernel(kernel: Kernel, arrays: Memory) -> None:
    """Run one kernel; NumPy's warnings are the caller's affair."""
    match kernel:
        case Map():
            _store(kernel.stores, kernel.loops, arrays, [])
        case Fill():
            _fill(kernel, arrays)
        case Reduce():
            _reduce(kernel, arrays)
        case Contract():
            _contract(kernel, arrays)
        case Scatter():
            _scatter(kernel, arrays)
        case Call():
            _call(kernel, arrays)


def evaluate(
    exprs: Sequence[Expr], loops: Shape, arrays: Memory, accumulators: Sequence[Array] = ()
) -> list[Array]:
    """Return the formulas' values on the grid of the loops, with one axis for each.

    The axis of a loop has length 1 where a formula does not depend on it.
    """
    grid = _Grid(loops, arrays, accumulators)
    values: dict[int, Array] = {}
    for node in walk(exprs):
        values[id(node)] = grid.value(node, [values[id(a)] for a in node.args])
    return [values[id(root)] for root in exprs]


class _Grid:
    """Evaluates single nodes at all indices of the loops."""

    def __init__(self, loops: Shape, arrays: Memory, accumulators: Sequence[Array]) -> None:
        self.loops, self.arrays, self.accumulators = loops, arrays, accumulators

    def place(self, place: Place) -> Array:
        """Return a place at all indices."""
        total = np.full((1,) * len(self.loops), place.offset, np.int64)
        for axis, (coef, extent) in enumerate(zip(place.coefs, self.loops, strict=True)):
            if coef:
                shape = [extent if k == axis else 1 for k in range(len(self.loops))]
                total = total + coef * np.arange(extent, dtype=np.int64).reshape(shape)
        return total

    def inside(self, guards: Sequence[Guard]) -> Array:
        """Return where all guards hold."""
        holds: Array = np.ones((1,) * len(self.loops), np.bool_)
        for guard in guards:
            place = self.place(guard.place)
            holds = holds & (place >= 0) & (place < guard.length)
        return holds

    def value(self, node: Expr, args: list[Array]) -> Array:
        """Return a node's value, given those of its arguments."""
        match node.kind, node.payload:
            case "const", number:
                return np.full((1,) * len(self.loops), number, node.dtype.compute)
            case "index", place:
                return self.place(place)
            case "inside", guards:
                return self.inside(guards)
            case "acc", which:
                found: Array = self.accumulators[which]
                return found
            case "read", (buffer, place, guards):
                return self.read(buffer, place, guards)
            case "gather", (buffer, place, steps):
                return _element(self.arrays[buffer], buffer, self.moved(place, steps, args))
            case "cast", _:
                return _rounded(args[0], node.dtype)
        result: Array = np.asarray(FUNCTIONS[node.kind].compute(*args))
        return result.astype(node.dtype.compute)

    def read(self, buffer: Buffer, place: Place, guards: Sequence[Guard]) -> Array:
        """Return elements of a buffer: 0 where a guard fails."""
        if not guards:
            return _element(self.arrays[buffer], buffer, self.place(place))
        places, holds = np.broadcast_arrays(self.place(place), self.inside(guards))
        values = np.zeros(places.shape, buffer.dtype.compute)
        values[holds] = _element(self.arrays[buffer], buffer, places[holds])
        return values

    def moved(self, place: Place, steps: Sequence[int], indices: Sequence[Array]) -> Array:
        """Return places that depend on data."""
        total = self.place(place)
        for step, values in zip(steps, indices, strict=True):
            total = total + step * values.astype(np.int64)
        return total


def _rounded(value: Array, dtype: DType) -> Array:
    """Return a value in another data type, as the computation sees it."""
    return dtypes.decode(dtypes.encode(value.astype(dtype.compute), dtype), dtype)


def _checked(buffer: Buffer, places: Array) -> Array:
    if places.size and (places.min() < 0 or places.max() >= buffer.size):
        raise BoundsError(
            f"buffer {buffer}", required=f"0 <= place < {buffer.size}",
            received=f"places from {places.min()} to {places.max()}",
        )  # fmt: skip
    return places


def _element(array: Array, buffer: Buffer, places: Array) -> Array:
    if not places.size:
        return np.zeros(places.shape, buffer.dtype.compute)
    return dtypes.decode(np.asarray(array[_checked(buffer, places)]), buffer.dtype)


def _store(
    stores: Sequence[Store], loops: Shape, arrays: Memory, accumulators: Sequence[Array]
) -> None:
    """Compute the values of all stores, then store them."""
    if 0 in loops:
        return
    grid = _Grid(loops, arrays, accumulators)
    values = evaluate([s.value for s in stores], loops, arrays, accumulators)
    for store, value in zip(stores, values, strict=True):
        places = np.broadcast_to(_checked(store.buffer, grid.place(store.place)), loops)
        arrays[store.buffer][places] = dtypes.encode(
            np.broadcast_to(value, loops), store.buffer.dtype
        )


def _fill(kernel: Fill, arrays: Memory) -> None:
    for loops, buffer, place in kernel.boxes:
        if 0 not in loops:
            places = _checked(buffer, _Grid(loops, arrays, ()).place(place))
            value = np.full(places.shape, kernel.value, buffer.dtype.compute)
            arrays[buffer][places] = dtypes.encode(value, buffer.dtype)


def _reduce(kernel: Reduce, arrays: Memory) -> None:
    if 0 in kernel.kept:
        return
    ones = (1,) * len(kernel.reduced)
    if 0 in kernel.reduced:
        values = [np.zeros(kernel.loops, t.value.dtype.compute) for t in kernel.terms]
    else:
        values = evaluate([t.value for t in kernel.terms], kernel.loops, arrays)
    results = []
    for term, value in zip(kernel.terms, values, strict=True):
        full = np.broadcast_to(value, kernel.loops)
        flat = full.reshape(*kernel.kept, math.prod(kernel.reduced))
        results.append(_reduced(term, flat).reshape(kernel.kept + ones))
    _store(kernel.stores, kernel.kept + ones, arrays, results)


def _reduced(term: Term, values: Array) -> Array:
    """Reduce the last axis."""
    dtype, reduce = term.value.dtype, _REDUCERS[term.reducer]
    if term.reducer in ("argmax", "argmin"):
        empty = values.shape[-1] == 0
        return np.zeros(values.shape[:-1], np.int64) if empty else reduce(values, axis=-1)
    if term.reducer in ("max", "min"):
        return np.asarray(reduce(values, axis=-1, initial=_extreme(dtype, term.reducer == "min")))
    if term.reducer in ("any", "all"):
        return np.asarray(reduce(values, axis=-1))
    exact = np.float64 if dtype.is_floating else dtype.compute
    return np.asarray(reduce(values, axis=-1, dtype=exact)).astype(dtype.compute)


def _extreme(dtype: DType, greatest: bool) -> Any:
    """Return the greatest or the least value of a data type."""
    if dtype.is_floating:
        return math.inf if greatest else -math.inf
    if dtype is dtypes.bool:
        return greatest
    limits = dtypes.iinfo(dtype)
    return limits.max if greatest else limits.min


def _contract(kernel: Contract, arrays: Memory) -> None:
    summed = [k for k, role in enumerate(kernel.roles) if role == "k"]
    others = [k for k, role in enumerate(kernel.roles) if role != "k"]
    ones = tuple([1 if k in summed else n for k, n in enumerate(kernel.loops)])
    if 0 in ones:
        return
    result = np.zeros([kernel.loops[k] for k in others])
    if 0 not in kernel.loops:
        a, b = evaluate([kernel.a, kernel.b], kernel.loops, arrays)
        axes = string.ascii_letters[: len(kernel.loops)]
        kept = "".join(axes[k] for k in others)
        wide = [np.broadcast_to(v.astype(np.float64), kernel.loops) for v in (a, b)]
        result = np.einsum(f"{axes},{axes}->{kept}", *wide)
    _store(kernel.stores, ones, arrays, [result.reshape(ones).astype(kernel.a.dtype.compute)])


def _scatter(kernel: Scatter, arrays: Memory) -> None:
    if 0 in kernel.loops:
        return
    *indices, value = evaluate([*kernel.indices, kernel.value], kernel.loops, arrays)
    places = _Grid(kernel.loops, arrays, ()).moved(kernel.place, kernel.steps, indices)
    flat = np.broadcast_to(_checked(kernel.buffer, places), kernel.loops).ravel()
    values = np.broadcast_to(value, kernel.loops).ravel()
    array, dtype = arrays[kernel.buffer], kernel.buffer.dtype
    if dtype.storage == dtype.compute:
        np.add.at(array, flat, values)
        return
    for at, one in zip(flat, values, strict=True):  # each sum is rounded when it is stored
        array[at] = dtypes.encode(dtypes.decode(array[at : at + 1], dtype) + one, dtype)[0]


def _call(kernel: Call, arrays: Memory) -> None:
    inputs = [dtypes.decode(_strided(array, arrays), array.buffer.dtype) for array in kernel.inputs]
    results = kernel.operation.compute(inputs, kernel.attributes)
    several = results if isinstance(results, (tuple, list)) else (results,)
    for array, result in zip(kernel.outputs, several, strict=True):
        view = _strided(array, arrays)
        view[...] = dtypes.encode(np.asarray(result), array.buffer.dtype)


def _strided(array: ir.Array, arrays: Memory) -> Array:
    """Return the part of a buffer that is a logical array, as a view."""
    flat = arrays[array.buffer]
    if 0 in array.shape:
        return np.zeros(array.shape, flat.dtype)
    strides = [flat.itemsize * step for step in array.strides]
    return np.lib.stride_tricks.as_strided(flat[array.offset :], array.shape, strides)
