"""Torch7's layers that change shapes, select, or copy."""

from __future__ import annotations

from ..row import Row

BATCH = "nInputDims → none: the axis counts from 0, the batch included"

ROWS = (
    Row(
        "Identity",
        formula="y = x.",
        here="nn.Identity",
        arguments="any, ignored",
        differences="none",
        code="nn.Identity()(cr.tensor([1.0]))",
        gives=[1.0],
    ),
    Row(
        "Reshape",
        formula="The same elements in another shape; the batch stays.",
        here="nn.Unflatten(1, sizes)",
        arguments="size → sizes; batchMode → always",
        differences="nothing is guessed: of x (N, n) the axis 1 is split. `cr.reshape` is the "
        "function, of the whole shape",
        code="nn.Unflatten(1, (2, 2))(cr.tensor([[1.0, 2.0, 3.0, 4.0]]))",
        gives=[[[1.0, 2.0], [3.0, 4.0]]],
    ),
    Row(
        "View",
        formula="The same elements in another shape, one length of which may be -1.",
        here="cr.reshape",
        arguments="sizes → shape, batch included; setNumInputDims, resetSize → none",
        differences="any x, since what lies in memory how is not seen from outside",
        code="cr.reshape(cr.tensor([[1.0, 2.0, 3.0, 4.0]]), (-1, 2))",
        gives=[[1.0, 2.0], [3.0, 4.0]],
    ),
    Row(
        "Contiguous",
        formula="The same values without gaps in memory.",
        absent="a tensor has no strides that a user could see: where it lies, and in which order "
        "its axes, is the compiler's choice.",
    ),
    Row(
        "Copy",
        formula="The same values in another type.",
        here="cr.astype",
        arguments="intype → none; outtype → dtype; forceCopy, dontCast → none",
        differences="tensors do not change, so that a copy in the same type is never needed",
        code="str(cr.astype(cr.tensor([1.0]), cr.float64).dtype)",
        gives="float64",
    ),
    Row(
        "Transpose",
        formula="Exchange pairs of axes, one pair after the other.",
        here="cr.swapaxes",
        arguments="{d1, d2} ... → one call for each pair; all at once: `cr.permute_dims`",
        differences="axes count from 0",
        code="cr.swapaxes(cr.tensor([[1.0, 2.0]]), 0, 1)",
        gives=[[1.0], [2.0]],
    ),
    Row(
        "Unsqueeze",
        formula="Insert an axis of length 1.",
        here="cr.expand_dims",
        arguments="pos → axis; numInputDims → none",
        differences="the axis counts from 0, the batch included",
        code="cr.expand_dims(cr.ones((2, 3)), axis=1).shape",
        gives=(2, 1, 3),
    ),
    Row(
        "Squeeze",
        formula="Remove axes of length 1.",
        here="cr.squeeze",
        arguments="dim → axis, one or several; numInputDims → none",
        differences="the axis must be said; one of another length is an error",
        code="cr.squeeze(cr.ones((1, 2, 1)), axis=(0, 2)).shape",
        gives=(2,),
    ),
    Row(
        "Collapse",
        formula="Merge all axes but the batch.",
        here="nn.Flatten",
        arguments="nInputDim → start_axis=1, end_axis=-1",
        differences="none",
        code="nn.Flatten()(cr.ones((2, 3, 4))).shape",
        gives=(2, 12),
    ),
    Row(
        "Replicate",
        formula="Repeat along a new axis.",
        here="cr.broadcast_to(cr.expand_dims(x, axis=1), shape)",
        arguments="nFeatures → a length of shape; dim=1 → axis; ndim → none",
        differences="the axis counts from 0; operations broadcast, so that it is seldom needed",
        code="cr.broadcast_to(cr.expand_dims(cr.tensor([1.0, 2.0]), axis=1), (2, 3))",
        gives=[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]],
    ),
    Row(
        "Narrow",
        formula="A part of an axis: length entries from offset on.",
        here="x[:, start:end]",
        arguments="dim → the place of the slice; offset → start; length=1, -1 for all → end",
        differences="start counts from 0; negative numbers count from the end, as in Python",
        code="cr.tensor([[1.0, 2.0, 3.0]])[:, 1:3]",
        gives=[[2.0, 3.0]],
    ),
    Row(
        "Select",
        formula="One entry of an axis, which disappears.",
        here="x[:, index]",
        arguments="dim → the place of the index; index → index",
        differences="counts from 0",
        code="cr.tensor([[1.0, 2.0, 3.0]])[:, 1]",
        gives=[2.0],
    ),
    Row(
        "Index",
        formula="Entries of an axis, chosen by integers.",
        here="cr.take",
        arguments="{tensor, indices} → x, indices; dim → axis",
        differences="indices count from 0; gradients of repeated entries add up, as there",
        code="cr.take(cr.tensor([[1.0, 2.0], [3.0, 4.0]]), cr.tensor([1, 1]), axis=0)",
        gives=[[3.0, 4.0], [3.0, 4.0]],
    ),
    Row(
        "MaskedSelect",
        formula="The elements where a mask is true, in one axis.",
        here="x[mask]",
        arguments="{tensor, mask} → x, mask",
        differences="the number of elements depends on the values, so that a compiled function "
        "cannot contain it: there use `cr.where`",
        code="""
x = cr.tensor([[1.0, 2.0], [3.0, 4.0]])
x[x > 1.5]
""",
        gives=[2.0, 3.0, 4.0],
    ),
    Row(
        "Padding",
        formula="Insert entries of one value before or after those of an axis.",
        here="cr.pad",
        arguments="dim, pad < 0 → (-pad, 0) for that axis; pad > 0 → (0, pad); value=0 → "
        "value=0.0; nInputDim → none; index → join slices by `cr.concat`",
        differences="a pair for each axis",
        code="cr.pad(cr.tensor([[1.0, 2.0]]), [(0, 0), (2, 0)], value=9.0)",
        gives=[[9.0, 9.0, 1.0, 2.0]],
    ),
)
