"""Caffe's normalisation layers."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "BatchNorm",
        formula="y = (x - mean) / sqrt(var + eps), of each channel over the batch in TRAIN; in "
        "TEST mean = S / f and var = V / f, where each step made S = lambda * S + mean, "
        "V = lambda * V + m / (m - 1) * var, f = lambda * f + 1",
        here="nn.BatchNorm2d(channels, affine=False), then nn.Scale(channels, bias=True)",
        arguments="moving_average_fraction=0.999 (lambda) → momentum, 1 - lambda; eps=1e-5 → eps; "
        "use_global_stats=(phase TEST) → `eval()`",
        differences="running = (1 - momentum) * running + momentum * batch, from mean 0 and "
        "variance 1, which after t steps still weigh w = lambda**t; Caffe's S / f is "
        "running_mean / (1 - w), its V / f (running_var - w) / (1 - w), so that they soon agree. "
        "momentum=None is the plain mean of all batches: lambda = 1. A trained net's S / f is "
        "running_mean, its V / f running_var. An untrained one gives x / sqrt(1 + eps); there "
        "x / sqrt(eps)",
        code="norm = nn.BatchNorm1d(1, momentum=None, affine=False)\n"
        "for batch in ([[0.0], [2.0]], [[4.0], [8.0]]):  # means 1, 6; unbiased variances 2, 8\n"
        "    norm(cr.tensor(batch))\n"
        "norm.running_mean, norm.running_var, norm.eval()(cr.tensor([[3.5]]))",
        gives=([3.5], [5.0], [[0.0]]),
    ),
    Row(
        "LRN",
        formula="ACROSS_CHANNELS: x / (k + alpha / n * sum of x**2 over n channels)**beta; "
        "WITHIN_CHANNEL: x / (1 + alpha / n**2 * sum of x**2 over n x n pixels)**beta",
        here="nn.LocalResponseNorm, nn.LocalResponseNormWithin",
        arguments="norm_region=ACROSS_CHANNELS → the layer; local_size=5 → size; alpha=1 → "
        "alpha=1e-4; beta=0.75 → beta=0.75; k=1 → k=1; engine → none",
        differences="alpha is divided by the size in both (in AlexNet's paper it is not). An even "
        "size is allowed across channels",
        code="x = cr.tensor([[[[1.0]], [[2.0]], [[3.0]]]])\n"
        "across = nn.LocalResponseNorm(3, alpha=3.0, beta=1.0)(x).reshape(-1)\n"
        "within = nn.LocalResponseNormWithin(3, alpha=9.0, beta=1.0)(x).reshape(-1)\n"
        "across * cr.tensor([6.0, 15.0, 14.0]), within",
        gives=([1.0, 2.0, 3.0], [0.5, 0.4, 0.3]),
    ),
    Row(
        "MVN",
        formula="(x - mean) / (sqrt(var) + eps) over the pixels of each channel of each image, or "
        "over all channels of each image; biased variance",
        here="nn.MVN",
        arguments="normalize_variance=true → normalize_variance; across_channels=false → "
        "across_channels; eps=1e-9 → eps",
        differences="none; eps is added to the root, unlike in `nn.InstanceNorm2d`",
        code="x = cr.tensor([[[[1.0, 3.0]], [[0.0, 8.0]]]])\n"
        "centred = nn.MVN(normalize_variance=False, across_channels=True)(x)\n"
        "nn.MVN()(x).reshape(-1), centred.reshape(-1)",
        gives=([-1.0, 1.0, -1.0, 1.0], [-2.0, 0.0, -3.0, 5.0]),
    ),
)
