"""What the networks ask of their images."""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Shape


def check_images(model: str, input_shape: Shape, least: int) -> tuple[int, int, int]:
    """Return channels, height and width; ShapeError unless they are of images large enough."""
    if len(input_shape) != 3 or input_shape[0] < 1 or min(input_shape[1:]) < least:
        raise ShapeError(
            model, required=f"images (channels, height, width) of {least} x {least} or more",
            received=str(input_shape),
        )  # fmt: skip
    channels, height, width = input_shape
    return channels, height, width
