"""Sample calls of every function in ``chainrule.functional``: a test fails for one without any.

``Sample(name, inputs, options)``: floating inputs are checked numerically, in first and second
order. ``spaced(2, 3)`` makes numbers that are all different and away from kinks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import functional as F
from chainrule.ops.random import Generator


def spaced(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 0) -> np.ndarray:
    """Numbers evenly spread over [low, high] in random order, so that no two are close."""
    count = int(np.prod(shape))
    values = low + (np.arange(count) + 0.37) * (high - low) / max(1, count)
    return np.random.default_rng(seed).permutation(values).reshape(shape)


def probabilities(*shape: int) -> np.ndarray:
    """Positive numbers that add up to 1 along axis 1."""
    weights = spaced(*shape, low=0.5, high=2.0)
    return weights / weights.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Sample:
    """One good call: ``F.name(*inputs, **options)``."""

    name: str
    inputs: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    kinks: tuple[float, ...] = ()

    def call(self, *inputs: Any) -> Any:
        """Call the function; what is random starts from the same seed each time.

        Of lstm_cell the two parts of the state are inputs of their own, and joined as output.
        """
        options = dict(self.options)
        if "generator" in options:
            options["generator"] = Generator(options["generator"])
        if self.name == "lstm_cell":
            return cr.concat(F.lstm_cell(inputs[0], inputs[1:3], *inputs[3:]), axis=-1)
        return getattr(F, self.name)(*inputs, **options)

    def __str__(self) -> str:
        shapes = "-".join("x".join(map(str, np.shape(i))) or "()" for i in self.inputs)
        return "-".join([self.name, shapes, *[f"{k}={v}" for k, v in self.options.items()]])


def f(name: str, *inputs: Any, kinks: tuple[float, ...] = (), **options: Any) -> Sample:
    return Sample(name, inputs, options, kinks)


x = spaced(3, 4)
wide = spaced(3, 4, low=-8.0, high=8.0)
labels, labels2d = np.array([0, 2, 1]), np.array([[0, 2], [1, 1], [-100, 3]])
signs = np.array([1, -1, -1])

ACTIVATIONS = [
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

LINEAR = [
    f("linear", x, spaced(2, 4)),
    f("linear", spaced(4), spaced(2, 4), spaced(2)),
    f("linear", spaced(2, 3, 4), spaced(2, 4), spaced(2)),
    f("bilinear", spaced(3, 2), spaced(3, 4, seed=1), spaced(2, 2, 4), spaced(2)),
    f("conv1d", spaced(2, 4, 7), spaced(6, 2, 3), spaced(6), stride=2, padding=1, groups=2),
    f("conv1d", spaced(4, 7), spaced(2, 4, 3), padding="same", dilation=2),
    f("conv2d", spaced(2, 2, 5, 4), spaced(3, 2, 2, 3), spaced(3), padding=(1, 2), stride=(2, 1)),
    f("conv2d", spaced(1, 2, 4, 5), spaced(3, 2, 2, 3), padding="same"),
    f("conv2d", spaced(2, 4, 5), spaced(3, 2, 2, 3), padding="valid"),
    f("conv3d", spaced(1, 2, 3, 3, 4), spaced(2, 2, 2, 2, 2), spaced(2), dilation=(1, 2, 1)),
    f("conv_transpose1d", spaced(2, 4, 3), spaced(4, 3, 3), spaced(6), stride=2, groups=2),
    f("conv_transpose1d", spaced(2, 3), spaced(2, 3, 2), stride=3, output_padding=2, padding=1),
    f("conv_transpose2d", spaced(1, 2, 2, 3), spaced(2, 3, 3, 2), spaced(3), padding=1,
      stride=(2, 1), dilation=(1, 2), output_padding=(1, 0)),
    f("conv_transpose3d", spaced(1, 2, 2, 2, 2), spaced(2, 1, 2, 1, 2), stride=(1, 2, 1)),
]  # fmt: skip

h = spaced(3, 2)
RECURRENCE = [
    f("rnn_cell", x, h, spaced(2, 4), spaced(2, 2)),
    f("rnn_cell", x, h, spaced(2, 4), spaced(2, 2), spaced(2), spaced(2), nonlinearity="relu"),
    f("lstm_cell", x, h, spaced(3, 2, seed=1), spaced(8, 4), spaced(8, 2), spaced(8), spaced(8)),
    f("gru_cell", x, h, spaced(6, 4), spaced(6, 2), spaced(6), spaced(6, seed=1)),
]

POOLING = [
    f("max_pool1d", spaced(2, 3, 8), kernel_size=2),
    f("max_pool1d", spaced(2, 12), kernel_size=10, stride=1),
    f("max_pool2d", spaced(2, 1, 5, 7), kernel_size=3, stride=2, padding=1),
    f("max_pool2d", spaced(1, 6, 7), kernel_size=(2, 3), stride=2, dilation=(2, 1), ceil_mode=True),
    f("max_pool3d", spaced(1, 2, 3, 4, 5), kernel_size=2, stride=(1, 2, 2)),
    f("avg_pool1d", spaced(2, 3, 8), kernel_size=3, stride=2, padding=1),
    f("avg_pool2d", spaced(2, 1, 5, 7), kernel_size=3, padding=1, count_include_pad=False),
    f("avg_pool2d", spaced(1, 6, 7), kernel_size=(2, 3), stride=2, ceil_mode=True),
    f("avg_pool3d", spaced(1, 2, 3, 4, 5), kernel_size=2, stride=(1, 2, 2)),
    f("adaptive_max_pool1d", spaced(2, 7), output_size=3),
    f("adaptive_max_pool2d", spaced(1, 2, 6, 5), output_size=(3, None)),
    f("adaptive_max_pool3d", spaced(1, 3, 4, 5), output_size=(1, 2, 3)),
    f("adaptive_avg_pool1d", spaced(2, 7), output_size=3),
    f("adaptive_avg_pool2d", spaced(1, 2, 6, 5), output_size=(3, None)),
    f("adaptive_avg_pool3d", spaced(1, 3, 4, 5), output_size=(1, 2, 7)),
    f("global_avg_pool", spaced(2, 3, 4, 2)),
    f("global_max_pool", spaced(2, 3, 4)),
]

c = 3
NORMALISATION = [
    f("batch_norm", spaced(4, c), None, None, spaced(c), spaced(c), training=True),
    f("batch_norm", spaced(2, c, 2, 2)),
    f("batch_norm", spaced(2, c, 4), spaced(c), spaced(c, low=0.5), spaced(c), spaced(c), eps=0.1),
    f("group_norm", spaced(2, 4, 3), 2, spaced(4), spaced(4)),
    f("instance_norm", spaced(2, c, 4), spaced(c), spaced(c)),
    f("layer_norm", spaced(2, 3, 4), (3, 4), spaced(3, 4), spaced(3, 4)),
    f("layer_norm", spaced(2, 4), 4),
    f("local_response_norm", spaced(2, 6, 2), 3, alpha=0.5, k=2.0),
    f("local_response_norm", spaced(1, 3, 2), 4, alpha=0.5, beta=0.5),
    f("local_response_norm_within", spaced(1, 2, 3, 4), 3, alpha=0.5),
    f("rms_norm", spaced(2, 4), 4, spaced(4)),
    f("normalize", x),
    f("normalize", x, p=3.0, axis=0),
    f("vector_norm", x),
    f("vector_norm", x, p=3.0, axis=1, keepdims=True, kinks=(0.0,)),
    f("vector_norm", x, p=1, axis=(0, 1), kinks=(0.0,)),
    f("vector_norm", x, p=float("inf"), axis=0, kinks=(0.0,)),
    f("cosine_similarity", x, spaced(3, 4, seed=1)),
    f("pairwise_distance", x, spaced(3, 4, seed=1, high=3.0)),
    f("pairwise_distance", x, spaced(3, 4, seed=1, high=3.0), p=1, keepdims=True),
]

RANDOM = [
    f("alpha_dropout", x, 0.3, generator=3),
    f("dropout", x, 0.3, generator=3),
    f("dropout", x, training=False),
    f("dropout1d", spaced(2, 4, 3), 0.5, generator=3),
    f("dropout2d", spaced(4, 3, 2), 0.5, generator=3),
    f("dropout3d", spaced(2, 4, 1, 3, 1), 0.5, generator=3),
]

LOSSES = [
    f("cross_entropy", x, labels),
    f("cross_entropy", x[0], np.array(2)),
    f("cross_entropy", spaced(3, 4, 2), labels2d, spaced(4, low=0.5), label_smoothing=0.2),
    f("cross_entropy", x, labels, reduction="none", label_smoothing=0.5),
    f("cross_entropy", x, probabilities(3, 4), spaced(4, low=0.5), label_smoothing=0.1),
    f("nll_loss", spaced(3, 4, 2), labels2d, reduction="sum"),
    f("binary_cross_entropy", spaced(3, 4, low=0.05, high=0.95), spaced(3, 4, low=0, high=1)),
    f("binary_cross_entropy", spaced(3, low=0.05, high=0.95), np.array([0.0, 1, 1]), spaced(3)),
    f("binary_cross_entropy_with_logits", wide, spaced(3, 4, low=0, high=1)),
    f("binary_cross_entropy_with_logits", x, spaced(3, 4, low=0, high=1), spaced(4),
      pos_weight=spaced(4, low=0.5)),
    f("kl_div", x, probabilities(3, 4)),
    f("kl_div", x, spaced(3, 4, seed=1), reduction="batchmean", log_target=True),
    f("mse_loss", x, spaced(3, 4, seed=1)),
    f("l1_loss", x, spaced(3, 4, seed=1, high=3.0), reduction="sum"),
    f("smooth_l1_loss", x, spaced(3, 4, seed=1, high=3.0), beta=0.5),
    f("huber_loss", x, spaced(3, 4, seed=1, high=3.0), delta=1.5, reduction="none"),
    f("hinge_loss", spaced(3), signs),
    f("hinge_loss", spaced(3), signs, margin=2.0, squared=True, reduction="sum"),
    f("multi_class_hinge", x, labels),
    f("multi_class_hinge", spaced(2, 3, 2), np.array([[0, 1], [2, 2]]), squared=True),
    f("svm_loss", x, labels, spaced(2, 3), 0.1),
    f("svm_loss", x, labels, spaced(2, 3), 0.1, squared=True, margin=0.5),
]  # fmt: skip

OTHER = [
    f("embedding", np.array([[0, 2], [2, 1]]), x),
    f("embedding", np.array([0, 1, 1]), x, padding_idx=-1),
    f("pad", x, ((1, 2), (0, -1))),
    f("pad", x, ((1, 2), (0, 3)), mode="reflect"),
    f("pad", x, ((1, 2), (-1, 4)), mode="replicate"),
    f("pad", x, ((1, 3), (2, 0)), mode="circular"),
    f("unflatten", spaced(2, 12), 1, (3, -1)),
]

ALL = [*ACTIVATIONS, *LINEAR, *POOLING, *NORMALISATION, *RANDOM, *LOSSES, *OTHER, *RECURRENCE]
