"""Compiled training: the same as node by node, many steps like single ones, and what falls back."""

from __future__ import annotations

import copy
import signal
import warnings
from typing import Any

import numpy as np
import pytest
from tests.train.helpers import bits, clusters, new_trainer, plain_trainer, timeless

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim
from chainrule.data import (
    ArrayDataset,
    DataLoader,
    Flatten,
    Lambda,
    Normalize,
    RandomHorizontalFlip,
    Subset,
)
from chainrule.errors import AnomalyError, BoundsError
from chainrule.train import Callback, Checkpoints, Run, Trainer, TrainingInterrupted, steps
from chainrule.train.functions import Functions

DATA = clusters(90)
RANDOM = np.random.default_rng(2)
IMAGES = ArrayDataset(RANDOM.integers(0, 256, (70, 1, 8, 8), np.uint8), RANDOM.integers(0, 4, 70))


def quiet(trainer: Trainer, data: Any = DATA, epochs: int = 3, **options: Any) -> Any:
    options = {"validation": clusters(30, seed=1), "log_every": 4} | options
    return trainer.fit(data, epochs, batch_size=8, **{"progress": False, **options})


def image_trainer(**options: Any) -> Trainer:
    cr.random.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 4))
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    options.setdefault("transform", Normalize(0.5, 0.25))
    return Trainer(model, F.cross_entropy, optimizer, **options)


class EveryStep(Callback):
    """Wants to hear of every step, and notes it."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float]] = []

    def on_step_end(self, run: Run) -> None:
        self.seen.append((run.step, run.loss))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many steps each native call takes; calls take as many as they may."""
    taken: list[int] = []
    many = steps.Steps._many

    def counting(self: Any, loop: Any, rows: Any) -> Any:
        taken.append(len(rows))
        return many(self, loop, rows)

    monkeypatch.setattr(steps.Steps, "_many", counting)
    monkeypatch.setattr(steps, "_SECONDS", 1e9)
    return taken


def same(one: tuple[Trainer, Any], other: tuple[Trainer, Any]) -> None:
    assert bits(one[0]) == bits(other[0])
    assert timeless(one[1]) == timeless(other[1])


def test_many_steps_in_a_call_are_single_ones_bit_for_bit(calls: list[int]) -> None:
    every = EveryStep()
    single = new_trainer(callbacks=[every])
    history = quiet(single)
    assert calls == [1] * 36
    calls.clear()
    many = new_trainer()
    same((single, history), (many, quiet(many)))
    # The first call tells how long a step takes; the last batch is a smaller one.
    assert calls == [1, 10, 1, 11, 1, 11, 1]
    assert [step for step, _ in every.seen] == list(range(1, 37))


def test_gathered_by_native_code_or_by_numpy_is_the_same(calls: list[int]) -> None:
    native = image_trainer()
    native_history = quiet(native, IMAGES, validation=IMAGES)
    assert max(calls) > 1
    calls.clear()
    transform = Normalize(0.5, 0.25)
    numpy = image_trainer(transform=Lambda(transform))
    numpy_history = quiet(numpy, IMAGES, validation=IMAGES)
    assert calls == []
    same((native, native_history), (numpy, numpy_history))


def test_compiled_is_node_by_node_up_to_rounding() -> None:
    compiled, eager = image_trainer(), image_trainer(compile=False)
    found, expected = (quiet(t, IMAGES, validation=IMAGES) for t in (compiled, eager))
    for name in ("loss", "accuracy", "validation_loss"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-3)
    np.testing.assert_allclose(
        compiled.predict(IMAGES), eager.predict(IMAGES), rtol=1e-2, atol=1e-4
    )


def test_a_subset_and_a_loaders_transform_are_native_too(calls: list[int]) -> None:
    chosen = np.arange(69, 20, -1)
    data = DataLoader(Subset(IMAGES, chosen), 8, shuffle=True, transform=Normalize(0.5, 0.25))
    one = image_trainer(transform=None)
    history = quiet(one, data, validation=None)
    assert max(calls) > 1
    other = image_trainer()
    copied = ArrayDataset(IMAGES.inputs[chosen], IMAGES.targets[chosen])
    same((one, history), (other, quiet(other, copied, validation=None)))


class Drawn(ArrayDataset):
    def batch(self, indices: Any) -> Any:
        inputs, targets = super().batch(indices)
        return inputs + 1, targets


