"""jacobian(f, x): trace, find the pattern, compute its values by a few sweeps, check them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ...dtypes import Array
from ...errors import ArgumentError, GradientError, GraphError
from ...graph import Tensor, as_tensor, enable_grad, topological_order
from ..functions import Pushforward
from ..reverse import Pullback, alias
from .compress import Compression
from .entries import Entries
from .layout import Layout
from .memory import check_fits
from .operator import Jacobian
from .pattern import Group, Pattern
from .propagate import dependencies

_EPSILON = {"bfloat16": 2**-7, "float16": 2**-10, "float32": 2**-23, "float64": 2**-52}


def jacobian(
    f: Callable[..., Any], *args: Any, argnums: int = 0, memory_limit: int | None = None
) -> Jacobian:
    """Return dy/dx of y = f(*args), x = args[argnums], as an operator with the structure of f.

    J[i, j] = dy[i] / dx[j] over flat indices. Which y may depend on which x is read off the traced
    graph: J of an elementwise function is diagonal, of a function of each sample block-diagonal,
    of a convolution, pooling or slice sparse; only those values are stored. Columns (or rows)
    that share no row are found by one product, so ReLU takes one, whatever its size.
    ``memory_limit`` in bytes stands for the memory that is available now.

    f returns one floating tensor. Raises GradientError if not, MemoryLimitError if the values do
    not fit. After A. R. Curtis, M. J. D. Powell and J. K. Reid 1974; A. H. Gebremedhin, F. Manne
    and A. Pothen 2005.

    >>> J = jacobian(lambda x: x[1:] - x[:-1], [1.0, 2.0, 4.0])
    >>> J
    <Jacobian 2 x 3, sparse, 4 values in 48 bytes, y (2,) by x (3,), 2 sweeps>
    >>> J.todense()
    tensor([[-1.,  1.,  0.],
            [ 0., -1.,  1.]])
    """
    traced = _Trace(f, args, argnums)
    if not traced.output.size or not traced.source.size:
        pattern = Pattern.dense(traced.output.shape, traced.source.shape)
        return traced.operator(pattern, memory_limit)
    found = dependencies(traced.output, traced.source)
    if found is None:
        return traced.zero(memory_limit)
    result = traced.operator(found, memory_limit)
    if traced.agrees(result):
        return result
    warnings.warn(
        "jacobian: the pattern that was found misses entries; computing all of them. An operation "
        "of this function has a wrong index notation",
        RuntimeWarning, stacklevel=2,
    )  # fmt: skip
    return traced.operator(Pattern.dense(traced.output.shape, traced.source.shape), memory_limit)


class _Trace:
    """A function that was traced at a point: products with its Jacobian, and with the transpose."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], argnums: int) -> None:
        if not -len(args) <= argnums < len(args):
            raise ArgumentError(
                "jacobian", required=f"argnums among the {len(args)} arguments",
                received=str(argnums),
            )  # fmt: skip
        self.source = alias(args[argnums])
        if self.source.symbolic:
            raise GraphError(
                "jacobian", required="a concrete tensor", received=self.source.where,
                hint="give values: the structure is found at a point",
            )  # fmt: skip
        replaced = list(args)
        replaced[argnums] = self.source
        with enable_grad():
            self.output = f(*replaced)
        if not isinstance(self.output, Tensor) or not self.output.dtype.is_floating:
            raise GradientError(
                "jacobian", required="a function that returns one floating tensor",
                received=str(getattr(self.output, "type", type(self.output).__name__)),
            )  # fmt: skip
        self._pullback = Pullback([self.output], [self.source])
        self.dtype = np.result_type(self.output.dtype.compute, self.source.dtype.compute)

    def multiply_transposed(self, u: Array) -> Array:
        """Return J^T u by one backward sweep."""
        seed = as_tensor(u.reshape(self.output.shape), self.output.dtype)
        return self._pullback([seed], create_graph=False)[0].value.reshape(-1)

    @cached_property
    def _pushforward(self) -> Pushforward:
        return Pushforward([self.output], [self.source])

    def multiply(self, v: Array) -> Array:
        """Return J v by one backward sweep of the backward sweep."""
        tangent = as_tensor(v.reshape(self.source.shape), self.source.dtype)
        return self._pushforward([tangent], create_graph=False)[0].value.reshape(-1)

    def operator(self, pattern: Pattern, memory_limit: int | None) -> Jacobian:
        """Compute the values of a pattern by columns or by rows, whichever takes fewer products."""
        height, width = self.output.size, self.source.size
        check_fits(
            "jacobian", f"{pattern.nnz} values of a {height} x {width} Jacobian",
            pattern.nnz * self.dtype.itemsize, memory_limit,
            "chainrule.jvp gives J v and chainrule.vjp J^T u without storing J",
        )  # fmt: skip
        layout = Layout.of(pattern)
        by_column, by_row = Compression(layout), Compression(layout.transposed())
        values = np.zeros(layout.shape, self.dtype)
        if by_column.products < by_row.products:
            by_column.fill(values, self.multiply)
        else:
            by_row.fill(layout.transpose_values(values), self.multiply_transposed)
        return Jacobian(
            layout, values, self.output.shape, self.source.shape,
            sweeps=min(by_column.products, by_row.products), memory_limit=memory_limit,
        )  # fmt: skip

    def zero(self, memory_limit: int | None) -> Jacobian:
        """Return the Jacobian of a function that does not depend on its argument."""
        nothing = Group((), (), Entries(np.zeros(0, np.int64), 1, 1))
        pattern = Pattern.dense(self.output.shape, self.source.shape)
        return self.operator(replace(pattern, groups=(nothing,)), memory_limit)

    def _coarsest_epsilon(self) -> float:
        """Return the rounding of the shortest floating type on the way."""
        order = topological_order([self.output], follow=lambda node: node.requires_grad)
        return max(_EPSILON.get(node.dtype.name, 0.0) for node in order)

    def agrees(self, result: Jacobian) -> bool:
        """Whether a product with the operator is what a sweep gives, for a random vector."""
        u = np.random.default_rng(0).standard_normal(self.output.size).astype(self.dtype)
        expected, found = self.multiply_transposed(u), result.rmatvec(u).value.reshape(-1)
        finite = np.isfinite(expected) & np.isfinite(found)
        tolerance = math.sqrt(self._coarsest_epsilon())
        scale = abs(expected[finite]).max(initial=0.0)
        return bool((abs(expected - found)[finite] <= tolerance * scale).all())
