"""Emit elementwise loops, reductions, fills: each kernel works on a range of units."""

from __future__ import annotations

import math
from typing import Any

from chainrule import dtypes as dt

from .function import LLVM, Fn, Mod, Pointers
from .lanes import Lanes
from ..expr import Buffer, Expr, View, make, walk
from ..kernels import Accumulate, ArgReduce, Fill, Loop, Reduce

BLOCK = 4096
CHUNK = 1 << 16


class Axes:
    """Loop dims after dropping length 1, ordering and collapsing; maps coefficients along."""

    def __init__(
        self,
        shape: tuple[int, ...],
        order: list[int],
        coefs: list[tuple[int, ...]],
        keep: int = 0,
        walls: set[int] = frozenset(),
    ) -> None:
        dims = [[k] for k in order if shape[k] != 1]
        merged: list[list[int]] = []
        for d in dims:
            if merged and not (
                {merged[-1][0], d[0]} & walls and (merged[-1][0] in walls) != (d[0] in walls)
            ):
                p = merged[-1][-1]
                if all(c[p] == c[d[0]] * shape[d[0]] for c in coefs):
                    merged[-1] += d
                    continue
            merged.append(d)
        self.groups = merged
        self.lengths = [math.prod(shape[k] for k in g) for g in merged]

    def map(self, coefs: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(coefs[g[-1]] for g in self.groups)


def places(exprs: list[Expr]) -> list[tuple[int, ...]]:
    out = []
    for n in walk(exprs):
        if n.kind == "read":
            out.append(n.payload[2])
        elif n.kind == "index":
            out.append(n.payload[1])
    return out


def remap(expr: Expr, axes: Axes) -> Expr:
    new: dict[int, Expr] = {}
    for n in walk([expr]):
        if n.kind == "read":
            new[id(n)] = make(
                "read", n.dtype, (), (n.payload[0], n.payload[1], axes.map(n.payload[2]))
            )
        elif n.kind == "index":
            new[id(n)] = make("index", n.dtype, (), (n.payload[0], axes.map(n.payload[1])))
        elif n.args:
            new[id(n)] = make(n.kind, n.dtype, tuple(new[id(a)] for a in n.args), n.payload)
        else:
            new[id(n)] = n
    return new[id(expr)]


def buffers_of(exprs: list[Expr]) -> list[Buffer]:
    return [n.payload[0] for n in walk(exprs) if n.kind == "read"]


def by_stride(shape: tuple[int, ...], coefs: tuple[int, ...]) -> list[int]:
    return sorted(range(len(shape)), key=lambda k: (-abs(coefs[k]), k))


def widest(exprs: list[Expr], targets: list[View]) -> int:
    return max(
        [n.dtype.itemsize for n in walk(exprs) if n.dtype.itemsize]
        + [t.dtype.itemsize for t in targets]
        + [4]
    )


def lanes_for(m: Mod, exprs: list[Expr]) -> int:
    big = any(n.dtype.itemsize == 8 and n.kind not in ("const",) for n in walk(exprs))
    return m.vl // 2 if big else m.vl


def mask_for(f: Fn, w: int, i: Any, n: int) -> str:
    rest = f.e(f"sub i64 {n}, {i}")
    a = f.e(f"insertelement <{w} x i64> poison, i64 {rest}, i32 0")
    s = f.e(f"shufflevector <{w} x i64> {a}, <{w} x i64> poison, <{w} x i32> zeroinitializer")
    steps = "<" + ", ".join(f"i64 {k}" for k in range(w)) + ">"
    return f.e(f"icmp sgt <{w} x i64> {s}, {steps}")


def for_lanes(f: Fn, n: int, w: int, body: Any) -> None:
    """body(index, width, mask) for whole vectors, then for the rest."""
    whole = n // w * w
    if whole == w:
        body(0, w, None)
    elif whole:
        with f.loop(0, whole, w) as i:
            body(i, w, None)
    rest = n - whole
    if rest:
        if rest == 1:
            body(whole, 1, None)
        else:
            k = 1 << (rest - 1).bit_length()
            k = min(k, w)
            if k == rest:
                body(whole, k, None)
            else:
                mask = (
                    "<" + ", ".join(f"i1 {'true' if j < rest else 'false'}" for j in range(k)) + ">"
                )
                body(whole, k, mask)


def split_units(f: Fn, lengths: list[int], prefix: int, u: Any) -> list[Any]:
    """Indices of the first dims from a flat unit number."""
    idx: list[Any] = []
    rest = u
    for k in range(prefix):
        below = math.prod(lengths[k + 1 : prefix])
        if below == 1:
            idx.append(rest)
            rest = 0
        else:
            q = f.e(f"sdiv i64 {rest}, {below}")
            idx.append(q)
            rest = f.e(f"sub i64 {rest}, {f.e(f'mul i64 {q}, {below}')}")
    return idx


def nest(f: Fn, lengths: list[int], idx: list[Any], inner: Any) -> None:
    """Loops over lengths, then inner(indices)."""
    if not lengths:
        inner(idx)
        return
    if lengths[0] == 1:
        nest(f, lengths[1:], [*idx, 0], inner)
        return
    with f.loop(0, lengths[0]) as i:
        nest(f, lengths[1:], [*idx, i], inner)


def choose_prefix(lengths: list[int], enough: int = 32) -> int:
    p, n = 0, 1
    while p < len(lengths) and n < enough:
        n *= lengths[p]
        p += 1
    return p


PARAMS = "ptr %t, i64 %start, i64 %stop"


def emit_loop(m: Mod, name: str, k: Loop) -> int:
    targets = [s.target for s in k.stores]
    exprs = [s.value for s in k.stores]
    order = by_stride(k.shape, targets[0].strides)
    axes = Axes(k.shape, order, [t.strides for t in targets] + places(exprs))
    lengths = axes.lengths or [1]
    exprs = [remap(e, axes) for e in exprs]
    tcoefs = [axes.map(t.strides) for t in targets]
    if not axes.lengths:
        tcoefs, exprs = [(0,)] * len(targets), [_pad0(e) for e in exprs]
    f = Fn(m, name, PARAMS)
    p = Pointers(f, "%t")
    p.load([t.buffer for t in targets] + buffers_of(exprs))
    w = lanes_for(m, exprs)
    lane = len(lengths) - 1

    def body(idx: list[Any]) -> Any:
        def at(i: Any, width: int, mask: str | None) -> None:
            lanes = Lanes(f, p, [*idx, i], lane, width, mask)
            values = [lanes.emit(e) for e in exprs]
            for t, c, v, e in zip(targets, tcoefs, values, exprs):
                lanes.store(t, c, v, e.dtype)

        return at

    if len(lengths) == 1:
        n = lengths[0]
        units = -(-n // BLOCK)
        if units <= 1:
            for_lanes(f, n, w, body([]))
        else:
            with f.loop("%start", "%stop") as u:
                lo = f.mul(u, BLOCK)
                hi0 = f.add(lo, BLOCK)
                c = f.e(f"icmp slt i64 {hi0}, {n}")
                hi = f.e(f"select i1 {c}, i64 {hi0}, i64 {n}")
                span = f.e(f"sub i64 {hi}, {lo}")
                whole = f.e(f"and i64 {span}, {-w}")
                end = f.add(lo, whole)
                with f.loop(lo, end, w) as i:
                    body([])(i, w, None)
                with f.loop(end, hi, 1) as i:
                    body([])(i, 1, None)
        f.finish()
        return units
    prefix = min(choose_prefix(lengths[:-1]), len(lengths) - 1)
    with f.loop("%start", "%stop") as u:
        idx = split_units(f, lengths, prefix, u)
        nest(f, lengths[prefix:-1], idx, lambda ix: for_lanes(f, lengths[-1], w, body(ix)))
    f.finish()
    return math.prod(lengths[:prefix])


def _pad0(e: Expr) -> Expr:
    new: dict[int, Expr] = {}
    for n in walk([e]):
        if n.kind == "read":
            new[id(n)] = make("read", n.dtype, (), (n.payload[0], n.payload[1], (0,)))
        elif n.kind == "index":
            new[id(n)] = make("index", n.dtype, (), (n.payload[0], (0,)))
        elif n.args:
            new[id(n)] = make(n.kind, n.dtype, tuple(new[id(a)] for a in n.args), n.payload)
        else:
            new[id(n)] = n
    return new[id(e)]


def emit_fill(m: Mod, name: str, k: Fill) -> int:
    f = Fn(m, name, PARAMS)
    p = Pointers(f, "%t")
    p.load([k.buffer])
    n = k.buffer.size * k.buffer.dtype.itemsize
    m.declare("memset", "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
    lo, hi0 = f.e(f"mul i64 %start, {CHUNK}"), f.e(f"mul i64 %stop, {CHUNK}")
    c = f.e(f"icmp slt i64 {hi0}, {n}")
    hi = f.e(f"select i1 {c}, i64 {hi0}, i64 {n}")
    ptr = f.e(f"getelementptr i8, ptr {p[k.buffer]}, i64 {lo}")
    f.do(
        f"call void @llvm.memset.p0.i64(ptr {ptr}, i8 0, i64 {f.e(f'sub i64 {hi}, {lo}')}, i1 false)"
    )
    f.finish()
    return -(-n // CHUNK)


def emit_accumulate(m: Mod, name: str, k: Accumulate) -> int:
    taps = len(k.taps)
    buffer, off, tc = k.target.payload
    # dims: shape dims ordered by target stride; taps loop inside the units
    order = sorted(range(len(k.shape)), key=lambda d: (-abs(tc[taps + d]), d))
    target = make("read", k.value.dtype, (), (buffer, off, tc))
    f = Fn(m, name, PARAMS)
    p = Pointers(f, "%t")
    p.load([buffer, *buffers_of([k.value])])
    perm = [taps + d for d in order]
    units_dims = 1 if k.shape and tc[perm[0]] * k.shape[order[0]] >= buffer.size else 0
    full = [*perm[:units_dims], *range(taps), *perm[units_dims:]]
    lengths_all = [*k.taps, *k.shape]
    lengths = [lengths_all[d] for d in full]

    def re(e: Expr) -> Expr:
        new: dict[int, Expr] = {}
        for n in walk([e]):
            if n.kind == "read":
                new[id(n)] = make(
                    "read",
                    n.dtype,
                    (),
                    (n.payload[0], n.payload[1], tuple(n.payload[2][d] for d in full)),
                )
            elif n.kind == "index":
                new[id(n)] = make(
                    "index", n.dtype, (), (n.payload[0], tuple(n.payload[1][d] for d in full))
                )
            elif n.args:
                new[id(n)] = make(n.kind, n.dtype, tuple(new[id(a)] for a in n.args), n.payload)
            else:
                new[id(n)] = n
        return new[id(e)]

    value, place = re(k.value), re(target)
    total = place + value
    w = lanes_for(m, [value])
    coefs = place.payload[2]
    if coefs[-1] != 1:
        w = 1
    view = View(buffer, tuple(lengths), coefs, off)

    def body(idx: list[Any]) -> Any:
        def at(i: Any, width: int, mask: str | None) -> None:
            lanes = Lanes(f, p, [*idx, i], len(lengths) - 1, width, mask)
            lanes.store(view, coefs, lanes.emit(total), value.dtype)

        return at

    if units_dims:
        with f.loop("%start", "%stop") as u:
            nest(f, lengths[1:-1], [u], lambda ix: for_lanes(f, lengths[-1], w, body(ix)))
        units = lengths[0]
    else:
        nest(f, lengths[:-1], [], lambda ix: for_lanes(f, lengths[-1], w, body(ix)))
        units = 1
    f.finish()
    return units


IDENTITY = {"add": 0.0, "mul": 1.0, "maximum": -math.inf, "minimum": math.inf}


def identity(op: str, d: Any) -> Any:
    if d.is_floating:
        return IDENTITY[op]
    if op == "add":
        return 0
    if op == "mul":
        return 1
    if d is dt.bool:
        return op == "minimum"
    info = dt.iinfo(d)
    return info.min if op == "maximum" else info.max


def emit_reduce(m: Mod, name: str, k: Reduce) -> int:
    nk = len(k.kept)
    shape = (*k.kept, *k.reduced)
    tco = (*k.target.strides, *(0,) * len(k.reduced))
    kept_order = sorted(range(nk), key=lambda d: (-abs(k.target.strides[d]), d))
    # reduced dims: the largest coefficient of the largest read first
    rc = places([k.value])
    main = max(rc, key=lambda c: sum(1 for x in c if x), default=(0,) * len(shape))
    red_order = sorted(range(nk, len(shape)), key=lambda d: (-abs(main[d]), d))
    ka = Axes(shape, kept_order, [tco, *rc])
    ra = Axes(shape, red_order, rc)
    both = Axes(shape, [], [])
    both.groups = ka.groups + ra.groups
    both.lengths = ka.lengths + ra.lengths
    value = remap(k.value, both)
    tc = both.map(tco)
    nk2 = len(ka.lengths)
    lengths = both.lengths
    d = k.value.dtype
    f = Fn(m, name, PARAMS)
    p = Pointers(f, "%t")
    p.load([k.target.buffer, *buffers_of([value])])
    w = lanes_for(m, [value])
    target = View(k.target.buffer, k.target.shape, k.target.strides, k.target.offset)
    coefs = [c for c in places([value])]
    kept_lane = nk2 - 1
    along_kept = (
        nk2 > 0
        and tc[kept_lane] == 1
        and all(c[kept_lane] in (0, 1) for c in coefs)
        and lengths[kept_lane] >= 4
        and any(c[kept_lane] == 1 for c in coefs)
    )
    rl = lengths[nk2:]
    op = k.op

    def fold(lanes: Lanes, idx_r: list[Any], acc: str, width: int) -> str:
        v = lanes.emit(value)
        a, b = make("const", d, (), ("acc",)), make("const", d, (), ("val",))
        node = make(op, d, (a, b), None)
        return lanes.function(node, [acc, v])

    def reduce_nest(
        lens: list[int], idx: list[Any], accs: list[str], types: str, step: Any
    ) -> list[str]:
        if not lens:
            return step(idx, accs)
        with f.loop(0, lens[0], 1, [(types, a) for a in accs]) as (i, st):
            st.next = reduce_nest(lens[1:], [*idx, i], st.names, types, step)
        return st.names

    if along_kept:
        UN = 4

        def kept_body(idx: list[Any]) -> None:
            n = lengths[kept_lane]
            big = n // (w * UN) * (w * UN)

            def tile(i: Any, width: int, mask: str | None, un: int) -> None:
                probe = Lanes(f, p, [], -1, width, mask)
                init = probe.const(identity(op, d), d)
                t = probe.ty(d)

                def step(ix: list[Any], accs: list[str]) -> list[str]:
                    out = []
                    for j in range(un):
                        at = (
                            i + j * width
                            if isinstance(i, int)
                            else (f.add(i, j * width) if j else i)
                        )
                        lanes = Lanes(f, p, [*idx, at, *ix], kept_lane, width, mask)
                        out.append(fold(lanes, ix, accs[j], width))
                    return out

                accs = reduce_nest(rl, [], [init] * un, t, step)
                for j in range(un):
                    at = i + j * width if isinstance(i, int) else (f.add(i, j * width) if j else i)
                    lanes = Lanes(f, p, [*idx, at, *[0] * len(rl)], kept_lane, width, mask)
                    lanes.store(target, tc, accs[j], d)

            if big:
                with f.loop(0, big, w * UN) as i:
                    tile(i, w, None, UN)
            rest = n - big
            whole = rest // w
            for j in range(whole):
                tile(big + j * w, w, None, 1)
            r = rest - whole * w
            if r:
                kk = min(w, 1 << (r - 1).bit_length())
                mask = (
                    None
                    if kk == r
                    else "<"
                    + ", ".join(f"i1 {'true' if j < r else 'false'}" for j in range(kk))
                    + ">"
                )
                tile(big + whole * w, kk, mask, 1)

        prefix = min(choose_prefix(lengths[:kept_lane]), kept_lane)
        with f.loop("%start", "%stop") as u:
            idx = split_units(f, lengths, prefix, u)
            nest(f, lengths[prefix:kept_lane], idx, kept_body)
        f.finish()
        return math.prod(lengths[:prefix])
    # along the innermost reduced dim
    lane = len(lengths) - 1
    vector = bool(rl) and lengths[lane] >= w and all(c[lane] in (0, 1) for c in coefs)

    def one(idx: list[Any]) -> None:
        width = w if vector else 1
        UN = 4 if vector and rl[-1] >= 4 * w else 1
        probe = Lanes(f, p, [], -1, width, None)
        t, init = probe.ty(d), probe.const(identity(op, d), d)
        st_scalar = Lanes(f, p, [], -1, 1, None)
        sinit = st_scalar.const(identity(op, d), d)

        def inner(ix: list[Any], accs: list[str]) -> list[str]:
            n = rl[-1] if rl else 1
            vec, tail = accs[:-1], accs[-1]
            if not rl:
                lanes = Lanes(f, p, [*idx], -1, 1, None)
                return [*vec, fold(lanes, [], tail, 1)]
            done = 0
            if vector:
                done = n // (width * UN) * (width * UN)
                with f.loop(0, done, width * UN, [(t, a) for a in vec]) as (i, stt):
                    stt.next = [
                        fold(
                            Lanes(
                                f,
                                p,
                                [*idx, *ix, f.add(i, j * width) if j else i],
                                lane,
                                width,
                                None,
                            ),
                            [],
                            stt.names[j],
                            width,
                        )
                        for j in range(UN)
                    ]
                vec = stt.names
            with f.loop(done, n, 1, [(st_scalar.ty(d), tail)]) as (i, s2):
                s2.next = [fold(Lanes(f, p, [*idx, *ix, i], lane, 1, None), [], s2.names[0], 1)]
            return [*vec, s2.names[0]]

        def rec(lens: list[int], ix: list[Any], accs: list[str]) -> list[str]:
            if len(lens) <= 1:
                return inner(ix, accs)
            kinds = [t] * UN + [st_scalar.ty(d)]
            with f.loop(0, lens[0], 1, list(zip(kinds, accs))) as (i, s3):
                s3.next = rec(lens[1:], [*ix, i], s3.names)
            return s3.names

        accs = rec(rl, [], [init] * UN + [sinit])
        total = accs[-1]
        node1 = lambda: make(
            op, d, (make("const", d, (), ("acc",)), make("const", d, (), ("val",))), None
        )
        if vector:
            a = accs[0]
            for j in range(1, UN):
                a = probe.function(node1(), [a, accs[j]])
            size = width
            while size > 1:
                half = size // 2
                ty = LLVM[d.name]
                lo = f.e(
                    f"shufflevector <{size} x {ty}> {a}, <{size} x {ty}> poison, <{half} x i32> <{', '.join(f'i32 {j}' for j in range(half))}>"
                )
                hi = f.e(
                    f"shufflevector <{size} x {ty}> {a}, <{size} x {ty}> poison, <{half} x i32> <{', '.join(f'i32 {j + half}' for j in range(half))}>"
                )
                hl = Lanes(f, p, [], -1, half, None)
                if half == 1:
                    lo = f.e(f"extractelement <1 x {ty}> {lo}, i32 0")
                    hi = f.e(f"extractelement <1 x {ty}> {hi}, i32 0")
                a = hl.function(node1(), [lo, hi])
                size = half
            total = st_scalar.function(node1(), [total, a])
        out = Lanes(f, p, [*idx, *[0] * len(rl)], -1, 1, None)
        out.store(target, tc, total, d)

    kl = lengths[:nk2]
    if not kl:
        one([])
        f.finish()
        return 1
    prefix = choose_prefix(kl, 64)
    with f.loop("%start", "%stop") as u:
        idx = split_units(f, kl, prefix, u)
        nest(f, kl[prefix:], idx, one)
    f.finish()
    return math.prod(kl[:prefix])


def emit_arg(m: Mod, name: str, k: ArgReduce) -> int:
    """Position of the first maximum, over a short axis."""
    shape = (*k.kept, k.reduced)
    nk = len(k.kept)
    tco = (*k.target.strides, 0)
    order = sorted(range(nk), key=lambda d: (-abs(k.target.strides[d]), d))
    rc = places([k.value])
    ka = Axes(shape, order, [tco, *rc])
    ka.groups.append([nk])
    ka.lengths.append(k.reduced)
    value, tc = remap(k.value, ka), ka.map(tco)
    kl = ka.lengths[:-1] or [1]
    if len(ka.lengths) == 1:
        raise NotImplementedError("argmax of everything")
    f = Fn(m, name, PARAMS)
    p = Pointers(f, "%t")
    p.load([k.target.buffer, *buffers_of([value])])
    w = m.vl // 2
    lane = len(kl) - 1
    d = value.dtype

    def body(idx: list[Any]) -> Any:
        def at(i: Any, width: int, mask: str | None) -> None:
            probe = Lanes(f, p, [], -1, width, None)
            first = Lanes(f, p, [*idx, i, 0], lane, width, mask).emit(value)
            zero = probe.const(0, dt.int64)
            with f.loop(1, k.reduced, 1, [(probe.ty(d), first), (probe.ty(dt.int64), zero)]) as (
                j,
                st,
            ):
                v = Lanes(f, p, [*idx, i, j], lane, width, mask).emit(value)
                best, pos = st.names
                if d.is_floating:
                    more = f.e(f"fcmp ogt {probe.ty(d)} {v}, {best}")
                    vn = f.e(f"fcmp uno {probe.ty(d)} {v}, {v}")
                    bn = f.e(f"fcmp ord {probe.ty(d)} {best}, {best}")
                    b1 = probe.ty(dt.bool)
                    more = f.e(f"or {b1} {more}, {f.e(f'and {b1} {vn}, {bn}')}")
                else:
                    more = f.e(f"icmp sgt {probe.ty(d)} {v}, {best}")
                b1 = probe.ty(dt.bool)
                nb = f.e(f"select {b1} {more}, {probe.ty(d)} {v}, {probe.ty(d)} {best}")
                js = probe.splat(str(j), "i64")
                np_ = f.e(
                    f"select {b1} {more}, {probe.ty(dt.int64)} {js}, {probe.ty(dt.int64)} {pos}"
                )
                st.next = [nb, np_]
            Lanes(f, p, [*idx, i, 0], lane, width, mask).store(k.target, tc, st.names[1], dt.int64)

        return at

    if len(kl) == 1:
        for_lanes(f, kl[0], w, body([]))
        f.finish()
        return 1
    prefix = min(choose_prefix(kl[:-1]), len(kl) - 1)
    with f.loop("%start", "%stop") as u:
        idx = split_units(f, kl, prefix, u)
        nest(f, kl[prefix:-1], idx, lambda ix: for_lanes(f, kl[-1], w, body(ix)))
    f.finish()
    return math.prod(kl[:prefix])