@pytest.mark.parametrize(
    ("data", "transform"),
    [
        (IMAGES, Lambda(lambda batch, rng: batch / np.float32(255))),
        (DataLoader(IMAGES, 8, transform=RandomHorizontalFlip()), Normalize(0.5, 0.25)),
        (DataLoader(IMAGES, 8, target_transform=lambda t, rng: 3 - t), Normalize(0.5, 0.25)),
        (Drawn(IMAGES.inputs, IMAGES.targets), Normalize(0.5, 0.25)),
    ],
    ids=["function", "augmentation", "targets", "data set of the user's"],
)
def test_what_cannot_be_expressed_stays_step_by_step(
    data: Any, transform: Any, calls: list[int]
) -> None:
    twin = copy.deepcopy(data)
    found = quiet(image_trainer(transform=transform), data, validation=None)
    expected = quiet(image_trainer(transform=transform, compile=False), twin, validation=None)
    assert calls == []
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-3)


def test_checkpoints_by_step_end_a_call(calls: list[int], tmp_path: Any) -> None:
    quiet(plain_trainer(), epochs=1, checkpoint=Checkpoints(tmp_path, every_steps=5))
    assert calls == [1, 4, 5, 1, 1]


@pytest.mark.parametrize("by", ["step", "epoch"])
def test_rates_and_records_of_each_step(by: Any, calls: list[int]) -> None:
    def trainer(**options: Any) -> Trainer:
        made = plain_trainer(**options)
        made.schedule = optim.ExponentialLR(made.optimizer, 0.9, by=by)
        return made

    many, single = trainer(), trainer(callbacks=[EveryStep()])
    same((many, quiet(many, log_every=1)), (single, quiet(single, log_every=1)))


def test_a_schedule_that_listens_hears_every_loss(calls: list[int]) -> None:
    trainer = plain_trainer()
    trainer.schedule = optim.ReduceLROnPlateau(trainer.optimizer, patience=0, by="step")
    rates = [record["learning_rate"] for record in quiet(trainer, log_every=1).steps]
    eager = plain_trainer(compile=False)
    eager.schedule = optim.ReduceLROnPlateau(eager.optimizer, patience=0, by="step")
    expected = [record["learning_rate"] for record in quiet(eager, log_every=1).steps]
    assert rates == expected
    assert set(calls) == {1}


@pytest.mark.parametrize("limits", [{"clip_norm": 0.05}, {"clip_value": 0.01}])
def test_limits_of_gradients(limits: dict[str, float], calls: list[int]) -> None:
    compiled, eager = (plain_trainer(lr=1.0, compile=c, **limits) for c in (True, False))
    quiet(compiled)
    quiet(eager)
    assert max(calls) > 1
    for one, other in zip(compiled.model.parameters(), eager.model.parameters(), strict=True):
        np.testing.assert_allclose(one.value, other.value, rtol=1e-4, atol=1e-6)


# --- numbers that are not finite -------------------------------------------------------------


def spoiled(row: int) -> ArrayDataset:
    inputs = DATA.inputs.copy()
    inputs[row] = np.nan
    return ArrayDataset(inputs, DATA.targets)


@pytest.mark.parametrize("row", [0, 37, 89])
def test_a_loss_that_is_nan_leaves_model_and_schedule_as_they_were(
    row: int, calls: list[int]
) -> None:
    good = row // 8
    trainer, expected = (new_trainer() for _ in range(2))
    for made in (trainer, expected):
        made.schedule = optim.ExponentialLR(made.optimizer, 0.9, by="step")
    text = f"training stopped at step {good + 1}, epoch 1: the loss is nan"
    with pytest.raises(AnomalyError, match=text):
        quiet(trainer, DataLoader(spoiled(row), 8))
    if good:
        cr.random.manual_seed(0)
        expected = new_trainer()
        expected.schedule = optim.ExponentialLR(expected.optimizer, 0.9, by="step")
        whole = DataLoader(Subset(DATA, np.arange(8 * good)), 8)
        quiet(expected, whole, epochs=1, validation=None)
    for name, value in expected.model.state_dict().items():
        np.testing.assert_array_equal(trainer.model.state_dict()[name], value)
    assert trainer.schedule is not None
    assert expected.schedule is not None
    assert trainer.schedule.state_dict() == expected.schedule.state_dict()


def test_a_norm_that_is_infinite_leaves_the_model_as_it_was() -> None:
    trainer = plain_trainer(clip_norm=1.0)
    trainer.loss = lambda outputs, targets: (outputs * 0).sum() + cr.sqrt((outputs * 0).sum())
    before = bits(trainer)["arrays"]
    with pytest.raises(AnomalyError, match="the norm of the gradients is nan"):
        quiet(trainer)
    after = bits(trainer)["arrays"]
    assert {name: after[name] for name in before} == before


