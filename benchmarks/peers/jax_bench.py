"""JAX's side: jax.jit of the whole training step, channels last, buffers donated."""
# ruff: noqa: E402  (threads are limited before the framework is imported)

from __future__ import annotations

import common

args = common.parse_args("jax", ["jit"])

import functools

import jax
import jax.numpy as jnp
import shapes
from jax import lax

LAYOUT = ("NHWC", "HWIO", "NHWC")


class Ops:
    """A workload's operators over a dict of parameters; batch statistics go to ``stats``."""

    def __init__(self, p, training, dropout_key=None):
        self.p, self.training, self.dropout_key, self.stats = p, training, dropout_key, {}

    def conv(self, x, name, cout, k, stride=1, pad=0, bias=True):
        y = lax.conv_general_dilated(
            x, self.p[name + "_w"], (stride, stride), [(pad, pad)] * 2, dimension_numbers=LAYOUT
        )
        return y + self.p[name + "_b"] if bias else y

    def linear(self, x, name, n, std=None):
        return x @ self.p[name + "_w"].T + self.p[name + "_b"]

    def bn(self, x, name):
        mean, var = 0.0, 1.0  # the running statistics that training starts from
        if self.training:
            mean = x.mean((0, 1, 2))
            var = (x * x).mean((0, 1, 2)) - mean * mean
            self.stats[name] = (mean, var)
        scale = lax.rsqrt(var + common.NORM_EPS) * self.p[name + "_w"]
        return (x - mean) * scale + self.p[name + "_b"]

    def layernorm(self, x, name):
        mean = x.mean(-1, keepdims=True)
        var = ((x - mean) ** 2).mean(-1, keepdims=True)
        normal = (x - mean) * lax.rsqrt(var + common.NORM_EPS)
        return normal * self.p[name + "_w"] + self.p[name + "_b"]

    def maxpool(self, x, k, stride, pad=0, ceil=False):
        extra = [shapes.pool_ceil_extra(s, k, stride, pad, ceil) for s in x.shape[1:3]]
        pads = [(0, 0), *((pad, pad + e) for e in extra), (0, 0)]
        return lax.reduce_window(
            x, -jnp.inf, lax.max, (1, k, k, 1), (1, stride, stride, 1), pads
        )  # fmt: skip

    def embed(self, x, name, n, d):
        return self.p[name + "_w"][x]

    def add_pos(self, x, name):
        return x + self.p[name + "_w"]

    def attention(self, qkv, heads):
        b, t, d = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
        q, k, v = jnp.moveaxis(qkv.reshape(b, t, 3, heads, d // heads), 2, 0)
        s = jnp.einsum("bthd,bshd->bhts", q, k) * (d // heads) ** -0.5
        s = jnp.where(jnp.tril(jnp.ones((t, t), bool)), s, -jnp.inf)
        return jnp.einsum("bhts,bshd->bthd", jax.nn.softmax(s, -1), v).reshape(b, t, d)

    def lstm(self, x, name, hidden):
        wi, wh, bi, bh = (self.p[name + s] for s in ("_wi", "_wh", "_bi", "_bh"))

        def cell(carry, z):
            h, c = carry
            i, f, g, o = jnp.split(z + h @ wh.T, 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), None

        zero = jnp.zeros((x.shape[0], hidden), x.dtype)
        (h, _), _ = lax.scan(cell, (zero, zero), jnp.swapaxes(x, 0, 1) @ wi.T + (bi + bh))
        return h

    def flatten(self, x):
        return x.reshape(x.shape[0], -1)

    def concat(self, xs):
        return jnp.concatenate(xs, -1)

    def global_avgpool(self, x):
        return x.mean((1, 2))

    def relu(self, x):
        return jnp.maximum(x, 0)

    def gelu(self, x):
        return jax.nn.gelu(x, approximate=True)

    def lrn(self, x, size, alpha, beta, k):
        window = (1, 1, 1, size)
        s = lax.reduce_window(x * x, 0.0, lax.add, window, (1, 1, 1, 1), "SAME")
        return x * (k + alpha / size * s) ** -beta

    def dropout(self, x, rate):
        if self.dropout_key is None:
            return x
        keep = jax.random.bernoulli(self.dropout_key, 1 - rate, x.shape)
        return jnp.where(keep, x / (1 - rate), 0)

    def add(self, a, b):
        return a + b


class Runner:
    """A compiled function of the state, which it gives back changed, and the data."""

    def __init__(self, function, state, x, y):
        self.function, self.state, self.x, self.y = function, state, x, y

    def step(self):
        self.state, out = self.function(self.state, self.x, self.y)
        return jax.block_until_ready(out)

    def loss(self, handle):
        return float(jnp.mean(handle**2)) if handle.ndim else float(handle)


def sgd(p, velocity, g, t):
    velocity = {n: common.MOMENTUM * velocity[n] + g[n] for n in p}
    return {n: p[n] - common.LR * velocity[n] for n in p}, velocity


def adamw(p, slots, g, t):
    a = common.ADAMW
    m = {n: a["b1"] * slots[0][n] + (1 - a["b1"]) * g[n] for n in p}
    v = {n: a["b2"] * slots[1][n] + (1 - a["b2"]) * g[n] ** 2 for n in p}
    c1, c2 = 1 - a["b1"] ** t, 1 - a["b2"] ** t

    def update(n):
        decayed = p[n] * (1 - a["lr"] * a["wd"])
        return decayed - a["lr"] * (m[n] / c1) / (jnp.sqrt(v[n] / c2) + a["eps"])

    return {n: update(n) for n in p}, (m, v)


def train_step(w, use_dropout, state, x, y):
    p, slots, t, running = state

    def loss_fn(p):
        ops = Ops(p, True, jax.random.key(t) if use_dropout else None)
        logits = w.model(ops, x)
        logits = logits.reshape(-1, logits.shape[-1])
        chosen = jnp.take_along_axis(logits, y.reshape(-1, 1), 1)[:, 0]
        return (jax.nn.logsumexp(logits, -1) - chosen).mean(), ops.stats

    (loss, stats), g = jax.value_and_grad(loss_fn, has_aux=True)(p)
    keep, take = 1 - common.NORM_MOMENTUM, common.NORM_MOMENTUM
    running = {
        n: tuple(keep * a + take * b for a, b in zip(running[n], stats[n], strict=True))
        for n in stats
    }
    p, slots = (adamw if w.optimizer == "adamw" else sgd)(p, slots, g, t + 1)
    return (p, slots, t + 1, running), loss


def zeros(p):
    return {n: jnp.zeros_like(a) for n, a in p.items()}


def build_net(args, w, init, x, y):
    description = w.describe()
    p = {
        n: jnp.asarray(common.channels_last(a, description.params[n], (2, 3, 1, 0)))
        for n, a in init.items()
    }
    x, y = jnp.asarray(common.images_last(x)), jnp.asarray(y)
    if w.infer:
        run = jax.jit(lambda p, x: w.model(Ops(p, False), x))
        return Runner(lambda p, x, y: (p, run(p, x)), p, x, y)
    slots = (zeros(p), zeros(p)) if w.optimizer == "adamw" else zeros(p)
    running = {n: (jnp.zeros(c), jnp.ones(c)) for n, c in description.stats.items()}
    step = functools.partial(train_step, w, not args.no_dropout)
    state = (p, slots, jnp.asarray(0), running)
    return Runner(jax.jit(step, donate_argnums=0), state, x, y)


def build_scalar(args):
    run = jax.jit(jax.value_and_grad(lambda x, y, z: (x + y) * z, (0, 1, 2)))
    xs = [jnp.float32(v) for v in (1.0, -3.0, 4.0)]
    return lambda: jax.block_until_ready(run(*xs))


def build_relu_jac(args, x, g):
    x, g = jnp.asarray(x), jnp.asarray(g)

    @jax.jit
    def run(x, g):
        y, pull = jax.vjp(lambda x: jnp.maximum(x, 0), x)
        return y, pull(g)[0]

    return lambda: jax.block_until_ready(run(x, g))


common.main(args, build_net, build_scalar, build_relu_jac)
