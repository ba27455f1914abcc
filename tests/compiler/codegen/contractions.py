"""Contractions to test with: matrix products, convolutions, their gradients; their meaning."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from chainrule import dtypes
from chainrule.compiler.ir.expr import Buffer, Expr, Place, acc, read
from chainrule.compiler.ir.kernels import Contract, Store
from chainrule.dtypes import DType

Array = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]


def contract(
    loops: Shape, roles: str, a: Sequence[int], b: Sequence[int], out: Sequence[int],
    dtype: DType = dtypes.float32, store: Callable[[Expr], Expr] = lambda sum: sum,
    offsets: Shape = (0, 0, 0),
) -> Contract:  # fmt: skip
    """Return a contraction of buffers a and b to y, given the coefficients of every loop."""
    places = [Place(o, tuple(c)) for o, c in zip(offsets, (a, b, out), strict=True)]
    x, w, y = (Buffer(n, dtype, reach(p, loops)) for n, p in zip("abY", places, strict=True))
    result = [Store(y, places[2], store(acc(0, dtype)))]
    return Contract(loops, roles, read(x, places[0]), read(w, places[1]), result)


def reach(place: Place, loops: Shape) -> int:
    """Return how many elements a buffer needs for a place."""
    pairs = zip(loops, place.coefs, strict=True)
    return place.offset + sum(max(n - 1, 0) * c for n, c in pairs) + 1


def matmul(m: int, n: int, k: int, batch: int = 1, ta: bool = False, tb: bool = False,
           tout: bool = False, **more: Any) -> Contract:  # fmt: skip
    """Return a batched matrix product; ``ta``, ``tb``, ``tout``: stored transposed."""
    a = (m * k, 1, 0, m) if ta else (m * k, k, 0, 1)
    b = (k * n, 0, k, 1) if tb else (k * n, 0, 1, n)
    out = (m * n, 1, m, 0) if tout else (m * n, n, 1, 0)
    return contract((batch, m, n, k), "bmnk", a, b, out, **more)


def convolution(n: int, size: int, c: int, oc: int, window: int, stride: int = 1,
                dilation: int = 1, groups: int = 1, **more: Any) -> Contract:  # fmt: skip
    """Return a channels-last convolution of an image that has its padding already.

    Loops: groups, images, rows, columns, channels of the result; window, channels of the image.
    """
    o, whole, full = (size - dilation * (window - 1) - 1) // stride + 1, c * groups, oc * groups
    loops = (groups, n, o, o, oc, window, window, c)
    row = size * whole
    image = (c, size * row, stride * row, stride * whole, 0, dilation * row, dilation * whole, 1)
    weight = (oc, 0, 0, 0, 1, window * c * full, c * full, full)
    result = (oc, o * o * full, o * full, full, 1, 0, 0, 0)
    return contract(loops, "bmmmnkkk", image, weight, result, **more)


def weight_gradient(n: int, size: int, c: int, oc: int, window: int, stride: int = 1,
                    **more: Any) -> Contract:  # fmt: skip
    """Return the gradient of such a convolution's weights.

    Loops: window, channels of the image and of the result; images, rows, columns.
    """
    o = (size - window) // stride + 1
    loops = (window, window, c, oc, n, o, o)
    row = size * c
    image = (row, c, 1, 0, size * row, stride * row, stride * c)
    result = (0, 0, 0, 1, o * o * oc, o * oc, oc)
    weight = (window * c * oc, c * oc, oc, 1, 0, 0, 0)
    return contract(loops, "mmmnkkk", image, result, weight, **more)


def operands(kernel: Contract, seed: int = 0) -> dict[Buffer, Array]:
    """Return small random integers for a and b, so that sums are exact, and NaN for the result."""
    random = np.random.default_rng(seed)
    a, b = kernel.a.payload[0], kernel.b.payload[0]
    arrays = {x: encoded(random.integers(-4, 5, x.size), x.dtype) for x in (a, b)}
    for store in kernel.stores:
        arrays[store.buffer] = encoded(np.full(store.buffer.size, 77), store.buffer.dtype)
    return arrays


def encoded(values: Array, dtype: DType) -> Array:
    """Return values as they lie in memory."""
    return np.ascontiguousarray(dtypes.encode(values.astype(dtype.compute), dtype))


def sums(kernel: Contract, arrays: dict[Buffer, Array]) -> Array:
    """Return the sums for each index of the loops that are not of role k."""
    views = [view(x.payload[0].dtype, arrays[x.payload[0]], x.payload[1], kernel.loops)
             for x in (kernel.a, kernel.b)]  # fmt: skip
    axes = tuple(x for x, role in enumerate(kernel.roles) if role == "k")
    letters = "abcdefghijkl"[: len(kernel.loops)]
    kept = "".join(x for n, x in enumerate(letters) if n not in axes)
    wide = [v.astype(np.float64) for v in views]
    return np.einsum(f"{letters},{letters}->{kept}", *wide)


def view(dtype: DType, memory: Array, place: Place, loops: Shape) -> Array:
    """Return what a place stands for at each index of the loops."""
    values = np.asarray(dtypes.decode(memory, dtype))
    if math.prod(loops) == 0:
        return np.zeros(loops, values.dtype)
    strides = [c * values.itemsize for c in place.coefs]
    return as_strided(values[place.offset :], loops, strides)


def result(kernel: Contract, store: Store, arrays: dict[Buffer, Array]) -> Array:
    """Return what lies at a store's place for each index of the kept loops."""
    kept = [x for x, role in enumerate(kernel.roles) if role != "k"]
    place = store.place.permuted(kept)
    loops = tuple(kernel.loops[x] for x in kept)
    return view(store.buffer.dtype, arrays[store.buffer], place, loops)
