"""Caffe's layers, solvers, learning-rate policies, fillers, and the settings of its nets."""

from __future__ import annotations

from ..row import Catalogue, Group
from . import (
    activations,
    common,
    data,
    fillers,
    losses,
    normalisation,
    policies,
    recurrent,
    settings,
    solvers,
    vision,
)

INTRODUCTION = """
Every layer type of Caffe (2020), its solvers, learning-rate policies and fillers, and what does the
same here. A net there is a file of layers, whose inputs and outputs are named blobs; here it is a
`Module`, that is Python that calls modules and functions. A blob is a tensor: labels are integers
in a float blob there, integers here. In-place layers have no counterpart: tensors do not change,
and the compiler reuses memory. Where Caffe finds a size from the first input (`num_output` alone),
here both sizes are said.
"""

CAFFE = Catalogue(
    "Caffe", "caffe", INTRODUCTION,
    (
        Group("Data layers", data.ROWS),
        Group("Vision layers", vision.ROWS),
        Group("Recurrent layers", recurrent.ROWS),
        Group("Common layers", common.ROWS),
        Group("Normalisation", normalisation.ROWS),
        Group("Activations", activations.ROWS),
        Group("Losses and accuracy", losses.ROWS),
        Group("Solvers", solvers.ROWS, """
One iteration of a solver there: gradients of `iter_size` batches are summed, limited
(`clip_gradients`), divided by `iter_size`, decayed, and used. `optim.GradientAccumulation` does it
in that order with `clip="sum"`. In the formulas g is that gradient, r the rate, and the histories
start as 0.
"""),
        Group("Learning-rate policies", policies.ROWS),
        Group("Fillers", fillers.ROWS),
        Group("Settings of nets and solvers", settings.ROWS),
    ),
    settings.CLOSING,
)  # fmt: skip
