"""Torch7's layers of sequences."""

from __future__ import annotations

from ..row import Row

LAYOUT = "frames × features there, channels first here: (N, C, L)"

ROWS = (
    Row(
        "TemporalConvolution",
        formula="y[o, t] = b[o] + sum over i, k of w[o, i, k] x[i, s t + k].",
        here="nn.Conv1d",
        arguments="inputFrameSize → in_channels; outputFrameSize → out_channels; kW → "
        "kernel_size; dW=1 → stride=1",
        differences=f"{LAYOUT}; weight (out, in, K), there (out, K in)",
        code="""
layer = nn.Conv1d(1, 1, 2, bias=False)
layer.weight.assign([[[1.0, 10.0]]])
layer(cr.tensor([[[1.0, 2.0, 3.0]]]))
""",
        gives=[[[21.0, 32.0]]],
    ),
    Row(
        "TemporalRowConvolution",
        formula="y[c, t] = b[c] + sum over k of w[c, k] x[c, s t + k]: every feature by itself.",
        here="nn.Conv1d(channels, channels, kernel_size, groups=channels)",
        arguments="inputFrameSize → channels; kW → kernel_size; dW=1 → stride=1; featFirst=true → "
        "the only layout",
        differences=LAYOUT,
        code="""
layer = nn.Conv1d(2, 2, 2, groups=2, bias=False)
layer.weight.assign([[[1.0, 1.0]], [[1.0, -1.0]]])
layer(cr.tensor([[[1.0, 2.0, 3.0], [1.0, 2.0, 4.0]]]))
""",
        gives=[[[3.0, 5.0], [-1.0, -2.0]]],
    ),
    Row(
        "TemporalSubSampling",
        formula="y[c, t] = b[c] + w[c] sum over k of x[c, s t + k].",
        here="nn.SubSampling1d",
        arguments="inputFrameSize → channels; kW → kernel_size; dW=1 → stride",
        differences=f"{LAYOUT}; the stride is the window by default, there 1",
        code="""
layer = nn.SubSampling1d(1, 2)
layer.load_state_dict({"weight": [3.0], "bias": [0.5]})
layer(cr.tensor([[[1.0, 2.0, 3.0, 4.0]]]))
""",
        gives=[[[9.5, 21.5]]],
    ),
    Row(
        "TemporalMaxPooling",
        formula="y[c, t] = max over k of x[c, s t + k].",
        here="nn.MaxPool1d",
        arguments="kW → kernel_size; dW=kW → stride=None, the window",
        differences=LAYOUT,
        code="nn.MaxPool1d(2)(cr.tensor([[[1.0, 3.0, 2.0, 0.0]]]))",
        gives=[[[3.0, 2.0]]],
    ),
    Row(
        "TemporalDynamicKMaxPooling",
        formula="The k = max(minK, ceil(factor L)) largest of each feature, in their order.",
        here="nn.KMaxPool1d",
        arguments="minK → k; factor=0 → factor=0.0",
        differences=LAYOUT,
        code="nn.KMaxPool1d(2)(cr.tensor([[[5.0, 1.0, 7.0, 6.0]]]))",
        gives=[[[7.0, 6.0]]],
    ),
)
