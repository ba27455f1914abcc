"""Caffe's losses and its metric."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "SoftmaxWithLoss",
        formula="- sum of log(softmax(x)[label]) / normalizer, each logarithm at least -87.34",
        here="nn.CrossEntropyLoss",
        arguments="ignore_label=none → ignore_index=-100; normalization=VALID → reduction='mean'; "
        "BATCH_SIZE → 'batchmean'; FULL → 'full'; NONE → 'sum'; softmax_param.axis=1 → none; "
        "loss_weight=1 → a factor",
        differences="the logarithm of softmax is computed as such, so that the loss is exact and "
        "never stops at 87.3365. Labels are integers, and one out of range raises DataError. Where "
        "all labels are ignored the mean is NaN, with a warning; there it is 0. "
        "Probabilities (top[1]) are `nn.Softmax(axis=1)`",
        code="x = cr.tensor([[0.0, 0.0], [0.0, 200.0], [1.0, 2.0]])\n"
        "# (log(2) + 200) / 2\n"
        "nn.CrossEntropyLoss(ignore_index=255)(x, cr.tensor([0, 0, 255]))",
        gives=100.34657,
    ),
    Row(
        "MultinomialLogisticLoss",
        formula="-1 / N * sum of log(max(p[label], 1e-20)), p probabilities",
        here="F.nll_loss(cr.log(cr.maximum(p, 1e-20)), labels)",
        arguments="none",
        differences="none; from scores, `nn.CrossEntropyLoss` is exact and its gradient too",
        code="p = cr.tensor([[0.25, 0.75], [0.5, 0.5]])\n"
        "# log(8) / 2\n"
        "F.nll_loss(cr.log(cr.maximum(p, 1e-20)), cr.tensor([0, 1]))",
        gives=1.03972,
    ),
    Row(
        "InfogainLoss",
        formula="-1 / normalizer * sum over k of H[label, k] * log(softmax(x)[k])",
        here="nn.InfogainLoss",
        arguments="source or the third input (H) → gains; ignore_label=none → ignore_index; "
        "normalization=VALID → reduction='mean'; axis=1 → none",
        differences="logarithms are exact, and not cut at log(1e-20)",
        code="gains = cr.tensor([[1.0, 0.0], [0.5, 1.0]])\n"
        "# 1.5 * log(2)\n"
        "F.infogain_loss(cr.tensor([[0.0, 0.0]]), cr.tensor([1]), gains)",
        gives=1.03972,
    ),
    Row(
        "EuclideanLoss",
        formula="1 / (2 * N) * sum of (a - b)**2",
        here="nn.EuclideanLoss",
        arguments="none",
        differences="none: half, and divided by the number of samples only; `nn.MSELoss` has no "
        "half and divides by the number of elements",
        code="a, b = cr.tensor([[2.0], [0.0]]), cr.tensor([[4.0], [0.0]])\n"
        "nn.EuclideanLoss()(a, b), nn.MSELoss()(a, b)",
        gives=(1.0, 2.0),
    ),
    Row(
        "HingeLoss",
        formula="1 / N * sum over all classes j of max(0, 1 - t[j] * s[j])**p, t = 1 for the label "
        "and -1 for the others",
        here="F.hinge_loss(s, 2 * cr.one_hot(labels, classes) - 1, reduction='batchmean')",
        arguments="norm=L1 → squared=False; norm=L2 → squared=True",
        differences="this is one classifier against the rest for each class; "
        "`nn.MultiClassHingeLoss` compares with the score of the right class instead",
        code="s, t = cr.tensor([[0.5, -2.0, 0.25]]), 2 * cr.one_hot([0], 3) - 1\n"
        "# 0.5 + 0 + 1.25, and 0.25 + 0 + 1.5625\n"
        "[F.hinge_loss(s, t, squared=two, reduction='batchmean') for two in (False, True)]",
        gives=[1.75, 1.8125],
    ),
    Row(
        "ContrastiveLoss",
        formula="1 / (2 * N) * sum of y * d**2 + (1 - y) * max(margin - d, 0)**2, d = |a - b|; "
        "legacy_version: max(margin - d**2, 0)",
        here="nn.ContrastiveLoss",
        arguments="margin=1 → margin=1; legacy_version=false → legacy",
        differences="the derivative at d = 0 is 0; there d + 1e-4 stands in it everywhere",
        code="a, b = cr.tensor([[3.0, 4.0], [0.0, 0.5]]), cr.zeros((2, 2))\n"
        "# (25 + 0.25) / 4\n"
        "F.contrastive_loss(a, b, cr.tensor([1.0, 0.0]))",
        gives=6.3125,
    ),
    Row(
        "SigmoidCrossEntropyLoss",
        formula="- sum of t * log(sigmoid(x)) + (1 - t) * log(1 - sigmoid(x)) / normalizer",
        here="nn.BCEWithLogitsLoss",
        arguments="normalization=BATCH_SIZE → reduction='batchmean'; VALID → 'mean'; FULL → "
        "'full'; NONE → 'sum'; ignore_label=none → ignore_index",
        differences="the mean is over all elements by default. ignore_index is compared with the "
        "target itself; there with its whole part, so that 0 leaves out 0.5 too",
        code="x, t = cr.tensor([[0.0, 1000.0]]), cr.tensor([[1.0, 0.0]])\n"
        "F.binary_cross_entropy_with_logits(x, t, reduction='batchmean')",
        gives=1000.69315,
    ),
    Row(
        "Accuracy",
        formula="share of the samples for which fewer than top_k other scores are at least as high "
        "as the right one",
        here="cr.train.TopAccuracy(top_k, ties='lose')",
        arguments="top_k=1 → k=5; ignore_label=none → ignore_index=None; axis=1 → none",
        differences="with ties='win', the default, equal scores count as lower; "
        "`cr.train.Accuracy` takes the first of the highest. A metric gathers over batches. By "
        "class (top[1]): the diagonal of `cr.train.ConfusionMatrix` by the sums of its rows. "
        "Without any sample it is NaN, not 0",
        code="scores = np.array([[1.0, 1.0], [0.0, 2.0], [3.0, 1.0]])\n"
        "strict = cr.train.TopAccuracy(1, ties='lose', ignore_index=9)\n"
        "strict.update(scores, np.array([0, 1, 9]))\n"
        "# the tie of the first sample loses, the third is ignored\n"
        "strict.compute()",
        gives=0.5,
    ),
)
