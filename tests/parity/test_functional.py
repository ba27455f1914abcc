"""Functions against PyTorch: values and gradients, on the samples of the functional tests."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.functional.samples import ALL, Sample

import chainrule as cr
from chainrule import functional as F
from chainrule.graph.trees import flatten_tree

torch = pytest.importorskip("torch")
T = torch.nn.functional

# What PyTorch has no derivative for, by position: running statistics and weights of losses.
CONSTANT = {
    "batch_norm": (1, 2),
    "binary_cross_entropy": (2,),
    "binary_cross_entropy_with_logits": (2,),
    "cross_entropy": (2,),
}
pytestmark = [
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning"),
    pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning"),
    pytest.mark.filterwarnings("ignore:Default grid_sample:UserWarning"),
]


def pad(x: Any, pairs: Any, mode: str = "constant") -> Any:
    """PyTorch counts axes from the last one, and pads only behind batch and channel."""
    flat = [n for pair in reversed(pairs) for n in pair]
    return T.pad(x[None, None], flat, mode=mode)[0, 0]


def rnn_cell(x: Any, h: Any, *weights: Any, nonlinearity: str = "tanh") -> Any:
    return getattr(torch, f"rnn_{nonlinearity}_cell")(x, h, *weights)


COUNTERPARTS: dict[str, Callable[..., Any]] = {
    "embedding_bag": lambda x, weight, offsets=None, factors=None, **options: T.embedding_bag(
        x, weight, offsets, per_sample_weights=factors, **options
    ),
    "gru_cell": torch.gru_cell,
    "lstm_cell": torch.lstm_cell,
    "rnn_cell": rnn_cell,
    "global_avg_pool": lambda x: x.mean((2, 3)),
    "global_max_pool": lambda x: x.amax(2),
    "instance_norm": lambda x, w, b: T.instance_norm(x, None, None, w, b),
    "linear": T.linear,
    "log_sigmoid": T.logsigmoid,
    "pad": pad,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "unflatten": torch.unflatten,
    "vector_norm": torch.linalg.vector_norm,
    "layer_norm": lambda x, shape, *r: T.layer_norm(x, np.atleast_1d(shape).tolist(), *r),
    "rms_norm": lambda x, shape, *r: T.rms_norm(x, np.atleast_1d(shape).tolist(), *r),
    "batch_norm": lambda x, mean=None, var=None, *r, **k: T.batch_norm(
        x, mean, var, *r, **{"training": mean is None, **k}
    ),
}
RENAMED = {"axis": "dim", "keepdims": "keepdim"}


def theirs(sample: Sample, inputs: Any) -> Any:
    if callable(sample.peer):
        return sample.peer(torch, *inputs, **sample.options)
    function = COUNTERPARTS.get(sample.name) or getattr(T, sample.name)
    options = {RENAMED.get(name, name): value for name, value in sample.options.items()}
    if sample.name == "vector_norm":
        options["ord"] = options.pop("p", 2)
    for name, value in options.items():
        if isinstance(value, np.ndarray):
            options[name] = torch.tensor(value).to(inputs[0].dtype)
    if sample.name in ("softmax", "log_softmax", "softmin"):
        options.setdefault("dim", -1)
    return function(*inputs, **options)


def compared(sample: Sample) -> bool:
    known = sample.name in COUNTERPARTS or hasattr(T, sample.name)
    return callable(sample.peer) or (sample.peer and known)


def assert_close(mine: Any, other: Any, tolerance: float) -> None:
    expected = other.detach().numpy()
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(mine.numpy(), expected, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize(("kind", "tolerance"), [("float32", 1e-6), ("float64", 1e-10)])
@pytest.mark.parametrize("sample", [s for s in ALL if compared(s)], ids=str)
def test_values_and_gradients(sample: Sample, kind: str, tolerance: float) -> None:
    arrays = [v.astype(kind) if isinstance(v, np.ndarray) and v.dtype.kind == "f" else v
              for v in sample.leaves()]  # fmt: skip
    floating = [isinstance(v, np.ndarray) and v.dtype.kind == "f" for v in arrays]
    here = [cr.tensor(v, requires_grad=True) if f else v
            for v, f in zip(arrays, floating, strict=True)]  # fmt: skip
    there = [
        torch.tensor(v, requires_grad=f) if isinstance(v, np.ndarray) else v
        for v, f in zip(arrays, floating, strict=True)
    ]
    for k in CONSTANT.get(sample.name, ()):
        if k < len(there) and there[k] is not None:
            there[k] = there[k].detach()
    # PyTorch computes this slope in float32.
    slack = 4e-8 if sample.name == "hardsigmoid" else 4 * tolerance
    mine = flatten_tree(sample.call(*sample.filled(here)))[0]
    other = flatten_tree(theirs(sample, sample.filled(there)))[0]
    losses: list[Any] = [cr.tensor(0.0), torch.tensor(0.0)]
    for y, z in zip(mine, other, strict=True):
        assert y.shape == tuple(z.shape)
        assert_close(y, z, tolerance)
        if z.requires_grad:
            seed = np.random.default_rng(0).standard_normal(y.shape).astype(kind)
            losses[0] = losses[0] + (y * seed).sum()
            losses[1] = losses[1] + (z * torch.tensor(seed)).sum()
    for loss in losses:
        if loss.requires_grad:
            loss.backward()
    for a, b in zip(here, there, strict=True):
        if isinstance(b, torch.Tensor) and b.grad is not None:
            # PyTorch has zeros where a tensor decides by comparison only.
            assert_close(cr.zeros_like(a) if a.grad is None else a.grad, b.grad, slack)


@pytest.mark.parametrize("name", [n for n in F.__all__ if hasattr(T, n)])
def test_defaults_are_those_of_pytorch(name: str) -> None:
    try:
        theirs = inspect.signature(getattr(T, name)).parameters
    except ValueError:
        return  # written in C++, without a signature
    for option, parameter in inspect.signature(getattr(F, name)).parameters.items():
        other = theirs.get(RENAMED.get(option, option))
        if other is None or other.default in (inspect.Parameter.empty, None):
            continue
        if option == "training":
            continue
        if option == "axis" and name in ("softmax", "log_softmax", "softmin"):
            continue
        assert parameter.default == other.default, option
