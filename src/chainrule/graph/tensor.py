"""Tensor: the node of the graph, and the user's handle on it.

A node is *concrete* (it has a value from the start) or *symbolic* (it gets one when a
ComputationalGraph runs forward). Both record the operation and the inputs that made them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes
from ..dtypes import Array, DType, DTypeLike
from ..errors import DTypeError, GradientError, GraphError, ShapeError
from .location import Location, describe
from .modes import MODES
from .operation import Operation
from .operators import Operators
from .registry import call
from .types import Shape, TensorType

TensorLike = Any  # a Tensor, a NumPy array, a Python number or nested lists of numbers
_new = object.__new__
NO_ATTRIBUTES: Mapping[str, Any] = MappingProxyType({})
_DEFAULTS = {
    "_seen_versions": (), "_version": 0, "attributes": NO_ATTRIBUTES, "call": None, "cut_by": None,
    "grad": None, "inputs": (), "location": None, "name": None, "op": None, "retains_grad": False,
    "scope": None, "symbolic": False, "tuple_types": None,
}  # fmt: skip


class Tensor(Operators):
    """A node of the computational graph: a value, and how it was computed.

    ``op``, ``inputs`` and ``attributes`` say how it was made (``op`` is None for a leaf), ``value``
    is its NumPy array, ``grad`` the gradient that the last backward sweep left here. Make one with
    ``cr.tensor`` (concrete) or ``cr.input`` (symbolic).
    """

    __slots__ = (
        "__weakref__", "_data", "_seen_versions", "_shape", "_version", "attributes", "call",
        "cut_by", "dtype", "grad", "inputs", "location", "name", "op", "requires_grad",
        "retains_grad", "scope", "symbolic", "tuple_types",
    )  # fmt: skip
    __array_ufunc__ = None  # array * tensor asks Tensor.__rmul__

    def __init__(
        self,
        data: Array | tuple[Array, ...] | None,
        dtype: DType,
        shape: Shape | None,
        *,
        op: Operation | None = None,
        inputs: tuple[Tensor, ...] = (),
        attributes: Mapping[str, Any] = NO_ATTRIBUTES,
        requires_grad: bool = False,
        name: str | None = None,
        location: Location | None = None,
    ) -> None:
        self._data = data
        self.dtype = dtype
        self._shape = shape
        self.op = op
        self.inputs = inputs
        self.attributes = attributes
        self.requires_grad = requires_grad
        self.name = name
        self.location = location
        self.symbolic = data is None
        self.grad: Tensor | None = None
        self.retains_grad = False
        self.scope: Any = None  # of a traced node: trace.Scope
        self.call: Any = MODES.call  # of the module that made it: nn.calls.Call
        self.cut_by: tuple[Operation, Location | None] | None = None  # why it has no history
        self.tuple_types: tuple[TensorType, ...] | None = None
        self._version = 0
        self._seen_versions = tuple([t._version for t in inputs])

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Give a tensor that ``fresh`` made an attribute that it was not asked for yet."""
            if name not in _DEFAULTS:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = _DEFAULTS[name]
            setattr(self, name, value)
            return value

    # --- what it is ------------------------------------------------------------------------

    @property
    def shape(self) -> Shape:
        """The lengths of the axes; an error while a symbolic node's shape is not known."""
        if self._shape is None:
            raise ShapeError(
                f"shape of {self.label!r}", required="a known shape", received="a symbolic node",
                hint="give it to the input: cr.input(name, shape=(...))", where=self.where,
            )  # fmt: skip
        return self._shape

    @property
    def type(self) -> TensorType:
        """Data type and shape (None if unknown) as one record."""
        return TensorType(self.dtype, self._shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that the value takes in memory."""
        return self.size * self.dtype.itemsize

    @property
    def is_leaf(self) -> bool:
        """Whether no operation made this node."""
        return self.op is None

    @property
    def label(self) -> str:
        """The node's name, or its operation's, or what kind of leaf it is."""
        if self.name is not None:
            return self.name
        if self.op is not None:
            return self.op.name
        return "input" if self.symbolic else "constant"

    @property
    def where(self) -> str:
        """Where the user made this node: ``node 'add', file.py:12``."""
        line = describe(self.location)
        return f"node {self.label!r}, {line}" if line else f"node {self.label!r}"

    # --- its value -------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The stored array itself (``uint16`` bits for bfloat16); not a copy, do not write."""
        if self._data is None:
            raise GraphError(
                f"value of {self.label!r}", required="a value", received="a symbolic node",
                hint="run ComputationalGraph.forward first", where=self.where,
            )  # fmt: skip
        assert not isinstance(self._data, tuple)
        return self._data

    @property
    def has_value(self) -> bool:
        """Whether the node holds a value now."""
        return self._data is not None

    @property
    def value(self) -> Array:
        """The value as a read-only NumPy array (float32 for bfloat16 and float16)."""
        view = dtypes.decode(self.data, self.dtype).view()
        view.flags.writeable = False
        return view

    def numpy(self) -> Array:
        """Return the value as a NumPy array of its own, free to be written."""
        return np.array(dtypes.decode(self.data, self.dtype))

    def item(self) -> Any:
        """Return the only element as a Python number; ShapeError if there is not exactly one."""
        if self.data.size != 1:
            raise ShapeError("item", required="one element", received=f"shape {self.data.shape}")
        return self.value.item()

    def tolist(self) -> Any:
        """Return the value as nested Python lists."""
        return self.value.tolist()

    def assign(self, value: TensorLike) -> None:
        """Give a leaf a new value of the same shape; its type stays.

        Graphs that used the old value notice it: a backward sweep through them is an error.
        """
        if self.op is not None or self.symbolic:
            raise GraphError(
                "assign", required="a concrete leaf", received=self.where,
                hint="nodes made by an operation are computed, not assigned",
            )  # fmt: skip
        new = as_tensor(value, self.dtype)
        if new.shape != self.shape:
            raise ShapeError(
                "assign", required=f"shape {self.shape}", received=f"shape {new.shape}",
                where=self.where,
            )  # fmt: skip
        if MODES.trace is not None:
            MODES.trace.assign(self, call("astype", new, self.dtype))
            return
        stored = dtypes.encode(dtypes.decode(new.data, new.dtype), self.dtype)
        self._data = stored.copy() if stored is value else stored  # the caller may write his array
        self._version += 1

    @property
    def inputs_changed(self) -> bool:
        """Whether an input was assigned to after this node was computed."""
        return any(
            t._version != seen for t, seen in zip(self.inputs, self._seen_versions, strict=False)
        )

    # --- its gradient ----------------------------------------------------------------------

    def backward(self, gradient: TensorLike = None, *, create_graph: bool = False) -> None:
        """Sweep the graph backward from here and add gradients to ``.grad`` of the leaves.

        ``gradient`` is dL/d(this); it may be left out for a single element (then it is 1).
        With ``create_graph`` the gradients have a history too, for higher derivatives.
        Raises GradientError where no gradient can flow, and names the operation.
        """
        call("backward", self, gradient, create_graph=create_graph)

    def retain_grad(self) -> Tensor:
        """Ask that the backward sweep keeps the gradient of this inner node."""
        self.retains_grad = True
        return self

    def detach(self) -> Tensor:
        """Return the same value without history: gradients stop here."""
        result: Tensor = call("detach", self)
        return result

    def requires_grad_(self, flag: bool = True) -> Tensor:
        """Say whether a leaf wants gradients; return the leaf."""
        if self.op is not None:
            raise GradientError(
                "requires_grad_", required="a leaf", received=self.where,
                hint="use detach() to stop gradients at an inner node",
            )  # fmt: skip
        check_wants_gradient(self.dtype, flag)
        self.requires_grad = flag
        return self

    # --- Python's protocols ----------------------------------------------------------------

    def __repr__(self) -> str:
        if self._data is None or isinstance(self._data, tuple):
            kind = "input" if self.op is None else self.op.name
            name = f" {self.name!r}" if self.name else ""
            return f"<{kind}{name} {self.type}>"
        extra = "" if self.dtype.name in ("float32", "int64", "bool") else f", dtype={self.dtype}"
        if self.requires_grad:
            extra += ", requires_grad=True" if self.op is None else f", op={self.op.name}"
        if self._data.size == 0 and self._data.ndim > 1:
            extra = f", shape={self._data.shape}{extra}"
        body = np.array2string(self.value, separator=", ", prefix="tensor(")
        return f"tensor({body}{extra})"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype)

    def __len__(self) -> int:
        if not self.shape:
            raise DTypeError("len", required="at least one axis", received="shape ()")
        return self.shape[0]

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if not self.dtype.is_integer:
            raise DTypeError("index", required="an integer tensor", received=str(self.dtype))
        return int(self.item())

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self.op is not None or self.symbolic:
            raise GraphError(
                "deepcopy", required="a concrete leaf", received=self.where,
                hint="copy the value with .detach()",
            )  # fmt: skip
        copy = type(self)._copy(self)
        memo[id(self)] = copy
        return copy

    @classmethod
    def _copy(cls, other: Tensor) -> Tensor:
        copy = cls.__new__(cls)
        Tensor.__init__(
            copy, other.data.copy(), other.dtype, other.shape,
            requires_grad=other.requires_grad, name=other.name,
        )  # fmt: skip
        return copy


