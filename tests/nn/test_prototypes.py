"""Layers that compare with learned vectors: values by hand, ties, centroids that move."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn, optim
from chainrule.errors import ArgumentError, ShapeError


def test_distances_and_angles_by_hand() -> None:
    x, rows = cr.tensor([[3.0, 4.0]]), cr.tensor([[0.0, 0.0], [3.0, 0.0]])
    call = nn.functional_call
    assert call(nn.Euclidean(2, 2), {"weight": rows}, x).tolist() == [[5, 4]]
    scale = cr.tensor([[2.0, 0.0], [1.0, 0.5]])
    layer = nn.WeightedEuclidean(2, 2)
    assert call(layer, {"weight": rows, "scale": scale}, x).tolist() == [[6, 2]]
    cosines = call(nn.Cosine(2, 2), {"weight": rows + cr.tensor([[0.0], [1.0]])}, x)
    np.testing.assert_allclose(cosines.numpy(), [[0, 16 / (5 * 17**0.5)]], rtol=1e-6)


def test_at_distance_zero_nothing_moves() -> None:
    layer = nn.Euclidean(2, 1)
    layer(layer.weight.detach()).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[0, 0]]


def test_wrong_features_are_an_error() -> None:
    for layer in (nn.Euclidean(3, 2), nn.WeightedEuclidean(3, 2), nn.Kmeans(2, 3)):
        with pytest.raises(ShapeError, match=r"x.shape\[-1\] == 3; received x of shape \(5, 2\)"):
            layer(cr.ones((5, 2)))


def test_centroids_find_clusters() -> None:
    random = np.random.default_rng(0)
    middles = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    points = (middles[:, None] + random.normal(0, 0.5, (3, 40, 2))).reshape(-1, 2)
    layer = nn.Kmeans(3, 2, dtype="float64").start_from(points, generator=cr.Generator(0))
    optimizer = optim.SGD(layer.parameters(), lr=0.5)
    for _ in range(60):
        optimizer.zero_grad()
        layer(points).mean().backward()
        optimizer.step()
    assigned = layer.nearest(points).numpy().reshape(3, 40)
    assert (assigned == assigned[:, :1]).all()
    expected = points.reshape(3, 40, 2).mean(axis=1)  # what Lloyd's algorithm converges to
    np.testing.assert_allclose(layer.weight.numpy()[assigned[:, 0]], expected, atol=1e-6)


def test_the_gradient_of_a_centroid_points_away_from_its_points() -> None:
    layer = nn.Kmeans(2, 1)
    layer.weight.assign([[0.0], [10.0]])
    layer(cr.tensor([[1.0], [2.0], [9.0]])).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.tolist() == [[2 * (0 - 1) + 2 * (0 - 2)], [2 * (10 - 9)]]


def test_starting_points_are_different_points() -> None:
    points = np.repeat([[0.0], [1.0], [2.0]], 50, axis=0)
    layer = nn.Kmeans(3, 1)
    for seed in range(10):
        layer.start_from(points, generator=cr.Generator(seed))
        assert sorted(layer.weight.tolist()) == [[0], [1], [2]]
    with pytest.raises(ArgumentError, match=r"at least 3 points \(N, 1\)"):
        layer.start_from(points[:2])
