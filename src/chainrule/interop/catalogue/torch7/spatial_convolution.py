"""Torch7's convolutions of images."""

from __future__ import annotations

from ..row import Row

PLANES = "nInputPlane → in_channels; nOutputPlane → out_channels; kW, kH → kernel_size=(kH, kW); "
STEPS = "dW=1, dH=1 → stride=(dH, dW); padW=0, padH=padW → padding=(padH, padW)"

ROWS = (
    Row(
        "SpatialConvolution",
        formula="y[o, i, j] = b[o] + sum over c, k, l of w[o, c, k, l] x[c, s i + k, s j + l]; "
        "out = floor((in + 2 pad - k) / s) + 1.",
        here="nn.Conv2d",
        arguments=f"{PLANES}{STEPS}; noBias() → bias=False",
        differences="heights before widths; starts alike, U(-b, b), b = 1 / √(in kH kW)",
        code="""
layer = nn.Conv2d(1, 1, 2)
layer.load_state_dict({"weight": [[[[1.0, 2.0], [3.0, 4.0]]]], "bias": [0.5]})
layer(cr.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]))
""",
        gives=[[[[37.5, 47.5]]]],
    ),
    Row(
        "SpatialConvolutionMM",
        formula="SpatialConvolution as a product of matrices.",
        here="nn.Conv2d",
        arguments=f"{PLANES}{STEPS}",
        differences="heights before widths; how it is computed is the compiler's choice: "
        '`cr.compile(f, convolution="auto")`',
        code="nn.Conv2d(3, 8, (3, 5), stride=2, padding=1)(cr.ones((1, 3, 9, 9))).shape",
        gives=(1, 8, 5, 4),
    ),
    Row(
        "SpatialConvolutionLocal",
        formula="A convolution with weights of their own at every place.",
        here="nn.LocallyConnected2d",
        arguments=f"{PLANES}iW, iH → input_size=(iH, iW); {STEPS}",
        differences="heights before widths",
        code="nn.LocallyConnected2d(1, 2, (4, 5), 3)(cr.ones((1, 1, 4, 5))).shape",
        gives=(1, 2, 2, 3),
    ),
    Row(
        "SpatialConvolutionMap",
        formula="A convolution of chosen pairs of input and output channels.",
        here="nn.MappedConv2d",
        arguments="conMatrix → table, pairs (in, out); kW, kH → kernel_size=(kH, kW); "
        "dW=1, dH=1 → stride=(dH, dW)",
        differences="channels count from 0; heights before widths. nn.tables → nn.connections",
        code="nn.MappedConv2d([(0, 0), (1, 1), (0, 2)], 3)(cr.ones((1, 2, 4, 5))).shape",
        gives=(1, 3, 2, 3),
    ),
    Row(
        "SpatialDepthWiseConvolution",
        formula="Each input channel has nOutputPlane filters of its own.",
        here="nn.Conv2d(channels, channels * multiplier, kernel_size, groups=channels)",
        arguments=f"nInputPlane → channels; nOutputPlane → multiplier; {STEPS}",
        differences="weight (in · multiplier, 1, kH, kW), there (multiplier, in, kH, kW); outputs "
        "are in the same order: the filters of a channel lie side by side",
        code="""
layer = nn.Conv2d(2, 4, 1, groups=2, bias=False)
layer.weight.assign(np.reshape([1.0, 2.0, 3.0, 4.0], (4, 1, 1, 1)))
layer(cr.tensor([[[[1.0]], [[10.0]]]]))
""",
        gives=[[[[1.0]], [[2.0]], [[30.0]], [[40.0]]]],
    ),
    Row(
        "SpatialDilatedConvolution",
        formula="A convolution whose kernel has gaps; "
        "out = floor((in + 2 pad - d (k - 1) - 1) / s) + 1.",
        here="nn.Conv2d",
        arguments=f"{PLANES}{STEPS}; dilationW=1, dilationH=1 → dilation=(dilationH, dilationW)",
        differences="heights before widths",
        code="""
layer = nn.Conv2d(1, 1, (1, 2), dilation=2, bias=False)
layer.weight.assign([[[[1.0, 10.0]]]])
layer(cr.tensor([[[[1.0, 2.0, 3.0, 4.0]]]]))
""",
        gives=[[[[31.0, 42.0]]]],
    ),
    Row(
        "SpatialFullConvolution",
        formula="The transposed map of a convolution; out = (in - 1) s - 2 pad + k + adj.",
        here="nn.ConvTranspose2d",
        arguments=f"{PLANES}{STEPS}; adjW=0, adjH=0 → output_padding=(adjH, adjW); "
        "a second input of the wanted size → output_padding",
        differences="heights before widths; weight (in, out, kH, kW), as there",
        code="""
layer = nn.ConvTranspose2d(1, 1, 2, stride=2, bias=False)
layer.weight.assign([[[[1.0, 2.0], [3.0, 4.0]]]])
layer(cr.tensor([[[[1.0, 10.0]]]]))
""",
        gives=[[[[1.0, 2.0, 10.0, 20.0], [3.0, 4.0, 30.0, 40.0]]]],
    ),
    Row(
        "SpatialFullConvolutionMap",
        formula="A transposed convolution of chosen pairs of input and output channels.",
        here="nn.MappedConvTranspose2d",
        arguments="conMatrix → table, pairs (in, out); kW, kH → kernel_size=(kH, kW); "
        "dW=1, dH=1 → stride=(dH, dW)",
        differences="channels count from 0; heights before widths. nn.tables → nn.connections",
        code="nn.MappedConvTranspose2d([(0, 0), (1, 1), (0, 2)], 3)(cr.ones((1, 2, 4, 5))).shape",
        gives=(1, 3, 6, 7),
    ),
)
