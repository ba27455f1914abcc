"""What benchmarks/layers.py times: layers and losses on middle-sized inputs, by family.

``row(name, *arguments, inputs=..., **options)``: ``nn.name(*arguments, **options)``, and that of
PyTorch, called with the inputs: functions that draw an array, or what is passed as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator], np.ndarray]
RENAMED = {"axis": "dim", "random_samples": "_random_samples", "sizes": "unflattened_size"}


@dataclass(frozen=True)
class Row:
    """A layer, its inputs, and what to do with it."""

    name: str
    label: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    inputs: tuple[Any, ...]
    family: str = ""
    learned: int | None = None  # so many floating inputs get gradients; None: all
    compared: str = "all"  # "values" where gradients differ by intent, "none" where all is random
    build: Callable[[Any], Any] | None = None

    def make(self, room: Any) -> Any:
        """Make the layer of ``chainrule.nn`` or ``torch.nn``."""
        if self.build:
            return self.build(room)
        torch = room.__name__.startswith("torch")
        options = {RENAMED.get(k, k) if torch else k: v for k, v in self.options.items()}
        return getattr(room, self.name)(*self.arguments, **options)

    def draw(self) -> list[Any]:
        """Return the inputs, the same at every call."""
        rng = np.random.default_rng(0)
        return [given(rng) if callable(given) else given for given in self.inputs]

    @property
    def images(self) -> bool:
        """Whether an input has images, which can have channels last."""
        return any(isinstance(given, np.ndarray) and given.ndim == 4 for given in self.draw())


def row(name: str, *arguments: Any, inputs: Any, label: str = "", learned: int | None = None,
        compared: str = "all", build: Any = None, **options: Any) -> Row:  # fmt: skip
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    said = f"{name}, {label}" if label else name
    return Row(name, said, arguments, options, given, "", learned, compared, build)


# --- inputs ------------------------------------------------------------------------------


def normal(*shape: int) -> Draw:
    return lambda rng: rng.standard_normal(shape, np.float32)


def uniform(*shape: int) -> Draw:
    return lambda rng: (0.05 + 0.9 * rng.random(shape)).astype(np.float32)


def logs(*shape: int) -> Draw:
    def draw(rng: np.random.Generator) -> np.ndarray:
        x = rng.standard_normal(shape, np.float32)
        return x - np.log(np.exp(x).sum(-1, keepdims=True))

    return draw


def below(high: int, *shape: int, low: int = 0) -> Draw:
    return lambda rng: rng.integers(low, high, shape)


def signs(*shape: int) -> Draw:
    return lambda rng: (2 * rng.integers(0, 2, shape) - 1).astype(np.float32)


def places(*shape: int) -> Draw:
    """Return one place of each 2 x 2 x ... window of a channel twice as large."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        found = np.zeros(shape, np.int64)
        for axis in range(2, len(shape)):
            along = np.arange(shape[axis]).reshape(-1, *[1] * (len(shape) - axis - 1))
            found = found * (2 * shape[axis]) + 2 * along + rng.integers(0, 2, shape)
        return found

    return draw


IMAGES, VECTORS = normal(16, 64, 32, 32), normal(256, 512)
LINES, VOLUMES = normal(16, 64, 512), normal(4, 16, 8, 24, 24)
SEQUENCES = normal(32, 64, 128)  # also (T, N, E) of layers that take time first
BY_DIMENSION = {1: LINES, 2: IMAGES, 3: VOLUMES}
CHANNELS = {1: 64, 2: 64, 3: 16}
SMALL = {1: normal(16, 64, 256), 2: normal(16, 64, 16, 16), 3: normal(4, 16, 4, 12, 12)}

# --- rows --------------------------------------------------------------------------------


def plain(*names: str, inputs: Any = IMAGES, **options: Any) -> Iterator[Row]:
    return (row(name, inputs=inputs, **options) for name in names)


def each(name: str, *arguments: Any, channels: str = "", inputs: Any = None,
         **options: Any) -> Iterator[Row]:  # fmt: skip
    """Yield rows of ``name`` in 1, 2 and 3 dimensions; ``channels``: how often to name those."""
    for n, given in (inputs or BY_DIMENSION).items():
        first = [CHANNELS[n]] * len(channels)
        yield row(f"{name}{n}d", *first, *arguments, inputs=given, **options)


def padding(mode: str) -> Iterator[Row]:
    value = (1.5,) if mode == "Constant" else ()
    for n, given in BY_DIMENSION.items():
        yield row(f"{mode}Pad{n}d", 2, *value, inputs=given)


