"""Probe: one forward and backward sweep on a copy of the model, to see its norms and its graph.

A compiled step keeps no gradients, and making it keep them would slow every step. So a probe
computes them node by node, on a few samples that stay the same, now and then: what is trained, its
random numbers and its statistics of batches are not touched.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...data.randomness import generator
from ...errors import MissingDependencyError
from ...graph import MODES, ComputationalGraph, Tensor, enable_grad, tensor
from ...nn import Module
from ...ops.random import default_generator
from ..functions import Functions

if TYPE_CHECKING:
    from ..run import Run

SAMPLES = 32
NUMBERS = 1 << 17  # in these samples at most: of large images there are fewer, but two


@dataclass(frozen=True)
class Probed:
    """Norms of a moment, by the path of the layer, and the drawing or why there is none."""

    step: int
    epoch: float
    gradients: dict[str, float | None]
    weights: dict[str, float]
    drawing: str
    problem: str

    def record(self) -> dict[str, Any]:
        """Return what is kept in a file."""
        return {
            "kind": "norms", "step": self.step, "epoch": self.epoch, "gradients": self.gradients,
            "weights": self.weights,
        }  # fmt: skip


def probe(run: Run, *, draw: bool = True) -> Probed:
    """Return the norms of gradients and weights of each layer, and the drawing of the graph."""
    trainer = copy.copy(run.trainer)
    trainer.model = copy.deepcopy(run.trainer.model)
    trainer.model.train()
    trainer.compile = False
    if isinstance(trainer.loss, Module):
        trainer.loss = copy.deepcopy(trainer.loss)
    random, trace = default_generator().state_dict(), MODES.anomalies
    try:
        MODES.anomalies = False
        with enable_grad(), np.errstate(all="ignore"):
            loss, drawing, problem = _swept(run, trainer, draw)
    finally:
        MODES.anomalies = trace
        default_generator().load_state_dict(random)
    del loss
    layers = dict(_layers(trainer.model))
    return Probed(
        run.step, run.step / max(run.steps_per_epoch, 1),
        {path: _norm([p.grad for p in held]) for path, held in layers.items()},
        {path: _norm(held) or 0.0 for path, held in layers.items()}, drawing, problem,
    )  # fmt: skip


def _swept(run: Run, trainer: Any, draw: bool) -> tuple[Tensor, str, str]:
    """Sweep forward and backward; return the loss and the drawing, or what kept it from being."""
    inputs, targets = _batch(run)
    given = tensor(trainer.transformed(inputs, 0), name="inputs")
    loss, _ = Functions(trainer).measure(given, tensor(targets, name="targets"))
    if not draw:
        loss.backward()
        return loss, "", ""
    graph = ComputationalGraph(loss)
    for node in graph:
        if node.op is not None and node.requires_grad:
            node.retain_grad()
    loss.backward()
    try:
        return loss, graph.to_svg(), ""
    except MissingDependencyError as error:
        return loss, "", str(error)


def _batch(run: Run) -> tuple[Any, Any]:
    """Return the first samples of the training data, as its loader would give them."""
    loader = run.loader
    one = max(loader.dataset.batch(np.arange(1))[0].size, 1)
    few = max(2, min(SAMPLES, NUMBERS // one))
    rows = np.arange(min(len(loader.dataset), loader.batch_size, few))
    inputs, targets = loader.dataset.batch(rows)
    if loader.transform is not None:
        inputs = loader.transform(inputs, generator(loader.seed, 0))
    if loader.target_transform is not None:
        targets = loader.target_transform(targets, generator(loader.seed, 1))
    return inputs, targets


def _layers(model: Module) -> Iterator[tuple[str, list[Tensor]]]:
    """Yield the path of each module that holds parameters, with those; shared ones once."""
    seen: set[int] = set()
    for path, module in model.named_modules():
        held = [p for p in module.parameters(recurse=False) if id(p) not in seen]
        seen.update(map(id, held))
        if held:
            yield path or type(model).__name__, list(held)


def _norm(tensors: list[Any]) -> float | None:
    """Return the Euclidean norm of all elements; None if no tensor is there."""
    arrays = [t.value.astype(np.float64) for t in tensors if t is not None]
    return math.sqrt(sum(float((a * a).sum()) for a in arrays)) if arrays else None
