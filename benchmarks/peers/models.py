"""Workloads, written once against a small operator interface.

A model is a function of an operator object ``o`` and an input ``x``. Every peer's script supplies
its own ``o`` (its native operators, layout and parameters), so that all do the same arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from shapes import ShapeOps

# --- models ---------------------------------------------------------------


def mlp(*widths: int) -> Callable:
    def model(o, x):
        for i, n in enumerate(widths[:-1]):
            x = o.relu(o.linear(x, f"fc{i}", n))
        return o.linear(x, f"fc{len(widths) - 1}", widths[-1])

    return model


def lenet(o, x):
    """Caffe's LeNet: the only nonlinearity besides the pools is after fc1."""
    x = o.maxpool(o.conv(x, "conv1", 20, 5), 2, 2)
    x = o.maxpool(o.conv(x, "conv2", 50, 5), 2, 2)
    x = o.relu(o.linear(o.flatten(x), "fc1", 500))
    return o.linear(x, "fc2", 10)


def cifar_cnn(o, x):
    for i, c in enumerate((64, 128, 256)):
        for j in range(2):
            x = o.relu(o.bn(o.conv(x, f"conv{i}{j}", c, 3, pad=1, bias=False), f"bn{i}{j}"))
        x = o.maxpool(x, 2, 2)
    return o.linear(o.flatten(x), "fc", 10)


def resnet18_cifar(o, x):
    x = o.relu(o.bn(o.conv(x, "stem", 64, 3, 1, 1, bias=False), "stembn"))
    return resnet18_stages(o, x, 10)


def resnet18_stages(o, x, classes):
    def cbn(x, name, c, k, stride):
        return o.bn(o.conv(x, name, c, k, stride, k // 2, bias=False), name + "bn")

    for s, c in enumerate((64, 128, 256, 512)):
        for b in range(2):
            stride = 2 if s > 0 and b == 0 else 1
            name = f"s{s}b{b}"
            y = o.relu(cbn(x, name + "c1", c, 3, stride))
            y = cbn(y, name + "c2", c, 3, 1)
            if stride == 2:
                x = cbn(x, name + "sc", c, 1, 2)
            x = o.relu(o.add(x, y))
    return o.linear(o.global_avgpool(x), "fc", classes)


def resnet9(o, x):
    def conv(x, name, c):
        return o.relu(o.bn(o.conv(x, name, c, 3, pad=1, bias=False), name + "bn"))

    def residual(x, name, c):
        return o.add(x, conv(conv(x, name + "a", c), name + "b", c))

    x = conv(x, "stem", 32)
    x = residual(o.maxpool(conv(x, "s1", 64), 2, 2), "r1", 64)
    x = o.maxpool(conv(x, "s2", 128), 2, 2)
    x = residual(o.maxpool(conv(x, "s3", 256), 2, 2), "r3", 256)
    return o.linear(o.global_avgpool(x), "fc", 10)


def resnet18(o, x):
    """On images of 224 x 224: a stem of 7 x 7 with stride and pooling, then as for CIFAR."""
    x = o.relu(o.bn(o.conv(x, "stem", 64, 7, 2, 3, bias=False), "stembn"))
    return resnet18_stages(o, o.maxpool(x, 3, 2, pad=1), 1000)


def vgg16(o, x):
    """With dropout behind the first two linear layers."""
    for s, (c, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))):
        for k in range(count):
            x = o.relu(o.conv(x, f"s{s}c{k}", c, 3, pad=1))
        x = o.maxpool(x, 2, 2)
    x = o.flatten(x)
    for k in range(2):
        x = o.dropout(o.relu(o.linear(x, f"fc{k}", 4096)), 0.5)
    return o.linear(x, "fc2", 1000)


def googlenet(o, x):
    """Inception v1 as in Caffe (with LRN), without the auxiliary heads."""

    def conv(x, name, c, k, stride=1, pad=0):
        return o.relu(o.conv(x, name, c, k, stride, pad))

    def inception(x, name, c1, c3r, c3, c5r, c5, cp):
        return o.concat(
            [
                conv(x, name + "_1", c1, 1),
                conv(conv(x, name + "_3r", c3r, 1), name + "_3", c3, 3, pad=1),
                conv(conv(x, name + "_5r", c5r, 1), name + "_5", c5, 5, pad=2),
                conv(o.maxpool(x, 3, 1, pad=1), name + "_p", cp, 1),
            ]
        )

    def lrn(x):
        return o.lrn(x, size=5, alpha=1e-4, beta=0.75, k=1.0)

    def pool(x):
        return o.maxpool(x, 3, 2, ceil=True)

    x = lrn(pool(conv(x, "conv1", 64, 7, 2, 3)))
    x = conv(conv(x, "conv2r", 64, 1), "conv2", 192, 3, pad=1)
    x = pool(lrn(x))
    x = inception(x, "i3a", 64, 96, 128, 16, 32, 32)
    x = inception(x, "i3b", 128, 128, 192, 32, 96, 64)
    x = pool(x)
    x = inception(x, "i4a", 192, 96, 208, 16, 48, 64)
    x = inception(x, "i4b", 160, 112, 224, 24, 64, 64)
    x = inception(x, "i4c", 128, 128, 256, 24, 64, 64)
    x = inception(x, "i4d", 112, 144, 288, 32, 64, 64)
    x = inception(x, "i4e", 256, 160, 320, 32, 128, 128)
    x = pool(x)
    x = inception(x, "i5a", 256, 160, 320, 32, 128, 128)
    x = inception(x, "i5b", 384, 192, 384, 48, 128, 128)
    return o.linear(o.dropout(o.global_avgpool(x), 0.4), "fc", 1000)