def check_wants_gradient(dtype: DType, flag: bool) -> None:
    """Raise DTypeError if values of this type cannot have a gradient."""
    if flag and not dtype.is_floating:
        raise DTypeError(
            "requires_grad", required="a floating type", received=str(dtype),
            hint="give dtype=chainrule.float32",
        )  # fmt: skip


def constant(array: Array, dtype: DType | None = None) -> Tensor:
    """Wrap an array that nobody else writes, without copying it."""
    return Tensor(array, dtypes.of_array(array) if dtype is None else dtype, array.shape)


def fresh(array: Array, dtype: DType, shape: Shape) -> Tensor:
    """Return a leaf like ``constant``, at a third of its cost: the rest follows when looked at."""
    made = _new(Tensor)
    made._data, made.dtype, made._shape, made.requires_grad = array, dtype, shape, False
    return made


def tensor(data: TensorLike, dtype: DTypeLike | None = None, *, requires_grad: bool = False,
           name: str | None = None) -> Tensor:  # fmt: skip
    """Make a concrete tensor from numbers, nested lists or a NumPy array (which is copied).

    Python floats become float32, integers int64, bools bool; arrays keep their type. Raises
    ShapeError for ragged lists, DTypeError for what are no numbers.

    >>> tensor([[1, 2], [3, 4]], dtype="float32")
    tensor([[1., 2.],
            [3., 4.]])
    """
    array, kind = _to_array(data, None if dtype is None else dtypes.dtype(dtype), copy=True)
    check_wants_gradient(kind, requires_grad)
    return Tensor(array, kind, array.shape, requires_grad=requires_grad, name=name)


