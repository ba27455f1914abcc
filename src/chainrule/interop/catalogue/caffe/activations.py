"""Caffe's activation layers."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "ReLU",
        formula="max(x, 0) + negative_slope * min(x, 0)",
        here="nn.ReLU, nn.LeakyReLU",
        arguments="negative_slope=0 → negative_slope of `nn.LeakyReLU`; engine → none",
        differences="none; the derivative at 0 is 0, or the slope, in both",
        code="x = cr.tensor([-2.0, 0.0, 3.0])\nnn.ReLU()(x), nn.LeakyReLU(0.5)(x)",
        gives=([0.0, 0.0, 3.0], [-1.0, 0.0, 3.0]),
    ),
    Row(
        "PReLU",
        formula="max(x, 0) + a[c] * min(x, 0), a learned",
        here="nn.PReLU",
        arguments="filler=constant 0.25 → init=0.25; channel_shared=false → num_parameters, the "
        "number of channels, or 1",
        differences="one a for all channels by default, as with channel_shared",
        code="nn.PReLU(2)(cr.tensor([[-2.0, 4.0]]))",
        gives=[[-0.5, 4.0]],
    ),
    Row(
        "ELU",
        formula="x if x > 0 else alpha * (e**x - 1)",
        here="nn.ELU",
        arguments="alpha=1 → alpha=1",
        differences="none",
        code="nn.ELU(2.0)(cr.tensor([-1.0, 3.0]))",
        gives=[-1.26424, 3.0],
    ),
    Row(
        "Sigmoid",
        formula="1 / (1 + e**-x)",
        here="nn.Sigmoid",
        arguments="engine → none",
        differences="none",
        code="nn.Sigmoid()(cr.tensor([0.0, 1.0]))",
        gives=[0.5, 0.73106],
    ),
    Row(
        "TanH",
        formula="tanh(x)",
        here="nn.Tanh",
        arguments="engine → none",
        differences="none",
        code="nn.Tanh()(cr.tensor([0.0, 1.0]))",
        gives=[0.0, 0.76159],
    ),
    Row(
        "AbsVal",
        formula="abs(x)",
        here="cr.abs",
        arguments="none",
        differences="none; the derivative at 0 is 0 in both",
        code="cr.abs(cr.tensor([-2.0, 3.0]))",
        gives=[2.0, 3.0],
    ),
    Row(
        "Power",
        formula="(shift + scale * x)**power",
        here="(shift + scale * x) ** power",
        arguments="power=1 → power; scale=1 → scale; shift=0 → shift",
        differences="none",
        code="x = cr.tensor([0.0, 1.0, 2.0])\n(1 + 2 * x) ** 2",
        gives=[1.0, 9.0, 25.0],
    ),
    Row(
        "Exp",
        formula="base**(shift + scale * x); base -1 is e",
        here="cr.exp(shift + scale * x), base ** (shift + scale * x)",
        arguments="base=-1 → `cr.exp` or base; scale=1 → scale; shift=0 → shift",
        differences="none",
        code="x = cr.tensor([0.0, 1.0])\ncr.exp(x), 2.0 ** (1 + 3 * x)",
        gives=([1.0, 2.71828], [2.0, 16.0]),
    ),
    Row(
        "Log",
        formula="logarithm of shift + scale * x to the base; base -1 is e",
        here="cr.log(shift + scale * x)",
        arguments="base=-1 → `cr.log`, `cr.log2`, `cr.log10`, or divide by log(base); scale=1 → "
        "scale; shift=0 → shift",
        differences="none",
        code="cr.log2(1 + 3 * cr.tensor([1.0, 5.0]))",
        gives=[2.0, 4.0],
    ),
    Row(
        "BNLL",
        formula="log(1 + e**x)",
        here="nn.Softplus",
        arguments="none",
        differences="beyond x = 20 the result is x itself, which is exact in float32. The "
        "derivative is exact; there it is that of x = 50 for larger x",
        code="nn.Softplus()(cr.tensor([-100.0, 0.0, 100.0]))",
        gives=[0.0, 0.69315, 100.0],
    ),
    Row(
        "Clip",
        formula="min(max(x, lower), upper)",
        here="cr.clip(x, lower, upper)",
        arguments="min, max → the second and the third argument",
        differences="none; within the limits and at them the derivative is 1 in both (that of "
        "`nn.Hardtanh` is 0 at the limits)",
        code="x = cr.tensor([-3.0, -1.0, 0.5, 3.0])\n"
        "cr.clip(x, -1.0, 1.0), cr.grad(lambda x: cr.clip(x, -1.0, 1.0).sum())(x)",
        gives=([-1.0, -1.0, 0.5, 1.0], [0.0, 1.0, 1.0, 0.0]),
    ),
    Row(
        "Swish",
        formula="x * sigmoid(beta * x)",
        here="x * cr.sigmoid(beta * x); nn.SiLU for beta 1",
        arguments="beta=1 → beta",
        differences="none",
        code="x = cr.tensor([-1.0, 1.0])\nx * cr.sigmoid(2.0 * x), nn.SiLU()(x)",
        gives=([-0.11920, 0.88080], [-0.26894, 0.73106]),
    ),
    Row(
        "Threshold",
        formula="1 if x > threshold else 0",
        here="(x > threshold).astype(x.dtype)",
        arguments="threshold=0 → threshold",
        differences="none; it has no gradient. `nn.Threshold` is Torch7's and PyTorch's, which "
        "keeps x above the threshold",
        code="x = cr.tensor([-1.0, 0.0, 0.5])\n(x > 0.0).astype(x.dtype)",
        gives=[0.0, 0.0, 1.0],
    ),
    Row(
        "Dropout",
        formula="TRAIN: 0 with probability p, otherwise x / (1 - p); TEST: x",
        here="nn.Dropout",
        arguments="dropout_ratio=0.5 → p=0.5",
        differences="none",
        code="drop = nn.Dropout(0.5)\n"
        "y = drop(cr.ones((1000,)))\n"
        "bool(((y == 0) | (y == 2)).all()), drop.eval()(cr.tensor([3.0]))",
        gives=(True, [3.0]),
    ),
    Row(
        "Softmax",
        formula="e**x / sum of e**x along an axis",
        here="nn.Softmax",
        arguments="axis=1 → axis=-1; engine → none",
        differences="the axis is the last by default, the same for (N, C); name it for images",
        code="nn.Softmax(axis=1)(cr.tensor([[0.0, 0.0], [1000.0, 0.0]]))",
        gives=[[0.5, 0.5], [1.0, 0.0]],
    ),
)
