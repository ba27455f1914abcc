"""Caffe's common layers: most are one operation here, since a model is written in Python."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "InnerProduct",
        formula="y = x W^T + b, with the axes of x from axis on flattened",
        here="nn.Linear",
        arguments="num_output → out_features (in_features is said too); bias_term=true → bias; "
        "weight_filler, bias_filler=constant 0 → `nn.init`; axis=1 → `nn.Flatten` before; "
        "transpose=false: W (out, in) as here; transpose=true: `x @ W`",
        differences="the last axis is mapped and those before it kept, as with axis=-1 there; an "
        "image is flattened first. Weights start as U(-b, b), b = 1 / sqrt(in), not as zeros",
        code="x, w = cr.tensor([[[1.0, 2.0], [3.0, 4.0]]]), cr.tensor([[1.0, 0.0, 0.0, 2.0]])\n"
        "F.linear(cr.flatten(x, 1), w, cr.tensor([0.5]))",
        gives=[[9.5]],
    ),
    Row(
        "Embed",
        formula="y = W[index] + b, an axis longer than index",
        here="nn.Embedding, and nn.Bias for b",
        arguments="input_dim → num_embeddings; num_output → embedding_dim; bias_term=true → "
        "`nn.Bias(embedding_dim, axis=-1)`; weight_filler, bias_filler=constant 0 → `nn.init`",
        differences="indices are integers, and one that is no row raises BoundsError; there they "
        "are floats, unchecked in release builds. Rows start as N(0, 1), not as zeros",
        code="w, b = cr.tensor([[1.0, 2.0], [3.0, 4.0]]), cr.tensor([0.5, 0.0])\n"
        "F.embedding(cr.tensor([1, 0]), w) + b",
        gives=[[3.5, 4.0], [1.5, 2.0]],
    ),
    Row(
        "Concat",
        formula="join along an axis",
        here="cr.concat(inputs, axis=1)",
        arguments="axis=1 (once concat_dim) → axis=0",
        differences="the axis is 0 by default",
        code="cr.concat([cr.tensor([[1.0], [2.0]]), cr.tensor([[3.0], [4.0]])], axis=1)",
        gives=[[1.0, 3.0], [2.0, 4.0]],
    ),
    Row(
        "Slice",
        formula="cut along an axis at the given points, or into equal parts",
        here="cr.split(x, sizes, axis=1)",
        arguments="axis=1 (once slice_dim) → axis=0; slice_point=[a, b] → sizes [a, b - a, n - b]; "
        "none → one size",
        differences="sizes of the parts instead of the points between them",
        code="# slice_point: 1\ncr.split(cr.tensor([[1.0, 2.0, 3.0, 4.0]]), [1, 3], axis=1)",
        gives=([[1.0]], [[2.0, 3.0, 4.0]]),
    ),
    Row(
        "Split",
        formula="one output for each user; gradients are summed",
        here="use the tensor twice",
        arguments="none",
        differences="the graph sums gradients by itself",
        code="cr.grad(lambda x: (x * x + 3 * x).sum())(cr.tensor([1.0, 2.0]))",
        gives=[5.0, 7.0],
    ),
    Row(
        "Eltwise",
        formula="SUM: sum of coeff[i] * x[i]; PROD: product of all x[i]; MAX: the largest",
        here="a * x + b * y, x * y, cr.maximum(x, y)",
        arguments="operation=SUM → the expression; coeff=1 → factors; stable_prod_grad=true → none",
        differences="the gradient of a product is always the product of the others, so that zeros "
        "do no harm. Of equal elements both share the gradient of `cr.maximum`; in Caffe the "
        "second input gets it all if there are two, and an earlier one if there are more",
        code="x, y = cr.tensor([1.0, 5.0]), cr.tensor([3.0, 4.0])\n"
        "2 * x - y, x * y, cr.maximum(x, y)",
        gives=([-1.0, 6.0], [3.0, 20.0], [3.0, 5.0]),
    ),
    Row(
        "Scale",
        formula="y = x * weight + bias, which span num_axes axes of x from axis on; learned, or "
        "the second input",
        here="nn.Scale; F.scale for a second input",
        arguments="axis=1 → axis; num_axes=1 → the length of shape (-1: all that follow; 0: shape "
        "()); bias_term=false → bias; filler=constant 1, bias_filler=constant 0 → the same",
        differences="the shape is said, not found from the first input",
        code="x = cr.tensor([[[1.0, 2.0], [3.0, 4.0]]])\n"
        "nn.Scale(2, bias=True)(x), F.scale(x, cr.tensor([10.0, 100.0]), axis=2)",
        gives=([[[1.0, 2.0], [3.0, 4.0]]], [[[10.0, 200.0], [30.0, 400.0]]]),
    ),
    Row(
        "Bias",
        formula="y = x + bias, which spans num_axes axes of x from axis on; learned, or the "
        "second input",
        here="nn.Bias; F.add_bias for a second input",
        arguments="axis=1 → axis; num_axes=1 → the length of shape; filler=constant 0 → the same",
        differences="the shape is said, not found from the first input",
        code="x = cr.tensor([[[1.0, 2.0], [3.0, 4.0]]])\n"
        "nn.Bias(2)(x), F.add_bias(x, cr.tensor([10.0, 100.0]))",
        gives=([[[1.0, 2.0], [3.0, 4.0]]], [[[11.0, 12.0], [103.0, 104.0]]]),
    ),
    Row(
        "Reduction",
        formula="coeff times the SUM, ASUM (of absolute values), SUMSQ (of squares) or MEAN over "
        "all axes from axis on",
        here="cr.sum, cr.mean",
        arguments="operation=SUM → the function, of `cr.abs(x)` for ASUM, of `x * x` for SUMSQ; "
        "axis=0 → axis; coeff=1 → a factor",
        differences="any axes can be reduced, not only the last ones",
        code="x = cr.tensor([[1.0, -2.0], [3.0, 4.0]])\n"
        "x.sum(), 0.5 * cr.abs(x).sum(1), (x * x).sum(1), x.mean(1)",
        gives=(6.0, [1.5, 3.5], [5.0, 25.0], [-0.5, 3.5]),
    ),
    Row(
        "Reshape",
        formula="the same elements in another shape; 0 keeps an axis, -1 is found out",
        here="cr.reshape",
        arguments="shape → shape, `x.shape[k]` in place of 0; axis=0, num_axes=-1 → "
        "`x.shape[:axis]` in front, the rest behind (`nn.Unflatten`)",
        differences="0 is a length, as in NumPy, and does not copy one",
        code="x = cr.zeros((2, 3, 4))\n"
        "cr.reshape(x, (x.shape[0], -1)).shape, nn.Unflatten(2, (2, 2))(x).shape",
        gives=((2, 12), (2, 3, 2, 2)),
    ),
    Row(
        "Flatten",
        formula="merge the axes from axis to end_axis into one",
        here="nn.Flatten",
        arguments="axis=1 → start_axis=1; end_axis=-1 → end_axis=-1",
        differences="none",
        code="x = cr.zeros((2, 3, 4, 5))\nnn.Flatten()(x).shape, nn.Flatten(2, 3)(x).shape",
        gives=((2, 60), (2, 3, 20)),
    ),
    Row(
        "ArgMax",
        formula="positions (and values) of the top_k largest elements of each sample, or along an "
        "axis",
        here="cr.argmax, cr.top_k",
        arguments="top_k=1 → k; out_max_val=false → the first result; axis=none → `nn.Flatten` "
        "before, and axis=-1",
        differences="positions are integers; there floats. Of equal elements the first comes first "
        "here, the last there. The values have a gradient",
        code="x = cr.tensor([[3.0, 1.0, 2.0]])\ncr.argmax(x, axis=1), cr.top_k(x, 2)",
        gives=([0], ([[3.0, 2.0]], [[0, 2]])),
    ),
    Row(
        "BatchReindex",
        formula="y[i] = x[index[i]], rows in another order, some of them several times",
        here="cr.take(x, index, axis=0)",
        arguments="none",
        differences="none; gradients of a row that was taken several times are summed in both",
        code="x = cr.tensor([[1.0], [2.0], [3.0]])\ncr.take(x, cr.tensor([2, 0, 0]), axis=0)",
        gives=[[3.0], [1.0], [1.0]],
    ),
    Row(
        "Filter",
        formula="those rows of each input for which the last input is not 0",
        here="cr.boolean_mask(x, selector != 0)",
        arguments="none",
        differences="the number of rows depends on values, so that the function runs eagerly and "
        "is not compiled; weights of 0 and 1 (`reduction='none'`) do the same in a compiled loss",
        code="x, selector = cr.tensor([[1.0], [2.0], [3.0]]), cr.tensor([1.0, 0.0, 1.0])\n"
        "cr.boolean_mask(x, selector != 0)",
        gives=[[1.0], [3.0]],
    ),
    Row(
        "Tile",
        formula="repeat the input along an axis",
        here="cr.tile(x, repetitions)",
        arguments="tiles → a number for each axis; axis=1 → its place among them",
        differences="none; gradients of the copies are summed in both",
        code="cr.tile(cr.tensor([[1.0, 2.0]]), (1, 2))",
        gives=[[1.0, 2.0, 1.0, 2.0]],
    ),
    Row(
        "Silence",
        formula="nothing: its inputs are no outputs of the net",
        here="del x",
        arguments="none",
        differences="what is not returned is no output, and is not computed in a compiled program",
        code="x = cr.tensor([1.0])\nunused, y = x * 2, x * 3\ndel unused\ny",
        gives=[3.0],
    ),
    Row(
        "Python",
        formula="a layer written by the user: setup, reshape, forward, backward",
        here="nn.Module; cr.Op where the derivative is written by hand",
        arguments="module, layer → an import; param_str='' → constructor arguments; "
        "share_in_parallel → none",
        differences="a module of differentiable operations needs no backward and is compiled; an "
        "Op is an operation of the graph like any other, on the CPU too",
        code="class Twice(nn.Module):\n"
        "    def forward(self, x):\n"
        "        return x + x\n"
        "cr.grad(lambda x: Twice()(x).sum())(cr.tensor([1.0]))",
        gives=[2.0],
    ),
)
