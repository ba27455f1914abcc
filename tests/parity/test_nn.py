"""Layers against PyTorch's of the same name, with the same state: both modes, both data types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.nn.samples import ALL, Sample

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.ops.random import Generator

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning"),
    pytest.mark.filterwarnings("ignore:enable_nested_tensor is True:UserWarning"),
]

RENAMED = {"axis": "dim", "keepdims": "keepdim"}
COMPARED = [s for s in ALL if callable(s.peer) or (s.peer and hasattr(torch.nn, s.name))]


def counterpart(sample: Sample, kind: str) -> Any:
    if callable(sample.peer):
        return sample.peer(torch).to(getattr(torch, kind))
    options = {RENAMED.get(name, name): value for name, value in sample.options.items()}
    for name in ("weight", "pos_weight"):
        if name in options:
            options[name] = torch.tensor(options[name], dtype=getattr(torch, kind))
    if sample.name in ("LogSoftmax", "Softmax", "Softmin"):
        options.setdefault("dim", -1)
    if sample.name.startswith("InstanceNorm"):
        options.setdefault("affine", False)
    made = getattr(torch.nn, sample.name)(*sample.arguments, **options)
    return made.to(getattr(torch, kind))


def assert_close(mine: Any, other: Any, tolerance: float) -> None:
    expected = other.detach().numpy()
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(mine, expected, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize(("kind", "tolerance"), [("float32", 1e-6), ("float64", 1e-10)])
@pytest.mark.parametrize("sample", COMPARED, ids=str)
def test_layers(sample: Sample, kind: str, tolerance: float, mode: str) -> None:
    mine, other = sample.make(dtype=kind), counterpart(sample, kind)
    keys = [k for k in other.state_dict() if k not in ("weight", "pos_weight") or "Loss" not in
            sample.name]  # fmt: skip
    assert sorted(mine.state_dict()) == sorted(keys)
    if mine.state_dict():
        other.load_state_dict({k: torch.tensor(v) for k, v in mine.state_dict().items()})
    getattr(mine, mode)()
    getattr(other, mode)()
    here = sample.tensors(kind)
    there = [torch.tensor(t.numpy()) for t in here]
    for a, b in zip(here, there, strict=True):
        if a.dtype.is_floating:
            a.requires_grad_()
            b.requires_grad_()
    ours, theirs = sample.call(mine, here), sample.call(other, there)
    losses: list[Any] = [cr.tensor(0.0), torch.tensor(0.0)]
    for y, z in zip(ours, theirs, strict=True):
        assert y.shape == tuple(z.shape)
        assert_close(y.numpy(), z, tolerance)
        if z.requires_grad:
            seed = np.random.default_rng(0).standard_normal(y.shape).astype(kind)
            losses[0] = losses[0] + (y * seed).sum()
            losses[1] = losses[1] + (z * torch.tensor(seed)).sum()
    for loss in losses:
        if loss.requires_grad:
            loss.backward()
    for a, b in zip(here, there, strict=True):
        if b.grad is not None:
            # PyTorch computes the slope of hardsigmoid in float32.
            slack = 4e-8 if sample.name == "Hardsigmoid" else 4 * tolerance
            assert_close(a.grad.numpy(), b.grad, slack)
    parameters = dict(other.named_parameters())
    for name, parameter in mine.named_parameters():
        assert parameter.grad is not None
        assert_close(parameter.grad.numpy(), parameters[name].grad, 4 * tolerance)
    for name, value in mine.state_dict().items():  # running statistics have moved alike
        assert_close(value, other.state_dict()[name], tolerance)


def lenet(room: Any) -> Any:
    return room.Sequential(
        room.Conv2d(1, 20, 5), room.MaxPool2d(2), room.Conv2d(20, 50, 5), room.MaxPool2d(2),
        room.Flatten(), room.Linear(800, 500), room.ReLU(), room.Linear(500, 10),
    )  # fmt: skip


def test_a_step_of_lenet() -> None:
    mine, other = lenet(nn), lenet(torch.nn)
    assert list(mine.state_dict()) == list(other.state_dict())
    other.load_state_dict({k: torch.tensor(v) for k, v in mine.state_dict().items()})
    x = cr.random.normal((8, 1, 28, 28), generator=Generator(0))
    labels = np.arange(8)
    loss = F.cross_entropy(mine(x), labels)
    expected = torch.nn.functional.cross_entropy(
        other(torch.tensor(x.numpy())), torch.tensor(labels)
    )
    loss.backward()
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    for (name, p), q in zip(mine.named_parameters(), other.parameters(), strict=True):
        assert p.grad is not None, name
        scale = float(q.grad.abs().max())
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), atol=2e-6 * scale, rtol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda room: room.Linear(300, 200),
        lambda room: room.Conv2d(16, 40, 5, groups=2),
        lambda room: room.ConvTranspose2d(40, 16, 5, groups=2),
        lambda room: room.Bilinear(40, 30, 50),
        lambda room: room.Embedding(300, 100),
    ],
)
def test_layers_start_in_the_same_distribution(make: Any) -> None:
    cr.manual_seed(0)
    torch.manual_seed(0)
    for p, q in zip(make(nn).parameters(), make(torch.nn).parameters(), strict=True):
        mine, other = p.numpy(), q.detach().numpy()
        assert mine.shape == other.shape
        few = 4 / np.sqrt(2 * mine.size)  # four standard deviations of an estimated deviation
        assert mine.std() == pytest.approx(other.std(), rel=few)
