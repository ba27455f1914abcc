"""Torch7's modules, criterions, optimizers, and the methods of its Module."""

from __future__ import annotations

from ..row import Catalogue, Group
from . import (
    activations,
    bases,
    containers,
    criterions,
    graphs,
    methods,
    optimizers,
    pair_criterions,
    parametrised,
    pointwise,
    regularisation,
    shapes,
    spatial_convolution,
    spatial_other,
    spatial_pooling,
    tables,
    temporal,
    trainer,
    volumetric,
)
from .quirks import QUIRKS

INTRODUCTION = """
Every class of Torch7's `nn` (2017), its optimizers and the methods of its modules, and what does
the same here. Torch7 counts indices, dimensions and class labels from 1 and gives widths before
heights; here both are as in NumPy: counted from 0, heights before widths. A *table* of tensors is a
tuple or list here. Modules there take a single sample or a batch and infer which from the rank;
here the first axis is the batch. `inplace` has no counterpart: tensors do not change, and the
compiler reuses memory. Options of layers are keyword arguments with PyTorch's names.
"""

SHAPES = "Functions, mostly: as a module `nn.Lambda(function)`."

TORCH7 = Catalogue(
    "Torch7", "torch7", INTRODUCTION,
    (
        Group("Base classes", bases.ROWS),
        Group("Containers and decorators", containers.ROWS),
        Group("Transfer functions", activations.ROWS),
        Group("Simple layers with parameters", parametrised.ROWS),
        Group("Shape and selection", shapes.ROWS, SHAPES),
        Group("Reductions and functions of elements", pointwise.ROWS, SHAPES),
        Group("Randomness, gradients, normalisation", regularisation.ROWS),
        Group("Tables, products and distances", tables.ROWS),
        Group("Sequences", temporal.ROWS),
        Group("Convolutions of images", spatial_convolution.ROWS),
        Group("Pooling of images", spatial_pooling.ROWS),
        Group("Normalisation, padding and enlargement of images", spatial_other.ROWS),
        Group("Volumes", volumetric.ROWS),
        Group("Criterions", criterions.ROWS),
        Group("Criterions of pairs and of criterions", pair_criterions.ROWS),
        Group("Training", trainer.ROWS),
        Group("Optimization algorithms", optimizers.ROWS),
        Group("Methods of Module", methods.ROWS),
        Group("nngraph, and files without classes", graphs.ROWS),
    ),
    QUIRKS,
)  # fmt: skip
