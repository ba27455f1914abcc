"""Locally connected and mapped convolutions against ordinary ones; padding layers' arguments."""

from __future__ import annotations

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.errors import ArgumentError
from chainrule.ops.random import Generator

x = spaced(2, 3, 5, 4)


def test_equal_weights_at_all_places_are_a_convolution() -> None:
    layer = nn.LocallyConnected2d(3, 2, (5, 4), 3, padding=1, dtype="float64")
    kernel, bias = spaced(2, 3, 3, 3), spaced(2)
    layer.weight.assign(np.broadcast_to(kernel, layer.weight.shape))
    layer.bias.assign(np.broadcast_to(bias[:, None, None], layer.bias.shape))
    np.testing.assert_allclose(
        layer(x).numpy(), F.conv2d(x, kernel, bias, padding=1).numpy(), atol=1e-12
    )


def test_a_full_table_is_a_convolution_and_one_to_one_has_groups() -> None:
    full = nn.MappedConv2d(nn.connections.full(3, 2), 2, dtype="float64")
    dense = full.weight.numpy().reshape(2, 3, 2, 2)
    np.testing.assert_allclose(full(x).numpy(), F.conv2d(x, dense, full.bias).numpy(), atol=1e-12)
    single = nn.MappedConv2d(nn.connections.one_to_one(3), 2, bias=False, dtype="float64")
    depthwise = F.conv2d(x, single.weight.numpy()[:, None], groups=3)
    np.testing.assert_allclose(single(x).numpy(), depthwise.numpy(), atol=1e-12)


def test_the_transposed_convolution_is_the_adjoint() -> None:
    table = nn.connections.random(3, 4, 2, generator=Generator(0))
    forward = nn.MappedConv2d(table, 2, bias=False, dtype="float64")
    back = nn.MappedConvTranspose2d(table[:, ::-1], 2, bias=False, dtype="float64")
    back.weight.assign(forward.weight)
    y = spaced(2, 4, 4, 3)
    inner = (forward(x) * y).sum().item()
    assert inner == pytest.approx((back(y) * x).sum().item())


def test_random_tables_use_all_inputs_alike() -> None:
    table = nn.connections.random(6, 10, 4, generator=Generator(3))
    assert len(np.unique(table, axis=0)) == 40
    assert (np.bincount(table[:, 1]) == 4).all()
    counts = np.bincount(table[:, 0])
    assert counts.sum() == 40
    assert counts.max() - counts.min() <= 1
    again = nn.connections.random(6, 10, 4, generator=Generator(3))
    np.testing.assert_array_equal(table, again)


def test_errors() -> None:
    with pytest.raises(ArgumentError, match="different pairs"):
        nn.MappedConv2d([(0, 0), (0, 0)], 3)
    with pytest.raises(ArgumentError, match="different pairs"):
        nn.MappedConv2d([0, 1], 3)
    with pytest.raises(ArgumentError, match="fan_in"):
        nn.connections.random(3, 2, 4)
    with pytest.raises(ArgumentError, match="input_size"):
        nn.LocallyConnected2d(1, 1, (2, 2), 3)
    with pytest.raises(ArgumentError, match="last axis first"):
        nn.ZeroPad2d((1, 2, 3))
    with pytest.raises(ArgumentError, match="odd size"):
        nn.CrossMapLRN2d(4)


def test_padding_counts_axes_from_the_last() -> None:
    y = nn.ZeroPad2d((1, 0, 0, 2))(cr.ones((1, 1, 1, 1)))
    assert y.tolist() == [[[[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]]]
    assert nn.ZeroPad2d((-1, 0, 0, -1))(x).tolist() == x[:, :, :-1, 1:].tolist()
