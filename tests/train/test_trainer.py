"""Trainer: what it accepts, what it returns, when it stops."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.train.helpers import clusters, network, new_trainer, plain_trainer

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim
from chainrule.data import ArrayDataset, DataLoader, Normalize
from chainrule.errors import AnomalyError, ArgumentError, DataError, ShapeError
from chainrule.train import Callback, Checkpoints, History, Run, Trainer, has_checkpoint

DATA = clusters(60)


def quiet(trainer: Trainer, data: Any = DATA, epochs: int = 2, **options: Any) -> History:
    return trainer.fit(data, epochs, **{"progress": False, "batch_size": 10, **options})


def test_it_learns() -> None:
    trainer = plain_trainer()
    history = quiet(trainer, epochs=10, validation=clusters(30, seed=1))
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert history["validation_accuracy"][-1] > 0.8
    assert history["epoch"] == list(range(1, 11))
    assert history["step"] == [6 * epoch for epoch in range(1, 11)]
    assert set(history.names) >= {"loss", "accuracy", "learning_rate", "samples_per_second"}


@pytest.mark.parametrize(
    "data",
    [
        DATA,
        (DATA.inputs, DATA.targets),
        (cr.tensor(DATA.inputs), cr.tensor(DATA.targets)),
        DataLoader(DATA, 10, shuffle=True),
    ],
    ids=["data set", "arrays", "tensors", "loader"],
)
def test_data_of_every_kind_give_the_same(data: Any) -> None:
    trainer, expected = plain_trainer(), plain_trainer()
    quiet(expected)
    quiet(trainer, data)
    assert trainer.model.state_dict()["weight"].tolist() == (
        expected.model.state_dict()["weight"].tolist()
    )
    assert trainer.evaluate(data) == expected.evaluate(DATA)
    np.testing.assert_array_equal(trainer.predict(data), expected.predict(DATA.inputs))


@pytest.mark.parametrize("data", [3, [1, 2, 3], "mnist"])
def test_other_data_are_refused(data: Any) -> None:
    with pytest.raises(ArgumentError, match="a Dataset, a DataLoader or a pair of arrays"):
        quiet(plain_trainer(), data)


def test_a_step_is_that_of_a_loop_by_hand() -> None:
    trainer = plain_trainer(lr=0.5, compile=False)
    model = nn.Linear(4, 3)
    model.load_state_dict(trainer.model.state_dict())
    x, y = DATA.batch(np.arange(10))
    loss = F.cross_entropy(model(cr.tensor(x)), cr.tensor(y))
    loss.backward()
    optim.SGD(model.parameters(), lr=0.5).step()
    assert trainer.training_step(x, y)[0] == loss.item()
    for mine, by_hand in zip(trainer.model.parameters(), model.parameters(), strict=True):
        np.testing.assert_array_equal(mine.numpy(), by_hand.numpy())


def test_the_seed_decides_the_order() -> None:
    def trained(seed: int) -> list[float]:
        trainer = plain_trainer(seed=seed)
        quiet(trainer)
        found: list[float] = trainer.model.state_dict()["weight"].ravel().tolist()
        return found

    assert trained(1) == trained(1)
    assert trained(1) != trained(2)


def test_evaluation_is_the_mean_over_samples_whatever_the_batches() -> None:
    trainer = new_trainer()
    quiet(trainer)
    whole = trainer.evaluate(DATA, batch_size=60)
    parts = trainer.evaluate(DATA, batch_size=7)
    assert parts == pytest.approx(whole)
    outputs = trainer.predict(DATA.inputs, batch_size=7)
    np.testing.assert_allclose(outputs, trainer.predict(DATA, batch_size=60), rtol=1e-5)
    assert whole["accuracy"] == float((outputs.argmax(1) == DATA.targets).mean())
    expected = F.cross_entropy(cr.tensor(outputs), cr.tensor(DATA.targets)).item()
    assert whole["loss"] == pytest.approx(expected, rel=1e-5)


def test_evaluation_leaves_no_trace() -> None:
    trainer = new_trainer()
    loader = DataLoader(DATA, 10, shuffle=True)
    next(iter(loader))
    dropout = next(m for m in trainer.model.modules() if isinstance(m, nn.Dropout))
    dropout.eval()
    before = {name: array.tolist() for name, array in trainer.model.state_dict().items()}
    position = loader.state_dict()
    trainer.evaluate(loader)
    trainer.predict(loader)
    assert trainer.model.training
    assert not dropout.training
    assert {n: a.tolist() for n, a in trainer.model.state_dict().items()} == before
    assert loader.state_dict() == position
    assert all(p.grad is None for p in trainer.model.parameters())


def test_predictions_of_nothing_are_refused() -> None:
    with pytest.raises(ArgumentError, match="at least one batch"):
        plain_trainer().predict(np.zeros((0, 4), np.float32))
    with pytest.raises(DataError):
        plain_trainer().predict(3.0)


def test_a_transform_is_for_training_evaluation_and_prediction() -> None:
    raw = ArrayDataset((DATA.inputs * 10 + 100).astype(np.float32), DATA.targets)
    transform = Normalize(mean=100, std=10, scale=1)
    trainer, expected = plain_trainer(transform=transform), plain_trainer()
    for one, data in ((trainer, raw), (expected, DATA)):
        quiet(one, data)
    np.testing.assert_allclose(trainer.predict(raw), expected.predict(DATA), rtol=1e-3, atol=1e-4)
    assert trainer.evaluate(raw)["accuracy"] == expected.evaluate(DATA)["accuracy"]


def test_inputs_take_the_type_of_the_parameters() -> None:
    class Probe(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(4, 3)
            self.seen: set[Any] = set()

        def forward(self, x: cr.Tensor) -> Any:
            self.seen.add(x.dtype)
            return self.layer(x)

    model = Probe()
    trainer = Trainer(model, F.cross_entropy, optim.SGD(model.parameters(), lr=0.1))
    quiet(trainer, (DATA.inputs.astype(np.float64), DATA.targets))
    trainer.predict(DATA.inputs.astype(np.float64))
    assert model.seen == {cr.float32}
    trainer.predict(np.zeros((2, 4), np.uint8))
    assert model.seen == {cr.float32, cr.uint8}


def test_regression_with_functions_as_metrics() -> None:
    def worst(outputs: Any, targets: Any) -> float:
        return float(np.abs(outputs - targets).max())

    cr.random.manual_seed(0)
    model = nn.Linear(1, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.3)
    trainer = Trainer(model, F.mse_loss, optimizer, metrics=["mae", "r2", worst])
    x = np.linspace(-1, 1, 40)[:, None]
    history = quiet(trainer, (x, 3 * x - 1), epochs=40)
    assert history["loss"][-1] < 1e-3
    values = trainer.evaluate((x, 3 * x - 1))
    assert list(values) == ["loss", "mae", "r2", "worst"]
    assert values["r2"] > 0.99
    assert values["worst"] < 0.1


# --- limits, schedules, stopping -----------------------------------------------------------


def test_gradients_are_limited() -> None:
    moves = {}
    for name, options in {
        "free": {},
        "norm": {"clip_norm": 0.01},
        "value": {"clip_value": 0.001},
    }.items():
        trainer = plain_trainer(lr=1.0, **options)
        before = trainer.model.state_dict()
        trainer.training_step(*DATA.batch(np.arange(10)))
        after = trainer.model.state_dict()
        moves[name] = np.concatenate([(after[k] - before[k]).ravel() for k in before])
    assert np.linalg.norm(moves["free"]) > 0.1
    assert np.linalg.norm(moves["norm"]) == pytest.approx(0.01, rel=1e-3)
    assert np.abs(moves["value"]).max() == pytest.approx(0.001, rel=1e-3)


@pytest.mark.parametrize(("by", "rates"), [("epoch", [1.0, 0.5, 0.25]), ("step", [2**-6, 2**-12])])
def test_a_schedule_by_epoch_or_by_step(by: Any, rates: list[float]) -> None:
    trainer = plain_trainer(lr=1.0)
    trainer.schedule = optim.ExponentialLR(trainer.optimizer, 0.5, by=by)
    assert quiet(trainer, epochs=len(rates))["learning_rate"] == rates


def test_a_plateau_looks_at_the_monitor() -> None:
    trainer = plain_trainer(lr=1e-3)
    trainer.schedule = optim.ReduceLROnPlateau(trainer.optimizer, patience=0, threshold=0.9)
    history = quiet(trainer, epochs=3, validation=DATA)
    assert history["learning_rate"] == [1e-3, 1e-3, pytest.approx(1e-4)]


def test_a_schedule_of_another_optimizer_is_refused() -> None:
    model = nn.Linear(4, 3)
    one, other = (optim.SGD(model.parameters(), lr=0.1) for _ in range(2))
    with pytest.raises(ArgumentError, match="a schedule of this optimizer"):
        Trainer(model, F.cross_entropy, one, optim.StepLR(other, 1))


def test_early_stop_and_the_best_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The rate is so high that training soon gets worse.
    trainer = plain_trainer(lr=30.0)
    history = quiet(
        trainer, epochs=50, validation=clusters(30, seed=1), patience=3, checkpoint=tmp_path,
        progress="plain",
    )  # fmt: skip
    losses = history["validation_loss"]
    assert len(losses) < 50
    assert losses.index(min(losses)) == len(losses) - 1 - 3
    assert "stopped early: validation_loss has not improved for 3 epochs" in capsys.readouterr().out
    trainer.load(tmp_path)
    assert trainer.evaluate(clusters(30, seed=1))["loss"] == min(losses)
    # A run that has stopped early stays so when it is resumed.
    again = plain_trainer(lr=30.0)
    resumed = quiet(
        again, epochs=50, validation=clusters(30, seed=1), patience=3, checkpoint=tmp_path,
        resume=True,
    )  # fmt: skip
    assert resumed["validation_loss"] == losses


def test_more_can_be_better(tmp_path: Path) -> None:
    trainer = plain_trainer(lr=1e-6)
    history = quiet(trainer, epochs=4, monitor="accuracy", patience=2, checkpoint=tmp_path)
    assert len(history) == 3  # nothing changes, so the first epoch stays the best


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"monitor": "f1"}, "monitor: requires one of loss, accuracy; received 'f1'"),
        ({"monitor": "validation_loss"}, "received 'validation_loss'"),
        ({"patience": 0}, "patience >= 1"),
        ({"epochs": -1}, "epochs >= 0"),
        ({"log_every": 0}, "log_every >= 1"),
        ({"progress": "loud"}, "'auto', 'rich' or 'plain'"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        quiet(plain_trainer(), **options)


# --- losses that are no numbers ------------------------------------------------------------


class Spoil(Callback):
    """Make a weight infinite after a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(self, run: Run) -> None:
        if run.step == self.step:
            weight = next(run.trainer.model.parameters())
            weight.assign(cr.full(weight.shape, math.inf))


