"""Shapes of a model: a walk that lists its parameters, draws their values and counts FLOPs.

Canonical layout of parameters (that on disk): weights of convolutions are OIHW, of linear layers
(out, in). Peers convert when they load.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Param:
    shape: tuple[int, ...]
    kind: str  # "conv", "linear" or "other"
    init: str  # "normal", "uniform", "ones" or "zeros"
    scale: float = 0.0
    chw: tuple[int, int, int] | None = None


class _Flat(tuple):
    """Shape of a flattened feature map; remembers its (C, H, W)."""

    chw: tuple[int, int, int] | None = None


class ShapeOps:
    """Runs a model on per-sample shapes: images (C,H,W), vectors (F,), sequences (T,F)."""

    def __init__(self) -> None:
        self.params: dict[str, Param] = {}
        self.stats: dict[str, int] = {}  # batch norm name -> channels
        self.flops = 0  # forward, per sample, multiply-add = 2
        self.random = False  # whether losses depend on a generator

    def _add(self, name, shape, kind="other", init="normal", scale=0.0, chw=None):
        self.params[name] = Param(tuple(shape), kind, init, scale, chw)

    def conv(self, x, name, cout, k, stride=1, pad=0, bias=True):
        c, h, w = x
        self._add(name + "_w", (cout, c, k, k), "conv", scale=(2 / (c * k * k)) ** 0.5)
        if bias:
            self._add(name + "_b", (cout,), init="zeros")
        ho, wo = ((s + 2 * pad - k) // stride + 1 for s in (h, w))
        self.flops += 2 * cout * ho * wo * c * k * k
        return (cout, ho, wo)

    def linear(self, x, name, n, std=None):
        f = x[-1]
        self._add(
            name + "_w", (n, f), "linear", scale=std or (2 / f) ** 0.5, chw=getattr(x, "chw", None)
        )
        self._add(name + "_b", (n,), init="zeros")
        self.flops += 2 * n * int(np.prod(x))
        return (*x[:-1], n)

    def bn(self, x, name):
        self._add(name + "_w", (x[0],), init="ones")
        self._add(name + "_b", (x[0],), init="zeros")
        self.stats[name] = x[0]
        return x

    def layernorm(self, x, name):
        self._add(name + "_w", (x[-1],), init="ones")
        self._add(name + "_b", (x[-1],), init="zeros")
        return x

    def maxpool(self, x, k, stride, pad=0, ceil=False):
        c, h, w = x
        return (c, *(pool_out(s, k, stride, pad, ceil) for s in (h, w)))

    def embed(self, x, name, n, d):
        self._add(name + "_w", (n, d), scale=0.02)
        return (*x, d)

    def add_pos(self, x, name):
        self._add(name + "_w", x, scale=0.02)
        return x

    def attention(self, qkv, heads):
        t, d = qkv[0], qkv[1] // 3
        self.flops += 4 * t * t * d
        return (t, d)

    def lstm(self, x, name, hidden):
        t, f = x
        scale = hidden**-0.5
        self._add(name + "_wi", (4 * hidden, f), "other", "uniform", scale)
        self._add(name + "_wh", (4 * hidden, hidden), "other", "uniform", scale)
        self._add(name + "_bi", (4 * hidden,), "other", "uniform", scale)
        self._add(name + "_bh", (4 * hidden,), "other", "uniform", scale)
        self.flops += 2 * t * 4 * hidden * (f + hidden)
        return (hidden,)

    def flatten(self, x):
        flat = _Flat((int(np.prod(x)),))
        flat.chw = tuple(x)
        return flat

    def concat(self, xs):
        return (sum(x[0] for x in xs), *xs[0][1:])

    def global_avgpool(self, x):
        return (x[0],)

    def relu(self, x):
        return x

    gelu = relu

    def lrn(self, x, size, alpha, beta, k):
        return x

    def dropout(self, x, rate):
        self.random = True
        return x

    def add(self, a, b):
        assert a == b, (a, b)
        return a


def pool_out(size: int, k: int, stride: int, pad: int, ceil: bool) -> int:
    span = size + 2 * pad - k
    return (-(-span // stride) if ceil else span // stride) + 1


def pool_ceil_extra(size: int, k: int, stride: int, pad: int, ceil: bool) -> int:
    """Extra bottom/right padding that makes floor pooling give the ceil-mode size."""
    return max(0, (pool_out(size, k, stride, pad, ceil) - 1) * stride + k - size - 2 * pad)
