"""Signals: the step is finished, handlers are put back, the message says how to go on."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.train.helpers import clusters, plain_trainer

from chainrule.errors import ChainruleError
from chainrule.train import Callback, Run, TrainingInterrupted

DATA = clusters(40)


class Interrupt(Callback):
    def __init__(self, step: int, times: int = 1) -> None:
        self.step = step
        self.times = times
        self.ended = False

    def on_step_end(self, run: Run) -> None:
        if run.step == self.step:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)

    def on_fit_end(self, run: Run) -> None:
        self.ended = True


def fit(**options: Any) -> Any:
    callback = options.pop("callback", Interrupt(3))
    return plain_trainer(callbacks=[callback]).fit(
        DATA, 2, batch_size=10, progress=False, log_every=1, **options
    )


def test_the_message_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(TrainingInterrupted) as caught:
        fit(checkpoint=tmp_path)
    error = caught.value
    assert str(error) == (
        "training interrupted by Ctrl-C after step 3 (0 of 2 epochs done): "
        f"saved in {str(tmp_path)!r}: go on with fit(..., resume=True)"
    )
    assert isinstance(error, ChainruleError)
    assert isinstance(error, KeyboardInterrupt)
    assert [record["step"] for record in error.history.steps] == [1, 2, 3]
    assert error.checkpoint == tmp_path / "checkpoints" / "step-00000003"


def test_at_the_end_of_an_epoch_nothing_is_saved_twice(tmp_path: Path) -> None:
    with pytest.raises(TrainingInterrupted) as caught:
        fit(checkpoint=tmp_path, callback=Interrupt(4))
    assert caught.value.checkpoint is not None
    assert caught.value.checkpoint.is_dir()


def test_without_a_folder_nothing_is_saved() -> None:
    callback = Interrupt(2)
    with pytest.raises(TrainingInterrupted, match="nothing was saved: give fit a folder") as caught:
        fit(callback=callback)
    assert caught.value.checkpoint is None
    assert callback.ended


def test_a_second_signal_breaks_the_step() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        fit(callback=Interrupt(2, times=2))
    assert type(caught.value) is KeyboardInterrupt


def test_the_handlers_are_put_back() -> None:
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    fit(callback=Callback())
    with pytest.raises(TrainingInterrupted):
        fit()
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before


def test_training_runs_in_another_thread_too() -> None:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(fit(callback=Callback())))
    thread.start()
    thread.join()
    assert len(results[0]) == 2
