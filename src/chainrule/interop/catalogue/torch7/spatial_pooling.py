"""Torch7's pooling of images, and its inverse."""

from __future__ import annotations

from ..row import Row

WINDOW = "kW, kH → kernel_size=(kH, kW); "
ROUND = ":ceil() → ceil_mode=True; :floor() → False"

ROWS = (
    Row(
        "SpatialMaxPooling",
        formula="y = max over the window; out = floor((in + 2 pad - k) / s) + 1, or ceil.",
        here="nn.MaxPool2d",
        arguments=f"{WINDOW}dW=kW, dH=kH → stride=None, the window; padW=0, padH=0 → padding=0; "
        f"{ROUND}",
        differences="heights before widths. In both a last window that would begin behind the "
        "input and its padding is dropped, and at a tie the first gets the gradient",
        code="""
x = cr.tensor([[[[1.0, 2.0, 5.0], [3.0, 4.0, 0.0]]]])
nn.MaxPool2d(2)(x), nn.MaxPool2d(2, ceil_mode=True)(x)
""",
        gives=([[[[4.0]]]], [[[[4.0, 5.0]]]]),
    ),
    Row(
        "SpatialDilatedMaxPooling",
        formula="y = max over a window with gaps.",
        here="nn.MaxPool2d",
        arguments=f"{WINDOW}dilationW=1, dilationH=1 → dilation=(dilationH, dilationW); "
        "the others as SpatialMaxPooling",
        differences="heights before widths",
        code="nn.MaxPool2d((1, 2), stride=1, dilation=2)(cr.tensor([[[[1.0, 9.0, 3.0, 4.0]]]]))",
        gives=[[[[3.0, 9.0]]]],
    ),
    Row(
        "SpatialAveragePooling",
        formula="y = mean over the window.",
        here="nn.AvgPool2d",
        arguments=f"{WINDOW}dW=1, dH=1 → stride=1; padW=0, padH=0 → padding=0; {ROUND}; "
        "setCountExcludePad() → count_include_pad=False",
        differences="heights before widths; the stride is the window by default, there 1. "
        "Padding counts by default, as there",
        code="""
x = cr.tensor([[[[2.0, 4.0]]]])
nn.AvgPool2d((1, 2), padding=(0, 1))(x), nn.AvgPool2d((1, 2), 1)(x)
""",
        gives=([[[[1.0, 2.0]]]], [[[[3.0]]]]),
    ),
    Row(
        "SpatialAdaptiveMaxPooling",
        formula="Bins of a fixed number: bin i is [floor(i n / m), ceil((i + 1) n / m)).",
        here="nn.AdaptiveMaxPool2d",
        arguments="W, H → output_size=(H, W)",
        differences="heights before widths",
        code="nn.AdaptiveMaxPool2d((1, 2))(cr.tensor([[[[1.0, 5.0, 2.0]]]]))",
        gives=[[[[5.0, 5.0]]]],
    ),
    Row(
        "SpatialAdaptiveAveragePooling",
        formula="Means over the bins of SpatialAdaptiveMaxPooling.",
        here="nn.AdaptiveAvgPool2d",
        arguments="W, H → output_size=(H, W)",
        differences="heights before widths",
        code="nn.AdaptiveAvgPool2d((1, 2))(cr.tensor([[[[1.0, 5.0, 2.0]]]]))",
        gives=[[[[3.0, 3.5]]]],
    ),
    Row(
        "SpatialFractionalMaxPooling",
        formula="Maxima over regions of random sizes, whose mean is a fraction (Graham 2014).",
        here="nn.FractionalMaxPool2d",
        arguments=f"{WINDOW}outW, outH → output_size=(outH, outW); ratioW, ratioH < 1 → "
        "output_ratio=(ratioH, ratioW); fixPoolingRegions() → random_samples",
        differences="heights before widths; regions are drawn from a generator",
        code="nn.FractionalMaxPool2d(2, output_ratio=0.7)(cr.ones((1, 1, 10, 20))).shape",
        gives=(1, 1, 7, 14),
    ),
    Row(
        "SpatialLPPooling",
        formula="y = (sum over the window of x^p)^(1 / p).",
        here="nn.LPPool2d",
        arguments=f"nInputPlane → none; pnorm → norm_type; {WINDOW}dW=kW, dH=kH → stride=None",
        differences="heights before widths",
        code="nn.LPPool2d(2, (1, 2))(cr.tensor([[[[3.0, 4.0]]]]))",
        gives=[[[[5.0]]]],
    ),
    Row(
        "SpatialMaxUnpooling",
        formula="Maxima go back to where they were; zeros elsewhere.",
        here="nn.MaxUnpool2d",
        arguments="poolingModule → kernel_size, stride, padding, and as second input the indices "
        "of `nn.MaxPool2d(..., return_indices=True)`",
        differences="indices are an output and an input, not looked up in the pooling module",
        code="""
x, indices = nn.MaxPool2d(2, return_indices=True)(cr.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]))
nn.MaxUnpool2d(2)(x, indices)
""",
        gives=[[[[0.0, 0.0], [0.0, 4.0]]]],
    ),
    Row(
        "SpatialSubSampling",
        formula="y[c] = b[c] + w[c] sum over the window of x[c].",
        here="nn.SubSampling2d",
        arguments=f"nInputPlane → channels; {WINDOW}dW=1, dH=1 → stride",
        differences="heights before widths; the stride is the window by default, there 1",
        code="""
layer = nn.SubSampling2d(1, 2)
layer.load_state_dict({"weight": [3.0], "bias": [0.5]})
layer(cr.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]))
""",
        gives=[[[[30.5]]]],
    ),
    Row(
        "FeatureLPPooling",
        formula="y[i] = (sum over k < width of x[s i + k]^p)^(1 / p), along the features.",
        here="nn.FeatureLPPool",
        arguments="width → width; stride → stride; power → power=2.0; batch_mode → always",
        differences="any width and stride; there 2 to 16, and 1 to 4",
        code="nn.FeatureLPPool(width=2, stride=1)(cr.tensor([[3.0, 4.0, 0.0]]))",
        gives=[[5.0, 4.0]],
    ),
)
