"""Caffe's vision layers."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "Convolution",
        formula="y = sum of weight * x over a window of each group of channels, + bias; "
        "out = floor((in + 2 * pad - (dilation * (kernel - 1) + 1)) / stride) + 1",
        here="nn.Conv2d",
        arguments="num_output → out_channels (in_channels is said too); kernel_size → kernel_size; "
        "stride=1 → stride; pad=0 → padding; dilation=1 → dilation; group=1 → groups; "
        "bias_term=true → bias; weight_filler, bias_filler=constant 0 → `nn.init`; axis=1, "
        "force_nd_im2col, engine → none",
        differences="also `nn.Conv1d` and `nn.Conv3d`. Weights start as U(-b, b), "
        "b = 1 / sqrt(fan_in), instead of as zeros, from which nothing is learned. Both round "
        "the output's length down, though Caffe's Pooling rounds up",
        code="x = cr.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])\n"
        "F.conv2d(x, cr.tensor([[[[1.0, 0.0], [0.0, 1.0]]]]), cr.tensor([0.5]))",
        gives=[[[[6.5, 8.5], [12.5, 14.5]]]],
    ),
    Row(
        "Deconvolution",
        formula="the gradient of Convolution by its input as a layer; "
        "out = stride * (in - 1) + dilation * (kernel - 1) + 1 - 2 * pad",
        here="nn.ConvTranspose2d",
        arguments="as Convolution",
        differences="the weight is (in, out / groups, K, K) in both. Caffe's filler bilinear is "
        "`nn.init.bilinear`",
        code="x = cr.tensor([[[[1.0, 2.0]]]])\n"
        "w = cr.tensor([[[[1.0, 10.0, 100.0]]]])\n"
        "F.conv_transpose2d(x, w, stride=(1, 2))",
        gives=[[[[1.0, 10.0, 102.0, 20.0, 200.0]]]],
    ),
    Row(
        "Pooling",
        formula="MAX: largest element of a window; AVE: mean of a window; STOCHASTIC: an element "
        "x drawn with probability x / sum; out = ceil((in + 2 * pad - kernel) / stride) + 1",
        here="nn.MaxPool2d, nn.AvgPool2d, nn.StochasticPool2d",
        arguments="pool=MAX → the layer; kernel_size → kernel_size; stride=1 → stride "
        "(kernel_size by default here); pad=0 → padding; round_mode=CEIL → ceil_mode=True; "
        "global_pooling=true → `nn.GlobalMaxPool`, `nn.GlobalAvgPool`; top[1] → "
        "return_indices=True",
        differences="lengths are rounded down unless ceil_mode. A last window that would start "
        "in the padding at the end is left out; Caffe leaves it out only where there is a padding, "
        "and otherwise gives -3.4e38 for an empty window. AVE divides by the part of a window "
        "within the padded image in both. The padding is at most half of the window; there it is "
        "smaller than the window. The first of equal maxima gets the gradient in both. In "
        "evaluation STOCHASTIC gives sum of x**2 / sum of x in both",
        code="x = cr.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])\n"
        "pools = nn.MaxPool2d(2, ceil_mode=True), nn.AvgPool2d(2, ceil_mode=True)\n"
        "[pool(x)[0, 0] for pool in pools], nn.StochasticPool2d((1, 3)).eval()(x)[0, 0, 0]",
        gives=([[[5.0, 6.0], [8.0, 9.0]], [[3.0, 4.5], [7.5, 9.0]]], [2.33333]),
    ),
    Row(
        "Im2col",
        formula="each window of the image becomes a column",
        here="nn.Unfold",
        arguments="kernel_size → kernel_size; stride=1 → stride; pad=0 → padding; dilation=1 → "
        "dilation; axis=1, force_nd_im2col → none",
        differences="columns are (N, C * K * K, windows) here, (N, C * K * K, H', W') there",
        code="nn.Unfold(2)(cr.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]))",
        gives=[[[1.0, 2.0], [2.0, 3.0], [4.0, 5.0], [5.0, 6.0]]],
    ),
    Row(
        "Crop",
        formula="the part of the first input from offset on, in the shape of the second input from "
        "axis on",
        here="x[:, :, top : top + like.shape[2], left : left + like.shape[3]]",
        arguments="axis=2 → which axes are cut; offset=0 → where the slices start",
        differences="none; the gradient is padded by zeros in both",
        code="x, like = cr.arange(16.0).reshape(1, 1, 4, 4), cr.zeros((1, 1, 2, 2))\n"
        "x[:, :, 1 : 1 + like.shape[2], 2 : 2 + like.shape[3]]",
        gives=[[[[6.0, 7.0], [10.0, 11.0]]]],
    ),
    Row(
        "SPP",
        formula="for each level l < pyramid_height the image is pooled into 2**l x 2**l bins; all "
        "bins are joined: C * (1 + 4 + 16 + ...) features",
        here="nn.SpatialPyramidPool",
        arguments="pyramid_height → levels; pool=MAX → mode; engine → none",
        differences="the same windows of ceil(size / bins) elements, padded in the middle. "
        "STOCHASTIC is not offered; images too small for the last level are refused",
        code="x = cr.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])\nnn.SpatialPyramidPool(2)(x)",
        gives=[[4.0, 1.0, 2.0, 3.0, 4.0]],
    ),
)
