"""Trainer: the training loop that nobody should have to write again."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..data import DataLoader
from ..data.randomness import generator
from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import Tensor, no_grad
from ..nn import Module
from ..optim import Optimizer, Schedule
from .callbacks import Callback
from .checkpoints import Checkpoints, read_checkpoint
from .evaluation import Data, evaluating, evaluation_loader, prediction_loader, training_loader
from .functions import Functions, check_finite, facts_of
from .history import History
from .metric import Mean
from .metrics import MetricLike, make_metrics
from .progress import make_progress
from .run import Run

Loss = Callable[[Any, Any], Tensor]
Transform = Callable[[Array, np.random.Generator], Array]

_BATCH = 256  # of evaluation, which keeps no values for a backward sweep


class Trainer:
    """Train a model, evaluate it, predict with it.

    * ``model``: a Module; ``loss``: a function of (outputs, targets) that returns one number, the
      mean over the batch; ``optimizer``: over the model's parameters; ``schedule``: of its rate,
      stepped after every epoch or every step, as its ``by`` says.
    * ``metrics``: names (accuracy, top5_accuracy, precision, recall, f1, confusion_matrix, mse,
      mae, r2), Metric objects, or functions of two arrays (outputs, targets) that return a mean.
    * ``transform``: applied to all inputs, in training, evaluation and prediction; what only
      training needs belongs into a DataLoader.
    * ``clip_norm``, ``clip_value``: limits for the gradients.
    * ``seed``: of the order in which ``fit`` takes the samples of a Dataset.
    * ``compile``: whether steps, evaluation and prediction are native programs. Many steps then run
      in one call if the data lie in memory and all transforms are plain arithmetic (Normalize,
      ToFloat, Flatten). A model that cannot be compiled runs node by node, with a RuntimeWarning
      that says why. Node by node or compiled, results are the same up to rounding.

    Floating inputs are given the type of the model's parameters.

    >>> model = nn.Linear(1, 1)
    >>> x = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
    >>> trainer = Trainer(model, F.mse_loss, optim.SGD(model.parameters(), lr=0.1), metrics=["mse"])
    >>> history = trainer.fit((x, 2 * x + 1), epochs=30, batch_size=8, progress=False)
    >>> trainer.evaluate((x, 2 * x + 1))["loss"] < 1e-3
    True
    >>> trainer.predict(x).shape
    (32, 1)
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        optimizer: Optimizer,
        schedule: Schedule | None = None,
        *,
        metrics: Iterable[MetricLike] = ("accuracy",),
        seed: int = 0,
        transform: Transform | None = None,
        callbacks: Iterable[Callback] = (),
        clip_norm: float | None = None,
        clip_value: float | None = None,
        compile: bool = True,
    ) -> None:
        if schedule is not None and schedule.optimizer is not optimizer:
            raise ArgumentError(
                "Trainer: schedule", required="a schedule of this optimizer", received="another's"
            )
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.schedule = schedule
        self.metrics = make_metrics(metrics)
        self.seed = seed
        self.transform = transform
        self.callbacks = list(callbacks)
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.compile = compile
        self._functions: Functions | None = None

    # --- training --------------------------------------------------------------------------

    def fit(
        self,
        train: Data,
        epochs: int,
        validation: Data | None = None,
        *,
        batch_size: int = 64,
        checkpoint: str | os.PathLike[str] | Checkpoints | None = None,
        resume: bool | str | os.PathLike[str] = False,
        overwrite: bool = False,
        monitor: str | None = None,
        patience: int | None = None,
        progress: bool | str = "auto",
        log_every: int = 50,
        report: bool = True,
    ) -> History:
        """Train until ``epochs`` epochs are done; return the history.

        * ``train``, ``validation``: a Dataset, a DataLoader or a pair (inputs, targets);
          ``batch_size`` is for data without a loader.
        * ``checkpoint``: the folder of the run, or ``Checkpoints(folder, ...)``: checkpoints and
          the history are kept there. A folder that holds a run is refused unless ``overwrite``.
        * ``resume``: True goes on from the last checkpoint in that folder, bit for bit as if
          training had never stopped; a path names another run or checkpoint to go on from.
        * ``monitor``: the value that decides which checkpoint is the best, by default the
          validation loss (without validation, the loss); ``patience``: stop when it has not
          improved for so many epochs.
        * ``report``: whether a run with a folder writes ``report.html`` there: a page with curves,
          norms of gradients and weights by layer, mistakes, the graph (see RunReport).
        * ``progress``: "auto" (True): a bar on a terminal if ``rich`` is installed, else lines;
          "plain": lines; False: nothing. ``log_every``: steps between two records of the loss.

        Raises TrainingInterrupted after Ctrl-C or SIGTERM, when the step is finished and saved;
        AnomalyError when the loss is no longer a finite number; CheckpointError when a checkpoint
        is damaged, does not fit or cannot be written.
        """
        if epochs < 0 or log_every < 1:
            raise ArgumentError(
                "fit", required="epochs >= 0, log_every >= 1", received=f"{epochs=}, {log_every=}"
            )
        run = Run(
            self, training_loader(train, batch_size, self.seed), epochs,
            validation=None if validation is None else evaluation_loader(validation, _BATCH),
            checkpoints=_checkpoints(checkpoint, resume), monitor=monitor, patience=patience,
            callbacks=[*make_progress(progress), *self.callbacks], log_every=log_every,
            report=report,
        )  # fmt: skip
        return run.train(resume, overwrite)

    def training_step(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """Take one step on a batch; return the loss and the outputs before it.

        Raises AnomalyError, and leaves the model as it is, if the loss is not finite.
        """
        loss, norm, outputs = self.functions().step(inputs, targets)
        value = float(loss.item())
        check_finite(value, None if norm is None else float(norm.item()))
        return value, outputs.value

    def functions(self) -> Functions:
        """Return what is computed on a batch, made anew if the model or an option has changed."""
        made = self._functions
        if made is None or not (made.is_volatile or made.facts == facts_of(self)):
            self._functions = made = Functions(self)
        return made

    # --- evaluation ------------------------------------------------------------------------

    def evaluate(self, data: Data, *, batch_size: int = _BATCH) -> dict[str, Any]:
        """Return the mean loss and the metrics: ``{"loss": ..., "accuracy": ...}``."""
        return self.evaluate_batches(evaluation_loader(data, batch_size))

    def evaluate_batches(
        self, loader: DataLoader, after_batch: Callable[[Array, Array], None] | None = None
    ) -> dict[str, Any]:
        """Evaluate the batches of a loader; ``after_batch`` is told outputs and targets of each."""
        loss, metrics = Mean("loss"), copy.deepcopy(self.metrics)
        for metric in metrics:
            metric.reset()
        functions = self.functions()
        with evaluating(self.model), no_grad():
            for batch, (inputs, targets) in enumerate(loader):
                value, outputs = functions.measure(self.transformed(inputs, batch), targets)
                loss.add(float(value.item()), len(inputs))
                for metric in metrics:
                    metric.update(outputs.value, targets)
                if after_batch is not None:
                    after_batch(outputs.value, targets)
        return {metric.name: metric.compute() for metric in [loss, *metrics]}

    def predict(self, data: Any, *, batch_size: int = _BATCH) -> Array:
        """Return the model's outputs (N, ...) for an array of inputs (N, ...), or for data."""
        loader = prediction_loader(data, batch_size)
        functions = self.functions()
        with evaluating(self.model), no_grad():
            parts = [
                functions.predict(self.transformed(inputs, batch)).numpy()
                for batch, (inputs, _) in enumerate(loader)
            ]
        return np.concatenate(parts)

    def load(self, folder: str | os.PathLike[str], which: str = "best") -> None:
        """Give the model the weights of the ``"best"`` or the ``"last"`` checkpoint of a run.

        ``folder`` is the folder of a run or of one of its checkpoints. Warns if that checkpoint is
        damaged or not marked, so that the newest complete one is used. Raises CheckpointError if
        there is none or if it belongs to another model.
        """
        checkpoint = read_checkpoint(folder, which)
        if checkpoint.notes:
            warnings.warn("; ".join(checkpoint.notes), stacklevel=2)
        self.model.load_state_dict(checkpoint.weights)

    # --- batches ---------------------------------------------------------------------------

    def transformed(self, inputs: Array, batch: int) -> Array:
        """Apply the trainer's transform to a batch of inputs; its number seeds the randomness."""
        if self.transform is None:
            return inputs
        return self.transform(inputs, generator(self.seed, batch))


def _checkpoints(
    given: str | os.PathLike[str] | Checkpoints | None, resume: bool | str | os.PathLike[str]
) -> Checkpoints | None:
    if isinstance(given, Checkpoints):
        return given
    if given is not None:
        return Checkpoints(given)
    if resume is True:
        raise ArgumentError(
            "fit", required="checkpoint=FOLDER with resume=True", received="no folder"
        )
    if resume is False:
        return None
    path = Path(resume)
    return Checkpoints(path.parent.parent if path.parent.name == "checkpoints" else path)
