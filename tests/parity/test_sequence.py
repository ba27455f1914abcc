"""Losses and layers of sequences against PyTorch, where samples alone do not show it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule import nn

torch = pytest.importorskip("torch")
T = torch.nn.functional

TEXTS = np.array([[1, 1, 2], [2, 0, 0], [0, 0, 0], [1, 2, 1], [2, 2, 2]])
LINE = np.concatenate([TEXTS[0], TEXTS[1, :1], TEXTS[3], TEXTS[4]])
SIZES, ENDS = np.array([3, 1, 0, 3, 3]), np.array([7, 4, 3, 5, 4])  # the last one does not fit


@pytest.mark.parametrize("targets", [TEXTS, LINE], ids=["rows", "line"])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_ctc(targets: np.ndarray, reduction: str) -> None:
    """Through log_softmax, since PyTorch gives the gradient of what goes into that."""
    scores = spaced(7, 5, 3)
    x, z = cr.tensor(scores, requires_grad=True), torch.tensor(scores, requires_grad=True)
    options: Any = {"reduction": reduction, "zero_infinity": True}
    mine = F.ctc_loss(F.log_softmax(x), targets, ENDS, SIZES, **options)
    lengths = torch.tensor(ENDS), torch.tensor(SIZES)
    other = T.ctc_loss(T.log_softmax(z, -1), torch.tensor(targets), *lengths, **options)
    np.testing.assert_allclose(mine.numpy(), other.detach().numpy(), rtol=1e-12)
    mine.sum().backward()
    other.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), z.grad.numpy(), atol=1e-12)


def test_ctc_of_what_does_not_fit_is_infinite_in_both() -> None:
    logs = F.log_softmax(cr.tensor(spaced(7, 5, 3))).numpy()
    mine = F.ctc_loss(logs, TEXTS, ENDS, SIZES, reduction="none").numpy()
    tensors = [torch.tensor(a) for a in (logs, TEXTS, ENDS, SIZES)]
    np.testing.assert_allclose(mine, T.ctc_loss(*tensors, reduction="none").numpy(), rtol=1e-12)
    assert np.isinf(mine[4])


@pytest.mark.parametrize("mode", [None, "sum", "mean"])
def test_tables_with_limited_norms_and_shared_gradients(mode: str | None) -> None:
    # In a bag PyTorch 2.13 takes the frequencies of other rows: compared without a bag only.
    options = {"max_norm": 1.0, "norm_type": 1.5, "scale_grad_by_freq": mode is None}
    rows, indices = spaced(5, 3), np.array([[0, 2], [2, 2], [4, 0]])
    name = "EmbeddingBag" if mode else "Embedding"
    more = {"mode": mode} if mode else {}
    ours = getattr(nn, name)(5, 3, **options, **more, dtype="float64")
    theirs = getattr(torch.nn, name)(5, 3, **options, **more).double()
    ours.weight.assign(rows)
    theirs.load_state_dict({"weight": torch.tensor(rows)})
    y, z = ours(cr.tensor(indices)), theirs(torch.tensor(indices))
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-12)
    y.sum().backward()
    z.sum().backward()
    np.testing.assert_allclose(ours.weight.numpy(), theirs.weight.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.weight.grad.numpy(), theirs.weight.grad.numpy(), rtol=1e-12)


def test_adaptive_softmax_gives_the_same_probabilities() -> None:
    ours = nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 6], 2.0, dtype="float64")
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 6], 2.0).double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = spaced(6, 8)
    expected = theirs.log_prob(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours.log_prob(cr.tensor(x)).numpy(), expected, rtol=1e-12)
    predicted = theirs.predict(torch.tensor(x)).numpy()
    np.testing.assert_array_equal(ours.predict(cr.tensor(x)).numpy(), predicted)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("RNN", (64, 48)), ("LSTM", (64, 48)), ("GRU", (64, 48)), ("MultiheadAttention", (64, 8)),
     ("TransformerEncoderLayer", (64, 8, 128))],
)  # fmt: skip
def test_layers_start_in_the_same_distribution(name: str, arguments: tuple[int, ...]) -> None:
    cr.manual_seed(0)
    torch.manual_seed(0)
    mine = {k: v.numpy() for k, v in getattr(nn, name)(*arguments).named_parameters()}
    for path, q in getattr(torch.nn, name)(*arguments).named_parameters():
        other, few = q.detach().numpy(), 4 / np.sqrt(2 * mine[path].size)
        assert mine[path].shape == other.shape
        assert mine[path].std() == pytest.approx(other.std(), rel=few), path
