"""Torch7's simple layers with parameters."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "Linear",
        formula="y = W x + b.",
        here="nn.Linear",
        arguments="inputSize → in_features; outputSize → out_features; bias=true → bias=True",
        differences="any number of axes before the features; starts alike, U(-1/√in, 1/√in)",
        code="""
layer = nn.Linear(2, 1)
layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [0.5]})
layer(cr.tensor([[3.0, 4.0]]))
""",
        gives=[[11.5]],
    ),
    Row(
        "LinearWeightNorm",
        formula="y = W x + b with W = g v / |v|, one norm for each output.",
        here="nn.weight_norm(nn.Linear(2, 1))",
        arguments="inputSize, outputSize, bias=true → those of nn.Linear; eps=1e-16 → none",
        differences="nothing is added to the norm",
        code="""
layer = nn.Linear(2, 1, bias=False)
layer.weight.assign([[3.0, 4.0]])
nn.weight_norm(layer)(cr.tensor([[1.0, 1.0]]))
""",
        gives=[[7.0]],
    ),
    Row(
        "SparseLinear",
        formula="y = W x + b of a sparse x, given as pairs of index and value.",
        here='nn.EmbeddingBag(inputs, outputs, mode="sum")',
        arguments="inputSize → num_embeddings; outputSize → embedding_dim; doGradInput → the "
        "values (per_sample_weights) want gradients or not; bias → add `nn.Bias`",
        differences="indices count from 0; the weight is (in, out); start: N(0, 1)",
        code="""
bag = nn.EmbeddingBag(3, 1, mode="sum")
bag.weight.assign([[1.0], [10.0], [100.0]])
indices, values = cr.tensor([[0, 2]]), cr.tensor([[2.0, 3.0]])
bag(indices, per_sample_weights=values)
""",
        gives=[[302.0]],
    ),
    Row(
        "IndexLinear",
        formula="y = W x + b of sparse rows of any lengths, given as keys and values.",
        here='nn.EmbeddingBag(inputs, outputs, mode="sum")',
        arguments="inputSize → num_embeddings; outputSize → embedding_dim; keysOffset → subtract "
        "it; sizes → offsets, where each row begins; normalize → divide the values by their maxima",
        differences="keys count from 0; no running maxima of the features; start: N(0, 1), not 0",
        code="""
bag = nn.EmbeddingBag(3, 1, mode="sum")
bag.weight.assign([[1.0], [10.0], [100.0]])
keys, values = cr.tensor([0, 2, 1]), cr.tensor([2.0, 3.0, 1.0])
bag(keys, offsets=cr.tensor([0, 2]), per_sample_weights=values)
""",
        gives=[[302.0], [10.0]],
    ),
    Row(
        "PartialLinear",
        formula="y = W x + b for chosen outputs only.",
        here="F.linear(x, layer.weight[outputs], layer.bias[outputs])",
        arguments="inputsize, outputsize, bias=true → those of nn.Linear; setPartition(indices) → "
        "outputs, an array of integers",
        differences="indices count from 0; the choice is an argument of the call, not a state",
        code="""
layer, outputs = nn.Linear(1, 3), [2, 0]
layer.load_state_dict({"weight": [[1.0], [2.0], [3.0]], "bias": [0.0, 0.0, 0.5]})
F.linear(cr.tensor([[10.0]]), layer.weight[outputs], layer.bias[outputs])
""",
        gives=[[30.5, 10.0]],
    ),
    Row(
        "Bilinear",
        formula="y_k = x1^T A_k x2 + b_k.",
        here="nn.Bilinear",
        arguments="inputSize1 → in1_features; inputSize2 → in2_features; outputSize → "
        "out_features; bias=true → bias=True",
        differences="the two inputs are two arguments",
        code="""
layer = nn.Bilinear(2, 1, 1, bias=False)
layer.weight.assign([[[1.0], [10.0]]])
layer(cr.tensor([[1.0, 2.0]]), cr.tensor([[3.0]]))
""",
        gives=[[63.0]],
    ),
    Row(
        "Add",
        formula="y = x + b, with b learned.",
        here="nn.Bias",
        arguments="inputSize → shape; scalar=true → shape ()",
        differences="starts as zeros; there U(-1/√n, 1/√n)",
        code="""
