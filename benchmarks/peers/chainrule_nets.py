"""The workloads written with chainrule: networks, a step of training, a forward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import common
import numpy as np

import chainrule as cr
import models
from chainrule import functional as F
from chainrule import nn, optim

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]


class Net(nn.Module):
    """A workload's model; also the operator object that the model is written against."""

    def __init__(
        self, workload: models.Workload, init: dict[str, np.ndarray], use_dropout: bool = True
    ) -> None:
        self.model, self.use_dropout = workload.model, use_dropout
        for name, value in init.items():
            setattr(self, name, nn.Parameter(value))
        for name, channels in workload.describe().stats.items():
            self.register_buffer(name + "_mean", cr.zeros(channels))
            self.register_buffer(name + "_var", cr.ones(channels))
        self.train(not workload.infer)

    def forward(self, x: cr.Tensor) -> cr.Tensor:
        return self.model(self, x)

    def _weights(self, name, *suffixes):
        return [getattr(self, name + suffix) for suffix in suffixes]

    def conv(self, x, name, cout, k, stride=1, pad=0, bias=True):
        weight, offset = getattr(self, name + "_w"), getattr(self, name + "_b", None)
        return F.conv2d(x, weight, offset, stride=stride, padding=pad)

    def linear(self, x, name, n, std=None):
        return F.linear(x, *self._weights(name, "_w", "_b"))

    def bn(self, x, name):
        return F.batch_norm(
            x, *self._weights(name, "_mean", "_var", "_w", "_b"), training=self.training,
            momentum=common.NORM_MOMENTUM, eps=common.NORM_EPS,
        )  # fmt: skip

    def layernorm(self, x, name):
        weights = self._weights(name, "_w", "_b")
        return F.layer_norm(x, x.shape[-1], *weights, eps=common.NORM_EPS)

    def maxpool(self, x, k, stride, pad=0, ceil=False):
        return F.max_pool2d(x, k, stride=stride, padding=pad, ceil_mode=ceil)

    def embed(self, x, name, n, d):
        return F.embedding(x, getattr(self, name + "_w"))

    def add_pos(self, x, name):
        return x + getattr(self, name + "_w")

    def attention(self, qkv, heads):
        b, t, d = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
        parts = cr.reshape(qkv, (b, t, 3, heads, d // heads))
        q, k, v = cr.unstack(cr.permute_dims(parts, (2, 0, 3, 1, 4)))
        scores = cr.matmul(q * (d // heads) ** -0.5, cr.matrix_transpose(k))
        past = np.tril(np.ones((t, t), bool))
        weights = F.softmax(cr.where(past, scores, -cr.inf))
        return cr.reshape(cr.swapaxes(cr.matmul(weights, v), 1, 2), (b, t, d))

    def lstm(self, x, name, hidden):
        wi, wh, bi, bh = self._weights(name, "_wi", "_wh", "_bi", "_bh")

        def cell(state, from_x):
            h, c = state
            i, f, g, o = cr.split(from_x + F.linear(h, wh), hidden, axis=-1)
            c = F.sigmoid(f) * c + F.sigmoid(i) * F.tanh(g)
            return (F.sigmoid(o) * F.tanh(c), c), None

        start = cr.zeros((x.shape[0], hidden))
        # The product with all inputs at once, before the loop, as other frameworks do it.
        (h, _), _ = cr.scan(cell, (start, start), F.linear(cr.swapaxes(x, 0, 1), wi, bi + bh))
        return h

    def flatten(self, x):
        return cr.flatten(x, start_axis=1)

    def concat(self, xs):
        return cr.concat(xs, axis=1)

    def global_avgpool(self, x):
        return F.global_avg_pool(x)

    def relu(self, x):
        return F.relu(x)

    def gelu(self, x):
        return F.gelu(x, approximate="tanh")

    def lrn(self, x, size, alpha, beta, k):
        return F.local_response_norm(x, size, alpha=alpha, beta=beta, k=k)

    def dropout(self, x, rate):
        return F.dropout(x, rate, training=self.training and self.use_dropout)

    def add(self, a, b):
        return a + b


def make_optimizer(workload: models.Workload, net: Net) -> optim.Optimizer:
    """Return the optimizer that all peers use for the workload."""
    if workload.optimizer == "sgd":
        return optim.SGD(net.parameters(), lr=common.LR, momentum=common.MOMENTUM)
    a = common.ADAMW
    return optim.AdamW(net.parameters(), a["lr"], (a["b1"], a["b2"]), a["eps"], a["wd"])


class Runner:
    """A function that runs a step: compiled, or as it is."""

    function: Callable[..., Any]

    def report(self) -> dict[str, float]:
        """Return the megabytes that the compiler says a step takes."""
        if not hasattr(self.function, "memory_plan"):
            return {}
        return {"planned_mb": self.function.memory_plan()["total"] / 2**20}


class Train(Runner):
    """Steps of training; ``wrap`` is cr.compile, or what leaves the function as it is."""

    def __init__(
        self, workload: models.Workload, net: Net, x: np.ndarray, y: np.ndarray, wrap: Wrap
    ) -> None:
        optimizer = make_optimizer(workload, net)

        def step(x: cr.Tensor, y: cr.Tensor) -> cr.Tensor:
            logits = net(x)
            logits = cr.reshape(logits, (-1, logits.shape[-1]))
            loss = F.cross_entropy(logits, cr.reshape(y, -1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        self.function = wrap(step)
        self.x, self.y = cr.asarray(x), cr.asarray(y)

    def step(self) -> cr.Tensor:
        return self.function(self.x, self.y)

    def loss(self, handle: cr.Tensor) -> float:
        return float(handle.item())


class Loop(Train):
    """Steps of training, many in one native call, each on the same batch gathered by index."""

    def __init__(
        self, workload: models.Workload, net: Net, x: np.ndarray, y: np.ndarray, wrap: Wrap
    ) -> None:
        super().__init__(workload, net, x, y, wrap)
        self.loop = self.function.over(x, y)
        self.function = self.loop.function
        self.rows = np.arange(len(x))[None]

    def many(self, steps: int) -> None:
        """Let a step from now on be so many."""
        self.rows = np.repeat(self.rows, steps, axis=0)

    def step(self) -> cr.Tensor:
        return self.loop(self.rows)

    def loss(self, handle: cr.Tensor) -> float:
        return float(handle.value[-1])


class Infer(Runner):
    """Forward passes."""

    def __init__(self, net: Net, x: np.ndarray, wrap: Wrap) -> None:
        self.function, self.x = wrap(lambda x: net(x)), cr.asarray(x)

    def step(self) -> cr.Tensor:
        with cr.no_grad():
            return self.function(self.x)

    def loss(self, handle: cr.Tensor) -> float:
        return float((handle * handle).mean().item())


def build(
    workload: models.Workload, init: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray,
    *, use_dropout: bool, wrap: Wrap, loop: bool = False,
) -> Runner:  # fmt: skip
    """Return what runs a workload's steps."""
    net = Net(workload, init, use_dropout)
    if workload.infer:
        return Infer(net, x, wrap)
    return (Loop if loop else Train)(workload, net, x, y, wrap)
