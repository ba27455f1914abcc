"""Activations."""

from __future__ import annotations

import numpy as np

from .record import f, spaced

x = spaced(3, 4)
wide = spaced(3, 4, low=-8.0, high=8.0)

SAMPLES = [
    f("celu", x, alpha=1.5, kinks=(0.0,)),
    f("elu", x, alpha=0.7, kinks=(0.0,)),
    f("gelu", x),
    f("gelu", x, approximate="tanh"),
    f("glu", x),
    f("glu", x, axis=-1),
    f("hardshrink", x, lambd=0.7, kinks=(-0.7, 0.7)),
    f("hardsigmoid", wide, kinks=(-3.0, 3.0)),
    f("hardswish", wide, kinks=(-3.0, 3.0)),
    f("hardtanh", x, min_val=-0.5, max_val=1.5, kinks=(-0.5, 1.5)),
    f("leaky_relu", x, negative_slope=0.2, kinks=(0.0,)),
    f("log_sigmoid", wide),
    f("gumbel_softmax", x, tau=0.7, generator=0, peer=False),
    f("gumbel_softmax", x, axis=0, generator=0, peer=False),
    f("log_softmax", x),
    f("log_softmax", x, axis=0),
    f("mish", x),
    f("prelu", x, np.array([0.3]), kinks=(0.0,)),
    f("prelu", spaced(2, 3, 2), np.array([0.3, -0.2, 0.1]), kinks=(0.0,)),
    f("relu", x, kinks=(0.0,)),
    f("relu6", wide, kinks=(0.0, 6.0)),
    f("selu", x, kinks=(0.0,)),
    f("sigmoid", wide),
    f("silu", x),
    f("softmax", x),
    f("softmax", x, axis=0),
    f("softmin", x),
    f("softplus", x, beta=2.0),
    f("softplus", wide, threshold=3.0, kinks=(3.0,)),
    f("softshrink", x, lambd=0.7, kinks=(-0.7, 0.7)),
    f("softsign", x, kinks=(0.0,)),
    f("tanh", x),
    f("tanhshrink", x),
    f("threshold", x, threshold=0.5, value=-1.0, kinks=(0.5,)),
]
