"""tinygrad's side: TinyJit of the whole training step, on the CPU device (clang is needed).

``CC=clang-19`` names a compiler that is not called clang.
"""
# ruff: noqa: E402  (threads are limited before the framework is imported)

from __future__ import annotations

import os

import common

SKIP = {}
args = common.parse_args("tinygrad", ["jit"], SKIP)
os.environ["DEV"] = "CPU"

import numpy as np
from tinygrad import Context, Device, Tensor, TinyJit
from tinygrad.nn.optim import SGD, AdamW


class Ops:
    """A workload's operators over a dict of parameters and running statistics."""

    def __init__(self, p, running, training, use_dropout):
        self.p, self.running = p, running
        self.training, self.use_dropout = training, use_dropout

    def conv(self, x, name, cout, k, stride=1, pad=0, bias=True):
        return x.conv2d(self.p[name + "_w"], self.p.get(name + "_b"), stride=stride, padding=pad)

    def linear(self, x, name, n, std=None):
        return x.linear(self.p[name + "_w"].T, self.p[name + "_b"])

    def bn(self, x, name):
        mean, var = self.running[name]
        if self.training:
            mean, var = self._batch_statistics(x, name)
        scale = (var + common.NORM_EPS).rsqrt()
        return x.batchnorm(self.p[name + "_w"], self.p[name + "_b"], mean, scale)

    def _batch_statistics(self, x, name):
        mean = x.mean((0, 2, 3))
        var = (x - mean.detach().reshape(1, -1, 1, 1)).square().mean((0, 2, 3))
        n = x.shape[0] * x.shape[2] * x.shape[3]
        keep, take = 1 - common.NORM_MOMENTUM, common.NORM_MOMENTUM
        for held, batch in zip(self.running[name], (mean, var * (n / (n - 1))), strict=True):
            held.assign(keep * held + take * batch.detach())
        return mean, var

    def layernorm(self, x, name):
        return x.layernorm(eps=common.NORM_EPS) * self.p[name + "_w"] + self.p[name + "_b"]

    def maxpool(self, x, k, stride, pad=0, ceil=False):
        return x.max_pool2d((k, k), stride, padding=pad, ceil_mode=ceil)

    def embed(self, x, name, n, d):
        return self.p[name + "_w"][x]

    def add_pos(self, x, name):
        return x + self.p[name + "_w"]

    def attention(self, qkv, heads):
        b, t, d = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
        q, k, v = qkv.reshape(b, t, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
        y = q.scaled_dot_product_attention(k, v, is_causal=True)
        return y.transpose(1, 2).reshape(b, t, d)

    def lstm(self, x, name, hidden):
        wi, wh, bi, bh = (self.p[name + s] for s in ("_wi", "_wh", "_bi", "_bh"))
        h = c = Tensor.zeros(x.shape[0], hidden)
        each_step = x.linear(wi.T, bi + bh)
        for t in range(x.shape[1]):
            i, f, g, o = (each_step[:, t] + h.linear(wh.T)).chunk(4, 1)
            c = (f.sigmoid() * c + i.sigmoid() * g.tanh()).contiguous()
            h = (o.sigmoid() * c.tanh()).contiguous()
        return h

    def flatten(self, x):
        return x.flatten(1)

    def concat(self, xs):
        return xs[0].cat(*xs[1:], dim=1)

    def global_avgpool(self, x):
        return x.mean((2, 3))

    def relu(self, x):
        return x.relu()

    def gelu(self, x):
        return x.gelu()

    def lrn(self, x, size, alpha, beta, k):
        energy = x.square().pad((None, (size // 2, (size - 1) // 2), None, None))
        total = sum(energy[:, j : j + x.shape[1]] for j in range(size))
        return x * (k + alpha / size * total).pow(-beta)

    def dropout(self, x, rate):
        return x.dropout(rate) if self.use_dropout else x

    def add(self, a, b):
        return a + b


class Runner:
    """A captured function."""

    def __init__(self, function):
        self.function = function

    def step(self):
        out = self.function()
        Device[Device.DEFAULT].synchronize()
        return out

    def loss(self, handle):
        return handle.square().mean().item() if handle.ndim else handle.item()


def make_optimizer(w, p):
    parameters = [t.is_param_() for t in p.values()]
    if w.optimizer == "sgd":
        return SGD(parameters, lr=common.LR, momentum=common.MOMENTUM)
    a = common.ADAMW
    return AdamW(parameters, a["lr"], a["b1"], a["b2"], a["eps"], weight_decay=a["wd"])


def build_net(args, w, init, x, y):
    p = {n: Tensor(a).contiguous().realize() for n, a in init.items()}
    running = {
        n: (Tensor.zeros(c).contiguous().realize(), Tensor.ones(c).contiguous().realize())
        for n, c in w.describe().stats.items()
    }
    x, y = Tensor(x).realize(), Tensor(y.astype(np.int32)).realize()
    ops = Ops(p, running, not w.infer, not w.infer and not args.no_dropout)
    if w.infer:
        return Runner(TinyJit(lambda: w.model(ops, x).realize()))
    optimizer = make_optimizer(w, p)
    statistics = [t for pair in running.values() for t in pair]

    @TinyJit
    def train():
        with Context(TRAINING=1):
            optimizer.zero_grad()
            logits = w.model(ops, x)
            loss = logits.reshape(-1, logits.shape[-1]).sparse_categorical_crossentropy(
                y.reshape(-1)
            )
            loss.backward()
            return loss.realize(*optimizer.schedule_step(), *statistics)

    return Runner(train)


def build_scalar(args):
    x, y, z = (Tensor([v]).realize() for v in (1.0, -3.0, 4.0))

    @TinyJit
    def run(x, y, z):
        f = (x + y) * z
        gradients = f.sum().gradient(x, y, z)
        Tensor.realize(f, *gradients)
        return f, *gradients

    def numbers():
        f, *gradients = (t.item() for t in run(x, y, z))
        return f, gradients

    return numbers


class Held:
    """A tensor that becomes an array when it is looked at."""

    def __init__(self, held):
        self.held = held

    def __array__(self, dtype=None, copy=None):
        return self.held.numpy()


def build_relu_jac(args, x, g):
    x, g = Tensor(x).realize(), Tensor(g).realize()

    @TinyJit
    def both(x, g):
        y = x.relu()
        (dx,) = y.gradient(x, gradient=g)
        Tensor.realize(y, dx)
        return y, dx

    def run():
        y, dx = both(x, g)
        Device[Device.DEFAULT].synchronize()
        return Held(y), Held(dx)

    return run


common.main(args, build_net, build_scalar, build_relu_jac)
