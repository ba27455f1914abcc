"""The infix operators and methods of a tensor: each asks the registry for an op by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .registry import call

if TYPE_CHECKING:
    from ..dtypes import DTypeLike
    from .tensor import Tensor

Axis = int | tuple[int, ...] | None


def _op(name: str, *args: Any, **attributes: Any) -> Tensor:
    result: Tensor = call(name, *args, **attributes)
    return result


class Operators:
    """What ``+``, ``@``, ``[...]``, ``.sum()`` and the like mean."""

    __slots__ = ()

    def __add__(self, other: Any) -> Tensor:
        return _op("add", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return _op("add", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return _op("subtract", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return _op("subtract", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return _op("multiply", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return _op("multiply", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return _op("divide", self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _op("divide", other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return _op("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return _op("floor_divide", other, self)

    def __mod__(self, other: Any) -> Tensor:
        return _op("remainder", self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return _op("remainder", other, self)

    def __pow__(self, other: Any) -> Tensor:
        return _op("pow", self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return _op("pow", other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return _op("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _op("matmul", other, self)

    def __and__(self, other: Any) -> Tensor:
        return _op("bitwise_and", self, other)

    def __rand__(self, other: Any) -> Tensor:
        return _op("bitwise_and", other, self)

    def __or__(self, other: Any) -> Tensor:
        return _op("bitwise_or", self, other)

    def __ror__(self, other: Any) -> Tensor:
        return _op("bitwise_or", other, self)

    def __xor__(self, other: Any) -> Tensor:
        return _op("bitwise_xor", self, other)

    def __rxor__(self, other: Any) -> Tensor:
        return _op("bitwise_xor", other, self)

    def __lshift__(self, other: Any) -> Tensor:
        return _op("bitwise_left_shift", self, other)

    def __rlshift__(self, other: Any) -> Tensor:
        return _op("bitwise_left_shift", other, self)

    def __rshift__(self, other: Any) -> Tensor:
        return _op("bitwise_right_shift", self, other)

    def __rrshift__(self, other: Any) -> Tensor:
        return _op("bitwise_right_shift", other, self)

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return _op("equal", self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return _op("not_equal", self, other)

    def __lt__(self, other: Any) -> Tensor:
        return _op("less", self, other)

    def __le__(self, other: Any) -> Tensor:
        return _op("less_equal", self, other)

    def __gt__(self, other: Any) -> Tensor:
        return _op("greater", self, other)

    def __ge__(self, other: Any) -> Tensor:
        return _op("greater_equal", self, other)

    def __neg__(self) -> Tensor:
        return _op("negative", self)

    def __pos__(self) -> Tensor:
        return _op("positive", self)

    def __abs__(self) -> Tensor:
        return _op("abs", self)

    def __invert__(self) -> Tensor:
        return _op("bitwise_invert", self)

    def __getitem__(self, index: Any) -> Tensor:
        return _op("getitem", self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        call("refuse_setitem", self, index, value)

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
        """Sum over axes."""
        return _op("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
        """Mean over axes."""
        return _op("mean", self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
        """Maximum over axes."""
        return _op("max", self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
        """Minimum over axes."""
        return _op("min", self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
        """Product over axes."""
        return _op("prod", self, axis=axis, keepdims=keepdims)

    def any(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
        """Whether any element is true."""
        return _op("any", self, axis=axis, keepdims=keepdims)

    def all(self, axis: Axis = None, *, keepdims: bool = False) -> Tensor:
        """Whether all elements are true."""
        return _op("all", self, axis=axis, keepdims=keepdims)

    def var(self, axis: Axis = None, *, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        """Variance over axes (divided by n - correction)."""
        return _op("var", self, axis=axis, correction=correction, keepdims=keepdims)

    def std(self, axis: Axis = None, *, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        """Standard deviation over axes."""
        return _op("std", self, axis=axis, correction=correction, keepdims=keepdims)

    def argmax(self, axis: int | None = None, *, keepdims: bool = False) -> Tensor:
        """Index of the first maximum."""
        return _op("argmax", self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: int | None = None, *, keepdims: bool = False) -> Tensor:
        """Index of the first minimum."""
        return _op("argmin", self, axis=axis, keepdims=keepdims)

    def exp(self) -> Tensor:
        """Elementwise exp."""
        return _op("exp", self)

    def log(self) -> Tensor:
        """Elementwise log."""
        return _op("log", self)

    def sqrt(self) -> Tensor:
        """Elementwise sqrt."""
        return _op("sqrt", self)

    def tanh(self) -> Tensor:
        """Elementwise tanh."""
        return _op("tanh", self)

    def sin(self) -> Tensor:
        """Elementwise sin."""
        return _op("sin", self)

    def cos(self) -> Tensor:
        """Elementwise cos."""
        return _op("cos", self)

    def square(self) -> Tensor:
        """Elementwise square."""
        return _op("square", self)

    def abs(self) -> Tensor:
        """Elementwise absolute value."""
        return _op("abs", self)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Limit the values to [min, max]."""
        return _op("clip", self, min, max)

    def astype(self, dtype: DTypeLike) -> Tensor:
        """Convert to another data type."""
        return _op("astype", self, dtype)

    def reshape(self, *shape: Any) -> Tensor:
        """Same elements, another shape; one length may be -1."""
        return _op("reshape", self, _listed(shape))

    def permute_dims(self, *axes: Any) -> Tensor:
        """Reorder the axes."""
        return _op("permute_dims", self, _listed(axes))

    def broadcast_to(self, *shape: Any) -> Tensor:
        """Repeat along axes of length 1 until the shape fits."""
        return _op("broadcast_to", self, _listed(shape))

    def flatten(self, start_axis: int = 0, end_axis: int = -1) -> Tensor:
        """Merge a run of axes into one."""
        return _op("flatten", self, start_axis, end_axis)

    def squeeze(self, axis: int | tuple[int, ...]) -> Tensor:
        """Remove axes of length 1."""
        return _op("squeeze", self, axis)

    def expand_dims(self, axis: int = 0) -> Tensor:
        """Insert an axis of length 1."""
        return _op("expand_dims", self, axis=axis)

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Exchange two axes."""
        return _op("swapaxes", self, axis1, axis2)

    @property
    def T(self) -> Tensor:  # noqa: N802
        """The transpose of a matrix."""
        return _op("transpose", self)

    @property
    def mT(self) -> Tensor:  # noqa: N802
        """The transpose of the last two axes."""
        return _op("matrix_transpose", self)


def _listed(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Accept both f(2, 3) and f((2, 3))."""
    if len(args) == 1 and isinstance(args[0], tuple | list):
        return tuple(args[0])
    return args
