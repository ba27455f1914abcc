"""LLVM IR of expressions, for one element or for a vector of neighbouring elements."""

from __future__ import annotations

import math
from typing import Any

from chainrule import dtypes as dt
from chainrule.dtypes import DType
from ..expr import Expr, View, walk
from .function import LLVM, Fn, Pointers, fconst


class Lanes:
    """Emit expressions for ``width`` lanes along one loop index (width 1: a scalar)."""

    def __init__(
        self,
        f: Fn,
        pointers: "Pointers",
        index: list[Any],
        lane_dim: int,
        width: int,
        mask: str | None,
    ) -> None:
        self.f, self.p, self.index, self.lane, self.w, self.mask = (
            f,
            pointers,
            index,
            lane_dim,
            width,
            mask,
        )
        self.memo: dict[int, str] = {}
        self.override: dict[int, str] = {}

    def ty(self, d: DType, register: bool = True) -> str:
        t = "i1" if register and d is dt.bool else LLVM[d.name]
        return t if self.w == 1 else f"<{self.w} x {t}>"

    def splat(self, value: str, scalar_type: str) -> str:
        if self.w == 1:
            return value
        a = self.f.e(
            f"insertelement <{self.w} x {scalar_type}> poison, {scalar_type} {value}, i32 0"
        )
        return self.f.e(
            f"shufflevector <{self.w} x {scalar_type}> {a}, <{self.w} x {scalar_type}> poison, <{self.w} x i32> zeroinitializer"
        )

    def const(self, value: Any, d: DType) -> str:
        if d.is_floating:
            c, t = fconst(value, d), LLVM[d.name]
        elif d is dt.bool:
            c, t = ("true" if value else "false"), "i1"
        else:
            c, t = str(int(value)), LLVM[d.name]
        if self.w == 1:
            return c
        return "<" + ", ".join([f"{t} {c}"] * self.w) + ">"

    def affine(self, offset: int, coefs: tuple[int, ...], skip_lane: bool = True) -> Any:
        total: Any = offset
        for k, (c, i) in enumerate(zip(coefs, self.index)):
            if c and not (skip_lane and k == self.lane):
                total = self.f.add(total, self.f.mul(i, c))
        if skip_lane and coefs and self.lane >= 0 and coefs[self.lane]:
            total = self.f.add(total, self.f.mul(self.index[self.lane], coefs[self.lane]))
        return total

    def emit(self, root: Expr) -> str:
        for node in walk([root]):
            if id(node) not in self.memo:
                self.memo[id(node)] = self.override.get(id(node)) or self.node(node)
        return self.memo[id(root)]

    def node(self, n: Expr) -> str:
        if n.kind == "const":
            return self.const(n.payload, n.dtype)
        if n.kind == "read":
            return self.read(n)
        if n.kind == "index":
            return self.lane_index(*n.payload)
        if n.kind == "gather":
            return self.gather(n)
        if n.kind == "cast":
            return self.cast(self.memo[id(n.args[0])], n.args[0].dtype, n.dtype)
        return self.function(n, [self.memo[id(a)] for a in n.args])

    def lane_index(self, offset: int, coefs: tuple[int, ...]) -> str:
        base = self.affine(offset, coefs)
        c = coefs[self.lane] if self.lane >= 0 and coefs else 0
        v = self.splat(str(base), "i64")
        if self.w == 1 or c == 0:
            return v
        steps = "<" + ", ".join(f"i64 {k * c}" for k in range(self.w)) + ">"
        return self.f.e(f"add <{self.w} x i64> {v}, {steps}")

    def read(self, n: Expr) -> str:
        buffer, offset, coefs = n.payload
        f, t = self.f, LLVM[n.dtype.name]
        place = self.affine(offset, coefs)
        ptr = f.e(f"getelementptr {t}, ptr {self.p[buffer]}, i64 {place}")
        c = coefs[self.lane] if self.lane >= 0 and coefs else 0
        if self.w == 1:
            v = f.e(f"load {t}, ptr {ptr}")
        elif c == 0:
            v = self.splat(f.e(f"load {t}, ptr {ptr}"), t)
        elif c == 1:
            if self.mask is None:
                v = f.e(f"load <{self.w} x {t}>, ptr {ptr}, align {n.dtype.itemsize}")
            else:
                v = self.masked_load(ptr, t, n.dtype)
        else:
            steps = "<" + ", ".join(f"i64 {k * c}" for k in range(self.w)) + ">"
            ptrs = f.e(f"getelementptr {t}, ptr {ptr}, <{self.w} x i64> {steps}")
            v = self.gathered(ptrs, t, n.dtype)
        if n.dtype is dt.bool:
            v = f.e(f"trunc {self.ty(dt.bool, False)} {v} to {self.ty(dt.bool)}")
        return v

    def masked_load(self, ptr: str, t: str, d: DType) -> str:
        name = f"llvm.masked.load.v{self.w}{_suffix(t)}.p0"
        self.f.m.declare(
            name, f"declare <{self.w} x {t}> @{name}(ptr, i32, <{self.w} x i1>, <{self.w} x {t}>)"
        )
        return self.f.e(
            f"call <{self.w} x {t}> @{name}(ptr {ptr}, i32 {d.itemsize}, <{self.w} x i1> {self.mask}, <{self.w} x {t}> zeroinitializer)"
        )

    def gathered(self, ptrs: str, t: str, d: DType) -> str:
        name = f"llvm.masked.gather.v{self.w}{_suffix(t)}.v{self.w}p0"
        self.f.m.declare(
            name,
            f"declare <{self.w} x {t}> @{name}(<{self.w} x ptr>, i32, <{self.w} x i1>, <{self.w} x {t}>)",
        )
        ones = "<" + ", ".join(["i1 true"] * self.w) + ">"
        return self.f.e(
            f"call <{self.w} x {t}> @{name}(<{self.w} x ptr> {ptrs}, i32 {d.itemsize}, <{self.w} x i1> {self.mask or ones}, <{self.w} x {t}> zeroinitializer)"
        )

    def gather(self, n: Expr) -> str:
        base, idx = n.args
        buffer, offset, coefs = base.payload
        f, t = self.f, LLVM[n.dtype.name]
        i = self.memo[id(idx)]
        it = LLVM[idx.dtype.name]
        if it != "i64":
            i = f.e(f"sext {self.ty(idx.dtype)} {i} to {self.ty(dt.int64)}")
        place = f.e(f"mul {self.ty(dt.int64)} {i}, {self.const(n.payload, dt.int64)}")
        if self.w == 1:
            total = f.add(self.affine(offset, coefs), place)
            ptr = f.e(f"getelementptr {t}, ptr {self.p[buffer]}, i64 {total}")
            return f.e(f"load {t}, ptr {ptr}")
        at = f.e(f"add <{self.w} x i64> {place}, {self.lane_index(offset, coefs)}")
        ptrs = f.e(f"getelementptr {t}, ptr {self.p[buffer]}, <{self.w} x i64> {at}")
        return self.gathered(ptrs, t, n.dtype)

    def store(self, target: View, coefs: tuple[int, ...], value: str, d: DType) -> None:
        f, t = self.f, LLVM[d.name]
        if d is dt.bool:
            value = f.e(f"zext {self.ty(dt.bool)} {value} to {self.ty(dt.bool, False)}")
        place = self.affine(target.offset, coefs)
        ptr = f.e(f"getelementptr {t}, ptr {self.p[target.buffer]}, i64 {place}")
        c = coefs[self.lane] if self.lane >= 0 and coefs else 0
        if self.w == 1:
            f.do(f"store {t} {value}, ptr {ptr}")
        elif c == 1 and self.mask is None:
            f.do(f"store <{self.w} x {t}> {value}, ptr {ptr}, align {d.itemsize}")
        elif c == 1:
            name = f"llvm.masked.store.v{self.w}{_suffix(t)}.p0"
            f.m.declare(name, f"declare void @{name}(<{self.w} x {t}>, ptr, i32, <{self.w} x i1>)")
            f.do(
                f"call void @{name}(<{self.w} x {t}> {value}, ptr {ptr}, i32 {d.itemsize}, <{self.w} x i1> {self.mask})"
            )
        else:
            steps = "<" + ", ".join(f"i64 {k * c}" for k in range(self.w)) + ">"
            ptrs = f.e(f"getelementptr {t}, ptr {ptr}, <{self.w} x i64> {steps}")
            name = f"llvm.masked.scatter.v{self.w}{_suffix(t)}.v{self.w}p0"
            f.m.declare(
                name,
                f"declare void @{name}(<{self.w} x {t}>, <{self.w} x ptr>, i32, <{self.w} x i1>)",
            )
            ones = "<" + ", ".join(["i1 true"] * self.w) + ">"
            f.do(
                f"call void @{name}(<{self.w} x {t}> {value}, <{self.w} x ptr> {ptrs}, i32 {d.itemsize}, <{self.w} x i1> {self.mask or ones})"
            )

    def cast(self, v: str, a: DType, b: DType) -> str:
        f, ta, tb = self.f, self.ty(a), self.ty(b)
        if b is dt.bool:
            op = "fcmp une" if a.is_floating else "icmp ne"
            return f.e(f"{op} {ta} {v}, {self.const(0, a)}")
        signed = a.kind == "int"
        if a.is_floating and b.is_floating:
            return f.e(f"{'fpext' if b.itemsize > a.itemsize else 'fptrunc'} {ta} {v} to {tb}")
        if b.is_floating:
            return f.e(f"{'sitofp' if signed else 'uitofp'} {ta} {v} to {tb}")
        if a.is_floating:
            return f.e(f"{'fptosi' if b.kind == 'int' else 'fptoui'} {ta} {v} to {tb}")
        if a.itemsize == b.itemsize and a is not dt.bool:
            return v
        if b.itemsize < a.itemsize:
            return f.e(f"trunc {ta} {v} to {tb}")
        return f.e(f"{'sext' if signed else 'zext'} {ta} {v} to {tb}")

    def intrinsic(self, name: str, d: DType, *args: str) -> str:
        t = self.ty(d)
        suffix = ("f32" if d is dt.float32 else "f64") if d.is_floating else LLVM[d.name]
        full = f"llvm.{name}.{suffix}" if self.w == 1 else f"llvm.{name}.v{self.w}{suffix}"
        self.f.m.declare(full, f"declare {t} @{full}({', '.join([t] * len(args))})")
        return self.f.e(f"call {t} @{full}({', '.join(f'{t} {a}' for a in args)})")

    def function(self, n: Expr, a: list[str]) -> str:
        f, d = self.f, n.args[0].dtype
        t, fl = self.ty(d), d.is_floating
        k = n.kind
        binary = {
            "add": ("fadd", "add"),
            "sub": ("fsub", "sub"),
            "mul": ("fmul", "mul"),
            "div": ("fdiv", "sdiv"),
        }
        if k in binary:
            return f.e(f"{binary[k][0 if fl else 1]} {t} {a[0]}, {a[1]}")
        compare = {
            "eq": ("oeq", "eq"),
            "ne": ("une", "ne"),
            "lt": ("olt", "slt"),
            "le": ("ole", "sle"),
            "gt": ("ogt", "sgt"),
            "ge": ("oge", "sge"),
        }
        if k in compare:
            p = compare[k][0 if fl else 1]
            if not fl and d.kind in ("uint", "bool") and p[0] == "s":
                p = "u" + p[1:]
            return f.e(f"{'fcmp' if fl else 'icmp'} {p} {t} {a[0]}, {a[1]}")
        if k in ("and", "or", "xor", "shl"):
            return f.e(f"{k} {t} {a[0]}, {a[1]}")
        if k == "shr":
            return f.e(f"{'ashr' if d.kind == 'int' else 'lshr'} {t} {a[0]}, {a[1]}")
        if k == "neg":
            return (
                f.e(f"fneg {t} {a[0]}")
                if fl
                else f.e(f"sub {t} zeroinitializer, {a[0]}" if self.w > 1 else f"sub {t} 0, {a[0]}")
            )
        if k == "not":
            return f.e(f"xor {t} {a[0]}, {self.const(1 if d is dt.bool else -1, d)}")
        if k == "where":
            tv = self.ty(n.dtype)
            ct = self.ty(dt.bool)
            return f.e(f"select {ct} {a[0]}, {tv} {a[1]}, {tv} {a[2]}")
        if k in ("maximum", "minimum"):
            if not fl:
                return self.intrinsic(("s" if d.kind == "int" else "u") + k[:3], d, *a)
            # NaN wins: x > y or x is NaN takes x
            c = f.e(f"fcmp {'ugt' if k == 'maximum' else 'ult'} {t} {a[0]}, {a[1]}")
            first = f.e(f"select {self.ty(dt.bool)} {c}, {t} {a[0]}, {t} {a[1]}")
            if n.args[1].kind == "const":
                return self.nan_first(first, a[0], t)
            return self.nan_first(first, a[0], t)
        if k == "abs":
            return self.intrinsic("fabs", d, a[0]) if fl else self.int_abs(a[0], t)
        if k in ("floor", "ceil", "trunc", "sqrt", "sin", "cos") and fl:
            return self.intrinsic(k, d, a[0])
        if k in ("floor", "ceil", "trunc", "round"):
            return self.intrinsic("roundeven", d, a[0]) if fl else a[0]
        if k == "copysign":
            return self.intrinsic("copysign", d, a[0], a[1])
        if k == "isnan":
            return f.e(f"fcmp uno {t} {a[0]}, {a[0]}")
        if k == "sign":
            z = self.const(0, d)
            pos = f.e(f"fcmp ogt {t} {a[0]}, {z}")
            neg = f.e(f"fcmp olt {t} {a[0]}, {z}")
            x = f.e(f"select {self.ty(dt.bool)} {pos}, {t} {self.const(1, d)}, {t} {z}")
            return f.e(f"select {self.ty(dt.bool)} {neg}, {t} {self.const(-1, d)}, {t} {x}")
        if k == "exp" and d is dt.float32:
            return self.exp32(a[0])
        if k == "log" and d is dt.float32:
            return self.log32(a[0])
        if k == "tanh" and d is dt.float32:
            return self.tanh32(a[0])
        if k in ("exp", "log", "pow"):
            return self.intrinsic(k, d, *a)
        raise NotImplementedError(f"scalar {k} of {d}")

    def nan_first(self, value: str, x: str, t: str) -> str:
        return value

    # --- elementary functions --------------------------------------------------------------

    def c(self, v: float) -> str:
        return self.const(v, dt.float32)

    def fma(self, a: str, b: str, c: str) -> str:
        return self.intrinsic("fma", dt.float32, a, b, c)

    def exp32(self, x: str) -> str:
        """e**x: 2**n * P(r), |r| <= ln2/2; overflow gives infinity, underflow 0."""
        f, t = self.f, self.ty(dt.float32)
        x0 = x
        hi, lo = self.c(89.0), self.c(-104.0)
        g = f.e(f"fcmp olt {t} {x}, {hi}")
        x = f.e(f"select {self.ty(dt.bool)} {g}, {t} {x}, {t} {hi}")
        g = f.e(f"fcmp ogt {t} {x}, {lo}")
        x = f.e(f"select {self.ty(dt.bool)} {g}, {t} {x}, {t} {lo}")
        n = self.intrinsic(
            "roundeven", dt.float32, f.e(f"fmul {t} {x}, {self.c(1.4426950408889634)}")
        )
        r = self.fma(n, self.c(-0.693145751953125), x)
        r = self.fma(n, self.c(-1.428606765330187045e-06), r)
        p = self.c(1 / 5040)
        for coef in (1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0):
            p = self.fma(p, r, self.c(coef))
        it = f"<{self.w} x i32>" if self.w > 1 else "i32"
        ni = f.e(f"fptosi {t} {n} to {it}")
        ic = lambda v: ("<" + ", ".join([f"i32 {v}"] * self.w) + ">") if self.w > 1 else str(v)
        h = f.e(f"ashr {it} {ni}, {ic(1)}")
        rest = f.e(f"sub {it} {ni}, {h}")
        for part in (h, rest):  # in two factors, so that neither overflows
            b = f.e(f"shl {it} {f.e(f'add {it} {part}, {ic(127)}')}, {ic(23)}")
            p = f.e(f"fmul {t} {p}, {f.e(f'bitcast {it} {b} to {t}')}")
        nan = f.e(f"fcmp uno {t} {x0}, {x0}")
        return f.e(f"select {self.ty(dt.bool)} {nan}, {t} {x0}, {t} {p}")

    def log32(self, x: str) -> str:
        f, t = self.f, self.ty(dt.float32)
        it = f"<{self.w} x i32>" if self.w > 1 else "i32"
        ic = lambda v: ("<" + ", ".join([f"i32 {v}"] * self.w) + ">") if self.w > 1 else str(v)
        b1 = self.ty(dt.bool)
        tiny = f.e(f"fcmp olt {t} {x}, {self.c(1.1754943508222875e-38)}")
        xs = f.e(f"fmul {t} {x}, {self.c(8388608.0)}")
        y = f.e(f"select {b1} {tiny}, {t} {xs}, {t} {x}")
        bits = f.e(f"bitcast {t} {y} to {it}")
        off = f.e(f"sub {it} {bits}, {ic(0x3F3504F3)}")
        ex = f.e(f"ashr {it} {off}, {ic(23)}")
        mant = f.e(f"sub {it} {bits}, {f.e(f'shl {it} {ex}, {ic(23)}')}")
        m = f.e(f"bitcast {it} {mant} to {t}")
        k = f.e(f"sitofp {it} {ex} to {t}")
        k = f.e(
            f"fsub {t} {k}, {f.e(f'select {b1} {tiny}, {t} {self.c(23.0)}, {t} {self.c(0.0)}')}"
        )
        # log(m) = 2 atanh(s), s = (m-1)/(m+1)
        num = f.e(f"fsub {t} {m}, {self.c(1.0)}")
        den = f.e(f"fadd {t} {m}, {self.c(1.0)}")
        s = f.e(f"fdiv {t} {num}, {den}")
        z = f.e(f"fmul {t} {s}, {s}")
        p = self.c(2 / 9)
        for coef in (2 / 7, 2 / 5, 2 / 3):
            p = self.fma(p, z, self.c(coef))
        p = f.e(f"fmul {t} {p}, {z}")
        r = self.fma(p, s, f.e(f"fmul {t} {s}, {self.c(2.0)}"))
        r = self.fma(k, self.c(0.6931471805599453), r)
        zero = f.e(f"fcmp oeq {t} {x}, {self.c(0.0)}")
        r = f.e(f"select {b1} {zero}, {t} {self.c(-math.inf)}, {t} {r}")
        inf = f.e(f"fcmp oeq {t} {x}, {self.c(math.inf)}")
        r = f.e(f"select {b1} {inf}, {t} {x}, {t} {r}")
        bad = f.e(f"fcmp ult {t} {x}, {self.c(0.0)}")
        return f.e(f"select {b1} {bad}, {t} {self.c(math.nan)}, {t} {r}")

    def tanh32(self, x: str) -> str:
        f, t, b1 = self.f, self.ty(dt.float32), self.ty(dt.bool)
        a = self.intrinsic("fabs", dt.float32, x)
        e = self.exp32(f.e(f"fmul {t} {a}, {self.c(-2.0)}"))
        big = f.e(
            f"fdiv {t} {f.e(f'fsub {t} {self.c(1.0)}, {e}')}, {f.e(f'fadd {t} {self.c(1.0)}, {e}')}"
        )
        z = f.e(f"fmul {t} {x}, {x}")
        p = self.c(62 / 2835 * -1 * -1)
        for coef in (-17 / 315, 2 / 15, -1 / 3, 1.0):
            p = self.fma(p, z, self.c(coef))
        small = f.e(f"fmul {t} {p}, {a}")
        near = f.e(f"fcmp olt {t} {a}, {self.c(0.3)}")
        r = f.e(f"select {b1} {near}, {t} {small}, {t} {big}")
        return self.intrinsic("copysign", dt.float32, r, x)


def _suffix(t: str) -> str:
    return {"float": "f32", "double": "f64"}.get(t, t)
