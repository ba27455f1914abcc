"""Sample objects of every Module class in ``chainrule.nn``: a test fails for a class without any.

``Sample(name, arguments, options, inputs, shape)``: ``nn.name(*arguments, **options)`` called with
the inputs gives an output of that shape. The first axis of inputs and output is the batch, unless
``batched`` is False.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tests.functional.samples import probabilities, spaced

import chainrule as cr
from chainrule import nn
from chainrule.dtypes import DTypeLike
from chainrule.ops.random import Generator

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Sample:
    """One way to make and to call a layer."""

    name: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]
    inputs: tuple[np.ndarray, ...]
    shape: Shape
    kinks: tuple[float, ...] = ()
    batched: bool = True
    build: Callable[..., nn.Module] | None = field(default=None, compare=False)

    def make(self, seed: int = 0, dtype: DTypeLike = "float64") -> nn.Module:
        """Make the layer; random numbers come from the seed."""
        maker = self.build or getattr(nn, self.name)
        accepted = inspect.signature(maker).parameters
        extra = {"generator": Generator(seed), "dtype": dtype}
        known = {name: value for name, value in extra.items() if name in accepted}
        made: nn.Module = maker(*self.arguments, **self.options, **known)
        return made

    def tensors(self, dtype: str = "float64") -> list[cr.Tensor]:
        """Return the inputs; floats in the given type."""
        return [cr.tensor(a.astype(dtype) if a.dtype.kind == "f" else a) for a in self.inputs]

    def __str__(self) -> str:
        arguments = [getattr(a, "name", str(a)) for a in self.arguments]
        arguments += [f"{k}={v}" for k, v in self.options.items()]
        return "-".join([self.name, *arguments]).replace(" ", "")[:70]


def layer(name: str, *arguments: Any, inputs: Any, shape: Shape, kinks: Any = (),
          batched: bool = True, build: Any = None, **options: Any) -> Sample:  # fmt: skip
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    return Sample(name, arguments, options, given, shape, kinks, batched, build)


def same(name: str, *arguments: Any, x: np.ndarray, **options: Any) -> Sample:
    """Make a sample whose output has the shape of its input."""
    return layer(name, *arguments, inputs=x, shape=x.shape, **options)


x = spaced(3, 4)
wide = spaced(3, 4, low=-8.0, high=8.0)
line, image, volume = spaced(2, 4, 5), spaced(2, 4, 5, 4), spaced(2, 2, 4, 3, 3)
labels = np.array([0, 2, 1])

ACTIVATIONS = [
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
    same("LogSoftmax", x=x),
    same("Mish", x=x),
    same("PReLU", x=x, kinks=(0.0,)),
    same("PReLU", 4, 0.1, x=line, kinks=(0.0,)),
    same("ReLU", x=x, kinks=(0.0,)),
    same("ReLU6", x=wide, kinks=(0.0, 6.0)),
    same("SiLU", x=x),
    same("Sigmoid", x=x),
    same("Softmax", axis=1, x=x),
    same("Softmin", x=x),
    same("Softplus", 2.0, x=x),
    same("Softshrink", 0.7, x=x, kinks=(-0.7, 0.7)),
    same("Softsign", x=x, kinks=(0.0,)),
    same("Tanh", x=x),
    same("Tanhshrink", x=x),
    same("Threshold", 0.5, -1.0, x=x, kinks=(0.5,)),
]


def sequential(generator: Generator, dtype: DTypeLike) -> nn.Module:
    options = {"generator": generator, "dtype": dtype}
    return nn.Sequential(nn.Linear(4, 3, **options), nn.Tanh(), nn.Linear(3, 2, **options))


def residual(generator: Generator, dtype: DTypeLike) -> nn.Module:
    body = nn.Linear(4, 4, generator=generator, dtype=dtype)
    return nn.Residual(body, nn.Linear(4, 4, False, generator=generator, dtype=dtype))


def concat(generator: Generator, dtype: DTypeLike) -> nn.Module:
    return nn.Concat(nn.Linear(4, 3, generator=generator, dtype=dtype), nn.Identity())


def parallel(generator: Generator, dtype: DTypeLike) -> nn.Module:
    return nn.Parallel(*[nn.Linear(5, 2, generator=generator, dtype=dtype) for _ in range(4)])


def module_list(generator: Generator, dtype: DTypeLike) -> nn.Module:
    class Chain(nn.ModuleList):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            for module in self:
                x = module(x)
            return x

    return Chain(sequential(generator, dtype))  # type: ignore[arg-type]


def module_dict(generator: Generator, dtype: DTypeLike) -> nn.Module:
    class Sum(nn.ModuleDict):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            total: cr.Tensor = self["a"](x) + self["b"](x)
            return total

    options = {"generator": generator, "dtype": dtype}
    return Sum({"a": nn.Linear(4, 2, **options), "b": nn.Linear(4, 2, **options)})


CONTAINERS = [
    layer("Sequential", inputs=x, shape=(3, 2), build=sequential),
    same("Residual", x=x, build=residual),
    layer("Concat", inputs=x, shape=(3, 7), build=concat),
    layer("Parallel", inputs=line, shape=(2, 8), build=parallel),
    layer("ModuleList", inputs=x, shape=(3, 2), build=module_list),
    layer("ModuleDict", inputs=x, shape=(3, 2), build=module_dict),
    same("Identity", "ignored", x=x),
    same("Lambda", cr.sin, x=x),
    layer("MLP", 4, [5, 5], 2, activation="tanh", norm="layer", dropout=0.3, inputs=x,
          shape=(3, 2)),
    layer("MLP", [4, 3], norm="batch", init="orthogonal", inputs=x, shape=(3, 3)),
]  # fmt: skip

LINEAR = [
    layer("Linear", 4, 2, inputs=x, shape=(3, 2)),
    layer("Linear", 5, 2, bias=False, inputs=line, shape=(2, 4, 2)),
    layer("Bilinear", 4, 2, 3, inputs=(x, spaced(3, 2)), shape=(3, 3)),
    layer("Bilinear", 4, 2, 3, bias=False, inputs=(x, spaced(3, 2)), shape=(3, 3)),
    layer("Flatten", inputs=image, shape=(2, 80)),
    layer("Flatten", 1, 2, inputs=image, shape=(2, 20, 4)),
    layer("Unflatten", 1, (2, 2), inputs=x, shape=(3, 2, 2)),
    layer("Embedding", 5, 3, inputs=np.array([[0, 2], [4, 2]]), shape=(2, 2, 3)),
    layer("Embedding", 5, 3, padding_idx=1, inputs=np.array([[0, 2], [4, 2]]), shape=(2, 2, 3)),
]

CONVOLUTION = [
    layer("Conv1d", 4, 6, 3, padding="same", groups=2, inputs=line, shape=(2, 6, 5)),
    layer("Conv1d", 4, 2, 3, padding=2, padding_mode="reflect", inputs=line, shape=(2, 2, 7)),
    layer("Conv2d", 4, 2, (2, 3), stride=(2, 1), padding=1, inputs=image, shape=(2, 2, 3, 4)),
    layer("Conv2d", 4, 2, 3, padding="same", bias=False, padding_mode="circular", inputs=image,
          shape=(2, 2, 5, 4)),
    layer("Conv3d", 2, 3, 2, dilation=(2, 1, 1), inputs=volume, shape=(2, 3, 2, 2, 2)),
    layer("ConvTranspose1d", 4, 2, 3, stride=2, output_padding=1, inputs=line, shape=(2, 2, 12)),
    layer("ConvTranspose2d", 4, 2, 2, stride=2, padding=1, groups=2, inputs=image,
          shape=(2, 2, 8, 6)),
    layer("ConvTranspose3d", 2, 1, 2, bias=False, inputs=volume, shape=(2, 1, 5, 4, 4)),
]  # fmt: skip

POOLING = [
    layer("MaxPool1d", 2, inputs=line, shape=(2, 4, 2)),
    layer("MaxPool2d", 3, 2, 1, inputs=image, shape=(2, 4, 3, 2)),
    layer("MaxPool3d", 2, ceil_mode=True, inputs=volume, shape=(2, 2, 2, 2, 2)),
    layer("AvgPool1d", 2, ceil_mode=True, inputs=line, shape=(2, 4, 3)),
    layer("AvgPool2d", 3, 2, 1, count_include_pad=False, inputs=image, shape=(2, 4, 3, 2)),
    layer("AvgPool3d", 2, inputs=volume, shape=(2, 2, 2, 1, 1)),
    layer("AdaptiveMaxPool1d", 3, inputs=line, shape=(2, 4, 3)),
    layer("AdaptiveMaxPool2d", (3, None), inputs=image, shape=(2, 4, 3, 4)),
    layer("AdaptiveMaxPool3d", 2, inputs=volume, shape=(2, 2, 2, 2, 2)),
    layer("AdaptiveAvgPool1d", 3, inputs=line, shape=(2, 4, 3)),
    layer("AdaptiveAvgPool2d", 1, inputs=image, shape=(2, 4, 1, 1)),
    layer("AdaptiveAvgPool3d", 2, inputs=volume, shape=(2, 2, 2, 2, 2)),
    layer("GlobalAvgPool", inputs=image, shape=(2, 4)),
    layer("GlobalMaxPool", inputs=image, shape=(2, 4)),
]

NORMALISATION = [
    same("BatchNorm1d", 4, x=spaced(5, 4)),
    same("BatchNorm1d", 4, affine=False, x=line),
    same("BatchNorm2d", 4, momentum=None, x=image),
    same("BatchNorm3d", 2, track_running_stats=False, x=volume, batched=False),
    same("GroupNorm", 2, 4, x=line),
    same("GroupNorm", 2, 4, affine=False, x=x),
    same("InstanceNorm1d", 4, x=line),
    same("InstanceNorm2d", 4, affine=True, x=image),
    same("InstanceNorm3d", 2, x=volume),
    same("LayerNorm", 4, x=x),
    same("LayerNorm", (5, 4), bias=False, x=image),
    same("LayerNorm", 4, elementwise_affine=False, x=x),
    same("LocalResponseNorm", 3, 0.5, x=line),
    same("LocalResponseNormWithin", 3, 0.5, x=image),
    same("RMSNorm", 4, x=x),
    same("RMSNorm", (5, 4), 0.1, elementwise_affine=False, x=image),
]


def lstm_cell(generator: Generator, dtype: DTypeLike) -> nn.Module:
    class Joined(nn.LSTMCell):
        """Both parts of the state are inputs of their own, and joined as output."""

        def forward(self, x: cr.Tensor, *state: Any) -> Any:
            return cr.concat(super().forward(x, state), axis=-1)  # type: ignore[arg-type]

    return Joined(4, 2, generator=generator, dtype=dtype)


h = spaced(3, 2)
RECURRENT = [
    layer("RNNCell", 4, 2, inputs=x, shape=(3, 2)),
    layer("RNNCell", 4, 2, bias=False, inputs=(x, h), shape=(3, 2)),
    layer("LSTMCell", inputs=(x, h, h + 1), shape=(3, 4), build=lstm_cell),
    layer("GRUCell", 4, 2, inputs=(x, h), shape=(3, 2)),
]

DROPOUT = [
    same("Dropout", 0.3, x=x),
    same("Dropout1d", x=line),
    same("Dropout2d", x=image),
    same("Dropout3d", x=volume),
    same("AlphaDropout", 0.3, x=x),
]


def loss(name: str, prediction: np.ndarray, target: np.ndarray, shape: Shape = (),
         **options: Any) -> Sample:  # fmt: skip
    return layer(name, inputs=(prediction, target), shape=shape, batched=False, **options)


far = spaced(3, 4, seed=1, high=3.0)
inside, targets = spaced(3, 4, low=0.05, high=0.95), spaced(3, 4, low=0.0, high=1.0)
LOSSES = [
    loss("CrossEntropyLoss", x, labels, label_smoothing=0.1),
    loss("CrossEntropyLoss", x, labels, (3,), weight=spaced(4, low=0.5), reduction="none"),
    loss("NLLLoss", x, labels, ignore_index=2),
    loss("BCELoss", inside, targets),
    loss("BCEWithLogitsLoss", x, targets, pos_weight=2.0),
    loss("KLDivLoss", x, probabilities(3, 4), reduction="batchmean"),
    loss("MSELoss", x, far, (3, 4), reduction="none"),
    loss("L1Loss", x, far),
    loss("HuberLoss", x, far, delta=0.5),
    loss("SmoothL1Loss", x, far, beta=0.5),
    loss("HingeLoss", spaced(3), np.array([1, -1, -1]), squared=True),
    loss("MultiClassHingeLoss", x, labels, reduction="sum"),
    layer("CosineSimilarity", inputs=(x, far), shape=(3,)),
    layer("PairwiseDistance", inputs=(x, far), shape=(3,)),
]

ALL = [*ACTIVATIONS, *CONTAINERS, *LINEAR, *CONVOLUTION, *POOLING, *NORMALISATION, *RECURRENT,
       *DROPOUT, *LOSSES]  # fmt: skip
