"""Torch7's layers of volumes."""

from __future__ import annotations

from ..row import Row

PLANES = "nInputPlane → in_channels; nOutputPlane → out_channels; kT, kW, kH → (kT, kH, kW); "
STEPS = "dT, dW, dH=1 → stride=(dT, dH, dW); padT, padW, padH=0 → padding=(padT, padH, padW)"
ORDER = "time, height, width instead of time, width, height"

ROWS = (
    Row(
        "VolumetricConvolution",
        formula="SpatialConvolution with one more axis.",
        here="nn.Conv3d",
        arguments=f"{PLANES}{STEPS}",
        differences=ORDER,
        code="nn.Conv3d(1, 2, (1, 2, 3))(cr.ones((1, 1, 4, 5, 6))).shape",
        gives=(1, 2, 4, 4, 4),
    ),
    Row(
        "VolumetricDilatedConvolution",
        formula="SpatialDilatedConvolution with one more axis.",
        here="nn.Conv3d",
        arguments=f"{PLANES}{STEPS}; dilationT, dilationW, dilationH=1 → dilation",
        differences=f"{ORDER}; out = floor((in + 2 pad - d (k - 1) - 1) / s) + 1, as the code "
        "there (its manual says + 1 for - 1)",
        code="nn.Conv3d(1, 1, 2, dilation=(1, 2, 3))(cr.ones((1, 1, 5, 5, 5))).shape",
        gives=(1, 1, 4, 3, 2),
    ),
    Row(
        "VolumetricFullConvolution",
        formula="SpatialFullConvolution with one more axis.",
        here="nn.ConvTranspose3d",
        arguments=f"{PLANES}{STEPS}; adjT, adjW, adjH=0 → output_padding=(adjT, adjH, adjW)",
        differences=ORDER,
        code="nn.ConvTranspose3d(1, 2, 3, stride=2)(cr.ones((1, 1, 2, 3, 4))).shape",
        gives=(1, 2, 5, 7, 9),
    ),
    Row(
        "VolumetricMaxPooling",
        formula="SpatialMaxPooling with one more axis.",
        here="nn.MaxPool3d",
        arguments="kT, kW, kH → kernel_size=(kT, kH, kW); dT, dW, dH → stride=None, the window; "
        "padT, padW, padH=0 → padding; :ceil() → ceil_mode=True",
        differences=ORDER,
        code="nn.MaxPool3d((1, 1, 2))(cr.tensor([[[[[1.0, 3.0, 2.0, 0.0]]]]]))",
        gives=[[[[[3.0, 2.0]]]]],
    ),
    Row(
        "VolumetricDilatedMaxPooling",
        formula="SpatialDilatedMaxPooling with one more axis.",
        here="nn.MaxPool3d",
        arguments="as VolumetricMaxPooling; dilationT, dilationW, dilationH=1 → dilation",
        differences=ORDER,
        code="""
pool = nn.MaxPool3d((1, 1, 2), stride=1, dilation=2)
pool(cr.tensor([[[[[1.0, 9.0, 3.0, 4.0]]]]]))
""",
        gives=[[[[[3.0, 9.0]]]]],
    ),
    Row(
        "VolumetricAveragePooling",
        formula="Mean over the window.",
        here="nn.AvgPool3d",
        arguments="kT, kW, kH → kernel_size=(kT, kH, kW); dT, dW, dH → stride=None, the window",
        differences=f"{ORDER}; padding is possible",
        code="nn.AvgPool3d((1, 1, 2))(cr.tensor([[[[[1.0, 3.0, 2.0, 0.0]]]]]))",
        gives=[[[[[2.0, 1.0]]]]],
    ),
    Row(
        "VolumetricFractionalMaxPooling",
        formula="SpatialFractionalMaxPooling with one more axis.",
        here="nn.FractionalMaxPool3d",
        arguments="kT, kW, kH → kernel_size=(kT, kH, kW); outT, outW, outH → output_size; "
        "ratioT, ratioW, ratioH → output_ratio",
        differences=ORDER,
        code="nn.FractionalMaxPool3d(2, (3, 4, 3))(cr.ones((1, 1, 5, 6, 7))).shape",
        gives=(1, 1, 3, 4, 3),
    ),
    Row(
        "VolumetricMaxUnpooling",
        formula="SpatialMaxUnpooling with one more axis.",
        here="nn.MaxUnpool3d",
        arguments="poolingModule → kernel_size, stride, padding, and the indices as second input",
        differences="indices are an output and an input, not looked up in the pooling module",
        code="""
x, indices = nn.MaxPool3d((1, 1, 2), return_indices=True)(cr.tensor([[[[[1.0, 3.0]]]]]))
nn.MaxUnpool3d((1, 1, 2))(x, indices)
""",
        gives=[[[[[0.0, 3.0]]]]],
    ),
    Row(
        "VolumetricBatchNormalization",
        formula="BatchNormalization of each channel of (N, C, D, H, W).",
        here="nn.BatchNorm3d",
        arguments="as BatchNormalization",
        differences="as BatchNormalization",
        code="nn.BatchNorm3d(1)(cr.tensor([[[[[1.0, 3.0]]]]]))",
        gives=[[[[[-1.0, 1.0]]]]],
    ),
    Row(
        "VolumetricReplicationPadding",
        formula="The border elements repeated on six sides.",
        here="nn.ReplicationPad3d",
        arguments="left, right, top, bottom, front, back → padding, in this order",
        differences="one number for all sides, or six",
        code="nn.ReplicationPad3d((2, 1, 0, 0, 0, 0))(cr.tensor([[[[[1.0, 2.0]]]]]))",
        gives=[[[[[1.0, 1.0, 1.0, 2.0, 2.0]]]]],
    ),
    Row(
        "UpSampling",
        formula="Enlarge images or volumes, by the nearest element or linearly.",
        here="nn.Upsample",
        arguments="scale → scale_factor; {odepth, oheight, owidth} → size; mode='nearest' → "
        "mode; 'linear' → mode='bilinear' or 'trilinear' with align_corners=True",
        differences="without align_corners the corners lie half an element further in",
        code="nn.Upsample(scale_factor=2)(cr.tensor([[[[1.0, 2.0]]]]))",
        gives=[[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]],
    ),
)
