"""Attention layers and transformers: masks, gradients, generators, a task that trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim
from chainrule.errors import ArgumentError, ShapeError
from chainrule.ops.random import Generator


def test_one_head_of_unit_matrices_is_plain_attention() -> None:
    layer = nn.MultiheadAttention(3, 1, bias=False, dtype="float64")
    unit = np.eye(3)
    layer.load_state_dict({"in_proj_weight": np.tile(unit, (3, 1)), "out_proj.weight": unit})
    q, k, v = (cr.tensor(spaced(n, 3, seed=n)) for n in (2, 4, 4))
    y, weights = layer(q, k, v)
    np.testing.assert_allclose(
        y.numpy(), F.scaled_dot_product_attention(q, k, v).numpy(), rtol=1e-13
    )
    np.testing.assert_allclose(weights.numpy().sum(-1), 1.0)


def test_a_mean_of_weights_and_those_of_all_heads() -> None:
    layer, x = nn.MultiheadAttention(4, 2, dtype="float64"), cr.tensor(spaced(3, 2, 4))
    mean, each = (layer(x, x, x, None, True, None, flag)[1].numpy() for flag in (True, False))
    assert each.shape == (2, 2, 3, 3)
    np.testing.assert_allclose(each.mean(1), mean, rtol=1e-13)


@pytest.mark.parametrize("options", [{}, {"add_bias_kv": True, "add_zero_attn": True}])
def test_is_causal_is_the_mask_of_later_positions(options: Any) -> None:
    layer, x = nn.MultiheadAttention(4, 2, dtype="float64", **options), cr.tensor(spaced(3, 2, 4))
    later = nn.Transformer.generate_square_subsequent_mask(3, dtype="float64")
    padding = np.array([[False, False, True], [False] * 3])
    for hidden in (None, padding):
        expected = layer(x, x, x, hidden, True, later)
        found = layer(x, x, x, hidden, is_causal=True)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


def test_padded_keys_do_not_matter() -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True, dtype="float64")
    x, lengths = F.pad_sequence([spaced(2, 4), spaced(3, 4)], batch_first=True)
    hidden = ~F.sequence_mask(lengths, max_length=3)
    y = layer(x, None, hidden)
    np.testing.assert_allclose(y.numpy()[0, :2], layer(x[0, :2]).numpy(), rtol=1e-12)


def test_later_inputs_have_no_gradient() -> None:
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0, dtype="float64"), 2)
    x = cr.tensor(spaced(5, 1, 4), requires_grad=True)
    model(x, is_causal=True)[2].sum().backward()
    assert x.grad is not None
    assert not x.grad.numpy()[3:].any()
    model(x, nn.Transformer.generate_square_subsequent_mask(5))[0].sum().backward()
    assert not x.grad.numpy()[3:].any()


def test_copies_of_a_layer_drop_different_elements() -> None:
    generator = Generator(0)
    layer = nn.TransformerEncoderLayer(4, 2, 8, 0.5, generator=generator)
    layers = nn.TransformerEncoder(layer, 2).layers
    assert all(copy.dropout1.generator is generator for copy in layers)
    assert layers[0].linear1.weight is not layers[1].linear1.weight


def test_layers_of_a_transformer_start_differently() -> None:
    model = nn.Transformer(4, 2, 2, 1, 8)
    first, second = (layer.linear1.weight.numpy() for layer in model.encoder.layers)
    assert (first != second).any()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: nn.MultiheadAttention(5, 2), ArgumentError, "divisible"),
        (lambda x: nn.MultiheadAttention(8, 2)(x, x, x), ShapeError, r"E of \(8, 8, 8\)"),
        (lambda x: nn.MultiheadAttention(4, 2)(x, x, x, np.ones((3, 2), bool)), ShapeError,
         r"key_padding_mask of shape \(2, 3\)"),
        (lambda x: nn.MultiheadAttention(4, 2)(x, x, x, None, True, np.ones((3, 3), int)),
         ShapeError, "bool or floating"),
        (lambda x: nn.TransformerEncoderLayer(4, 2, activation="sin"), ArgumentError, "'gelu'"),
        (lambda x: nn.PositionalEncoding(8)(x), ShapeError, r"\(T, N, 8\)"),
    ],
)  # fmt: skip
def test_bad_input(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call(cr.ones((3, 2, 4)))


def test_attention_learns_to_look_back() -> None:
    """The answer at each position is the symbol two positions before."""
    cr.manual_seed(0)
    table, head = nn.Embedding(5, 16), nn.Linear(16, 5)
    places = nn.PositionalEncoding(16, dropout=0.0, batch_first=True)
    layer = nn.TransformerEncoderLayer(16, 2, 32, 0.0, batch_first=True, norm_first=True)
    parts = nn.ModuleList([table, layer, head])
    optimizer = optim.Adam(parts.parameters(), lr=0.02)
    symbols = np.random.default_rng(0).integers(0, 5, (32, 8))
    losses = []
    for _ in range(60):
        scores = head(layer(places(table(symbols)), is_causal=True))
        loss = F.cross_entropy(scores[:, 2:].reshape(-1, 5), symbols[:, :-2].reshape(-1))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[0] > 1.4
    assert losses[-1] < 0.3
