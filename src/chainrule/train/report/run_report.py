"""RunReport: the callback that keeps ``report.html`` in the folder of a run up to date."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...dtypes import Array
from ..callbacks import Callback
from ..durable import TEMPORARY, replace_file
from ..evaluation import Data, evaluation_loader
from ..history import Record, intact_records
from .findings import Findings
from .page import page
from .probe import Probed, probe

if TYPE_CHECKING:
    from ..run import Run

FILE, NORMS = "report.html", "norms.jsonl"
BATCH = 256  # of evaluation
PROBES = 0.02  # of the time of training may be spent on norms,
PAGES = 0.03  # on writing the page,
FREE = 1.0  # and seconds that count for nothing
MANY = 120  # norms that are kept; then every other one is left out


class RunReport(Callback):
    """Write ``report.html`` into the run's folder: one file that needs nothing else.

    It has the curves of loss, metrics and learning rate, the norms of gradients and weights of each
    layer over time, the confusion matrix of the last validation and its surest mistakes (images are
    shown as such), the graph with its values and gradients, times, configuration and versions. It
    is written when training begins, with checkpoints, and when training ends, for whatever reason;
    readers see the old page or the new one.

    Norms are those of a *probe*: a sweep node by node over a few samples (32), always the same, on
    a copy of the model. The native step is not changed by it. There is a probe at the beginning, at
    the end, and in between at records and ends of epochs as long as these take less than 2% of the
    time. A report that fails is a note, not an error: training goes on.
    ``about`` are further entries of the configuration.
    """

    every_step = False

    def __init__(self, **about: Any) -> None:
        self.about = about
        self.probes: list[Record] = []
        self.drawn: Probed | None = None
        self._is_over = False
        self.findings: Findings | None = None
        self.gathering: Findings | None = None
        self.results: dict[str, Any] = {}  # on other data: see conclude
        self.run: Run | None = None
        self._cost = {"probe": 0.0, "page": 0.0}
        self._latest = {"probe": 0.0, "page": 0.0}
        self._failed: set[str] = set()
        self.problem = ""  # why there are no norms

    # --- events ----------------------------------------------------------------------------

    def on_fit_start(self, run: Run) -> None:
        """Take up what an earlier process has left, look at the model, write the first page."""
        assert run.folder is not None
        self.run = run
        for left in run.folder.glob(f"{TEMPORARY}*"):
            if left.is_file():
                left.unlink(missing_ok=True)
        if run.step:
            self.probes = _earlier(run.folder / NORMS, run.step)
        self._try(run, "probe")
        self._try(run, "page")
        self._cost, self._latest = dict.fromkeys(self._cost, 0.0), dict.fromkeys(self._cost, 0.0)

    def on_log(self, run: Run, record: Record) -> None:
        """Look at the norms, if it is time."""
        if self._is_time(run, "probe", PROBES):
            self._try(run, "probe")

    def on_epoch_end(self, run: Run, record: Record) -> None:
        """Look at the norms, if it is time."""
        self.on_log(run, record)

    def on_validation_batch(self, run: Run, number: int, outputs: Array, targets: Array) -> None:
        """Gather the confusion matrix and the mistakes."""
        assert run.validation is not None
        if number == 0 or self.gathering is None:
            self.gathering = Findings("validation", run.validation.dataset)
        self.gathering.update(outputs, targets)
        if number + 1 == len(run.validation):
            self.findings = self.gathering

    def on_checkpoint(self, run: Run, path: Path) -> None:
        """Write the page, if it is time."""
        if self._is_time(run, "page", PAGES):
            self._try(run, "page")

    def on_fit_end(self, run: Run) -> None:
        """Look at the norms once more, and write the last page."""
        self._is_over = True
        if self.drawn is None or self.drawn.step != run.step:
            self._try(run, "probe")
        self._try(run, "page")

    def conclude(self, data: Data, what: str = "test") -> dict[str, Any]:
        """Evaluate the trainer's model on other data, for the page too; return loss and metrics.

        Their confusion matrix and mistakes take the place of those of the validation.
        """
        assert self.run is not None, "after fit"
        loader = evaluation_loader(data, BATCH)
        findings = Findings(what, loader.dataset)
        results = self.run.trainer.evaluate_batches(loader, findings.update)
        self.findings = findings
        self.results = {f"{what}_{name}": value for name, value in results.items()}
        self._try(self.run, "page")
        return results

    # --- doing it --------------------------------------------------------------------------

    def _is_time(self, run: Run, what: str, share: float) -> bool:
        """Whether one more of these keeps their part of the time small."""
        return self._cost[what] + self._latest[what] <= FREE + share * (run.elapsed() - run.seconds)

    def _try(self, run: Run, what: str) -> None:
        """Look, or write; what goes wrong is told once."""
        began = time.perf_counter()
        try:
            if what == "probe":
                self._probe(run)
            else:
                self._write(run)
        except Exception as error:  # whatever it is: a run must not fail by its report
            text = " ".join(str(error).split()) or type(error).__name__
            if what == "probe":
                self.problem = text
            if what not in self._failed:
                self._failed.add(what)
                wanted = "norms by layer" if what == "probe" else FILE
                run.notify("on_note", f"no {wanted}: {text}")
        self._latest[what] = time.perf_counter() - began
        self._cost[what] += self._latest[what]

    def _probe(self, run: Run) -> None:
        if "probe" in self._failed:
            return
        found = probe(run, draw=self.drawn is None or self._is_over)
        self.drawn = found if self.drawn is None or self._is_over else self.drawn
        self.probes.append(found.record())
        if len(self.probes) > 1 and self.probes[-2]["step"] == run.step:
            del self.probes[-2]  # the same moment, looked at again for the drawing
        if len(self.probes) > MANY:
            self.probes = [*self.probes[:-1:2], self.probes[-1]]

    def _write(self, run: Run) -> None:
        assert run.folder is not None
        lines = "".join(json.dumps(_plain(record)) + "\n" for record in self.probes)
        replace_file(run.folder / NORMS, lines.encode())
        replace_file(run.folder / FILE, page(run, self).encode("utf-8", "replace"))


def _earlier(path: Path, step: int) -> list[Record]:
    """Return the norms that were kept up to a step."""
    try:
        records = intact_records(path.read_bytes())[0]
    except OSError:
        return []
    wanted = {"step", "epoch", "gradients", "weights"}
    return [r for r in records if wanted <= set(r) and r["step"] <= step]


def _plain(record: Record) -> Record:
    """Return a record in which numbers that JSON does not have are null."""

    def finite(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: finite(each) for name, each in value.items()}
        return None if isinstance(value, float) and not abs(value) < float("inf") else value

    return {name: finite(value) for name, value in record.items()}