def lstm(o, x):
    return o.linear(o.lstm(x, "lstm", 256), "head", 10)


def gpt_tiny(o, x):
    """4 pre-norm blocks, d=128, 4 heads, learned positions, untied output layer."""
    d, std = 128, 0.02
    x = o.add_pos(o.embed(x, "tok", 256, d), "pos")
    for i in range(4):
        b = f"b{i}"
        h = o.linear(o.layernorm(x, b + "ln1"), b + "qkv", 3 * d, std)
        x = o.add(x, o.linear(o.attention(h, 4), b + "proj", d, std))
        h = o.gelu(o.linear(o.layernorm(x, b + "ln2"), b + "up", 4 * d, std))
        x = o.add(x, o.linear(h, b + "down", d, std))
    return o.linear(o.layernorm(x, "lnf"), "out", 256, std)


# --- workloads ------------------------------------------------------------


@dataclass(frozen=True)
class Workload:
    model: Callable
    batch: int
    shape: tuple[int, ...]  # one input sample: (C,H,W), (F,), (T,F) or (T,) of tokens
    classes: int
    steps: int  # timed steps by default (the time budget may cut it)
    conv: bool = False
    tokens: bool = False  # integer inputs, a label for each position
    optimizer: str = "sgd"  # "sgd" (momentum 0.9, lr 0.01) or "adamw" (lr 1e-3, wd 0.01)
    infer: bool = False

    def describe(self) -> ShapeOps:
        ops = ShapeOps()
        self.model(ops, self.shape)
        return ops

    def data(self, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        if self.tokens:
            t = rng.integers(0, self.classes, (self.batch, self.shape[0] + 1), dtype=np.int32)
            return t[:, :-1].copy(), t[:, 1:].copy()
        x = rng.standard_normal((self.batch, *self.shape), dtype=np.float32)
        return x, rng.integers(0, self.classes, self.batch, dtype=np.int32)

    def init(self, seed: int = 0) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(seed)
        out = {}
        for name, p in self.describe().params.items():
            if p.init == "normal":
                out[name] = rng.standard_normal(p.shape, dtype=np.float32) * np.float32(p.scale)
            elif p.init == "uniform":
                out[name] = rng.uniform(-p.scale, p.scale, p.shape).astype(np.float32)
            else:
                out[name] = np.full(p.shape, 1.0 if p.init == "ones" else 0.0, np.float32)
        return out

    def flops(self) -> float:
        """Of one step: training counts the backward pass as twice the forward."""
        return float(self.describe().flops) * self.batch * (1 if self.infer else 3)


TRAIN: dict[str, Workload] = {
    "mlp_small": Workload(mlp(32, 10), 32, (64,), 10, 400),
    "mlp_mnist": Workload(mlp(512, 256, 10), 128, (784,), 10, 300),
    "mlp_wide": Workload(mlp(4096, 4096, 10), 128, (4096,), 10, 30),
    "lenet": Workload(lenet, 64, (1, 28, 28), 10, 200, conv=True),
    "cifar_cnn": Workload(cifar_cnn, 64, (3, 32, 32), 10, 20, conv=True),
    "resnet18_cifar": Workload(resnet18_cifar, 32, (3, 32, 32), 10, 8, conv=True),
    "resnet9": Workload(resnet9, 256, (3, 32, 32), 10, 8, conv=True),
    "googlenet": Workload(googlenet, 16, (3, 224, 224), 1000, 6, conv=True),
    "resnet18": Workload(resnet18, 16, (3, 224, 224), 1000, 4, conv=True),
    "vgg16": Workload(vgg16, 4, (3, 224, 224), 1000, 4, conv=True),
    "lstm": Workload(lstm, 32, (64, 128), 10, 40),
    "gpt_tiny": Workload(gpt_tiny, 16, (128,), 256, 40, tokens=True, optimizer="adamw"),
}


LARGE = ("googlenet", "resnet18", "vgg16")  # inference of one image and of many


def _infer(name: str, **change: Any) -> Workload:
    w = TRAIN[name]
    return replace(w, **{"infer": True, "steps": 2 * w.steps, **change})


INFER: dict[str, Workload] = {
    **{n + "_infer": _infer(n) for n in TRAIN if n not in LARGE},
    **{n + "_infer_b1": _infer(n, batch=1, steps=60) for n in LARGE},
    "googlenet_infer_b16": _infer("googlenet"),
}
NETS: dict[str, Workload] = {**TRAIN, **INFER}

# Measured by code of their own in each peer script.
RELU_JAC = {"relu_jac_64k": (16, 4096), "relu_jac_64m": (64 * 1024 * 1024,)}
SPECIAL = ["scalar", *RELU_JAC]
ALL = ["scalar", *TRAIN, *INFER, *RELU_JAC]
