"""Torch7's modules, criterions, optimizers, and the methods of its Module."""

from __future__ import annotations

from ..row import Catalogue, Group
from . import activations

INTRODUCTION = """
Every class of Torch7's `nn` (2017), its optimizers and the methods of its modules, and what does
the same here. Torch7 counts indices, dimensions and class labels from 1 and gives widths before
heights; here both are as in NumPy: counted from 0, heights before widths. A *table* of tensors is a
tuple or list here. Modules there take a single sample or a batch and infer which from the rank;
here the first axis is the batch. `inplace` has no counterpart: tensors do not change, and the
compiler reuses memory. Options of layers are keyword arguments with PyTorch's names.
"""

TORCH7 = Catalogue(
    "Torch7", "torch7", INTRODUCTION,
    (
        Group("Transfer functions", activations.ROWS),
    ),
)  # fmt: skip
