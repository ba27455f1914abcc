"""Convolution against loops that do what the formula says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, ShapeError
from chainrule.ops import convolution_kernel

Ints = tuple[int, ...]


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


@dataclass(frozen=True)
class Case:
    """One convolution: the shapes of x and weight, and its attributes."""

    x: Ints
    weight: Ints
    stride: Ints
    padding: tuple[tuple[int, int], ...]
    dilation: Ints
    input_dilation: Ints
    groups: int

    @property
    def attributes(self) -> dict[str, Any]:
        names = ("stride", "padding", "dilation", "input_dilation", "groups")
        return {name: getattr(self, name) for name in names}

    @property
    def spread(self) -> Ints:
        """Lengths of x with zeros between its elements."""
        pairs = zip(self.x[2:], self.input_dilation, strict=True)
        return tuple((n - 1) * e + 1 if n else 0 for n, e in pairs)

    @property
    def out(self) -> Ints:
        return tuple(
            (n + a + b - d * (k - 1) - 1) // s + 1
            for n, (a, b), d, k, s in zip(
                self.spread, self.padding, self.dilation, self.weight[2:], self.stride, strict=True
            )
        )

    def by_loops(self, x: Array, weight: Array) -> Array:
        """Compute y[i] = sum over k of weight[k] * x[i * stride + k * dilation - padding]."""
        spread = np.zeros((*self.x[:2], *self.spread))
        spread[:, :, *[slice(None, None, e) for e in self.input_dilation]] = x
        y = np.zeros((self.x[0], self.weight[0], *self.out))
        inner, outputs = self.weight[1], self.weight[0] // self.groups
        for o in range(self.weight[0]):
            channels = slice(o // outputs * inner, (o // outputs + 1) * inner)
            for i in np.ndindex(*self.out):
                for k in np.ndindex(*self.weight[2:]):
                    at = [
                        i[a] * self.stride[a] + k[a] * self.dilation[a] - self.padding[a][0]
                        for a in range(len(i))
                    ]
                    if all(0 <= j < n for j, n in zip(at, self.spread, strict=True)):
                        y[:, o, *i] += spread[:, channels, *at] @ weight[o, :, *k]
        return y


@st.composite
def cases(data: st.DrawFn) -> Case:
    """Any convolution that fits, of one to three axes."""
    rank = data(st.integers(1, 3))
    each = lambda numbers: tuple(data(numbers) for _ in range(rank))
    groups, inner, outputs = (data(st.integers(1, 3)) for _ in range(3))
    case = Case(
        x=(data(st.integers(0, 3)), groups * inner, *each(st.integers(0, 6))),
        weight=(groups * outputs, inner, *each(st.integers(1, 3))),
        stride=each(st.integers(1, 3)) if data(st.booleans()) else (1,) * rank,
        padding=tuple(zip(each(st.integers(-2, 4)), each(st.integers(-2, 4)), strict=True)),
        dilation=each(st.integers(1, 3)),
        input_dilation=each(st.integers(1, 3)),
        groups=groups,
    )
    assume(min(case.out) >= 1)
    return case


@pytest.mark.parametrize("block", [1, 40, convolution_kernel.BLOCK])
@settings(max_examples=150)
@given(case=cases())
def test_convolution_and_its_gradients_are_the_loops(block: int, case: Case) -> None:
    """The gradients are checked as adjoints: <g, conv(dx, weight)> == <dL/dx, dx>."""
    x = cr.tensor(draw(*case.x), requires_grad=True)
    weight = cr.tensor(draw(*case.weight, seed=1), requires_grad=True)
    with mock.patch.object(convolution_kernel, "BLOCK", block):
        y = cr.convolve(x, weight, **case.attributes)
        g = draw(*y.shape, seed=2)
        y.backward(g)
    np.testing.assert_allclose(y.value, case.by_loops(x.value, weight.value), atol=1e-10)
    assert x.grad is not None
    assert weight.grad is not None
    assert (x.grad.shape, weight.grad.shape) == (x.shape, weight.shape)
    dx, dw = draw(*case.x, seed=3), draw(*case.weight, seed=4)
    np.testing.assert_allclose(
        (x.grad.value * dx).sum(), (g * case.by_loops(dx, weight.value)).sum(), atol=1e-9
    )
    np.testing.assert_allclose(
        (weight.grad.value * dw).sum(), (g * case.by_loops(x.value, dw)).sum(), atol=1e-9
    )


@settings(max_examples=25)
@given(case=cases())
def test_derivatives_of_second_order(case: Case) -> None:
    assume(np.prod(case.x) * np.prod(case.weight) < 2000)
    cr.check_gradients(
        lambda x, weight: cr.convolve(x, weight, **case.attributes),
        [draw(*case.x), draw(*case.weight, seed=1)], directions=1,
    )  # fmt: skip


ALGORITHMS = [
    "_gather_batch_last", "_gather_channels_last", "_scatter_batch_last", "_scatter_channels_last",
]  # fmt: skip


@pytest.mark.parametrize("name", ALGORITHMS)
@settings(max_examples=60)
@given(case=cases())
def test_all_algorithms_compute_the_same(name: str, case: Case) -> None:
    assume(name.startswith("_gather") or set(case.stride) == {1})
    assume(0 not in case.x)
    with mock.patch.object(convolution_kernel, "_algorithm", getattr(convolution_kernel, name)):
        found = cr.convolve(draw(*case.x), draw(*case.weight, seed=1), **case.attributes)
    expected = case.by_loops(draw(*case.x), draw(*case.weight, seed=1))
    np.testing.assert_allclose(found.value, expected, atol=1e-10)


@pytest.mark.parametrize("n", range(3, 9))
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_what_a_stride_leaves_over_has_no_gradient(n: int, stride: int, padding: int) -> None:
    x = cr.tensor(draw(1, 1, n), requires_grad=True)
    weight = np.ones((1, 1, 3))
    cr.convolve(x, weight, stride=stride, padding=padding).sum().backward()
    reads = np.zeros(n + 2 * padding)
    for start in range(0, n + 2 * padding - 2, stride):
        reads[start : start + 3] += 1
    assert x.grad is not None
    assert x.grad.tolist() == [[reads[padding : padding + n].tolist()]]


def test_results_of_the_sizes_of_networks_are_the_same_in_float32() -> None:
    """LeNet's convolutions, at a size at which the kernel has real choices."""
    for x, w, attributes in [
        ((8, 1, 28, 28), (20, 1, 5, 5), {}),
        ((8, 20, 12, 12), (50, 20, 5, 5), {}),
        ((2, 16, 14, 14), (32, 16, 3, 3), {"stride": 2, "padding": 1}),
        ((2, 16, 14, 14), (16, 1, 3, 3), {"groups": 16, "padding": 1}),
        ((8, 32, 7, 7), (8, 32, 1, 1), {}),
    ]:
        single = [draw(*x).astype(np.float32), draw(*w, seed=1).astype(np.float32)]
        found = gradients(single, attributes)
        for one, other in zip(found, gradients([a.astype(float) for a in single], attributes),
                              strict=True):  # fmt: skip
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-3)