def test_a_loss_that_is_nan_stops_training_and_keeps_the_last_good_checkpoint(
    tmp_path: Path,
) -> None:
    trainer = plain_trainer(callbacks=[Spoil(8)])
    with pytest.raises(AnomalyError) as caught:
        quiet(trainer, checkpoint=Checkpoints(tmp_path, every_steps=3))
    text = str(caught.value)
    assert "training stopped at step 9, epoch 2: the loss is nan" in text
    assert "lower the learning rate" in text
    assert "detect_anomalies()" in text
    assert str(tmp_path) in text
    good = plain_trainer()
    good.load(tmp_path, "last")
    assert np.isfinite(good.model.state_dict()["weight"]).all()
    assert len(quiet(plain_trainer(), checkpoint=tmp_path, resume=True)) == 2


def test_weights_that_are_not_finite_are_found_when_saving(tmp_path: Path) -> None:
    with pytest.raises(AnomalyError, match="weight has values that are not finite after step 3"):
        quiet(plain_trainer(callbacks=[Spoil(3)]), checkpoint=Checkpoints(tmp_path, every_steps=3))
    assert not has_checkpoint(tmp_path)


def test_without_a_folder_the_error_says_so() -> None:
    with pytest.raises(AnomalyError, match="no checkpoint was saved"):
        quiet(plain_trainer(callbacks=[Spoil(2)]))