def test_a_label_out_of_range_is_an_error() -> None:
    targets = DATA.targets.copy()
    targets[50] = 7
    with pytest.raises(BoundsError, match="indices from -3 to 2"):
        quiet(plain_trainer(), ArrayDataset(DATA.inputs, targets))


# --- what falls back -------------------------------------------------------------------------


class Peeking(nn.Module):
    """Branches on a value."""

    def __init__(self) -> None:
        self.layer = nn.Linear(4, 3)

    def forward(self, x: cr.Tensor) -> Any:
        y = self.layer(x)
        return y if y.sum() > 0 else 2 * y


class Counting(nn.Module):
    """Changes an attribute at each call."""

    def __init__(self) -> None:
        self.layer = nn.Linear(4, 3)
        self.calls = 0

    def forward(self, x: cr.Tensor) -> Any:
        self.calls += 1
        return self.layer(x)


def trainer_of(model: nn.Module, **options: Any) -> Trainer:
    return Trainer(
        model, F.cross_entropy, optim.SGD(model.parameters(), lr=0.1), **options
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "reason"),
    [(Peeking, "requires a value, which is not known"), (Counting, "changes attributes")],
)
def test_what_cannot_be_compiled_runs_node_by_node_and_says_why(model: Any, reason: str) -> None:
    results = []
    for compile in (True, False):
        cr.random.manual_seed(0)
        trainer = trainer_of(model(), compile=compile)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            history = quiet(trainer)
        results.append((trainer, history))
        texts = [str(w.message) for w in caught]
        assert all(reason in text and "runs node by node" in text for text in texts)
        assert bool(texts) == compile
        assert len(texts) <= 2  # training, and evaluation
    same(*results)


def test_a_change_between_steps_is_seen(calls: list[int]) -> None:
    class Change(Callback):
        def on_epoch_end(self, run: Run, record: Any) -> None:
            layers: Any = run.trainer.model
            layers[0].weight.requires_grad_(False)
            layers[2].p = 0.0

    def trainer(**options: Any) -> Trainer:
        cr.random.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3))
        return trainer_of(model, callbacks=[Change()], **options)

    found = quiet(trainer())
    expected = quiet(trainer(compile=False))
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-4)


def test_a_new_group_of_parameters_and_a_number_of_the_loss_are_seen() -> None:
    def trainer(**options: Any) -> Trainer:
        cr.random.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
        scale = 1.0

        def loss(outputs: Any, targets: Any) -> Any:
            return scale * F.cross_entropy(outputs, targets)

        class Change(Callback):
            def on_epoch_end(self, run: Run, record: Any) -> None:
                nonlocal scale
                scale *= 2
                if record["epoch"] == 2:
                    made.optimizer.add_param_group({"params": [*model[0].parameters()]})

        optimizer = optim.SGD(model[2].parameters(), lr=0.1)
        made = Trainer(model, loss, optimizer, callbacks=[Change()], **options)
        return made

    found, expected = quiet(trainer()), quiet(trainer(compile=False), epochs=3)
    np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-4)


def test_functions_are_made_once_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    init = Functions.__init__

    def counting(self: Any, trainer: Trainer) -> None:
        made.append(1)
        init(self, trainer)

    monkeypatch.setattr(Functions, "__init__", counting)
    trainer = image_trainer()
    quiet(trainer, IMAGES, validation=IMAGES)
    trainer.evaluate(IMAGES)
    trainer.predict(IMAGES.inputs)
    assert len(made) == 1
    trainer.loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    trainer.evaluate(IMAGES)
    assert len(made) == 2


def test_flattened_images(calls: list[int]) -> None:
    cr.random.manual_seed(0)
    trainer = trainer_of(nn.Linear(64, 4), transform=Flatten())
    data = ArrayDataset((IMAGES.inputs / 255).astype(np.float32), IMAGES.targets)
    quiet(trainer, data, validation=data)
    assert max(calls) > 1


class Stop(Callback):
    """Asks for an end after the first call, with many steps to go."""

    every_step = False

    def on_step_end(self, run: Run) -> None:
        signal.raise_signal(signal.SIGINT)


def test_training_stopped_within_a_call_goes_on_bit_for_bit(tmp_path: Any) -> None:
    whole = new_trainer()
    history = quiet(whole)
    first = new_trainer(callbacks=[Stop()])
    with pytest.raises(TrainingInterrupted):
        quiet(first, checkpoint=tmp_path)
    resumed = new_trainer()
    same((whole, history), (resumed, quiet(resumed, checkpoint=tmp_path, resume=True)))
