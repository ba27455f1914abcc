"""MLX's side: mx.compile of the whole training step, channels last, on the CPU device.

The compiled mode needs g++. The wheel for Linux brings the reference BLAS, which is many times
slower than others: ``LD_PRELOAD=libopenblas.so.0`` puts a fast one in its place.
"""
# ruff: noqa: E402  (threads are limited before the framework is imported)

from __future__ import annotations

import common

SKIP = {}
args = common.parse_args("mlx", ["compile", "eager"], SKIP)

import functools

import mlx.core as mx
import numpy as np
import shapes
from mlx import nn, optimizers

mx.set_default_device(mx.cpu)


class Ops:
    """A workload's operators over a dict of parameters; batch statistics go to ``stats``."""

    def __init__(self, p, training, use_dropout):
        self.p, self.training, self.use_dropout, self.stats = p, training, use_dropout, {}

    def conv(self, x, name, cout, k, stride=1, pad=0, bias=True):
        y = mx.conv2d(x, self.p[name + "_w"], stride, pad)
        return y + self.p[name + "_b"] if bias else y

    def linear(self, x, name, n, std=None):
        return mx.addmm(self.p[name + "_b"], x, self.p[name + "_w"].T)

    def bn(self, x, name):
        mean, var = 0.0, mx.array(1.0)  # the running statistics that training starts from
        if self.training:
            mean, var = mx.mean(x, (0, 1, 2)), mx.var(x, (0, 1, 2))
            self.stats[name] = (mean, var)
        scale = mx.rsqrt(var + common.NORM_EPS) * self.p[name + "_w"]
        return (x - mean) * scale + self.p[name + "_b"]

    def layernorm(self, x, name):
        return mx.fast.layer_norm(x, self.p[name + "_w"], self.p[name + "_b"], common.NORM_EPS)

    def maxpool(self, x, k, stride, pad=0, ceil=False):
        high = [pad + shapes.pool_ceil_extra(s, k, stride, pad, ceil) for s in x.shape[1:3]]
        if pad or any(high):
            around = [(0, 0), *((pad, end) for end in high), (0, 0)]
            x = mx.pad(x, around, constant_values=-float("inf"))
        return nn.MaxPool2d(k, stride)(x)

    def embed(self, x, name, n, d):
        return self.p[name + "_w"][x]

    def add_pos(self, x, name):
        return x + self.p[name + "_w"]

    def attention(self, qkv, heads):
        b, t, d = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
        parts = qkv.reshape(b, t, 3, heads, d // heads).transpose(2, 0, 3, 1, 4)
        scale = (d // heads) ** -0.5
        y = mx.fast.scaled_dot_product_attention(*parts, scale=scale, mask="causal")
        return y.transpose(0, 2, 1, 3).reshape(b, t, d)

    def lstm(self, x, name, hidden):
        wi, wh, bi, bh = (self.p[name + s] for s in ("_wi", "_wh", "_bi", "_bh"))
        h = c = mx.zeros((x.shape[0], hidden))
        each_step = mx.addmm(bi + bh, x, wi.T)
        for t in range(x.shape[1]):
            i, f, g, o = mx.split(mx.addmm(each_step[:, t], h, wh.T), 4, -1)
            c = mx.sigmoid(f) * c + mx.sigmoid(i) * mx.tanh(g)
            h = mx.sigmoid(o) * mx.tanh(c)
        return h

    def flatten(self, x):
        return x.reshape(x.shape[0], -1)

    def concat(self, xs):
        return mx.concatenate(xs, -1)

    def global_avgpool(self, x):
        return mx.mean(x, (1, 2))

    def relu(self, x):
        return mx.maximum(x, 0)

    def gelu(self, x):
        return nn.gelu_approx(x)

    def lrn(self, x, size, alpha, beta, k):
        energy = mx.pad(x * x, [(0, 0)] * 3 + [(size // 2, (size - 1) // 2)])
        total = sum(energy[..., j : j + x.shape[-1]] for j in range(size))
        return x * (k + alpha / size * total) ** -beta

    def dropout(self, x, rate):
        if not self.use_dropout:
            return x
        return mx.where(mx.random.bernoulli(1 - rate, x.shape), x / (1 - rate), 0)

    def add(self, a, b):
        return a + b


class Runner:
    """A function, and the arrays that it changes."""

    def __init__(self, function, state):
        self.function, self.state = function, state

    def step(self):
        out = self.function()
        mx.eval(out, self.state)
        return out

    def loss(self, handle):
        return mx.mean(handle**2).item() if handle.ndim else handle.item()


def make_optimizer(w):
    if w.optimizer == "sgd":
        return optimizers.SGD(common.LR, common.MOMENTUM)
    a = common.ADAMW
    return optimizers.AdamW(a["lr"], [a["b1"], a["b2"]], a["eps"], a["wd"], bias_correction=True)


def build_net(args, w, init, x, y):
    description = w.describe()
    p = {
        n: mx.array(common.channels_last(a, description.params[n], (0, 2, 3, 1)))
        for n, a in init.items()
    }
    x, y = mx.array(common.images_last(x)), mx.array(y)
    wrap = mx.compile if args.mode == "compile" else lambda function, **_: function
    if w.infer:
        run = wrap(lambda x: w.model(Ops(p, False, False), x))
        return Runner(lambda: run(x), [])
    optimizer = make_optimizer(w)
    optimizer.init(p)
    running = {n: (mx.zeros(c), mx.ones(c)) for n, c in description.stats.items()}
    state = [p, optimizer.state, running, mx.random.state]

    def loss_fn(p):
        ops = Ops(p, True, not args.no_dropout)
        logits = w.model(ops, x)
        logits = logits.reshape(-1, logits.shape[-1])
        return nn.losses.cross_entropy(logits, y.reshape(-1), reduction="mean"), ops.stats

    @functools.partial(wrap, inputs=state, outputs=state)
    def train():
        (loss, stats), g = mx.value_and_grad(loss_fn)(p)
        p.update(optimizer.apply_gradients(g, p))
        keep, take = 1 - common.NORM_MOMENTUM, common.NORM_MOMENTUM
        for n, batch in stats.items():
            pairs = zip(running[n], batch, strict=True)
            running[n] = tuple(keep * held + take * new for held, new in pairs)
        return loss

    return Runner(train, state)


def build_scalar(args):
    value_and_grad = mx.value_and_grad(lambda x, y, z: (x + y) * z, (0, 1, 2))
    run = mx.compile(value_and_grad) if args.mode == "compile" else value_and_grad
    xs = [mx.array(v) for v in (1.0, -3.0, 4.0)]

    def numbers():
        f, gradients = run(*xs)
        mx.eval(f, gradients)
        return f.item(), [g.item() for g in gradients]

    return numbers


def build_relu_jac(args, x, g):
    x, g = mx.array(x), mx.array(g)

    def both(x, g):
        (y,), (dx,) = mx.vjp(lambda x: mx.maximum(x, 0), [x], [g])
        return y, dx

    both = mx.compile(both) if args.mode == "compile" else both

    def run():
        y, dx = both(x, g)
        mx.eval(y, dx)
        return np.array(y, copy=False), np.array(dx, copy=False)

    return run


common.main(args, build_net, build_scalar, build_relu_jac)
