"""Lower a graph of primitives to kernels: fused loops, contractions, and calls back into NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule import dtypes as dt
from chainrule.dtypes import DType
from chainrule.graph import PICK, Primitive, Tensor
from .expr import S, Buffer, Expr, Shape, View, const, make, read, rewrite_reads, walk
from .kernels import Accumulate, ArgReduce, Call, Contract, Fill, Loop, Reduce, Store

COSTLY = {
    "exp",
    "log",
    "tanh",
    "sin",
    "cos",
    "pow",
    "erf",
    "sqrt",
    "div",
    "log1p",
    "expm1",
    "atan2",
    "sigmoid",
}


@dataclass
class Value:
    shape: Shape
    expr: Expr

    @property
    def view(self) -> View | None:
        if self.expr.kind == "read":
            b, o, c = self.expr.payload
            return View(b, self.shape, c, o)
        return None


def row_major(shape: Shape) -> tuple[int, ...]:
    return tuple(math.prod(shape[k + 1 :]) for k in range(len(shape)))


def strides_for(shape: Shape, order: tuple[int, ...]) -> tuple[int, ...]:
    """Strides of a dense buffer whose axes lie in ``order``, slowest first."""
    strides, step = [0] * len(shape), 1
    for k in reversed(order):
        strides[k] = step
        step *= shape[k]
    return tuple(strides)


def cost(expr: Expr) -> int:
    return sum(
        8 if n.kind in COSTLY else (0 if n.kind in ("read", "const", "cast", "index") else 1)
        for n in walk([expr])
    )


def reads(expr: Expr) -> list[Expr]:
    return [n for n in walk([expr]) if n.kind == "read"]


class Lowering:
    def __init__(
        self,
        order: list[Tensor],
        outputs: list[Tensor],
        leaves: Callable[[Tensor], Buffer | float],
        updates: list[tuple[Buffer, Tensor]],
    ):
        self.kernels: list[Any] = []
        self.values: dict[int, Any] = {}
        self.counter = 0
        self.uses: dict[int, int] = {}
        self.order = order
        for n in order:
            for i in n.inputs:
                self.uses[id(i)] = self.uses.get(id(i), 0) + 1
        for o in outputs:
            self.uses[id(o)] = self.uses.get(id(o), 0) + 1
        for _, o in updates:
            self.uses[id(o)] = self.uses.get(id(o), 0) + 1
        self.outputs: list[View] = []
        for n in order:
            if n.op is None:
                leaf = leaves(n)
                if isinstance(leaf, Buffer):
                    self.values[id(n)] = Value(
                        n.shape, read(View(leaf, n.shape, row_major(n.shape)))
                    )
                else:
                    self.values[id(n)] = Value(n.shape, const(leaf, n.dtype))
            else:
                self.lower(n)
        for o in outputs:
            self.outputs.append(self.contiguous(self.values[id(o)], o.dtype, fresh=True))
        self.update_states(updates)

    # --- buffers ---------------------------------------------------------------------------

    def buffer(self, dtype: DType, size: int, name: str = "t") -> Buffer:
        self.counter += 1
        return Buffer(f"{name}{self.counter}", dtype, size)

    def new_view(self, shape: Shape, dtype: DType, order: tuple[int, ...] | None = None) -> View:
        order = order or tuple(range(len(shape)))
        return View(self.buffer(dtype, math.prod(shape)), shape, strides_for(shape, order))

    def order_of(self, value: Value) -> tuple[int, ...]:
        """The order of axes in which the largest operand lies."""
        best, size = None, -1
        for r in reads(value.expr):
            coefs = r.payload[2]
            n = math.prod(s for s, c in zip(value.shape, coefs) if c)
            if n > size:
                best, size = coefs, n
        rank = len(value.shape)
        if best is None:
            return tuple(range(rank))
        return tuple(
            sorted(
                range(rank),
                key=lambda k: (
                    -abs(best[k]) if best[k] else -(10**15) if value.shape[k] > 1 else 0,
                    k,
                ),
            )
        )

    def materialise(
        self, value: Value, order: tuple[int, ...] | None = None, force: bool = False
    ) -> Value:
        if value.view is not None and not force:
            return value
        target = self.new_view(value.shape, value.expr.dtype, order or self.order_of(value))
        self.store(target, value.expr)
        return Value(value.shape, read(target))

    def contiguous(self, value: Value, dtype: DType | None = None, fresh: bool = False) -> View:
        v = value.view
        if (
            v is not None
            and v.strides == _squashed(v.shape)
            and v.offset == 0
            and v.buffer.size == math.prod(v.shape)
            and not (fresh and v.buffer.kind != "temp")
        ):
            return View(v.buffer, v.shape, row_major(v.shape))
        target = self.new_view(value.shape, value.expr.dtype)
        self.store(target, value.expr)
        return target

    def store(self, target: View, value: Expr) -> None:
        self.kernels.append(Loop(target.shape, [Store(target, value)]))

    # --- nodes -----------------------------------------------------------------------------

    def lower(self, node: Tensor) -> None:
        op = node.op
        if op is PICK:
            self.values[id(node)] = self.values[id(node.inputs[0])][node.attributes["index"]]
            return
        method = getattr(self, f"op_{op.name}", None)
        inputs = [self.values[id(i)] for i in node.inputs]
        if (
            isinstance(op, Primitive)
            and op.scalar is not None
            and all(s is not None for s in [node._shape])
        ):
            result = self.pointwise(op, inputs, node)
        elif method is not None:
            result = method(node, *inputs, **node.attributes)
        else:
            result = self.call(node, inputs)
        if isinstance(result, Value):
            many = self.uses.get(id(node), 0) > 1
            if many and result.view is None and result.expr.kind != "const":
                c = cost(result.expr)
                if c > 2 or len(reads(result.expr)) > 1:
                    result = self.materialise(result)
        self.values[id(node)] = result

    def pointwise(self, op: Primitive, inputs: list[Value], node: Tensor) -> Value:
        shape = node.shape
        args = [self.broadcast(v, shape) for v in inputs]
        expr = op.scalar(S, *args, **node.attributes)
        if not isinstance(expr, Expr):
            expr = const(expr, node.dtype)
        if expr.dtype is not node.dtype:
            expr = S.cast(expr, node.dtype)
        return Value(shape, expr)

    def broadcast(self, value: Value, shape: Shape) -> Expr:
        if value.shape == shape:
            return value.expr
        extra = len(shape) - len(value.shape)

        def f(b: Any, offset: int, coefs: tuple[int, ...]) -> Any:
            return offset, (0,) * extra + tuple(
                0 if n == 1 else c for c, n in zip(coefs, value.shape)
            )

        return rewrite_reads(value.expr, f)

    def moved(self, value: Value, shape: Shape, f: Callable[[int, tuple[int, ...]], Any]) -> Value:
        return Value(shape, rewrite_reads(value.expr, lambda b, o, c: f(o, c)))

    # movement
    def op_broadcast_to(self, node: Tensor, x: Value, *, shape: Shape) -> Value:
        return Value(shape, self.broadcast(x, shape))

    def op_permute_dims(self, node: Tensor, x: Value, *, axes: tuple[int, ...]) -> Value:
        ax = [a % len(axes) for a in axes]
        return self.moved(x, node.shape, lambda o, c: (o, tuple(c[a] for a in ax)))

    def op_slice(self, node: Tensor, x: Value, *, slices: Any) -> Value:
        return self.moved(
            x,
            node.shape,
            lambda o, c: (
                o + sum(a * k for k, (a, _, _) in zip(c, slices)),
                tuple(k * d for k, (_, _, d) in zip(c, slices)),
            ),
        )

    def op_reshape(self, node: Tensor, x: Value, *, shape: Shape) -> Value:
        new = node.shape
        plan = _reshape_plan(x.shape, new)
        try:
            return self.moved(x, new, lambda o, c: (o, _regroup(plan, x.shape, new, c)))
        except _CannotMerge:
            v = self.contiguous(x)
            return Value(new, read(View(v.buffer, new, row_major(new))))

    def op_windows(self, node: Tensor, x: Value, *, size: Any, stride: Any, dilation: Any) -> Value:
        if x.view is None and cost(x.expr) > 1:
            x = self.materialise(x)
        front = len(x.shape) - len(size)
        return self.moved(
            x,
            node.shape,
            lambda o, c: (
                o,
                c[:front]
                + tuple(k * s for k, s in zip(c[front:], stride))
                + tuple(k * d for k, d in zip(c[front:], dilation)),
            ),
        )

    def op_pad(self, node: Tensor, x: Value, *, padding: Any) -> Value:
        src = self.values[id(node.inputs[0])]
        shape = node.shape
        if src.expr.kind == "const" and src.expr.payload in (True, 1, 1.0):
            tests = []
            for d, (n, (a, b)) in enumerate(zip(x.shape, padding)):
                i = make("index", dt.int64, (), (0, tuple(int(k == d) for k in range(len(shape)))))
                if a > 0:
                    tests.append(i >= a)
                if b > 0:
                    tests.append(i < a + n)
            e = None
            for t in tests:
                e = t if e is None else e & t
            if e is None:
                return Value(shape, src.expr)
            return Value(shape, e if node.dtype is dt.bool else S.cast(e, node.dtype))
        if all(a <= 0 and b <= 0 for a, b in padding):
            return self.moved(
                x, shape, lambda o, c: (o - sum(a * k for k, (a, _) in zip(c, padding)), c)
            )
        order = self.order_of(x)
        return Value(shape, read(self.padded(x, padding, (1,) * len(shape), shape, order)))

    def padded(
        self, x: Value, padding: Any, step: Any, shape: Shape, order: tuple[int, ...]
    ) -> View:
        """Zeros, and x (every step-th element apart) inside."""
        target = self.new_view(shape, x.expr.dtype, order)
        self.kernels.append(Fill(target.buffer))
        inner, offset, lo_shape, ex = [], target.offset, [], x
        # crop what negative padding cuts off
        starts = [max(0, -(-(min(a, 0)) // 1)) if a < 0 else 0 for a, _ in padding]
        if any(a < 0 or b < 0 for a, b in padding):
            begins, ends = [], []
            for n, (a, b), s in zip(x.shape, padding, step):
                first = -(a // s) if a < 0 else 0  # smallest i with i*s + a >= 0
                first = max(0, (-a + s - 1) // s) if a < 0 else 0
                length = (n - 1) * s + 1 + a + b
                last = (length - 1 - a) // s if length > 0 else -1
                last = min(n - 1, last)
                begins.append(first)
                ends.append(last + 1)
            shp = tuple(max(0, e - b) for b, e in zip(begins, ends))
            ex = self.moved(x, shp, lambda o, c: (o + sum(k * b for k, b in zip(c, begins)), c))
            at = [b * s + p[0] for b, s, p in zip(begins, step, padding)]
        else:
            at = [p[0] for p in padding]
        inside = View(
            target.buffer,
            ex.shape,
            tuple(t * s for t, s in zip(target.strides, step)),
            sum(t * a for t, a in zip(target.strides, at)),
        )
        if math.prod(ex.shape):
            self.store(inside, ex.expr)
        return target

    def op_unslice(self, node: Tensor, x: Value, *, shape: Shape, slices: Any) -> Value:
        target = self.new_view(shape, node.dtype, self.order_of(x))
        self.kernels.append(Fill(target.buffer))
        inside = View(
            target.buffer,
            x.shape,
            tuple(t * d for t, (_, _, d) in zip(target.strides, slices)),
            sum(t * a for t, (a, _, _) in zip(target.strides, slices)),
        )
        if math.prod(x.shape):
            self.store(inside, x.expr)
        return Value(shape, read(target))

    def op_concat(self, node: Tensor, *xs: Value, axis: int) -> Value:
        at = axis % len(node.shape)
        target = self.new_view(node.shape, node.dtype, self.order_of(xs[0]))
        start = 0
        for x in xs:
            inside = View(target.buffer, x.shape, target.strides, start * target.strides[at])
            if math.prod(x.shape):
                self.store(inside, x.expr)
            start += x.shape[at]
        return Value(node.shape, read(target))

    def op_fold_windows(
        self, node: Tensor, x: Value, *, lengths: Any, stride: Any, dilation: Any
    ) -> Value:
        rank = len(lengths)
        front = len(x.shape) - 2 * rank
        kept, out, taps = x.shape[:front], x.shape[front : front + rank], x.shape[front + rank :]
        if x.view is None and cost(x.expr) > 12:
            x = self.materialise(x)
        order = tuple(k for k in self.order_of(x) if k < front + rank)
        target = self.new_view((*kept, *lengths), node.dtype, order)
        self.kernels.append(Fill(target.buffer))
        t = target.strides
        place = make(
            "read",
            node.dtype,
            (),
            (
                target.buffer,
                0,
                tuple(k * d for k, d in zip(t[front:], dilation))
                + t[:front]
                + tuple(k * s for k, s in zip(t[front:], stride)),
            ),
        )
        value = rewrite_reads(x.expr, lambda b, o, c: (o, c[front + rank :] + c[: front + rank]))
        self.kernels.append(Accumulate(taps, (*kept, *out), place, value))
        return Value(node.shape, read(target))

    # reductions
    def _reduce(
        self, op: str, node: Tensor, x: Value, axis: Any = None, keepdims: bool = False
    ) -> Value:
        rank = len(x.shape)
        axes = (
            range(rank)
            if axis is None
            else [a % rank for a in ((axis,) if isinstance(axis, int) else axis)]
        )
        axes = sorted(axes)
        kept = [k for k in range(rank) if k not in axes]
        expr = x.expr if x.expr.dtype is node.dtype else S.cast(x.expr, node.dtype)
        perm = kept + list(axes)
        value = rewrite_reads(expr, lambda b, o, c: (o, tuple(c[k] for k in perm)))
        kshape, rshape = tuple(x.shape[k] for k in kept), tuple(x.shape[k] for k in axes)
        full = Value(x.shape, expr)
        order_full = [k for k in self.order_of(full) if k in kept]
        order = tuple(kept.index(k) for k in order_full)
        target = self.new_view(kshape, node.dtype, order)
        self.kernels.append(Reduce(op, kshape, rshape, target, value))
        coefs = target.strides
        if keepdims:
            it = iter(coefs)
            coefs = tuple(next(it) if k in kept else 0 for k in range(rank))
        return Value(node.shape, read(View(target.buffer, node.shape, coefs)))

    def op_sum(self, node: Tensor, x: Value, **a: Any) -> Value:
        return self._reduce("add", node, x, **a)

    def op_prod(self, node: Tensor, x: Value, **a: Any) -> Value:
        return self._reduce("mul", node, x, **a)

    def op_max(self, node: Tensor, x: Value, **a: Any) -> Value:
        return self._reduce("maximum", node, x, **a)

    def op_min(self, node: Tensor, x: Value, **a: Any) -> Value:
        return self._reduce("minimum", node, x, **a)

    # contractions
    def op_matmul(self, node: Tensor, x: Value, y: Value) -> Value:
        if not node.dtype.is_floating or len(x.shape) == 1 or len(y.shape) == 1:
            return self.call(node, [x, y])
        shape = node.shape
        lead = len(shape) - 2
        x, y = self.materialise(x), self.materialise(y)
        xc = (
            (0,) * (lead + 2 - len(x.shape))
            + tuple(0 if n == 1 else c for n, c in zip(x.shape[:-2], x.view.strides))
            + x.view.strides[-2:]
        )
        yc = (
            (0,) * (lead + 2 - len(y.shape))
            + tuple(0 if n == 1 else c for n, c in zip(y.shape[:-2], y.view.strides))
            + y.view.strides[-2:]
        )
        m, k, n = shape[-2], x.shape[-1], shape[-1]
        extents = (*shape[:lead], m, n, k)
        a = (x.view.buffer, x.view.offset, (*xc[:lead], xc[lead], 0, xc[lead + 1]))
        b = (y.view.buffer, y.view.offset, (*yc[:lead], 0, yc[lead + 1], yc[lead]))
        return self.contract(
            extents, a, b, "b" * lead + "mnk", shape, tuple(range(lead + 2)), node.dtype
        )

    def contract(
        self,
        extents: Any,
        a: Any,
        b: Any,
        roles: str,
        shape: Shape,
        out_dims: tuple[int, ...],
        dtype: DType,
        order: Any = None,
    ) -> Value:
        target = self.new_view(shape, dtype, order)
        coefs = [0] * len(extents)
        for d, e in enumerate(out_dims):
            coefs[e] = target.strides[d]
        self.kernels.append(Contract(tuple(extents), a, b, target, tuple(coefs), roles, out_dims))
        return Value(shape, read(target))

    def op_convolve(
        self,
        node: Tensor,
        x: Value,
        w: Value,
        *,
        stride: Any,
        padding: Any,
        dilation: Any,
        input_dilation: Any,
        groups: int,
    ) -> Value:
        rank = len(stride)
        n, c = x.shape[:2]
        o, cg, *taps = w.shape
        out = node.shape[2:]
        last = (0, *range(2, 2 + rank), 1)  # channels last
        if any(p != (0, 0) for p in padding) or any(e != 1 for e in input_dilation):
            lengths = tuple(
                (s - 1) * e + 1 + lo + hi
                for s, e, (lo, hi) in zip(x.shape[2:], input_dilation, padding)
            )
            xv = self.padded(
                x, ((0, 0), (0, 0), *padding), (1, 1, *input_dilation), (n, c, *lengths), last
            )
        else:
            xv = self.materialise(x, last).view
        wv = self.materialise(w).view
        g = groups
        xs, ws = xv.strides, wv.strides
        # dims: g, n, out..., o/g, taps..., c/g
        extents = (g, n, *out, o // g, *taps, cg)
        ac = (
            xs[1] * cg,
            xs[0],
            *(s * t for s, t in zip(xs[2:], stride)),
            0,
            *(s * t for s, t in zip(xs[2:], dilation)),
            xs[1],
        )
        bc = (ws[0] * (o // g), 0, *(0,) * rank, ws[0], *ws[2:], ws[1])
        roles = "b" + "m" * (1 + rank) + "n" + "k" * (rank + 1)
        shape = (n, g, o // g, *out)
        order = (0, *range(3, 3 + rank), 1, 2)
        r = self.contract(
            extents,
            (xv.buffer, xv.offset, ac),
            (wv.buffer, wv.offset, bc),
            roles,
            shape,
            (1, 0, 2 + rank, *range(2, 2 + rank)),
            node.dtype,
            order,
        )
        v = r.view
        return Value(
            node.shape,
            read(
                View(
                    v.buffer,
                    node.shape,
                    (v.strides[0], v.strides[2], *v.strides[3:])
                    if g == 1
                    else (v.strides[0], v.strides[2], *v.strides[3:]),
                    v.offset,
                )
            ),
        )

    # indexing
    def op_argmax(self, node: Tensor, x: Value, *, axis: int, keepdims: bool = False) -> Value:
        rank = len(x.shape)
        at = axis % rank
        kept = [k for k in range(rank) if k != at]
        value = rewrite_reads(x.expr, lambda b, o, c: (o, tuple(c[k] for k in kept) + (c[at],)))
        order = tuple(kept.index(k) for k in self.order_of(x) if k != at)
        target = self.new_view(tuple(x.shape[k] for k in kept), dt.int64, order)
        self.kernels.append(ArgReduce("max", target.shape, x.shape[at], target, value))
        coefs = list(target.strides)
        if keepdims:
            coefs.insert(at, 0)
        return Value(node.shape, read(View(target.buffer, node.shape, tuple(coefs))))

    def op_take_along_axis(self, node: Tensor, x: Value, idx: Value, *, axis: int) -> Value:
        """Pick by comparing with each position: no gather for short axes, a read at a computed place else."""
        at = axis % len(x.shape)
        n = x.shape[at]
        if n > 32:
            return self.gather(node, x, idx, at)
        i = idx.expr
        result = None
        for k in range(n):
            at_k = rewrite_reads(
                x.expr, lambda b, o, c: (o + k * c[at], c[:at] + (0,) + c[at + 1 :])
            )
            result = at_k if result is None else S.where(i == k, at_k, result)
        return Value(node.shape, result)

    def gather(self, node: Tensor, x: Value, idx: Value, at: int) -> Value:
        v = self.materialise(x).view
        coefs = v.strides[:at] + (0,) + v.strides[at + 1 :]
        i = S.where(idx.expr < 0, idx.expr + x.shape[at], idx.expr)
        place = make("gather", v.dtype, (i,), None)
        base = make("read", v.dtype, (), (v.buffer, v.offset, coefs))
        return Value(node.shape, make("gather", v.dtype, (base, i), v.strides[at]))

    def op_put_along_axis(
        self, node: Tensor, g: Value, idx: Value, *, length: int, axis: int
    ) -> Value:
        at = axis % len(g.shape)
        if g.shape[at] != 1:
            return self.call(node, [g, idx])
        i = make("index", dt.int64, (), (0, tuple(int(k == at) for k in range(len(node.shape)))))
        ge, ie = self.broadcast(g, node.shape), self.broadcast(idx, node.shape)
        ie = S.where(ie < 0, ie + length, ie) if length > 32 else ie
        return Value(node.shape, S.where(ie == i, ge, const(0.0, node.dtype)))

    def op_take(self, node: Tensor, x: Value, idx: Value, *, axis: int) -> Value:
        at = axis % len(x.shape)
        v = self.materialise(x).view
        r = len(idx.shape)
        coefs = v.strides[:at] + (0,) * r + v.strides[at + 1 :]
        base = make("read", v.dtype, (), (v.buffer, v.offset, coefs))
        pre, post = at, len(x.shape) - at - 1
        ie = rewrite_reads(idx.expr, lambda b, o, c: (o, (0,) * pre + c + (0,) * post))
        ie = S.where(ie < 0, ie + x.shape[at], ie)
        return Value(node.shape, make("gather", v.dtype, (base, ie), v.strides[at]))

    # everything else
    def call(self, node: Tensor, inputs: list[Any]) -> Any:
        views = [self.contiguous(v) for v in inputs]
        types = node.tuple_types or (node.type,)
        outs = [self.new_view(t.shape, t.dtype) for t in types]
        self.kernels.append(Call(node, views, outs))
        made = [Value(o.shape, read(o)) for o in outs]
        return made if node.tuple_types else made[0]

    # --- state -----------------------------------------------------------------------------

    def update_states(self, updates: list[tuple[Buffer, Tensor]]) -> None:
        """Write new values over old ones: all that is computed from old values comes before."""
        pending = []
        targets = {id(b) for b, _ in updates}
        for b, node in updates:
            value = self.values[id(node)]
            pending.append((b, value))
        groups: list[tuple[Shape, list[tuple[Buffer, Value]]]] = []
        for b, value in pending:
            mine = {id(r.payload[0]) for r in reads(value.expr)} & (targets - {id(b)})
            placed = False
            for shape, members in groups:
                theirs = set().union(
                    *[{id(r.payload[0]) for r in reads(v.expr)} for _, v in members]
                )
                if shape == value.shape and (mine & {id(m) for m, _ in members} or id(b) in theirs):
                    members.append((b, value))
                    placed = True
                    break
            if not placed:
                groups.append((value.shape, [(b, value)]))
        for shape, members in groups:
            inside = {id(m) for m, _ in members}
            for _, v in members:
                for r in reads(v.expr):
                    if id(r.payload[0]) in targets and (
                        id(r.payload[0]) not in inside or r.payload[2] != _squashed(shape)
                    ):
                        raise NotImplementedError("state hazard")
            self.kernels.append(
                Loop(shape, [Store(View(b, shape, row_major(shape)), v.expr) for b, v in members])
            )


class _CannotMerge(Exception):
    pass


def _squashed(shape: Shape) -> tuple[int, ...]:
    return tuple(0 if n == 1 else s for n, s in zip(shape, row_major(shape)))


def _reshape_plan(old: Shape, new: Shape) -> list[tuple[list[int], list[int]]]:
    """Groups of old axes and new axes with equal products."""
    groups, i, j = [], 0, 0
    olds, news = [k for k, n in enumerate(old) if n != 1], [k for k, n in enumerate(new) if n != 1]
    while i < len(olds) or j < len(news):
        a, b = [olds[i]], [news[j]]
        pa, pb = old[olds[i]], new[news[j]]
        i, j = i + 1, j + 1
        while pa != pb:
            if pa < pb:
                a.append(olds[i])
                pa *= old[olds[i]]
                i += 1
            else:
                b.append(news[j])
                pb *= new[news[j]]
                j += 1
        groups.append((a, b))
    return groups


def _regroup(plan: Any, old: Shape, new: Shape, coefs: tuple[int, ...]) -> tuple[int, ...]:
    result = [0] * len(new)
    for a, b in plan:
        for p, q in zip(a, a[1:]):
            if coefs[p] != coefs[q] * old[q]:
                raise _CannotMerge
        step = coefs[a[-1]]
        for k in reversed(b):
            result[k] = step
            step *= new[k]
    return tuple(result)
