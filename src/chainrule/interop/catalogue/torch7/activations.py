"""Torch7's transfer functions."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "Threshold",
        formula="y = x if x > threshold else value",
        here="nn.Threshold",
        arguments="threshold=1e-6 → threshold; v=0 → value; inplace → none",
        differences="both arguments must be given",
        code="nn.Threshold(1.0, -1.0)(cr.tensor([0.5, 1.0, 2.0]))",
        gives=[-1.0, -1.0, 2.0],
    ),
)