def test_a_bad_batch_does_not_touch_the_model() -> None:
    trainer = plain_trainer()
    before = trainer.model.state_dict()
    x, y = DATA.batch(np.arange(4))
    with pytest.raises(AnomalyError, match="the loss is nan"):
        trainer.training_step(x * np.nan, y)
    for name, array in trainer.model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_the_first_operation_that_fails_can_be_hunted() -> None:
    x = DATA.inputs.copy()
    x[:] = np.nan
    text = r"training stopped at step 1, epoch 1: .*produced"
    with pytest.raises(AnomalyError, match=text), cr.detect_anomalies():
        quiet(plain_trainer(), (x, DATA.targets))


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (lambda outputs, targets: outputs, r"shape \(10, 3\)"),
        (lambda outputs, targets: 1.0, "received float"),
    ],
)
def test_a_loss_must_be_one_number(loss: Any, text: str) -> None:
    model = nn.Linear(4, 3)
    trainer = Trainer(model, loss, optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(ShapeError, match=text):
        quiet(trainer)


# --- callbacks -----------------------------------------------------------------------------


class Spy(Callback):
    def __init__(self) -> None:
        self.events: list[str] = []

    def on_fit_start(self, run: Run) -> None:
        self.events.append("start")

    def on_step_end(self, run: Run) -> None:
        self.events.append(f"step {run.step} {run.batch}/{run.steps_per_epoch}")

    def on_log(self, run: Run, record: Any) -> None:
        self.events.append(f"log {record['step']}")

    def on_checkpoint(self, run: Run, path: Path) -> None:
        self.events.append(path.name)

    def on_epoch_end(self, run: Run, record: Any) -> None:
        self.events.append(f"epoch {record['epoch']} {run.epoch}/{run.epochs}")

    def on_fit_end(self, run: Run) -> None:
        self.events.append("end")


def test_callbacks_hear_everything_in_order(tmp_path: Path) -> None:
    spy = Spy()
    store = Checkpoints(tmp_path, every_steps=2)
    quiet(plain_trainer(callbacks=[spy]), epochs=1, batch_size=20, checkpoint=store, log_every=2)
    assert spy.events == [
        "start", "step 1 1/3", "log 2", "step 2 2/3", "step-00000002", "step 3 3/3",
        "step-00000003", "epoch 1 1/1", "end",
    ]  # fmt: skip


def test_the_end_is_heard_after_an_error_too() -> None:
    spy = Spy()
    with pytest.raises(AnomalyError):
        quiet(plain_trainer(callbacks=[spy, Spoil(1)]))
    assert spy.events == ["start", "step 1 1/6", "end"]


def test_a_run_knows_where_it_is() -> None:
    seen: list[tuple[float, ...]] = []

    class Look(Callback):
        def on_step_end(self, run: Run) -> None:
            assert run.averages().keys() == {"loss", "accuracy"}
            assert math.isfinite(run.loss)
            seen.append((run.seconds_left(), run.samples_per_second, run.elapsed()))

    quiet(plain_trainer(callbacks=[Look()]), epochs=2)
    left = [row[0] for row in seen]
    assert left[-1] == 0
    assert min(left[:-1]) > 0
    assert all(row[1] > 0 and row[2] > 0 for row in seen)


def test_a_model_without_parameters_in_the_optimizer_is_left_alone() -> None:
    model = network()
    head = list(model.children())[-1]
    trainer = Trainer(model, F.cross_entropy, optim.SGD(head.parameters(), lr=0.1))
    first = next(model.parameters())
    before = first.tolist()
    quiet(trainer)
    assert first.tolist() == before
