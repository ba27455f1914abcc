"""Interpolation, and reading at the places of a grid."""

from __future__ import annotations

from .record import f, spaced

line = spaced(2, 3, 5)
image = spaced(2, 2, 4, 5)
volume = spaced(1, 2, 3, 2, 4)
grid = spaced(2, 3, 2, 2, low=-1.3, high=1.3)
grid3d = spaced(1, 2, 3, 2, 3, low=-1.3, high=1.3, seed=1)

SAMPLES = [
    f("interpolate", line, size=7),
    f("interpolate", line, scale_factor=3),
    f("interpolate", image, size=(2, 9), mode="nearest-exact"),
    f("interpolate", image, scale_factor=(1.6, 0.5), mode="nearest"),
    f("interpolate", line, size=8, mode="linear"),
    f("interpolate", line, scale_factor=0.7, mode="linear"),
    f("interpolate", line, size=1, mode="linear", align_corners=True),
    f("interpolate", image, scale_factor=2, mode="bilinear"),
    f("interpolate", image, size=(7, 3), mode="bilinear", align_corners=True),
    f("interpolate", image, scale_factor=(2.3, 1.1), mode="bilinear", align_corners=False),
    f("interpolate", image, size=(7, 3), mode="bicubic"),
    f("interpolate", image, size=(7, 3), mode="bicubic", align_corners=True),
    f("interpolate", volume, scale_factor=2, mode="trilinear"),
    f("interpolate", volume, size=(2, 4, 5), mode="trilinear", align_corners=True),
    f("interpolate", spaced(1, 1, 130), size=260, mode="linear"),
    f("interpolate", spaced(1, 1, 1, 132), size=(1, 66), mode="bicubic"),
    f("interpolate", image, size=(3, 2), mode="area"),
    f("affine_grid", spaced(2, 2, 3), (2, 1, 3, 4)),
    f("affine_grid", spaced(1, 3, 4), (1, 2, 2, 4, 3), align_corners=True),
    f("grid_sample", image, grid),
    f("grid_sample", image, grid, padding_mode="border", align_corners=True),
    f("grid_sample", image, grid, mode="nearest", padding_mode="reflection"),
    f("grid_sample", image[:1], grid[:1, :1], mode="bicubic", padding_mode="reflection"),
    f("grid_sample", volume, grid3d),
]
