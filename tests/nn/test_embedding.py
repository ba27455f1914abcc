"""Tables: norms that are limited, tables that are given."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, ShapeError

ROWS = np.array([[3.0, 4.0], [6.0, 8.0], [0.3, 0.4], [30.0, 40.0]])


def limited() -> nn.Embedding:
    layer = nn.Embedding(4, 2, max_norm=5.0, dtype="float64")
    layer.weight.assign(ROWS)
    return layer


def test_rows_that_are_looked_up_are_shortened_in_the_table() -> None:
    layer = limited()
    y = layer(cr.tensor([1, 2, 1]))
    np.testing.assert_allclose(y.numpy(), [[3, 4], [0.3, 0.4], [3, 4]], rtol=1e-7)
    np.testing.assert_allclose(layer.weight.numpy(), [[3, 4], [3, 4], [0.3, 0.4], [30, 40]])
    y.sum().backward()
    assert layer.weight.grad is not None
    np.testing.assert_array_equal(layer.weight.grad.numpy()[:, 0], [0, 2, 1, 0])


def test_compiled_rows_are_shortened_too() -> None:
    layer = limited()

    def step(indices: cr.Tensor) -> tuple[cr.Tensor, cr.Tensor | None]:
        y = layer(indices)
        y.sum().backward()
        return y, layer.weight.grad

    y, gradient = cr.compile(step)(cr.tensor([1, 2]))
    np.testing.assert_allclose(y.numpy(), [[3, 4], [0.3, 0.4]], rtol=1e-7)
    np.testing.assert_allclose(layer.weight.numpy()[1], [3, 4], rtol=1e-7)
    np.testing.assert_array_equal(layer.weight.numpy()[3], [30, 40])
    np.testing.assert_array_equal(gradient.numpy()[:, 0], [0, 1, 1, 0])


def test_short_rows_can_be_looked_up_twice_before_a_backward_sweep() -> None:
    layer = limited()
    (layer(cr.tensor([0])) + layer(cr.tensor([2]))).sum().backward()
    assert layer.weight.grad is not None


@pytest.mark.parametrize("cls", [nn.Embedding, nn.EmbeddingBag])
def test_a_table_that_is_given(cls: type[nn.Embedding]) -> None:
    layer = cls.from_pretrained(ROWS, padding_idx=0)
    assert not layer.weight.requires_grad
    np.testing.assert_array_equal(layer.weight.numpy(), ROWS)
    assert cls.from_pretrained(ROWS, freeze=False).weight.requires_grad


def test_repr_shows_what_is_not_usual() -> None:
    assert repr(nn.Embedding(4, 2)) == "Embedding(4, 2)"
    assert repr(nn.EmbeddingBag(4, 2, mode="sum", padding_idx=1)) == (
        "EmbeddingBag(4, 2, padding_idx=1, mode='sum')"
    )


def test_bad_input() -> None:
    with pytest.raises(ArgumentError, match="one of the 4 rows"):
        nn.EmbeddingBag(4, 2, padding_idx=4)
    with pytest.raises(ShapeError, match=r"a table \(rows, features\)"):
        nn.Embedding.from_pretrained([1.0, 2.0])
