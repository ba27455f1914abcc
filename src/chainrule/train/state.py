"""Between a run and a checkpoint: everything on which the rest of the training depends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..data import DataLoader
from ..errors import CheckpointError
from ..nn import Module
from ..ops.random import Generator, default_generator
from .checkpoint import Checkpoint

if TYPE_CHECKING:
    from .run import Run
    from .trainer import Trainer


def snapshot(run: Run, history_bytes: int) -> Checkpoint:
    """Return the checkpoint of this moment; arrays are shared, since nobody writes into them."""
    trainer = run.trainer
    model, optimizer, schedule = trainer.model, trainer.optimizer, trainer.schedule
    state = {
        "epoch": run.epoch,
        "step": run.step,
        "seconds": run.elapsed(),
        "model": type(model).__name__,
        "optimizer": {
            "name": type(optimizer).__name__, "param_groups": optimizer.group_options(),
        },
        "schedule": None if schedule is None else schedule.state_dict(),
        "random": {name: g.state_dict() for name, g in _generators(model)},
        "data": _fingerprint(run.loader),
        "position": run.position or run.loader.state_dict(),
        "metrics": {m.name: m.state_dict() for m in (run.epoch_loss, *trainer.metrics)},
        "recent_loss": run.recent_loss.state_dict(),
        "watch": run.watch.state_dict(),
        "history": {"bytes": history_bytes},
    }  # fmt: skip
    weights = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return Checkpoint(weights, dict(optimizer.named_slots()), state)


def restore(run: Run, checkpoint: Checkpoint) -> list[str]:
    """Put a run into the state of a checkpoint; return what the user should know about it.

    Raises CheckpointError if the checkpoint belongs to another model, optimizer, schedule or data.
    """
    try:
        return _restore(run, checkpoint)
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            str(checkpoint.path), required="the state of a training run", received=repr(error),
            hint="was it saved by another version of chainrule?",
        ) from None  # fmt: skip


def _restore(run: Run, checkpoint: Checkpoint) -> list[str]:
    state, trainer = checkpoint.state, run.trainer
    _require_equal("data", state["data"], _fingerprint(run.loader))
    names = {m.name: m for m in (run.epoch_loss, *trainer.metrics)}
    _require_equal("metrics", sorted(state["metrics"]), sorted(names))
    trainer.model.load_state_dict(checkpoint.weights)
    _restore_optimizer(trainer, checkpoint)
    _restore_generators(trainer.model, state["random"])
    for name, metric in names.items():
        metric.load_state_dict(state["metrics"][name])
    run.recent_loss.load_state_dict(state["recent_loss"])
    run.loader.load_state_dict(state["position"])
    run.position = dict(state["position"])
    run.epoch, run.step = int(state["epoch"]), int(state["step"])
    run.seconds = float(state["seconds"])
    if run.watch.load_state_dict(state["watch"]):
        return []
    return [f"{run.watch.name} is watched from now on, instead of {state['watch']['name']}"]


def _restore_optimizer(trainer: Trainer, checkpoint: Checkpoint) -> None:
    saved = checkpoint.state["optimizer"]
    _require_equal("optimizer", saved["name"], type(trainer.optimizer).__name__)
    trainer.optimizer.load_state_dict(
        {"slots": checkpoint.slots, "param_groups": saved["param_groups"]}
    )
    schedule = checkpoint.state["schedule"]
    if (schedule is None) != (trainer.schedule is None):
        found = [
            "none" if s is None else "a schedule" for s in (schedule, trainer.schedule)
        ]  # fmt: skip
        _require_equal("schedule", *found)
    if trainer.schedule is not None:
        trainer.schedule.load_state_dict(schedule)


def _restore_generators(model: Module, saved: Mapping[str, Any]) -> None:
    generators = dict(_generators(model))
    _require_equal("random generators", sorted(saved), sorted(generators))
    for name, held in generators.items():
        held.load_state_dict(saved[name])


def _generators(model: Module) -> Iterator[tuple[str, Generator]]:
    """Yield the default generator, and those that modules hold, with their paths."""
    yield "default", default_generator()
    for path, module in model.named_modules():
        for attribute, value in vars(module).items():
            if isinstance(value, Generator):
                yield f"model.{path}.{attribute}", value


def _fingerprint(loader: DataLoader) -> dict[str, Any]:
    """Return what the order of the samples depends on."""
    return {
        "samples": len(loader.dataset), "batch_size": loader.batch_size, "seed": loader.seed,
        "shuffle": loader.shuffle, "drop_last": loader.drop_last,
    }  # fmt: skip


def _require_equal(what: str, saved: Any, present: Any) -> None:
    if saved != present:
        raise CheckpointError(
            f"resume: {what}", required=f"those of the checkpoint, {saved}", received=str(present)
        )
