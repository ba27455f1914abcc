"""Pooling, padding, interpolation, sampling against PyTorch in all modes; spectral norm."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from tests.functional.samples import spaced

import chainrule as cr
from chainrule import functional as F
from chainrule import nn
from chainrule.errors import ChainruleError
from chainrule.functional.grids import PADDING_MODES

torch = pytest.importorskip("torch")
T = torch.nn.functional

ties = np.random.default_rng(0).integers(0, 4, (2, 3, 11, 12)).astype(float)


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize(("size", "stride"), list(itertools.product((2, 3, 9), (1, 2, 3))))
def test_indices_of_max_pool_among_ties(size: int, stride: int, ceil_mode: bool) -> None:
    for padding, dilation in itertools.product((0, 1), (1, 2)):
        options = {"stride": stride, "padding": padding, "dilation": dilation,
                   "ceil_mode": ceil_mode, "return_indices": True}  # fmt: skip
        if dilation * (size - 1) >= 11 + 2 * padding:
            continue
        mine = F.max_pool2d(ties, size, **options)
        other = T.max_pool2d(torch.tensor(ties), size, **options)
        for a, b in zip(mine, other, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("out", [1, 3, 4, (5, 7)])
def test_indices_of_adaptive_and_fractional_pools(out: Any) -> None:
    samples = np.random.default_rng(1).random((2, 3, 2))
    pairs = [
        (F.adaptive_max_pool2d(ties, out, return_indices=True),
         T.adaptive_max_pool2d(torch.tensor(ties), out, return_indices=True)),
        (F.fractional_max_pool2d(
            ties, 2, output_size=out, random_samples=samples, return_indices=True),
         T.fractional_max_pool2d(
            torch.tensor(ties), 2, output_size=out, _random_samples=torch.tensor(samples),
            return_indices=True)),
    ]  # fmt: skip
    for mine, other in pairs:
        for a, b in zip(mine, other, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize(("n", "size", "stride"), [(3, 4, 2), (3, 4, 3), (3, 5, 2), (3, 5, 4)])
def test_windows_larger_than_the_input(n: int, size: int, stride: int) -> None:
    x = spaced(1, 2, n)
    for mine, other in ((F.max_pool1d, T.max_pool1d), (F.avg_pool1d, T.avg_pool1d)):
        try:
            expected = other(torch.tensor(x), size, stride, ceil_mode=True).numpy()
        except RuntimeError:
            with pytest.raises(ChainruleError):
                mine(x, size, stride=stride, ceil_mode=True)
        else:
            found = mine(x, size, stride=stride, ceil_mode=True)
            np.testing.assert_allclose(found.numpy(), expected)


@pytest.mark.parametrize("mode", ["Reflection", "Replication", "Circular", "Zero"])
@pytest.mark.parametrize("before", [-2, -1, 0, 1, 2])
def test_padding_and_cropping(mode: str, before: int) -> None:
    x = spaced(1, 1, 5)
    for after in (-2, -1, 0, 1, 2):
        mine = getattr(nn, f"{mode}Pad1d")((before, after))(x).numpy()
        other = getattr(torch.nn, f"{mode}Pad1d")((before, after))(torch.tensor(x)).numpy()
        np.testing.assert_array_equal(mine, other)


LENGTHS = [{"size": m} for m in (1, 2, 3, 4, 6, 9, 16)]
SCALES = [{"scale_factor": s} for s in (2, 3, 0.5, 1.3, 0.7, 2.6)]


@pytest.mark.parametrize("options", LENGTHS + SCALES, ids=str)
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear", "area", "bicubic"])
def test_interpolation(mode: str, options: dict[str, Any]) -> None:
    for n in (1, 2, 3, 5, 8):
        if int(n * options.get("scale_factor", 1)) < 1:
            continue
        x = spaced(*(1, 1, n, 4)[: 4 if mode == "bicubic" else 3])
        for align in (None, True) if mode in ("linear", "bicubic") else (None,):
            mine = F.interpolate(x, mode=mode, align_corners=align, **options).numpy()
            other = T.interpolate(torch.tensor(x), mode=mode, align_corners=align, **options)
            np.testing.assert_allclose(mine, other.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("padding_mode", PADDING_MODES)
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_sampling_and_its_gradients(mode: str, padding_mode: str, align_corners: bool) -> None:
    options = {"mode": mode, "padding_mode": padding_mode, "align_corners": align_corners}
    arrays = spaced(2, 2, 4, 5), spaced(2, 3, 2, 2, low=-2.3, high=2.3)
    here = [cr.tensor(a, requires_grad=True) for a in arrays]
    there = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = F.grid_sample(*here, **options), T.grid_sample(*there, **options)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), atol=1e-12)
    seed = np.random.default_rng(0).standard_normal(y.shape)
    y.backward(seed)
    z.backward(torch.tensor(seed))
    for a, b in zip(here, there, strict=True):
        grad = np.zeros(a.shape) if a.grad is None else a.grad.numpy()
        np.testing.assert_allclose(grad, b.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("name", ["Linear", "Conv2d", "ConvTranspose2d"])
def test_spectral_norm(name: str) -> None:
    arguments = (4, 3) if name == "Linear" else (4, 3, 2)
    x = spaced(2, 4) if name == "Linear" else spaced(2, 4, 3, 3)
    mine = nn.spectral_norm(getattr(nn, name)(*arguments, dtype="float64"))
    other = torch.nn.utils.parametrizations.spectral_norm(
        getattr(torch.nn, name)(*arguments, dtype=torch.float64)
    )
    assert sorted(mine.state_dict()) == sorted(other.state_dict())
    other.load_state_dict({k: torch.tensor(v) for k, v in mine.state_dict().items()})
    for _ in range(3):  # each call in training turns the vectors
        y, z = mine(x), other(torch.tensor(x))
        np.testing.assert_allclose(y.numpy(), z.detach().numpy(), atol=1e-12)
    y.sum().backward()
    z.sum().backward()
    theirs = dict(other.named_parameters())
    for path, parameter in mine.named_parameters():
        assert parameter.grad is not None
        np.testing.assert_allclose(parameter.grad.numpy(), theirs[path].grad.numpy(), atol=1e-10)
    for path, value in mine.state_dict().items():
        np.testing.assert_allclose(value, other.state_dict()[path].numpy(), atol=1e-12)
