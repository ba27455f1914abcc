"""Linear maps and convolutions."""

from __future__ import annotations

from .record import f, spaced

x = spaced(3, 4)

SAMPLES = [
    f("linear", x, spaced(2, 4)),
    f("linear", spaced(4), spaced(2, 4), spaced(2)),
    f("linear", spaced(2, 3, 4), spaced(2, 4), spaced(2)),
    f("bilinear", spaced(3, 2), spaced(3, 4, seed=1), spaced(2, 2, 4), spaced(2)),
    f("conv1d", spaced(2, 4, 7), spaced(6, 2, 3), spaced(6), stride=2, padding=1, groups=2),
    f("conv1d", spaced(4, 7), spaced(2, 4, 3), padding="same", dilation=2),
    f("conv2d", spaced(2, 2, 5, 4), spaced(3, 2, 2, 3), spaced(3), padding=(1, 2), stride=(2, 1)),
    f("conv2d", spaced(1, 2, 4, 5), spaced(3, 2, 2, 3), padding="same"),
    f("conv2d", spaced(2, 4, 5), spaced(3, 2, 2, 3), padding="valid"),
    f("conv3d", spaced(1, 2, 3, 3, 4), spaced(2, 2, 2, 2, 2), spaced(2), dilation=(1, 2, 1)),
    f("conv_transpose1d", spaced(2, 4, 3), spaced(4, 3, 3), spaced(6), stride=2, groups=2),
    f("conv_transpose1d", spaced(2, 3), spaced(2, 3, 2), stride=3, output_padding=2, padding=1),
    f("conv_transpose2d", spaced(1, 2, 2, 3), spaced(2, 3, 3, 2), spaced(3), padding=1,
      stride=(2, 1), dilation=(1, 2), output_padding=(1, 0)),
    f("conv_transpose3d", spaced(1, 2, 2, 2, 2), spaced(2, 1, 2, 1, 2), stride=(1, 2, 1)),
]  # fmt: skip
