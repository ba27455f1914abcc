"""Torch7's criterions of values and classes."""

from __future__ import annotations

from ..row import Row

MEAN = 'sizeAverage=true → reduction="mean"; false → "sum"'
CLASSES = "classes count from 0"

ROWS = (
    Row(
        "MSECriterion",
        formula="mean of (x - t)^2.",
        here="nn.MSELoss",
        arguments=MEAN,
        differences="none; no factor 1/2",
        code="nn.MSELoss()(cr.tensor([1.0, 2.0]), cr.tensor([1.0, 4.0]))",
        gives=2.0,
    ),
    Row(
        "AbsCriterion",
        formula="mean of |x - t|.",
        here="nn.L1Loss",
        arguments=MEAN,
        differences="the derivative at x = t is 0; there it is 1 / n",
        code="nn.L1Loss()(cr.tensor([1.0, 2.0]), cr.tensor([1.0, 4.0]))",
        gives=1.0,
    ),
    Row(
        "SmoothL1Criterion",
        formula="mean of d^2 / 2 if |d| < 1 else |d| - 1/2, with d = x - t.",
        here="nn.SmoothL1Loss",
        arguments=f"{MEAN}; none → beta=1.0",
        differences="none",
        code="nn.SmoothL1Loss()(cr.tensor([0.5, 5.0]), cr.tensor([0.0, 2.0]))",
        gives=1.3125,
    ),
    Row(
        "ClassNLLCriterion",
        formula="-w[t] x[t] of log-probabilities x, divided by the sum of the weights w[t].",
        here="nn.NLLLoss",
        arguments=f"weights → weight=None; {MEAN}; ignoreIndex=-100 → ignore_index=-100",
        differences=CLASSES,
        code="nn.NLLLoss()(cr.tensor([[-0.5, -1.0], [-3.0, -0.1]]), cr.tensor([1, 0]))",
        gives=2.0,
    ),
    Row(
        "SpatialClassNLLCriterion",
        formula="ClassNLLCriterion at every place: x (N, C, H, W), t (N, H, W).",
        here="nn.NLLLoss",
        arguments=f"weights → weight=None; {MEAN}",
        differences=CLASSES,
        code="nn.NLLLoss()(cr.tensor([[[[-1.0, -2.0]], [[-3.0, -4.0]]]]), cr.tensor([[[0, 1]]]))",
        gives=2.5,
    ),
    Row(
        "CrossEntropyCriterion",
        formula="ClassNLLCriterion of the log softmax of x.",
        here="nn.CrossEntropyLoss",
        arguments=f"weights → weight=None; {MEAN}",
        differences=f"{CLASSES}; nothing is squeezed, so that a batch of 1 is a batch",
        code="nn.CrossEntropyLoss()(cr.tensor([[0.0, 0.0]]), cr.tensor([1]))",
        gives=0.6931,
    ),
    Row(
        "ClassSimplexCriterion",
        formula="MSECriterion to the vertex of the class on a regular simplex.",
        here="nn.ClassSimplexLoss",
        arguments="nClasses → the number of outputs; getPredictions → F.class_simplex_scores; "
        "getTopPrediction → its argmax",
        differences=CLASSES,
        code="nn.ClassSimplexLoss()(cr.tensor([[1.0, 0.0]]), cr.tensor([1]))",
        gives=2.0,
    ),
    Row(
        "BCECriterion",
        formula="-mean of w (t log(x) + (1 - t) log(1 - x)) of probabilities x.",
        here="nn.BCELoss",
        arguments=f"weights → weight=None; {MEAN}",
        differences="logarithms are limited to -100; there 1e-12 is added inside",
        code="nn.BCELoss()(cr.tensor([0.5, 0.25]), cr.tensor([1.0, 0.0]))",
        gives=0.4904,
    ),
    Row(
        "DistKLDivCriterion",
        formula="mean of t (log(t) - x) of log-probabilities x; 0 where t = 0.",
        here="nn.KLDivLoss",
        arguments=MEAN,
        differences='none: the mean is over elements; "batchmean" is the true divergence',
        code="nn.KLDivLoss()(cr.tensor([[-1.0, -1.0]]), cr.tensor([[1.0, 0.0]]))",
        gives=0.5,
    ),
    Row(
        "MarginCriterion",
        formula="mean of max(0, margin - x t), t = ±1.",
        here="nn.HingeLoss",
        arguments=f"margin=1 → margin=1.0; {MEAN}",
        differences="none",
        code="nn.HingeLoss()(cr.tensor([0.5, -3.0]), cr.tensor([1.0, -1.0]))",
        gives=0.25,
    ),
    Row(
        "SoftMarginCriterion",
        formula="mean of log(1 + e^(-t x)), t = ±1.",
        here="nn.SoftMarginLoss",
        arguments=MEAN,
        differences="nothing overflows",
        code="nn.SoftMarginLoss()(cr.tensor([0.0, 0.0]), cr.tensor([1.0, -1.0]))",
        gives=0.6931,
    ),
    Row(
        "MultiMarginCriterion",
        formula="w[y] / C · sum over i ≠ y of max(0, margin - x[y] + x[i])^p.",
        here="nn.MultiMarginLoss",
        arguments=f"p=1 → p=1; weights → weight=None; margin=1 → margin=1.0; {MEAN}",
        differences=f"{CLASSES}; divided by the number C of classes in both",
        code="nn.MultiMarginLoss()(cr.tensor([[3.0, 5.0, -1.5]]), cr.tensor([0]))",
        gives=1.0,
    ),
    Row(
        "MultiLabelMarginCriterion",
        formula="1 / C · sum over j in T, i not in T of max(0, 1 - x[j] + x[i]).",
        here="nn.MultiLabelMarginLoss",
        arguments=MEAN,
        differences=f"{CLASSES}, and the list of labels ends with -1; there with 0",
        code="""
scores, labels = cr.tensor([[0.1, 0.2, 0.4, 0.8]]), cr.tensor([[3, 0, -1, 1]])
nn.MultiLabelMarginLoss()(scores, labels)
""",
        gives=0.85,
    ),
    Row(
        "MultiLabelSoftMarginCriterion",
        formula="mean over the classes of the binary cross-entropy of sigmoid(x).",
        here="nn.MultiLabelSoftMarginLoss",
        arguments=f"weights → weight=None; {MEAN}",
        differences="none",
        code="nn.MultiLabelSoftMarginLoss()(cr.tensor([[0.0, -99.0]]), cr.tensor([[1.0, 0.0]]))",
        gives=0.3466,
    ),
    Row(
        "WeightedMSECriterion",
        formula="mean of (x - w t)^2.",
        here="nn.WeightedMSELoss",
        arguments=f"weight → weight; {MEAN}",
        differences="none: the target is multiplied and not the error. That would be "
        "`(w * (x - t) ** 2).mean()`",
        code="""
loss = nn.WeightedMSELoss(cr.tensor([1.0, 0.0]))
loss(cr.tensor([1.0, 2.0]), cr.tensor([1.0, 4.0]))
""",
        gives=2.0,
    ),
    Row(
        "SpatialAutoCropMSECriterion",
        formula="MSECriterion to the middle of a larger target.",
        here="nn.AutoCropMSELoss",
        arguments=MEAN,
        differences="the middle begins at (H' - H) // 2",
        code="nn.AutoCropMSELoss()(cr.ones((1, 1, 1)), cr.reshape(cr.arange(9.0), (1, 3, 3)))",
        gives=9.0,
    ),
    Row(
        "L1Cost",
        formula="sum of |x|.",
        here="cr.abs(x).sum()",
        arguments="none",
        differences="none",
        code="cr.abs(cr.tensor([[1.0, -2.0], [3.0, 0.0]])).sum()",
        gives=6.0,
    ),
)