def stack(name: str) -> Callable[[Any], Any]:
    def build(room: Any) -> Any:
        layer = getattr(room, name + "Layer")(128, 4, 256, 0.0, batch_first=True)
        return getattr(room, name)(layer, 2)

    return build


def activations() -> Iterator[Row]:
    yield from plain("CELU", "ELU", "GELU", "SELU", "Hardshrink", "Hardsigmoid", "Hardswish",
                     "Hardtanh", "LeakyReLU", "LogSigmoid", "Mish", "PReLU", "ReLU", "ReLU6",
                     "SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh",
                     "Tanhshrink", "Softmax2d")  # fmt: skip
    yield row("GELU", approximate="tanh", inputs=IMAGES, label="tanh")
    yield row("GLU", axis=1, inputs=IMAGES)
    yield row("Threshold", 0.1, 0.5, inputs=IMAGES)
    yield row("RReLU", inputs=IMAGES, compared="none")
    for name in ("LogSoftmax", "Softmax", "Softmin"):
        yield row(name, axis=-1, inputs=VECTORS)


def linear() -> Iterator[Row]:
    yield row("Linear", 512, 512, inputs=VECTORS)
    yield row("Bilinear", 64, 64, 64, inputs=(normal(256, 64), normal(256, 64)))
    yield row("Embedding", 5000, 128, inputs=below(5000, 32, 64))
    yield row("EmbeddingBag", 5000, 128, inputs=below(5000, 256, 16))
    yield row("AdaptiveLogSoftmaxWithLoss", 128, 2000, [200, 800],
              inputs=(normal(256, 128), below(2000, 256)))  # fmt: skip


def convolution() -> Iterator[Row]:
    yield from each("Conv", 3, padding=1, channels="io")
    yield row("Conv2d", 64, 64, 3, padding=1, groups=64, inputs=IMAGES, label="depthwise")
    yield row("Conv2d", 64, 64, 1, inputs=IMAGES, label="1 x 1")
    yield row("Conv2d", 64, 64, 3, stride=2, padding=1, inputs=IMAGES, label="stride 2")
    yield from each("ConvTranspose", 4, stride=2, padding=1, channels="io", inputs=SMALL)


def pooling() -> Iterator[Row]:
    yield from each("MaxPool", 2)
    yield from each("AvgPool", 2)
    yield row("MaxPool2d", 3, stride=2, padding=1, inputs=IMAGES, label="3, stride 2")
    yield from each("AdaptiveAvgPool", 4)
    yield from each("AdaptiveMaxPool", 4)
    yield from each("LPPool", 2, 2, inputs={1: LINES, 2: IMAGES, 3: VOLUMES})
    for n, given in {2: (16, 64, 16, 16), 3: (4, 16, 4, 12, 12)}.items():
        yield row(f"FractionalMaxPool{n}d", 2, output_size=given[2:], inputs=BY_DIMENSION[n],
                  compared="none")  # fmt: skip
    for given in ((16, 64, 256), (16, 64, 16, 16), (4, 16, 4, 12, 12)):
        yield row(f"MaxUnpool{len(given) - 2}d", 2, inputs=(normal(*given), places(*given)))


def normalisation() -> Iterator[Row]:
    yield from each("BatchNorm", channels="n")
    yield from each("InstanceNorm", channels="n")
    yield row("GroupNorm", 8, 64, inputs=IMAGES)
    yield row("LayerNorm", 128, inputs=SEQUENCES)
    yield row("RMSNorm", 128, inputs=SEQUENCES)
    yield row("LocalResponseNorm", 5, inputs=IMAGES)
    yield row("CrossMapLRN2d", 5, inputs=IMAGES)


def dropout() -> Iterator[Row]:
    yield from plain("Dropout", "AlphaDropout", "Dropout2d", "FeatureAlphaDropout", compared="none")
    yield row("Dropout1d", inputs=LINES, compared="none")
    yield row("Dropout3d", inputs=VOLUMES, compared="none")


def paddings() -> Iterator[Row]:
    for mode in ("Circular", "Constant", "Reflection", "Replication", "Zero"):
        yield from padding(mode)


def rearrangement() -> Iterator[Row]:
    small = SMALL[2]
    for mode in ("nearest", "bilinear", "bicubic"):
        yield row("Upsample", scale_factor=2, mode=mode, inputs=small, label=mode)
    yield row("Upsample", scale_factor=2, mode="linear", inputs=SMALL[1], label="linear")
    yield row("Upsample", scale_factor=2, mode="trilinear", inputs=SMALL[3], label="trilinear")
    yield row("UpsamplingNearest2d", scale_factor=2, inputs=small)
    yield row("UpsamplingBilinear2d", scale_factor=2, inputs=small)
    yield row("PixelShuffle", 2, inputs=IMAGES)
    yield row("PixelUnshuffle", 2, inputs=IMAGES)
    yield row("ChannelShuffle", 8, inputs=IMAGES)
    yield row("Unfold", 3, padding=1, inputs=small)
    yield row("Fold", 16, 3, padding=1, inputs=normal(16, 576, 256))


