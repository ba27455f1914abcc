"""Activations."""

from __future__ import annotations

from tests.functional.samples import spaced

from .record import layer, same

x = spaced(3, 4)
wide = spaced(3, 4, low=-8.0, high=8.0)
line = spaced(2, 4, 5)

SAMPLES = [
    same("CELU", 1.5, x=x, kinks=(0.0,)),
    same("ELU", 0.7, x=x, kinks=(0.0,)),
    same("GELU", x=x),
    same("GELU", approximate="tanh", x=x),
    layer("GLU", inputs=x, shape=(3, 2)),
    same("SELU", x=x, kinks=(0.0,)),
    same("Hardshrink", 0.7, x=x, kinks=(-0.7, 0.7)),
    same("Hardsigmoid", x=wide, kinks=(-3.0, 3.0)),
    same("Hardswish", x=wide, kinks=(-3.0, 3.0)),
    same("Hardtanh", -0.5, 1.5, x=x, kinks=(-0.5, 1.5)),
    same("LeakyReLU", 0.2, x=x, kinks=(0.0,)),
    same("LogSigmoid", x=x),
    same("Mish", x=x),
    same("PReLU", x=x, kinks=(0.0,)),
    same("PReLU", 4, 0.1, x=line, kinks=(0.0,)),
    same("ReLU", x=x, kinks=(0.0,)),
    same("ReLU6", x=wide, kinks=(0.0, 6.0)),
    same("SiLU", x=x),
    same("Sigmoid", x=x),
    same("Softplus", 2.0, x=x),
    same("Softshrink", 0.7, x=x, kinks=(-0.7, 0.7)),
    same("Softsign", x=x, kinks=(0.0,)),
    same("Tanh", x=x),
    same("Tanhshrink", x=x),
    same("Threshold", 0.5, -1.0, x=x, kinks=(0.5,)),
]
