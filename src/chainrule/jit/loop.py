"""Loop: many steps of a compiled function in one native call, over data that lies in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..dtypes import Array
from ..errors import ShapeError
from ..graph import Tensor, as_tensor
from ..ops import take

if TYPE_CHECKING:
    from .function import CompiledFunction


class Loop:
    """A step for each row of indices; made by ``CompiledFunction.over``.

    ``function`` is the compiled function of (indices, *data) that one step is; ``data`` are the
    arrays.
    """

    def __init__(
        self, compiled: Callable[[Callable[..., Any]], CompiledFunction],
        step: Callable[..., Any], data: tuple[Any, ...], name: str,
    ) -> None:  # fmt: skip
        self.data = tuple([_held(array) for array in data])
        lengths = {array.shape[:1] for array in self.data}
        if len(lengths) != 1 or () in lengths:
            raise ShapeError(
                f"{name}.over", required="arrays of one length",
                received=", ".join(str(array.shape) for array in self.data) or "none",
            )  # fmt: skip

        def gathered(indices: Tensor, *data: Tensor) -> Any:
            return step(*[take(array, indices, axis=0) for array in data])

        gathered.__name__ = name
        self.function = compiled(gathered)

    def __call__(
        self, indices: npt.ArrayLike, *, each_step: Callable[[], Any] | None = None,
        progress: Callable[[int], Any] | None = None,
    ) -> Any:  # fmt: skip
        """Run a step for each row of indices (steps, batch); return the results, stacked.

        A step sees the samples of its row. Numbers that a step reads at each call, such as learning
        rates, are read for all steps ahead; ``each_step`` is called after each reading: the
        ``step`` of a schedule. ``progress`` is called about ten times a second with the number of
        finished steps. After Ctrl-C the run ends where it is. Raises ShapeError for indices that
        are no rows, BoundsError for an index that is out of range.
        """
        rows = np.ascontiguousarray(indices, np.int64)
        if rows.ndim != 2 or 0 in rows.shape:
            raise ShapeError(
                "indices", required="(steps, batch), at least one of each",
                received=f"shape {rows.shape}",
            )  # fmt: skip
        return self.function.run_many((rows[0], *self.data), rows, each_step, progress)


def _held(data: Any) -> Array:
    """Return the array of data as a program reads it, row by row."""
    return np.array(as_tensor(data).data, order="C", copy=None)