def gradients(arrays: list[Array], attributes: Any) -> list[Array]:
    """Return the result and both gradients, each scaled to the size of 1."""
    x, weight = (cr.tensor(a, requires_grad=True) for a in arrays)
    y = cr.convolve(x, weight, **attributes)
    y.backward(draw(*y.shape, seed=2).astype(arrays[0].dtype))
    assert x.grad is not None
    assert weight.grad is not None
    return [t.value / np.abs(t.value).max() for t in (y, x.grad, weight.grad)]


def test_numbers_and_sequences_are_accepted() -> None:
    x, weight = draw(1, 2, 6, 6), draw(3, 2, 3, 3)
    expected = cr.convolve(x, weight, stride=(2, 2), padding=((1, 1), (2, 2)), dilation=(1, 1))
    found = cr.convolve(x, weight, stride=2, padding=[1, (2, 2)], dilation=[1, 1])
    np.testing.assert_array_equal(found.value, expected.value)


def test_types_promote() -> None:
    x = cr.tensor([[[1, 2, 3]]])
    assert cr.convolve(x, [[[1, 1]]]).tolist() == [[[3, 5]]]
    assert cr.convolve(x, [[[0.5, 0.5]]]).dtype is cr.float32
    assert cr.convolve(cr.tensor([[[1.0, 2.0]]], "bfloat16"), [[[1]]]).dtype is cr.bfloat16


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: cr.convolve(draw(1, 3, 5), draw(2, 4, 2)), ShapeError,
         "convolve: requires C == weight.shape[1] * groups and O divisible by groups; "
         "received C = 3 and weight (2, 4, 2), groups = 1"),
        (lambda: cr.convolve(draw(1, 4, 5), draw(3, 2, 2), groups=2), ShapeError,
         "O divisible by groups"),
        (lambda: cr.convolve(draw(1, 1, 2, 2), draw(1, 1, 3, 1)), ShapeError,
         "requires a kernel that fits: out = floor(((n - 1) * input_dilation + 1 + padding"
         " - dilation * (k - 1) - 1) / stride) + 1 >= 1; received out = (0, 2) of n = (2, 2),"
         " k = (3, 1), stride = (1, 1), padding = ((0, 0), (0, 0)), dilation = (1, 1),"
         " input_dilation = (1, 1), groups = 1; give more padding, or a smaller kernel"),
        (lambda: cr.convolve(draw(1, 1, 2), draw(1, 1, 0)), ShapeError, "a kernel that fits"),
        (lambda: cr.convolve(draw(1, 2, 2), draw(1, 1, 2, 2)), ShapeError,
         "convolve: requires x (N, C, *S), weight (O, C // groups, *K), 2 axes S and K; "
         "received (1, 2, 2) and (1, 1, 2, 2)"),
        (lambda: cr.convolve(draw(1, 2), draw(1, 2)), ShapeError,
         "requires weight (O, C // groups, *K) with 1 to 3 axes K; received shape (1, 2)"),
        (lambda: cr.convolve(draw(1, 1, 2), draw(1, 1, 1), stride=0), ArgumentError,
         "convolve, stride: requires a number >= 1, or 1 of them; received 0"),
        (lambda: cr.convolve(draw(1, 1, 2), draw(1, 1, 1), dilation=(1, 1)), ArgumentError,
         "convolve, dilation: requires a number >= 1, or 1 of them; received (1, 1)"),
        (lambda: cr.convolve(draw(1, 1, 2), draw(1, 1, 1), padding=(1, 2)), ArgumentError,
         "convolve, padding: requires 1 pairs (before, after), one for each axis, or one number; "
         "received (1, 2)"),
        (lambda: cr.convolve(draw(1, 1, 2), draw(1, 1, 1), padding="same"), ArgumentError,
         "convolve, padding: requires an integer; received 's'"),
        (lambda: cr.convolve(draw(1, 1, 2), draw(1, 1, 1), groups=0), ArgumentError,
         "convolve: requires groups >= 1; received groups = 0"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)
