"""Pooling by powers, random windows, random elements, pyramids, the k largest; unpooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from .record import f, spaced

positive = spaced(2, 3, 5, 6, low=0.1)
samples2d = np.array([0.1, 0.8, 0.5, 0.3, 0.7, 0.95, 0.0, 0.4, 0.6, 0.2, 0.9, 0.33]).reshape(
    2, 3, 2
)
samples3d = spaced(1, 2, 3, low=0.0, high=1.0)


def fractional(name: str) -> Any:
    """PyTorch takes the random samples under a private name."""

    def peer(torch: Any, x: Any, *arguments: Any, random_samples: Any, **options: Any) -> Any:
        samples = torch.tensor(random_samples, dtype=x.dtype)
        return getattr(torch.nn.functional, name)(x, *arguments, _random_samples=samples, **options)

    return peer


SAMPLES = [
    f("lp_pool1d", spaced(2, 3, 8), 2, 3, stride=2),
    f("lp_pool1d", spaced(2, 8, low=0.1), 1.5, 3, stride=2, ceil_mode=True, peer=False),
    f("lp_pool2d", spaced(2, 1, 5, 7), 2.0, (3, 2)),
    f("lp_pool2d", positive, 3, 2, ceil_mode=True),
    f("lp_pool3d", spaced(1, 2, 3, 4, 5), 2, 2, stride=(1, 2, 2)),
    f("feature_lp_pool", spaced(3, 7), 3, 2),
    f("feature_lp_pool", positive, 2, 1, power=3.0),
    f("fractional_max_pool2d", spaced(2, 3, 7, 9), 2, output_size=(4, 5),
      random_samples=samples2d, peer=fractional("fractional_max_pool2d")),
    f("fractional_max_pool2d", spaced(2, 3, 7, 9), (3, 2), output_ratio=(0.5, 0.7),
      random_samples=samples2d, peer=fractional("fractional_max_pool2d")),
    f("fractional_max_pool2d", spaced(2, 3, 7, 9), 2, output_size=(1, 3), generator=7, peer=False),
    f("fractional_max_pool3d", spaced(1, 2, 5, 6, 7), 2, output_size=(3, 2, 4),
      random_samples=samples3d, peer=fractional("fractional_max_pool3d")),
    f("stochastic_pool2d", positive, 2, generator=3),
    f("stochastic_pool2d", positive, 3, stride=2, ceil_mode=True, training=False),
    f("spatial_pyramid_pool", spaced(2, 2, 9, 7), 3),
    f("spatial_pyramid_pool", spaced(2, 2, 5, 6), 2, mode="avg"),
    f("k_max_pool1d", spaced(2, 3, 9), 2),
    f("k_max_pool1d", spaced(2, 3, 9), 2, factor=0.5),
    f("max_unpool1d", spaced(2, 1, 3), np.array([[[1, 2, 5]], [[0, 3, 4]]]), 2),
    f("max_unpool2d", spaced(1, 2, 2), np.array([[[1, 4], [7, 8]]]), 2, output_size=(3, 4)),
    f("max_unpool2d", spaced(1, 2, 2), np.array([[[4, 4], [4, 8]]]), 2, stride=1, peer=False),
    f("max_unpool3d", spaced(1, 1, 1, 1, 2), np.array([[[[[5, 14]]]]]), 2),
]  # fmt: skip
