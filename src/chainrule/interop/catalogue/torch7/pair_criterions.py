"""Torch7's criterions of pairs, and criterions made of criterions."""

from __future__ import annotations

from ..row import Row

MEAN = 'sizeAverage=true → reduction="mean"; false → "sum"'

ROWS = (
    Row(
        "HingeEmbeddingCriterion",
        formula="mean of x if t = 1, max(0, margin - x) if t = -1.",
        here="nn.HingeEmbeddingLoss",
        arguments=f"margin=1 → margin=1.0; {MEAN}",
        differences="none",
        code="nn.HingeEmbeddingLoss()(cr.tensor([0.25, 0.25]), cr.tensor([1, -1]))",
        gives=0.5,
    ),
    Row(
        "L1HingeEmbeddingCriterion",
        formula="d = sum of |a - b|; d if t = 1, max(0, margin - d) if t = -1.",
        here="nn.L1HingeEmbeddingLoss",
        arguments="{a, b} → two arguments; margin=1 → margin=1.0",
        differences="a batch of pairs; the derivative where a = b is 0, there a random sign",
        code="""
loss = nn.L1HingeEmbeddingLoss()
loss(cr.tensor([[1.0, 2.0]]), cr.tensor([[1.5, 2.0]]), cr.tensor([1]))
""",
        gives=0.5,
    ),
    Row(
        "CosineEmbeddingCriterion",
        formula="1 - cos(a, b) if t = 1, max(0, cos(a, b) - margin) if t = -1.",
        here="nn.CosineEmbeddingLoss",
        arguments=f"{{a, b}} → two arguments; margin=0 → margin=0.0; {MEAN}",
        differences="none but for the smallest norms",
        code="""
loss = nn.CosineEmbeddingLoss()
loss(cr.tensor([[1.0, 0.0]]), cr.tensor([[3.0, 4.0]]), cr.tensor([1]))
""",
        gives=0.4,
    ),
    Row(
        "MarginRankingCriterion",
        formula="mean of max(0, -t (a - b) + margin), t = ±1.",
        here="nn.MarginRankingLoss",
        arguments=f"{{a, b}} → two arguments; margin=1 → margin=0.0; {MEAN}",
        differences="the margin is 0 by default; at the kink the derivative is 0, there not",
        code="""
loss = nn.MarginRankingLoss(margin=1.0)
loss(cr.tensor([1.0, 1.0]), cr.tensor([3.0, 3.0]), cr.tensor([1, -1]))
""",
        gives=1.5,
    ),
    Row(
        "DistanceRatioCriterion",
        formula="mean of -log(e^-a / (e^-a + e^-b)), of distances a to what is alike, b to what "
        "is not.",
        here="nn.DistanceRatioLoss",
        arguments=f"{{a, b}} → two arguments; {MEAN}",
        differences="none",
        code="nn.DistanceRatioLoss()(cr.tensor([1.0]), cr.tensor([1.0]))",
        gives=0.6931,
    ),
    Row(
        "MultiCriterion",
        formula="sum over i of w_i loss_i(x, t).",
        here="nn.MultiCriterion",
        arguments="add(criterion, weight=1) → the losses as arguments, weights=[...]",
        differences="none",
        code="""
loss = nn.MultiCriterion(nn.MSELoss(), nn.L1Loss(), weights=[1.0, 0.5])
loss(cr.tensor([4.0]), cr.tensor([2.0]))
""",
        gives=5.0,
    ),
    Row(
        "ParallelCriterion",
        formula="sum over i of w_i loss_i(x_i, t_i).",
        here="nn.ParallelCriterion",
        arguments="repeatTarget=false → repeat_target=False; add(criterion, weight=1) → the "
        "losses as arguments, weights=[...]",
        differences="none",
        code="""
loss = nn.ParallelCriterion(nn.MSELoss(), nn.L1Loss())
loss((cr.tensor([4.0]), cr.tensor([1.0])), (cr.tensor([2.0]), cr.tensor([0.0])))
""",
        gives=5.0,
    ),
    Row(
        "ModuleCriterion",
        formula="loss(f(x), g(t)).",
        here="loss(f(x), g(target))",
        arguments="criterion → loss; inputModule → f; targetModule → g; castTarget → astype",
        differences="calls, not an object",
        code="F.mse_loss(cr.exp(cr.tensor([0.0])), cr.square(cr.tensor([2.0])))",
        gives=9.0,
    ),
)
