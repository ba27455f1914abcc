"""Torch7's layers that are random, that change gradients, or that normalise."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "Dropout",
        formula="In training elements are 0 with probability p, the others x / (1 - p).",
        here="nn.Dropout",
        arguments="p=0.5 → p=0.5; v1=true → none; stochasticInference → leave that module in "
        "training: `model.eval(); dropout.train()`",
        differences="none to version 2; p = 1 is allowed and gives zeros",
        code="nn.Dropout(0.5).eval()(cr.tensor([3.0])), nn.Dropout(1.0)(cr.tensor([3.0]))",
        gives=([3.0], [0.0]),
    ),
    Row(
        "SpatialDropout",
        formula="In training whole maps of (N, C, H, W) are 0 with probability p.",
        here="nn.Dropout2d",
        arguments="p=0.5 → p=0.5; stochasticInference → see Dropout",
        differences="maps that stay are divided by 1 - p in training, as elements by Dropout; "
        "there they pass, and evaluation multiplies by 1 - p",
        code="nn.Dropout2d(1.0)(cr.ones((1, 1, 1, 2)))",
        gives=[[[[0.0, 0.0]]]],
    ),
    Row(
        "VolumetricDropout",
        formula="In training whole volumes of (N, C, D, H, W) are 0 with probability p.",
        here="nn.Dropout3d",
        arguments="p=0.5 → p=0.5; stochasticInference → see Dropout",
        differences="as SpatialDropout: divided by 1 - p in training",
        code="nn.Dropout3d(1.0)(cr.ones((1, 1, 1, 1, 2)))",
        gives=[[[[[0.0, 0.0]]]]],
    ),
    Row(
        "WhiteNoise",
        formula="In training x + noise from N(mean, std^2), in evaluation x + mean.",
        here="nn.WhiteNoise",
        arguments="mean=0 → mean=0.0; std=0.1 → std=0.1",
        differences="gradients pass in evaluation, too; there they are an error",
        code="nn.WhiteNoise(0.5).eval()(cr.tensor([1.0]))",
        gives=[1.5],
    ),
    Row(
        "GradientReversal",
        formula="y = x; the gradient is multiplied by -lambda.",
        here="nn.GradientReversal",
        arguments="lambda=1 → scale=1.0; setLambda → the attribute scale",
        differences="none",
        code="""
layer = nn.GradientReversal(0.5)
layer(cr.tensor([3.0])), cr.grad(lambda x: layer(x).sum())(cr.tensor([3.0]))
""",
        gives=([3.0], [-0.5]),
    ),
    Row(
        "ZeroGrad",
        formula="y = x; no gradient.",
        here="cr.stop_gradient",
        arguments="none",
        differences="of a tuple entry by entry; there is no gradient rather than one of zeros",
        code="cr.grad(lambda x: (x * cr.stop_gradient(x)).sum())(cr.tensor([3.0]))",
        gives=[3.0],
    ),
    Row(
        "L1Penalty",
        formula="y = x; adds l1weight sign(x) to the gradient: that of l1weight sum of |x|.",
        here="loss + l1weight * cr.abs(x).sum()",
        arguments="l1weight → the factor; sizeAverage=true → mean; provideOutput → none",
        differences="a part of the loss that is seen, instead of a gradient without one",
        code="""
x, l1weight = cr.tensor([-2.0, 3.0]), 0.5
cr.grad(lambda x: (x**2).sum() + l1weight * cr.abs(x).sum())(x)
""",
        gives=[-4.5, 6.5],
    ),
    Row(
        "BatchNormalization",
        formula="y = gamma (x - mean) / √(var + eps) + beta for each feature, over the batch.",
        here="nn.BatchNorm1d",
        arguments="nOutput → num_features; eps=1e-5 → eps=1e-5; momentum=0.1 → momentum=0.1; "
        "affine=true → affine=True",
        differences="gamma starts as 1, there U(0, 1). As there, the running variance is the "
        "unbiased one. A batch of one value for each feature is an error in training",
        code="""
norm = nn.BatchNorm1d(1)
norm(cr.tensor([[1.0], [3.0]])), norm.running_mean, norm.running_var
""",
        gives=([[-1.0], [1.0]], [0.2], [1.1]),
    ),
    Row(
        "LayerNormalization",
        formula="y = gamma (x - mean) / std + beta over the features of each sample.",
        here="nn.LayerNorm",
        arguments="nOutput → normalized_shape; bias=0 → starts as 0; eps=1e-10 → eps=1e-5; "
        "affine=true → elementwise_affine=True",
        differences="eps is added to the variance; there to the sum of squares",
        code="nn.LayerNorm(2)(cr.tensor([[1.0, 3.0]]))",
        gives=[[-1.0, 1.0]],
    ),
    Row(
        "Normalize",
        formula="y = x / |x|_p for each row.",
        here="F.normalize",
        arguments="p → p=2.0, infinity too; eps=1e-10 → eps=1e-12",
        differences="norms below eps count as eps; there eps is added to the sum of powers. "
        "The axis is an option, axis=1",
        code="F.normalize(cr.tensor([[3.0, 4.0]]))",
        gives=[[0.6, 0.8]],
    ),
    Row(
        "PrintSize",
        formula="Print the shape, and pass x on.",
        here='nn.Lambda(lambda x: print("shape", x.shape) or x)',
        arguments="prefix → the text",
        differences="not that of the gradient, which is the same. `model.summary(shape)` lists "
        "the shapes of all layers",
        code='nn.Lambda(lambda x: print("shape", x.shape) or x)(cr.ones((1, 2)))',
        gives=[[1.0, 1.0]],
    ),
)