layer = nn.Bias(2)
layer.bias.assign([1.0, 2.0])
layer(cr.tensor([[10.0, 20.0]]))
""",
        gives=[[11.0, 22.0]],
    ),
    Row(
        "Mul",
        formula="y = w x, with one number w learned.",
        here="nn.Scale(())",
        arguments="none → shape ()",
        differences="starts as 1; there U(-1, 1)",
        code="""
layer = nn.Scale(())
layer.weight.assign(3.0)
layer(cr.tensor([[1.0, 2.0]]))
""",
        gives=[[3.0, 6.0]],
    ),
    Row(
        "CAdd",
        formula="y = x + b, with a tensor b learned.",
        here="nn.Bias",
        arguments="size → shape, of the axes from `axis`=1 on",
        differences="the batch is no part of the shape; starts as zeros, there U(-1/√n, 1/√n)",
        code="nn.Bias((2, 3))(cr.ones((4, 2, 3))).shape",
        gives=(4, 2, 3),
    ),
    Row(
        "CMul",
        formula="y = w x element by element, with a tensor w learned.",
        here="nn.Scale",
        arguments="size → shape, of the axes from `axis`=1 on",
        differences="the batch is no part of the shape; starts as ones, there U(-1/√n, 1/√n)",
        code="""
layer = nn.Scale(2)
layer.weight.assign([2.0, 3.0])
layer(cr.tensor([[10.0, 20.0]]))
""",
        gives=[[20.0, 60.0]],
    ),
    Row(
        "Euclidean",
        formula="y_j = |x - w_j|.",
        here="nn.Euclidean",
        arguments="inputSize → in_features; outputSize → out_features",
        differences="weight (out, in), there (in, out); the derivative at distance 0 is 0",
        code="""
layer = nn.Euclidean(2, 2)
layer.weight.assign([[0.0, 0.0], [3.0, 0.0]])
layer(cr.tensor([[3.0, 4.0]]))
""",
        gives=[[5.0, 4.0]],
    ),
    Row(
        "WeightedEuclidean",
        formula="y_j = |c_j (x - w_j)|, with w and c learned.",
        here="nn.WeightedEuclidean",
        arguments="inputSize → in_features; outputSize → out_features",
        differences="weight and diagCov → scale are (out, in); the derivative at 0 is 0",
        code="""
layer = nn.WeightedEuclidean(2, 1)
layer.load_state_dict({"weight": [[0.0, 0.0]], "scale": [[2.0, 0.0]]})
layer(cr.tensor([[3.0, 4.0]]))
""",
        gives=[[6.0]],
    ),
    Row(
        "Cosine",
        formula="y_j = x · w_j / (|x| |w_j|).",
        here="nn.Cosine",
        arguments="inputSize → in_features; outputSize → out_features",
        differences="norms below 1e-12 count as 1e-12; there 1e-12 is added under the roots",
        code="""
layer = nn.Cosine(2, 1)
layer.weight.assign([[1.0, 0.0]])
layer(cr.tensor([[3.0, 4.0]]))
""",
        gives=[[0.6]],
    ),
    Row(
        "LookupTable",
        formula="y = W[i]: rows of a table.",
        here="nn.Embedding",
        arguments="nIndex → num_embeddings; nOutput → embedding_dim; paddingValue=0 (none) → "
        "padding_idx=None; maxNorm → max_norm=None; normType=2 → norm_type=2.0; "
        "scaleGradByFreq() → scale_grad_by_freq=True",
        differences="indices count from 0; the padded row starts as zeros. With max_norm rows are "
        "shortened when they are looked up, for good, as there",
        code="""
table = nn.Embedding(2, 2)
table.weight.assign([[1.0, 2.0], [3.0, 4.0]])
table(cr.tensor([1, 0]))
""",
        gives=[[3.0, 4.0], [1.0, 2.0]],
    ),
    Row(
        "Kmeans",
        formula="The nearest of k centroids, which training moves towards their points.",
        here="nn.Kmeans",
        arguments="k → clusters; dim → features; scale → the optimizer's rate; "
        "initRandom, initKmeansPlus → start_from(points)",
        differences="returns the squared distance, of which the gradient moves the centroids "
        "(the loss is its mean or sum); `nearest` returns the index, from 0",
        code="""
layer = nn.Kmeans(2, 1)
layer.weight.assign([[0.0], [10.0]])
layer(cr.tensor([[1.0], [8.0]])), layer.nearest(cr.tensor([[1.0], [8.0]]))
""",
        gives=([1.0, 4.0], [0, 1]),
    ),
)