def recurrent() -> Iterator[Row]:
    state = normal(256, 128)
    for name in ("RNNCell", "GRUCell"):
        yield row(name, 128, 128, inputs=(normal(256, 128), state))
    yield row("LSTMCell", 128, 128, inputs=normal(256, 128))
    for name in ("RNN", "GRU", "LSTM"):
        yield row(name, 128, 128, batch_first=True, inputs=SEQUENCES)


def attention() -> Iterator[Row]:
    three = (SEQUENCES, SEQUENCES, SEQUENCES)
    yield row("MultiheadAttention", 128, 4, batch_first=True, inputs=(*three, None, False))
    options = {"dim_feedforward": 256, "dropout": 0.0, "batch_first": True}
    yield row("TransformerEncoderLayer", 128, 4, inputs=SEQUENCES, **options)
    yield row("TransformerDecoderLayer", 128, 4, inputs=three[:2], **options)
    yield row("TransformerEncoder", inputs=SEQUENCES, build=stack("TransformerEncoder"))
    yield row("TransformerDecoder", inputs=three[:2], build=stack("TransformerDecoder"))
    yield row("Transformer", 128, 4, 1, 1, inputs=three[:2], **options)


def losses() -> Iterator[Row]:
    one = {"learned": 1}
    inside, other, classes = uniform(256, 512), normal(256, 512), below(512, 256)
    yield from plain("CrossEntropyLoss", "MultiMarginLoss", inputs=(VECTORS, classes), **one)
    yield row("NLLLoss", inputs=(logs(256, 512), classes), **one)
    yield row("CTCLoss", compared="values", **one, inputs=(
        logs(64, 32, 128), below(128, 32, 16, low=1), below(65, 32, low=64),
        below(17, 32, low=16)))  # fmt: skip
    yield row("BCELoss", inputs=(inside, inside), **one)
    yield from plain("BCEWithLogitsLoss", "PoissonNLLLoss", "MultiLabelSoftMarginLoss",
                     inputs=(VECTORS, inside), **one)  # fmt: skip
    yield row("KLDivLoss", reduction="batchmean", inputs=(logs(256, 512), inside), **one)
    yield from plain("HuberLoss", "L1Loss", "MSELoss", "SmoothL1Loss",
                     inputs=(VECTORS, other), **one)  # fmt: skip
    yield from plain("SoftMarginLoss", "HingeEmbeddingLoss",
                     inputs=(VECTORS, signs(256, 512)), **one)  # fmt: skip
    yield row("MultiLabelMarginLoss", inputs=(normal(64, 64), below(64, 64, 64, low=-1)), **one)
    yield row("GaussianNLLLoss", inputs=(VECTORS, other, inside), **one)
    yield row("MarginRankingLoss", inputs=(VECTORS, other, signs(256, 512)), learned=2)
    yield row("CosineEmbeddingLoss", inputs=(VECTORS, other, signs(256)), learned=2)
    for name in ("TripletMarginLoss", "TripletMarginWithDistanceLoss"):
        yield row(name, inputs=(VECTORS, other, normal(256, 512)))
    yield from plain("CosineSimilarity", "PairwiseDistance", inputs=(VECTORS, other))


FAMILIES = {
    "activations": activations, "linear and embedding": linear, "convolution": convolution,
    "pooling": pooling, "normalisation": normalisation, "dropout": dropout, "padding": paddings,
    "upsampling, pixels and windows": rearrangement, "recurrent": recurrent,
    "attention": attention, "losses": losses,
}  # fmt: skip
# Names of both that have no row: they do no work of their own, or are another row's.
WITHOUT_ROW = {
    "Module", "Parameter", "init", "Sequential", "ModuleList", "ModuleDict",  # no layers
    "Identity", "Flatten", "Unflatten",  # other views of the same numbers
}  # fmt: skip


def all_rows() -> list[Row]:
    """Return the rows of all families."""
    found = []
    for family, rows in FAMILIES.items():
        found += [Row(**{**vars(made), "family": family}) for made in rows()]
    return found


def forgotten(ours: Any, theirs: Any) -> list[str]:
    """Name what both have and no row times; lazy layers become others at their first call."""
    timed = {made.name for made in all_rows()} | WITHOUT_ROW
    both = (name for name in ours.__all__ if hasattr(theirs, name))
    return sorted(name for name in both if name not in timed and not name.startswith("Lazy"))
