"""Torch7's trainer."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "StochasticGradient",
        formula="For every epoch, for every sample in random order: a step against its gradient, "
        "w ← w - lr / (1 + epoch · decay) · gradient.",
        here="cr.Trainer",
        arguments="module → model; criterion → loss; learningRate=0.01 → optim.SGD(..., lr); "
        "learningRateDecay=0 → optim.InverseLR(optimizer, gamma); maxIteration=25 → "
        "fit(data, epochs); shuffleIndices=true → a DataLoader; hookExample, hookIteration → "
        "callbacks; verbose → progress",
        differences="batches, 64 by default: `batch_size=1` is one sample a step. Validation, "
        "checkpoints and metrics besides",
        code="""
x, model = np.array([[1.0], [-1.0]], np.float32), nn.Linear(1, 1)
trainer = cr.Trainer(model, F.mse_loss, optim.SGD(model.parameters(), lr=0.1), metrics=["mse"])
history = trainer.fit((x, 3 * x), epochs=60, batch_size=1, progress=False)
trainer.evaluate((x, 3 * x))["loss"]
""",
        gives=0.0,
    ),
)
