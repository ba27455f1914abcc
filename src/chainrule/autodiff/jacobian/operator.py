"""Jacobian: the matrix dy/dx as an operator that stores only what may be nonzero."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...dtypes import Array
from ...errors import MissingDependencyError, ShapeError
from ...graph import Shape, Tensor, TensorLike, as_tensor, constant
from .layout import Layout, SparseGroup
from .memory import check_fits, readable


class Jacobian:
    """The derivative of a function at a point, J[i, j] = dy[i] / dx[j] over flat indices.

    ``shape`` is (size of y, size of x). ``values`` holds the elements that may be nonzero, and
    ``structure`` says how they lie: "diagonal", "block-diagonal", "sparse", "dense" or "zero"
    (up to the order of the axes). Vectors are given flat or in the shape of x (of y for
    ``rmatvec``), and so is the result.

    >>> from chainrule import jacobian, relu
    >>> J = jacobian(relu, [[1.0, -2.0], [3.0, 4.0]])
    >>> J
    <Jacobian 4 x 4, diagonal, 4 values in 16 bytes, y (2, 2) by x (2, 2), 1 sweep>
    >>> J.matvec([1.0, 2.0, 3.0, 4.0])
    tensor([1., 0., 3., 4.])
    """

    def __init__(
        self,
        layout: Layout,
        values: Array,
        out_shape: Shape,
        in_shape: Shape,
        *,
        sweeps: int = 0,
        memory_limit: int | None = None,
    ) -> None:
        self._layout, self._values = layout, values
        self.out_shape, self.in_shape = out_shape, in_shape
        self.sweeps = sweeps  # products that were computed to find the values
        self.memory_limit = memory_limit

    # --- what it is ----------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int]:
        """Number of outputs and number of inputs."""
        return math.prod(self.out_shape), math.prod(self.in_shape)

    @property
    def structure(self) -> str:
        """How the values lie: diagonal, block-diagonal, sparse, dense or zero."""
        layout = self._layout
        if not self.nnz:
            return "zero"
        if layout.sparse:
            return "sparse"
        if not layout.diagonal:
            return "dense" if layout.free_outs or layout.free_ins else "diagonal"
        return "block-diagonal" if layout.free_outs or layout.free_ins else "diagonal"

    @property
    def values(self) -> Tensor:
        """The stored elements: an axis for each axis in common, each sparse part, y and x."""
        return constant(self._values)

    @property
    def nnz(self) -> int:
        """Number of stored elements."""
        return self._values.size

    @property
    def nbytes(self) -> int:
        """Bytes that the values and the places of sparse parts take."""
        return self._values.nbytes + self._layout.index_bytes

    @property
    def T(self) -> Jacobian:  # noqa: N802
        """The transposed operator; it shares the values."""
        return Jacobian(
            self._layout.transposed(), self._layout.transpose_values(self._values),
            self.in_shape, self.out_shape, sweeps=self.sweeps, memory_limit=self.memory_limit,
        )  # fmt: skip

    def __repr__(self) -> str:
        rows, columns = self.shape
        sweeps = f"{self.sweeps} sweep{'' if self.sweeps == 1 else 's'}"
        return (
            f"<Jacobian {rows} x {columns}, {self.structure}, {self.nnz} values in "
            f"{readable(self.nbytes)}, y {self.out_shape} by x {self.in_shape}, {sweeps}>"
        )

    # --- products ------------------------------------------------------------------------------

    def matvec(self, v: TensorLike) -> Tensor:
        """Return J v: how y moves when x moves along v. Raises ShapeError."""
        array, is_flat = self._vector(v, self.in_shape, "matvec")
        result = self._product(array)
        return constant(result if is_flat else result.reshape(self.out_shape))

    def rmatvec(self, u: TensorLike) -> Tensor:
        """Return J^T u: the gradient of <u, y> with respect to x. Raises ShapeError."""
        return self.T.matvec(u)

    def __matmul__(self, other: TensorLike) -> Tensor:
        node = as_tensor(other)
        if node.ndim == 2 and node.shape[0] == self.shape[1] and node.shape != self.in_shape:
            columns = [self._product(column) for column in node.value.T]
            return constant(np.stack(columns, axis=1) if columns else np.zeros((self.shape[0], 0)))
        return self.matvec(node)

    def _vector(self, v: TensorLike, shape: Shape, what: str) -> tuple[Array, bool]:
        node = as_tensor(v)
        size = math.prod(shape)
        if node.shape not in (shape, (size,)):
            raise ShapeError(
                f"Jacobian.{what}", required=f"shape {shape} or ({size},)",
                received=f"shape {node.shape}",
            )  # fmt: skip
        return node.value, node.shape != shape

    def _product(self, v: Array) -> Array:
        """Gather what each entry meets, multiply, and add up by rows; the result is flat."""
        layout = self._layout
        met = layout.split_in(v)
        first = len(layout.diagonal)
        for k, group in enumerate(layout.sparse):
            met = met.take(group.columns, axis=first + k)
        leading, outs = layout.shape[: layout.rank], math.prod(layout.free_out_lengths)
        count, ins = math.prod(leading), math.prod(layout.free_in_lengths)
        blocks = self._values.reshape(count, outs, ins)
        total = (blocks @ met.reshape(count, ins, 1)).reshape(*leading, outs)
        for k, group in enumerate(layout.sparse):
            total = _add_up(total, first + k, group)
        return layout.join_out(total)

    # --- other forms ---------------------------------------------------------------------------

    def todense(self) -> Tensor:
        """Return the matrix with all zeros, of shape (size of y, size of x).

        Raises MemoryLimitError, which says how many bytes it would take, if there is no room.
        """
        rows, columns = self.shape
        check_fits(
            "Jacobian.todense", f"a dense {rows} x {columns} matrix of {self._values.dtype}",
            rows * columns * self._values.itemsize, self.memory_limit,
            f"use matvec and rmatvec, or tosparse() for its {self.nnz} values "
            f"({readable(self.nbytes)})",
        )  # fmt: skip
        dense = np.zeros((rows, columns), self._values.dtype)
        row, column = self._layout.coordinates()
        dense[row, column] = self._values
        return constant(dense)

    def tosparse(self) -> Any:
        """Return a SciPy array: BSR if the blocks lie side by side, else CSR.

        Raises MissingDependencyError without SciPy, MemoryLimitError if there is no room.
        """
        try:
            from scipy import sparse
        except ImportError:
            raise MissingDependencyError(
                "Jacobian.tosparse", required="SciPy", hint="pip install 'chainrule[sparse]'"
            ) from None
        check_fits(
            "Jacobian.tosparse", f"{self.nnz} values with their places",
            self.nnz * (self._values.itemsize + 24), self.memory_limit, "use matvec and rmatvec",
        )  # fmt: skip
        if self.structure == "block-diagonal" and self._has_adjacent_blocks():
            count = math.prod(self._layout.shape[: self._layout.rank])
            blocks = self._values.reshape(count, self.shape[0] // count, self.shape[1] // count)
            places = np.arange(count), np.arange(count + 1)
            return sparse.bsr_array((blocks, *places), shape=self.shape)
        coordinates = np.broadcast_arrays(*self._layout.coordinates(), self._values)
        rows, columns, values = (part.ravel() for part in coordinates)
        return sparse.csr_array((values, (rows, columns)), shape=self.shape)

    def _has_adjacent_blocks(self) -> bool:
        """Whether the blocks follow each other along the diagonal of the matrix itself."""
        leading = tuple((k, k) for k in range(len(self._layout.diagonal)))
        return self._layout.diagonal == leading


def _add_up(array: Array, axis: int, group: SparseGroup) -> Array:
    """Sum entries of the same row along an axis."""
    shape = (*array.shape[:axis], group.height, *array.shape[axis + 1 :])
    result = np.zeros(shape, array.dtype)
    if not group.rows.size:
        return result
    rows = group.rows
    if (rows[1:] < rows[:-1]).any():
        order = np.argsort(rows, kind="stable")
        rows, array = rows[order], array.take(order, axis=axis)
    starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
    np.moveaxis(result, axis, 0)[rows[starts]] = np.moveaxis(
        np.add.reduceat(array, starts, axis=axis), axis, 0
    )
    return result
