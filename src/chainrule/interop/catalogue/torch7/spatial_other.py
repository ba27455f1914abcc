"""Torch7's normalisation, padding and enlargement of images."""

from __future__ import annotations

from ..row import Row

SIDES = "padLeft, padRight, padTop, padBottom → padding=(left, right, top, bottom)"
KERNEL = "nInputPlane=1 → none; kernel=ones(9, 9) → kernel=None, 9 × 9 ones"

ROWS = (
    Row(
        "SpatialSubtractiveNormalization",
        formula="y = x - weighted mean around each place, over all channels.",
        here="nn.SubtractiveNorm2d",
        arguments=KERNEL,
        differences="none: at the borders the weights that lie inside count",
        code="nn.SubtractiveNorm2d(cr.ones((1, 3)))(cr.tensor([[[[1.0, 2.0, 6.0]]]]))",
        gives=[[[[-0.5, -1.0, 2.0]]]],
    ),
    Row(
        "SpatialDivisiveNormalization",
        formula="y = x / max(weighted deviation around each place, threshold).",
        here="nn.DivisiveNorm2d",
        arguments=f"{KERNEL}; threshold=1e-4 → threshold=1e-4; thresval=threshold → thresval=None",
        differences="none: deviations below threshold count as thresval",
        code="nn.DivisiveNorm2d(cr.ones((1, 1)))(cr.tensor([[[[3.0, 3.0]]]]))",
        gives=[[[[1.0, 1.0]]]],
    ),
    Row(
        "SpatialContrastiveNormalization",
        formula="Subtractive, then divisive normalisation.",
        here="nn.ContrastiveNorm2d",
        arguments=f"{KERNEL}; threshold=1e-4 → threshold=1e-4; thresval=threshold → thresval=None",
        differences="as the two",
        code="nn.ContrastiveNorm2d(cr.ones((3, 3)))(cr.ones((1, 1, 4, 5))).shape",
        gives=(1, 1, 4, 5),
    ),
    Row(
        "SpatialCrossMapLRN",
        formula="y = x (k + alpha / size · sum over size channels of x^2)^-beta.",
        here="nn.LocalResponseNorm",
        arguments="size → size; alpha=1e-4 → alpha=1e-4; beta=0.75 → beta=0.75; k=1 → k=1.0",
        differences="none: alpha is divided by size in both",
        code="nn.LocalResponseNorm(1, alpha=3.0, beta=0.5)(cr.ones((1, 1, 1, 1)))",
        gives=[[[[0.5]]]],
    ),
    Row(
        "SpatialBatchNormalization",
        formula="BatchNormalization of each channel of (N, C, H, W).",
        here="nn.BatchNorm2d",
        arguments="as BatchNormalization",
        differences="as BatchNormalization",
        code="nn.BatchNorm2d(1)(cr.tensor([[[[1.0, 3.0]]]]))",
        gives=[[[[-1.0, 1.0]]]],
    ),
    Row(
        "SpatialZeroPadding",
        formula="Zeros around the image; negative amounts crop.",
        here="nn.ZeroPad2d",
        arguments=SIDES,
        differences="one number for all sides, or four",
        code="nn.ZeroPad2d((1, -1, 0, 1))(cr.tensor([[[[1.0, 2.0]]]]))",
        gives=[[[[0.0, 1.0], [0.0, 0.0]]]],
    ),
    Row(
        "SpatialReflectionPadding",
        formula="The image mirrored at its border elements: a b c → b | a b c | b.",
        here="nn.ReflectionPad2d",
        arguments=SIDES,
        differences="one number for all sides, or four",
        code="nn.ReflectionPad2d((2, 1, 0, 0))(cr.tensor([[[[1.0, 2.0, 3.0]]]]))",
        gives=[[[[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]]],
    ),
    Row(
        "SpatialReplicationPadding",
        formula="The border elements repeated: a b c → a | a b c | c.",
        here="nn.ReplicationPad2d",
        arguments=SIDES,
        differences="one number for all sides, or four",
        code="nn.ReplicationPad2d((2, 1, 0, 0))(cr.tensor([[[[1.0, 2.0]]]]))",
        gives=[[[[1.0, 1.0, 1.0, 2.0, 2.0]]]],
    ),
    Row(
        "SpatialUpSamplingNearest",
        formula="Each element becomes scale × scale elements.",
        here="nn.UpsamplingNearest2d",
        arguments="scale → scale_factor",
        differences="any factor",
        code="nn.UpsamplingNearest2d(scale_factor=2)(cr.tensor([[[[1.0, 2.0]]]]))",
        gives=[[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]],
    ),
    Row(
        "SpatialUpSamplingBilinear",
        formula="Linear interpolation in both directions, with corners on corners.",
        here="nn.UpsamplingBilinear2d",
        arguments="scale → scale_factor; {owidth, oheight} → size=(oheight, owidth)",
        differences="heights before widths; out = in · scale, as the code there (not its manual)",
        code="nn.UpsamplingBilinear2d(size=(1, 3))(cr.tensor([[[[1.0, 3.0]]]]))",
        gives=[[[[1.0, 2.0, 3.0]]]],
    ),
    Row(
        "PixelShuffle",
        formula="(N, C r^2, H, W) → (N, C, H r, W r).",
        here="nn.PixelShuffle",
        arguments="upscaleFactor → upscale_factor",
        differences="none",
        code="nn.PixelShuffle(2)(cr.tensor([[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]))",
        gives=[[[[1.0, 2.0], [3.0, 4.0]]]],
    ),
)