def as_tensor(data: TensorLike, dtype: DType | None = None) -> Tensor:
    """Return ``data`` itself if it is a Tensor, else a constant (an array is not copied)."""
    if isinstance(data, Tensor):
        return data
    array, kind = _to_array(data, dtype, copy=False)
    return Tensor(array, kind, array.shape)


def _to_array(data: TensorLike, dtype: DType | None, copy: bool) -> tuple[Array, DType]:
    if isinstance(data, Tensor):
        source, kind = dtypes.decode(data.data, data.dtype), data.dtype
    else:
        source = _numbers(data)
        kind = dtypes.of_array(source)
        if not isinstance(data, np.ndarray | np.generic) and kind is dtypes.float64:
            kind = dtypes.float32  # Python floats have no type of their own
    target = kind if dtype is None else dtype
    stored = dtypes.encode(source, target)
    return (np.array(stored) if copy and stored is source else stored), target


def _numbers(data: TensorLike) -> Array:
    if isinstance(data, list | tuple) and _contains_tensor(data):
        data = _plain(data)
    try:
        array = np.asarray(data)
    except (ValueError, TypeError) as error:
        raise ShapeError(
            "tensor", required="numbers in a rectangular arrangement", received=str(error)
        ) from None
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            "tensor", required="bool, integer or real numbers",
            received=f"{type(data).__name__} of NumPy type {array.dtype}",
        )  # fmt: skip
    return array


def _contains_tensor(data: Any) -> bool:
    if isinstance(data, list | tuple):
        return any(map(_contains_tensor, data))
    return isinstance(data, Tensor)


def _plain(data: Any) -> Any:
    if isinstance(data, list | tuple):
        return [_plain(entry) for entry in data]
    return data.value if isinstance(data, Tensor) else data


def input(name: str, shape: Shape | list[int] | None = None, dtype: DTypeLike = dtypes.float32,
          *, requires_grad: bool | None = None) -> Tensor:  # fmt: skip
    """Make a symbolic input, a placeholder of a ComputationalGraph.

    Without ``shape`` the shape is found out when the graph runs forward. A floating input asks for
    gradients unless ``requires_grad=False``.

    >>> x = input("x", shape=(2, 3))
    >>> x, (x * 2).shape
    (<input 'x' float32[2, 3]>, (2, 3))
    """
    from .location import user_location

    kind = dtypes.dtype(dtype)
    wants = kind.is_floating if requires_grad is None else requires_grad
    check_wants_gradient(kind, wants)
    dims = None if shape is None else tuple(int(n) for n in shape)
    if dims is not None and any(n < 0 for n in dims):
        raise ShapeError(
            f"input {name!r}", required="non-negative lengths", received=str(dims),
            hint="leave the shape out if it is not known",
        )  # fmt: skip
    return Tensor(None, kind, dims, requires_grad=wants, name=name, location=user_location())
