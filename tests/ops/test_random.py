"""Randomness: the published test vectors, one stream whatever the pieces, and the distributions."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule import random
from chainrule.errors import ArgumentError, ChainruleError, DTypeError, ShapeError
from chainrule.ops.philox import philox4x32, random_bits

COUNT = 20_000


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, (0, 0), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (
            [0xFFFFFFFF] * 4, (0xFFFFFFFF, 0xFFFFFFFF),
            [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
        ),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], (0xA4093822, 0x299F31D0),
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)  # fmt: skip
def test_known_answers_of_philox(counter: list[int], key: Any, expected: list[int]) -> None:
    """The vectors that come with the Random123 library."""
    words = philox4x32(np.array([counter], np.uint64), key)
    assert words.tolist() == [expected]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_bits_are_one_stream_however_they_are_cut(sizes: list[int]) -> None:
    pieces = random.Generator(3)
    drawn = np.concatenate([pieces.bits(n).numpy() for n in sizes])
    np.testing.assert_array_equal(drawn, random.Generator(3).bits(sum(sizes)).numpy())


def test_uniform_and_normal_are_one_stream_too() -> None:
    for draw, dtype in ((random.uniform, "float32"), (random.normal, "float64")):
        g, h = cr.Generator(1), cr.Generator(1)
        parts = [draw(n, generator=g, dtype=dtype).numpy() for n in (4, 10, 2)]
        np.testing.assert_array_equal(
            np.concatenate(parts), draw((2, 8), generator=h, dtype=dtype).numpy().ravel()
        )


def test_a_long_draw_crosses_blocks_and_32_bits() -> None:
    key = cr.tensor([1, 2], dtype="uint32")
    start = 2**34 - 5  # the block number passes 2**32 here
    whole = random_bits(key, cr.tensor(np.uint64(start)), shape=(40_000,)).numpy()
    for at in (0, 1, 5, 6, 16_390, 39_999):
        one = random_bits(key, cr.tensor(np.uint64(start + at)), shape=(1,))
        assert one.tolist() == [whole[at]]


def test_seeds_repeat_and_differ() -> None:
    a, b, c = cr.Generator(5), cr.Generator(5), cr.Generator(6)
    x, y, z = (random.uniform(8, generator=g).tolist() for g in (a, b, c))
    assert x == y != z
    assert random.uniform(8, generator=a).tolist() != x


def test_default_generator_is_seeded() -> None:
    cr.manual_seed(11)
    first = random.uniform(3).tolist()
    assert random.uniform(3).tolist() != first
    assert cr.manual_seed(11) is random.default_generator()
    assert random.uniform(3).tolist() == first


def test_state_is_saved_and_loaded() -> None:
    g = cr.Generator(2**63 + 5)
    g.bits(7)
    state = json.loads(json.dumps(g.state_dict()))
    assert state == {"key": 2**63 + 5, "counter": 7}
    expected = g.bits(5).tolist()
    other = cr.Generator(0)
    other.load_state_dict(state)
    assert other.bits(5).tolist() == expected
    twin = copy.deepcopy(other)
    assert twin.bits(3).tolist() == other.bits(3).tolist()


def test_streams_are_independent() -> None:
    parent = cr.Generator(0)
    streams = [parent.fold_in(k) for k in (0, 1, 2**40)] + parent.spawn(3) + [cr.Generator(1)]
    draws = np.stack([random.normal(4000, generator=g).numpy() for g in streams])
    correlation = np.corrcoef(draws) - np.eye(len(draws))
    assert abs(correlation).max() < 5 / math.sqrt(4000)


def test_fold_in_depends_on_the_seed_only() -> None:
    parent = cr.Generator(4)
    before = parent.fold_in(9).state_dict()
    parent.bits(100)
    assert parent.fold_in(9).state_dict() == before
    assert parent.fold_in(9).fold_in(1).state_dict() != parent.fold_in(1).fold_in(9).state_dict()
    assert cr.Generator(5).fold_in(9).state_dict() != before


def test_spawn_gives_others_each_time() -> None:
    g = cr.Generator(0)
    keys = [child.state_dict()["key"] for child in g.spawn(3) + g.spawn(3)]
    assert len(set(keys)) == 6


# --- distributions ---------------------------------------------------------------------------


def chi_square(observed: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> float:
    """The statistic as a standard score: near 0, and beyond 5 only for a wrong distribution."""
    statistic = ((observed - expected) ** 2 / expected).sum()
    freedom = len(observed) - 1
    return float((statistic - freedom) / math.sqrt(2 * freedom))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform(dtype: str) -> None:
    x = random.uniform(COUNT, -1, 3, generator=cr.Generator(0), dtype=dtype)
    assert str(x.dtype) == dtype
    values = x.numpy().astype(float)
    assert values.min() >= -1
    assert values.max() < 3
    counts = np.histogram(values, 50, (-1, 3))[0]
    assert abs(chi_square(counts, np.full(50, COUNT / 50))) < 5
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 5 / math.sqrt(COUNT)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal(dtype: str) -> None:
    x = random.normal(COUNT + 1, 2, 3, generator=cr.Generator(0), dtype=dtype)
    assert (x.shape, str(x.dtype)) == ((COUNT + 1,), dtype)
    z = (x.numpy().astype(float) - 2) / 3
    moments = [(z**k).mean() for k in (1, 2, 3, 4)]
    spread = [1, math.sqrt(2), math.sqrt(15), math.sqrt(96)]
    for moment, expected, deviation in zip(moments, (0, 1, 0, 3), spread, strict=True):
        assert abs(moment - expected) < 5 * deviation / math.sqrt(COUNT)
    ends = [-math.inf, *np.linspace(-2.5, 2.5, 21), math.inf]
    below = np.array([(1 + math.erf(e / math.sqrt(2))) / 2 for e in ends])
    counts = np.histogram(z, np.clip(ends, -50, 50))[0]
    assert abs(chi_square(counts, COUNT * np.diff(below))) < 5


class Stuck(cr.Generator):
    """A generator that always draws one word."""

    word = 0

    def bits(self, shape: Any) -> cr.Tensor:
        return cr.full(shape, self.word, dtype="uint32")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_words(dtype: str) -> None:
    """The smallest word gives the far tail of the normal, not infinity; uniform stays below 1."""
    g = Stuck()
    assert random.uniform(generator=g, dtype=dtype).item() == 0
    tail = random.normal(2, generator=g, dtype=dtype).tolist()
    assert 6.5 < tail[0] < 9
    assert abs(tail[1]) < 1e-6
    g.word = 2**32 - 1
    assert 1 - 1e-7 < random.uniform(generator=g, dtype=dtype).item() < 1
    assert abs(random.normal(2, generator=g, dtype=dtype).numpy()).max() < 1e-3
    assert random.randint((), 0, 2**53, generator=g).item() == 2**53 - 1
    assert not random.bernoulli(generator=g).item()
    assert random.bernoulli((), 1.0, generator=g).item()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_types(dtype: str) -> None:
    for draw in (random.uniform, random.normal):
        x = draw((3, 4), generator=cr.Generator(0), dtype=dtype)
        assert (str(x.dtype), x.shape) == (dtype, (3, 4))


def test_bernoulli() -> None:
    g = cr.Generator(0)
    for p in (0.0, 0.1, 0.7, 1.0):
        x = random.bernoulli(COUNT, p, generator=g)
        assert x.dtype is cr.bool
        assert abs(x.numpy().mean() - p) <= 5 * math.sqrt(p * (1 - p) / COUNT)
    each = random.bernoulli((COUNT, 2), cr.tensor([0.0, 1.0]), generator=g, dtype="float32")
    assert each.numpy().mean(0).tolist() == [0, 1]


@pytest.mark.parametrize(("low", "high"), [(0, 2), (-3, 7), (5, 6), (0, 2**53)])
def test_randint(low: int, high: int) -> None:
    x = random.randint(COUNT, low, high, generator=cr.Generator(0))
    assert x.dtype is cr.int64
    assert low <= x.numpy().min()
    assert x.numpy().max() < high
    bins = min(high - low, 50)
    counts = np.histogram(x.numpy().astype(float), bins, (low, high))[0]
    if bins > 1:
        assert abs(chi_square(counts, np.full(bins, COUNT / bins))) < 5


def test_permutation() -> None:
    g = cr.Generator(0)
    draws = np.array([random.permutation(3, generator=g).tolist() for _ in range(600)])
    orders, counts = np.unique(draws, axis=0, return_counts=True)
    assert orders.tolist() == [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    assert abs(chi_square(counts, np.full(6, 100.0))) < 5
    assert random.permutation(0).shape == (0,)
    x = np.arange(12.0).reshape(3, 4)
    shuffled = random.permutation(x, axis=1, generator=g).numpy()
    np.testing.assert_array_equal(np.sort(shuffled, 1), x)
    assert len({tuple(row - row[0]) for row in shuffled}) == 1


def test_choice() -> None:
    g = cr.Generator(0)
    weights = np.array([1.0, 0.0, 3.0, 6.0])
    x = random.choice(4, COUNT, probabilities=weights, generator=g).numpy()
    counts = np.bincount(x, minlength=4)
    assert counts[1] == 0
    live = [0, 2, 3]
    assert abs(chi_square(counts[live], COUNT * weights[live] / 10)) < 5
    once = random.choice(10, (2, 5), replace=False, generator=g)
    assert sorted(once.numpy().ravel().tolist()) == list(range(10))
    assert random.choice(3, generator=g).shape == ()


def test_parameters_get_gradients() -> None:
    mean, std = (cr.tensor([v, v], requires_grad=True) for v in (1.0, 2.0))
    x = random.normal((5, 2), mean, std, generator=cr.Generator(0))
    z = random.normal((5, 2), generator=cr.Generator(0)).numpy()
    x.sum().backward()
    assert mean.grad is not None
    assert std.grad is not None
    assert mean.grad.tolist() == [5, 5]
    np.testing.assert_allclose(std.grad.numpy(), z.sum(0), rtol=1e-5)
    low = cr.tensor(0.0, requires_grad=True)
    random.uniform(4, low, 2.0, generator=cr.Generator(0)).sum().backward()
    u = random.uniform(4, generator=cr.Generator(0)).numpy()
    assert low.grad is not None
    assert low.grad.item() == pytest.approx((1 - u).sum(), rel=1e-5)


def test_bits_are_a_node_of_a_graph() -> None:
    """Key and counter are inputs, so that a program can hold them as state."""
    key, counter = cr.input("key", (2,), "uint32"), cr.input("counter", (), "uint64")
    bits = random_bits(key, counter, shape=(4,))
    graph = cr.ComputationalGraph((bits, counter + 4))
    g = cr.Generator(3)
    state: Any = 0
    for _ in range(3):
        words, state = graph.forward(key=np.array([3, 0], np.uint32), counter=np.uint64(state))
        np.testing.assert_array_equal(words, g.bits(4).numpy())


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.Generator(-1), ArgumentError, "an integer from 0 to 2**64 - 1; received -1"),
        (lambda: cr.Generator(2**64), ArgumentError, "2**64 - 1"),
        (lambda: cr.manual_seed(1.5), ArgumentError, "received 1.5"),  # type: ignore[arg-type]
        (lambda: cr.Generator(0).load_state_dict({"key": 1}), ArgumentError, "'counter'"),
        (
            lambda: cr.Generator(0).load_state_dict({"key": 1, "counter": -1}),
            ArgumentError,
            "generator's counter",
        ),
        (lambda: cr.Generator(0).fold_in(-1), ArgumentError, "fold_in"),
        (lambda: random.uniform((2, -1)), ShapeError, ">= 0"),
        (lambda: random.uniform(2, dtype="int64"), DTypeError, "a floating type"),
        (lambda: random.normal(2, dtype=bool), DTypeError, "a floating type"),
        (lambda: random.bernoulli(2, 1.5), ArgumentError, "probabilities in [0, 1]"),
        (lambda: random.bernoulli(2, math.nan), ArgumentError, "probabilities in [0, 1]"),
        (lambda: random.randint(2, 3, 3), ArgumentError, "low < high"),
        (lambda: random.permutation(-1), ShapeError, ">= 0"),
        (lambda: random.choice(3, 4, replace=False), ArgumentError, "received 4 of 3"),
        (lambda: random.choice(2, 1, probabilities=[1, -1]), ArgumentError, "probabilities >= 0"),
        (lambda: random.choice(2, 1, probabilities=[1.0]), ArgumentError, "2 probabilities"),
        (lambda: random_bits([0, 0], 0, shape=(2,)), DTypeError, "a key of uint32"),
    ],
)
def test_errors(call: Callable[[], Any], error: type[ChainruleError], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
