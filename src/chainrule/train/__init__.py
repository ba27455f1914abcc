"""Training: the loop, metrics, checkpoints, and what a run leaves behind.

The whole interface in short (details in each docstring)::

    trainer = Trainer(model, loss, optimizer, schedule=None, *, metrics=("accuracy",), seed=0,
                      transform=None, callbacks=(), clip_norm=None, clip_value=None)
    history = trainer.fit(train, epochs, validation=None, *, batch_size=64, checkpoint=None,
                          resume=False, overwrite=False, monitor=None, patience=None,
                          progress="auto", log_every=50, report=True)
    trainer.evaluate(data, *, batch_size=256) -> {"loss": ..., "accuracy": ...}
    trainer.predict(inputs_or_data, *, batch_size=256) -> np.ndarray
    trainer.load(folder, which="best")          # weights only; "last" is the other choice

``train``, ``validation``, ``data``: a Dataset, a DataLoader or a pair of arrays (inputs, targets).
``checkpoint``: a folder, or ``Checkpoints(folder, every_steps=None, every_seconds=120.0)``.
``resume``: True (from the last checkpoint of ``checkpoint``) or the path of a run or a checkpoint.
Ctrl-C and SIGTERM finish the step, save, and raise ``TrainingInterrupted`` (a ChainruleError and a
KeyboardInterrupt), which has ``history``, ``checkpoint`` (a path or None) and ``signal``.

A run with a folder writes ``report.html`` there (``report=False``: it does not). Callbacks:
``RunReport(**about)``, ``Curves(path)``, ``TensorBoard(folder)``, or a subclass of ``Callback``.
Functions: ``save_curves(history, path)``, ``save_mistakes(trainer, data, path, limit=25) -> int``,
``has_checkpoint(folder)``, ``read_checkpoint(path)``, ``History.read(folder)``.
"""

from __future__ import annotations

from .callbacks import Callback
from .checkpoint import Checkpoint
from .checkpoints import Checkpoints, has_checkpoint, read_checkpoint
from .classification import F1, Accuracy, ConfusionMatrix, Precision, Recall, TopAccuracy
from .curves import Curves, save_curves
from .history import History
from .interruption import TrainingInterrupted
from .metric import Mean, Metric
from .mistakes import Mistakes, find_mistakes, save_mistakes
from .progress import PlainProgress, RichProgress
from .regression import R2, MeanAbsoluteError, MeanSquaredError
from .report import RunReport
from .run import Run
from .tensorboard import TensorBoard
from .trainer import Trainer

__all__ = [
    "F1",
    "R2",
    "Accuracy",
    "Callback",
    "Checkpoint",
    "Checkpoints",
    "ConfusionMatrix",
    "Curves",
    "History",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Mistakes",
    "PlainProgress",
    "Precision",
    "Recall",
    "RichProgress",
    "Run",
    "RunReport",
    "TensorBoard",
    "TopAccuracy",
    "Trainer",
    "TrainingInterrupted",
    "find_mistakes",
    "has_checkpoint",
    "read_checkpoint",
    "save_curves",
    "save_mistakes",
]
