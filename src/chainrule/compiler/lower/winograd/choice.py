"""Which convolutions are computed with fewer multiplications: a model of both times.

A contraction is as fast as multiplications are, or as its weights come from memory; the transforms
are as fast as memory is. The rates are those of two cores (docs/performance.md); only their ratio
matters, and wider registers multiply more for the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from .matrices import Minimal, minimal

Sizes = tuple[Minimal, Minimal]
Pair = tuple[int, int]

CONVOLUTIONS = ("exact", "fast", "auto")
DIRECT, POINTWISE = 30.0, 26.0  # operations of a lane in a nanosecond: direct, and for each point
MEMORY = 30.0  # bytes in a nanosecond that transforms write, and that products read of weights
CALL = 6_000.0  # nanoseconds of a block's three kernels, besides their work
WORTH = 0.75  # of the direct way's time: what saves less is not worth compiling its kernels
FEW_CHANNELS = 8  # with fewer of them a transform costs more than it saves
MOST_SUMS = 35  # taps of a gradient: with more of them errors are larger than 1e-5
TILES: dict[int, tuple[int, ...]] = {1: (1,), 3: (4, 2), 5: (2,), 7: (2,)}  # outputs, by taps


@dataclass(frozen=True)
class Shape:
    """A convolution with stride 1: what its time depends on; channels and outputs of a group."""

    images: int
    channels: int
    outputs: int
    places: Pair  # of an output, or of the gradient that is correlated with
    taps: Pair
    groups: int = 1
    kept: bool = False  # the transformed weights outlive the call

    @property
    def products(self) -> int:
        """Multiplications of the direct way."""
        return self.images * self.weights * prod((*self.places, *self.taps))

    @property
    def weights(self) -> int:
        """Weights of a tap."""
        return self.groups * self.channels * self.outputs


@dataclass(frozen=True)
class Choice:
    """The tiles of a convolution (None: direct), and the estimated nanoseconds of both ways."""

    sizes: Sizes | None
    nanoseconds: float
    direct: float

    def __str__(self) -> str:
        if self.sizes is None:
            best = (
                f", the best other way {self.nanoseconds * 1e-3:,.0f} us"
                if self.nanoseconds
                else ""
            )
            return f"direct: about {self.direct * 1e-3:,.0f} us{best}"
        tile, taps = ("x".join(str(getattr(s, name)) for s in self.sizes)
                      for name in ("outputs", "taps"))  # fmt: skip
        return (
            f"F({tile}, {taps}): about {self.nanoseconds * 1e-3:,.0f} us, "
            f"direct {self.direct * 1e-3:,.0f} us"
        )


def choose(shape: Shape, mode: str, lanes: int, gradient: bool = False) -> Choice:
    """Choose how to compute a convolution, or (``gradient``) the gradient of its weight.

    ``mode`` "exact" is always direct, "fast" direct only if nothing else is possible, and "auto"
    whatever the model says is faster; ``lanes`` are those of a register.
    """
    direct = _products(shape.products, DIRECT * lanes, shape.weights * prod(shape.taps))
    if mode == "exact" or min(shape.channels, shape.outputs) < FEW_CHANNELS:
        return Choice(None, 0.0, direct)
    found = [(_nanoseconds(shape, s, lanes, gradient), s) for s in _candidates(shape, gradient)]
    if not found:
        return Choice(None, 0.0, direct)
    best, sizes = min(found, key=lambda pair: pair[0])
    wanted = mode == "fast" or best < WORTH * direct
    return Choice(sizes if wanted else None, best, direct)


def _candidates(shape: Shape, gradient: bool) -> Iterator[Sizes]:
    make: Callable[[int, int], Minimal] = (
        (lambda tile, taps: minimal(taps, tile)) if gradient else minimal
    )
    if max(shape.taps) == 1 or any(taps not in TILES for taps in shape.taps):
        return
    if gradient and prod(shape.taps) > MOST_SUMS:
        return
    for tiles in product(*(TILES[taps] for taps in shape.taps)):
        if len(set(tiles) - {1}) == 1:  # the same along both axes
            first, second = (make(t, r) for t, r in zip(tiles, shape.taps, strict=True))
            yield first, second


def _nanoseconds(shape: Shape, sizes: Sizes, lanes: int, gradient: bool) -> float:
    """Estimate the time of the transforms and of the products between them."""
    points = sizes[0].points * sizes[1].points
    tiles = shape.images * prod(
        -(-n // (s.taps if gradient else s.outputs))
        for n, s in zip(shape.places, sizes, strict=True)
    )
    written = tiles * shape.groups * (shape.channels + shape.outputs)
    written += 0 if shape.kept else shape.weights
    products = _products(
        points * tiles * shape.weights, POINTWISE * lanes, points * shape.weights
    )  # fmt: skip
    return products + 4 * points * written / MEMORY + CALL


def _products(products: int, rate: float, weights: int) -> float:
    """Estimate the time of a product: multiplications, or reading its weights."""
    return max(2 * products / rate, 4 * weights / MEMORY)
