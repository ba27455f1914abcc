"""Emit contractions: packed panels of b, a register tile of a's rows, any epilogue."""

from __future__ import annotations

import math
from typing import Any

from chainrule import dtypes as dt

from .function import LLVM, Fn, Mod, Pointers
from .lanes import Lanes
from ..expr import View, make
from ..kernels import Contract, Store
from .loops import PARAMS, buffers_of, nest, split_units

REGISTERS = 28
PANEL = 24 * 1024  # floats of a packed panel


def emit_contract(m: Mod, name: str, k: Contract) -> int:
    ext, roles = list(k.extents), list(k.roles)
    a, b = k.a, k.b
    oc = list(k.out_coefs)
    dims = [d for d in range(len(ext)) if ext[d] != 1]
    # the lane dim: where the output is contiguous
    lane = [d for d in dims if roles[d] in "mn" and oc[d] == 1]
    if not lane:
        lane = sorted([d for d in dims if roles[d] in "mn"], key=lambda d: -ext[d])
    d0 = lane[0] if lane else None
    if d0 is not None and roles[d0] == "m":
        a, b = b, a
        roles = [{"m": "n", "n": "m"}.get(r, r) for r in roles]
    ab, ao, ac = a
    bb, bo, bc = b
    d = k.out.dtype
    vl = m.vl if d is dt.float32 else m.vl // 2
    t = LLVM[d.name]
    batch = [x for x in dims if roles[x] == "b"]
    ms = sorted([x for x in dims if roles[x] == "m"], key=lambda x: -abs(oc[x]))
    ns = [x for x in dims if roles[x] == "n" and x != d0]
    ks = sorted([x for x in dims if roles[x] == "k"], key=lambda x: (-abs(ac[x]), -abs(bc[x])))
    n = ext[d0] if d0 is not None else 1
    oc0 = oc[d0] if d0 is not None else 0
    # lanes: the width and number of vectors that waste least
    best = None
    for w in (vl, vl // 2) if n > vl // 2 or n <= 1 else (vl // 2, vl // 4, vl):
        if w < 1:
            continue
        for nv in (2, 3, 4, 1):
            panels = -(-n // (w * nv))
            lanes_used = panels * w * nv
            mr = min(14, REGISTERS // nv)
            eff = n / lanes_used * (w / vl) ** 0.9 * (mr * nv / (mr + nv)) / 7
            if best is None or eff > best[0] * 1.02:
                best = (eff, w, nv, mr)
    _, w, nv, mr_max = best
    nr = w * nv
    panels = -(-n // nr)
    # rows of the register tile: the last m dim, and the one before if that is short
    t1 = t2 = None
    if ms:
        t1 = ms[-1]
        r1 = _rows(ext[t1], mr_max)
        r2 = 1
        if len(ms) > 1 and r1 * 2 <= mr_max and ext[t1] <= r1:
            t2 = ms[-2]
            r2 = _rows(ext[t2], mr_max // r1)
    else:
        r1 = r2 = 1
    outer = [x for x in ms if x not in (t1, t2)]
    # k: inner dims within a panel, outer dims around
    total_k = math.prod(ext[x] for x in ks)
    inner, size = [], 1
    for x in reversed(ks):
        if size * ext[x] * nr > PANEL and inner:
            break
        inner.insert(0, x)
        size *= ext[x]
    outer_k = [x for x in ks if x not in inner]
    kb = None  # a single long dim is cut
    if inner and size * nr > 2 * PANEL:
        x = inner[0]
        rest = size // ext[x]
        want = max(1, PANEL // (nr * rest))
        for c in range(want, 0, -1):
            if ext[x] % c == 0:
                break
        if c < want // 4:
            c = want
        kb = (x, c)
    # units of work
    rows_units = 1
    split_dims = outer + ([t2] if t2 is not None else []) + ([t1] if t1 is not None else [])
    first = split_dims[0] if split_dims else None
    f = Fn(m, name, PARAMS)
    p = Pointers(f, "%t")
    epi = k.epilogue or [
        Store(k.out, make("read", d, (), (k.out.buffer, k.out.offset, k.out.strides)))
    ]
    p.load(
        [ab, bb, k.out.buffer, *[s.target.buffer for s in epi], *buffers_of([s.value for s in epi])]
    )
    blocks_k = math.prod(ext[x] for x in outer_k) * (-(-ext[kb[0]] // kb[1]) if kb else 1)
    plain = View(k.out.buffer, k.out.shape, k.out.strides, k.out.offset)
    kin = (size // ext[kb[0]] * kb[1]) if kb else size
    panel = f.e(f"alloca {t}, i64 {max(1, kin * nr)}, align 64")
    base_units = math.prod(ext[x] for x in batch) * math.prod(ext[x] for x in ns) * panels
    # cut rows into chunks when panels alone are too few
    chunk_dim, chunk = None, 0
    if first is not None and base_units < 32:
        step = r1 if first == t1 else (r2 if first == t2 else 1)
        parts = min(-(-ext[first] // step), max(1, 32 // base_units))
        chunk = -(-(-(-ext[first] // parts)) // step) * step
        chunk_dim = first
        rows_units = -(-ext[first] // chunk)
    lens = [ext[x] for x in batch] + [rows_units] + [ext[x] for x in ns] + [panels]
    index: dict[int, Any] = {}

    def addr(coefs: tuple[int, ...], offset: Any, which: list[int]) -> Any:
        total = offset
        for x in which:
            if coefs[x]:
                total = f.add(total, f.mul(index[x], coefs[x]))
        return total

    rank_of = {e: i for i, e in enumerate(k.out_dims)}

    with f.loop("%start", "%stop") as u:
        ids = split_units(f, lens, len(lens), u)
        for x, i in zip(batch, ids):
            index[x] = i
        chunk_i = ids[len(batch)]
        for x, i in zip(ns, ids[len(batch) + 1 :]):
            index[x] = i
        pi = ids[-1]
        n0 = f.mul(pi, nr)
        if d0 is not None:
            index[d0] = n0
        if chunk_dim is not None:
            lo = f.mul(chunk_i, chunk)
            hi0 = f.add(lo, chunk)
            c = f.e(f"icmp slt i64 {hi0}, {ext[chunk_dim]}")
            hi = f.e(f"select i1 {c}, i64 {hi0}, i64 {ext[chunk_dim]}")
        okl = [ext[x] for x in outer_k] + ([-(-ext[kb[0]] // kb[1])] if kb else [])

        def k_block(ix: list[Any]) -> None:
            for x, i in zip(outer_k, ix):
                index[x] = i
            k_start: Any = 0
            k_len: Any = None
            if kb:
                k_start = f.mul(ix[-1], kb[1])
                if ext[kb[0]] % kb[1] == 0:
                    k_len = kb[1]
                else:
                    e0 = f.e(f"sub i64 {ext[kb[0]]}, {k_start}")
                    c2 = f.e(f"icmp slt i64 {e0}, {kb[1]}")
                    k_len = f.e(f"select i1 {c2}, i64 {e0}, i64 {kb[1]}")
            if blocks_k == 1:
                first_block = last_block = None
            else:
                flat: Any = 0
                for i, l in zip(ix, okl):
                    flat = f.add(f.mul(flat, l), i)
                first_block = f.e(f"icmp eq i64 {flat}, 0")
                last_block = f.e(f"icmp eq i64 {flat}, {blocks_k - 1}")
            ilen = [k_len if kb and x == kb[0] else ext[x] for x in inner]
            # pack the panel: [k...][nr]
            bbase = addr(bc, bo, batch + ns + outer_k)
            if kb:
                bbase = f.add(bbase, f.mul(k_start, bc[kb[0]]))
            b0 = bc[d0] if d0 is not None else 0
            bbase = f.add(bbase, f.mul(n0, b0))
            left = f.e(f"sub i64 {n}, {n0}") if n % nr else None

            def pack(kx: list[Any]) -> None:
                at, to = bbase, 0
                flatk: Any = 0
                for x, i, l in zip(inner, kx, ilen):
                    at = f.add(at, f.mul(i, bc[x]))
                    flatk = f.add(f.mul(flatk, l), i)
                to = f.mul(flatk, nr)
                for j in range(nv):
                    src = f.e(f"getelementptr {t}, ptr {p[bb]}, i64 {f.add(at, j * w * b0)}")
                    dst = f.e(f"getelementptr {t}, ptr {panel}, i64 {f.add(to, j * w)}")
                    probe = Lanes(f, p, [], -1, w, None)
                    if left is not None:
                        probe.mask = _lane_mask(f, w, left, j * w)
                    if b0 == 1 or w == 1:
                        v = (
                            probe.masked_load(src, t, d)
                            if left is not None
                            else f.e(f"load {probe.ty(d)}, ptr {src}, align {d.itemsize}")
                        )
                    else:
                        steps = "<" + ", ".join(f"i64 {q * b0}" for q in range(w)) + ">"
                        ptrs = f.e(f"getelementptr {t}, ptr {src}, <{w} x i64> {steps}")
                        v = probe.gathered(ptrs, t, d)
                    f.do(f"store {probe.ty(d)} {v}, ptr {dst}, align {d.itemsize}")

            nest(f, ilen, [], pack)
            abase = addr(ac, ao, batch + outer_k)
            if kb:
                abase = f.add(abase, f.mul(k_start, ac[kb[0]]))

            def rows(level: int) -> None:
                if level < len(outer):
                    x = outer[level]
                    s, e_ = (lo, hi) if x == chunk_dim else (0, ext[x])
                    with f.loop(s, e_) as i:
                        index[x] = i
                        rows(level + 1)
                    return
                tile2()

            def tile2() -> None:
                if t2 is None:
                    tile1(1)
                    return
                s, e_ = (lo, hi) if t2 == chunk_dim else (0, ext[t2])
                steps(t2, s, e_, r2, lambda r: tile1(r))

            def steps(x: int, s: Any, e_: Any, r: int, then: Any) -> None:
                if isinstance(s, int) and isinstance(e_, int):
                    whole = (e_ - s) // r * r
                    if whole:
                        with f.loop(s, s + whole, r) as i:
                            index[x] = i
                            then(r)
                    if e_ - s - whole:
                        index[x] = s + whole
                        then(e_ - s - whole)
                    return
                # a chunk: whole tiles while they fit, then the rest of the dim (only in the last chunk)
                restn = ext[x] % r
                if restn == 0:
                    with f.loop(s, e_, r) as i:
                        index[x] = i
                        then(r)
                else:
                    end = ext[x] // r * r
                    c = f.e(f"icmp slt i64 {e_}, {end}")
                    e2 = f.e(f"select i1 {c}, i64 {e_}, i64 {end}")
                    with f.loop(s, e2, r) as i:
                        index[x] = i
                        then(r)
                    c = f.e(f"icmp eq i64 {e_}, {ext[x]}")
                    start_rest = f.e(f"select i1 {c}, i64 {end}, i64 {ext[x]}")
                    with f.loop(start_rest, ext[x], r) as i:
                        index[x] = i
                        then(restn)

            def tile1(rr2: int) -> None:
                if t1 is None:
                    micro(1, rr2)
                    return
                s, e_ = (lo, hi) if t1 == chunk_dim else (0, ext[t1])
                steps(t1, s, e_, r1, lambda r: micro(r, rr2))

            def micro(rr1: int, rr2: int) -> None:
                rows_ = [(i2, i1) for i2 in range(rr2) for i1 in range(rr1)]
                at = abase
                for x in outer + [q for q in (t2, t1) if q is not None]:
                    at = f.add(at, f.mul(index[x], ac[x]))
                aptr = f.e(f"getelementptr {t}, ptr {p[ab]}, i64 {at}")
                roff = [
                    i2 * (ac[t2] if t2 is not None else 0) + i1 * (ac[t1] if t1 is not None else 0)
                    for i2, i1 in rows_
                ]
                vt = f"<{w} x {t}>" if w > 1 else t
                probe = Lanes(f, p, [], -1, w, None)
                zero = probe.const(0.0, d)
                init = [zero] * (len(rows_) * nv)

                def k_nest(
                    lens_: list[Any], which: list[int], ptr: str, pflat: Any, accs: list[str]
                ) -> list[str]:
                    if not lens_:
                        return body(ptr, pflat, accs, 1, None)
                    if len(lens_) == 1:
                        x, l = which[0], lens_[0]
                        un = next(
                            (
                                q
                                for q in (4, 3, 2)
                                if isinstance(l, int) and l % q == 0 and q * len(rows_) * nv <= 120
                            ),
                            1,
                        )
                        if isinstance(l, int) and l == un:
                            return body(
                                ptr,
                                f.mul(pflat, l) if not isinstance(pflat, int) else pflat * l,
                                accs,
                                un,
                                x,
                            )
                        base = f.mul(pflat, l)
                        with f.loop(0, l, un, [(vt, q) for q in accs]) as (i, st):
                            q = f.e(f"getelementptr {t}, ptr {ptr}, i64 {f.mul(i, ac[x])}")
                            st.next = body(q, f.add(base, i), st.names, un, x)
                        return st.names
                    x, l = which[0], lens_[0]
                    with f.loop(0, l, 1, [(vt, q) for q in accs]) as (i, st):
                        q = f.e(f"getelementptr {t}, ptr {ptr}, i64 {f.mul(i, ac[x])}")
                        st.next = k_nest(
                            lens_[1:], which[1:], q, f.add(f.mul(pflat, l), i), st.names
                        )
                    return st.names

                def body(ptr: str, flatk: Any, accs: list[str], un: int, x: Any) -> list[str]:
                    accs = list(accs)
                    pb = f.e(f"getelementptr {t}, ptr {panel}, i64 {f.mul(flatk, nr)}")
                    for uu in range(un):
                        bs = []
                        for j in range(nv):
                            q = f.e(f"getelementptr {t}, ptr {pb}, i64 {uu * nr + j * w}")
                            bs.append(
                                f.e(
                                    f"load {vt}, ptr {q}, align {d.itemsize * (w if w * d.itemsize <= 64 else 1)}"
                                )
                            )
                        for r, off in enumerate(roff):
                            q = f.e(
                                f"getelementptr {t}, ptr {ptr}, i64 {off + uu * (ac[x] if x is not None else 0)}"
                            )
                            s = f.e(f"load {t}, ptr {q}, align {d.itemsize}")
                            sv = probe.splat(s, t)
                            for j in range(nv):
                                accs[r * nv + j] = probe.intrinsic(
                                    "fma", d, sv, bs[j], accs[r * nv + j]
                                )
                    return accs

                # collapse inner k dims where a allows it
                g_inner, g_len = [], []
                for x, l in zip(inner, ilen):
                    if (
                        g_inner
                        and isinstance(l, int)
                        and ac[g_inner[-1]] == ac[x] * l
                        and isinstance(g_len[-1], int)
                        and not (kb and g_inner[-1] == kb[0] and not isinstance(k_len, int))
                    ):
                        g_len[-1] *= l
                        g_inner[-1] = x
                    else:
                        g_inner.append(x)
                        g_len.append(l)
                accs = k_nest(g_len, g_inner, aptr, 0, init)
                finish(rows_, accs, w, vt)

            def finish(rows_: list[tuple[int, int]], accs: list[str], w: int, vt: str) -> None:
                def out_index(i2: int, i1: int, j: int) -> list[Any]:
                    idx: list[Any] = [0] * len(k.out.shape)
                    for x, i in index.items():
                        if x in rank_of:
                            extra = (
                                (i2 if x == t2 else 0)
                                + (i1 if x == t1 else 0)
                                + (j * w if x == d0 else 0)
                            )
                            idx[rank_of[x]] = f.add(i, extra) if extra else i
                    return idx

                lane_dim = rank_of[d0] if d0 is not None else -1

                def write(add: bool, final: bool) -> None:
                    for r, (i2, i1) in enumerate(rows_):
                        for j in range(nv):
                            mask = _lane_mask(f, w, left, j * w) if left is not None else None
                            lanes = Lanes(f, p, out_index(i2, i1, j), lane_dim, w, mask)
                            v = accs[r * nv + j]
                            ref = make("read", d, (), (k.out.buffer, k.out.offset, k.out.strides))
                            if add:
                                old = lanes.read(ref)
                                v = f.e(f"fadd {vt} {old}, {v}")
                            if final:
                                lanes.override[id(ref)] = v
                                vals = [lanes.emit(s.value) for s in epi]
                                for s, val in zip(epi, vals):
                                    lanes.store(s.target, s.target.strides, val, s.value.dtype)
                            else:
                                lanes.store(plain, plain.strides, v, d)

                if first_block is None:
                    write(False, True)
                    return
                branch(
                    first_block,
                    lambda: write(False, False),
                    lambda: branch(
                        last_block, lambda: write(True, True), lambda: write(True, False)
                    ),
                )

            def branch(cond: str, yes: Any, no: Any) -> None:
                a_, b_, c_ = f.names("y"), f.names("n"), f.names("j")
                f.do(f"br i1 {cond}, label %{a_}, label %{b_}")
                f.label(a_)
                yes()
                f.do(f"br label %{c_}")
                f.label(b_)
                no()
                f.do(f"br label %{c_}")
                f.label(c_)

            rows(0)

        nest(f, okl, [], k_block)
    f.finish()
    return math.prod(lens)


def _rows(n: int, most: int) -> int:
    """Rows of a tile: the fewest leftovers, then the most rows."""
    if n <= most:
        return n
    return (
        max(
            range(max(1, most // 2), most + 1),
            key=lambda r: (-(-(n // r) - (1 if n % r else 0)) * -1, r),
        )
        if False
        else _best(n, most)
    )


def _best(n: int, most: int) -> int:
    def time(r: int) -> float:
        whole, rest = divmod(n, r)
        return (whole * (r + 2.0)) + ((rest + 2.0) if rest else 0)

    return min(range(max(1, most // 2), most + 1), key=lambda r: (time(r), -r))


def _lane_mask(f: Fn, w: int, left: str, start: int) -> str:
    if w == 1:
        return f.e(f"icmp sgt i64 {left}, {start}")
    a = f.e(f"insertelement <{w} x i64> poison, i64 {left}, i32 0")
    s = f.e(f"shufflevector <{w} x i64> {a}, <{w} x i64> poison, <{w} x i32> zeroinitializer")
    return f.e(f"icmp sgt <{w} x i64> {s}, <{', '.join(f'i64 {start + q}' for q in range(w))}>")
