"""Pooling."""

from __future__ import annotations

from .record import f, spaced

SAMPLES = [
    f("max_pool1d", spaced(2, 3, 8), kernel_size=2),
    f("max_pool1d", spaced(2, 12), kernel_size=10, stride=1),
    f("max_pool2d", spaced(2, 1, 5, 7), kernel_size=3, stride=2, padding=1),
    f("max_pool2d", spaced(1, 6, 7), kernel_size=(2, 3), stride=2, dilation=(2, 1), ceil_mode=True),
    f("max_pool3d", spaced(1, 2, 3, 4, 5), kernel_size=2, stride=(1, 2, 2)),
    f("avg_pool1d", spaced(2, 3, 8), kernel_size=3, stride=2, padding=1),
    f("avg_pool2d", spaced(2, 1, 5, 7), kernel_size=3, padding=1, count_include_pad=False),
    f("avg_pool2d", spaced(1, 6, 7), kernel_size=(2, 3), stride=2, ceil_mode=True),
    f("avg_pool3d", spaced(1, 2, 3, 4, 5), kernel_size=2, stride=(1, 2, 2)),
    f("adaptive_max_pool1d", spaced(2, 7), output_size=3),
    f("adaptive_max_pool2d", spaced(1, 2, 6, 5), output_size=(3, None)),
    f("adaptive_max_pool3d", spaced(1, 3, 4, 5), output_size=(1, 2, 3)),
    f("adaptive_avg_pool1d", spaced(2, 7), output_size=3),
    f("adaptive_avg_pool2d", spaced(1, 2, 6, 5), output_size=(3, None)),
    f("adaptive_avg_pool3d", spaced(1, 3, 4, 5), output_size=(1, 2, 7)),
    f("global_avg_pool", spaced(2, 3, 4, 2)),
    f("global_max_pool", spaced(2, 3, 4)),
]
