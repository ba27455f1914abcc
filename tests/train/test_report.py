"""report.html: what it says of a run, whatever happened to the run, and how a browser shows it."""

from __future__ import annotations

import base64
import json
import math
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.train.helpers import clusters, new_trainer, plain_trainer
from tests.train.test_interruption import Interrupt

import chainrule as cr
from chainrule import functional as F
from chainrule import nn, optim
from chainrule.data import ArrayDataset
from chainrule.errors import AnomalyError
from chainrule.ops.random import default_generator
from chainrule.train import Callback, Checkpoints, Run, RunReport, Trainer, TrainingInterrupted
from chainrule.train.report.findings import Findings
from chainrule.train.report.layers import verdict
from chainrule.train.report.mistakes import matrix
from chainrule.train.report.plot import Line, chart, norm_map
from chainrule.train.report.png import data_uri
from chainrule.train.report.probe import probe

DATA, HELD = clusters(40), clusters(20, seed=1)
SECTIONS = ["curves", "layers", "confusion", "mistakes", "graph", "times", "configuration",
            "versions"]  # fmt: skip


def fit(folder: Path, *callbacks: Callback, data: Any = DATA, **options: Any) -> str:
    """Train three epochs and return the page."""
    trainer = options.pop("trainer", None) or plain_trainer(callbacks=callbacks)
    options = {"epochs": 3, "validation": HELD, **options}
    trainer.fit(data, batch_size=10, progress=False, log_every=2, checkpoint=folder, **options)
    return page_of(folder)


def page_of(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def sections(page: str) -> list[str]:
    return re.findall(r'<section id="(\w+)">', page)


# --- the page ------------------------------------------------------------------------------


def test_a_run_with_a_folder_writes_a_page_that_stands_alone(tmp_path: Path) -> None:
    page = fit(tmp_path)
    assert sections(page) == SECTIONS
    assert "finished: 3 of 3 epochs, 12 steps" in page
    assert not re.search(r"<script|<link|@import|url\(|https?://(?!www\.w3\.org)", page)
    assert len(page) < 2_000_000
    assert page.count("<figcaption>loss") == 2
    for text in ("validation loss", "SGD(lr=", "cross_entropy", "numpy", "steps per second"):
        assert text in page


def test_no_page_where_none_is_wanted(tmp_path: Path) -> None:
    plain_trainer().fit(DATA, 1, progress=False)
    plain_trainer().fit(DATA, 1, progress=False, checkpoint=tmp_path, report=False)
    assert not (tmp_path / "report.html").exists()
    assert not (tmp_path / "norms.jsonl").exists()


def test_an_interrupted_run_leaves_its_page_and_the_resumed_one_goes_on(tmp_path: Path) -> None:
    with pytest.raises(TrainingInterrupted):
        fit(tmp_path, Interrupt(5))
    page = page_of(tmp_path)
    assert "interrupted after 1 of 3 epochs, 5 steps; resume goes on from there" in page
    assert sections(page) == SECTIONS
    before = norms(tmp_path)
    assert (before[0]["step"], before[-1]["step"]) == (0, 5)
    page = fit(tmp_path, resume=True)
    assert "finished: 3 of 3 epochs, 12 steps" in page
    assert "of it in earlier processes" in page
    after = norms(tmp_path)
    assert after[: len(before)] == before
    assert after[-1]["step"] == 12


def norms(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "norms.jsonl").read_text().splitlines()]


def test_a_page_is_there_before_the_first_step_and_after_a_failure(tmp_path: Path) -> None:
    class Look(Callback):
        def on_step_end(self, run: Run) -> None:
            if run.step == 1:
                pages.append(page_of(tmp_path))
            if run.step == 3:
                for parameter in run.trainer.model.parameters():
                    parameter.assign(np.full(parameter.shape, np.nan))

    pages: list[str] = []
    with pytest.raises(AnomalyError):
        fit(tmp_path, Look())
    assert "running, or stopped without a word: 0 of 3 epochs, 0 steps" in pages[0]
    page = page_of(tmp_path)
    assert "failed after 0 of 3 epochs, 3 steps: training stopped at step 4" in page
    assert "Gradients are not finite" in page or "No norms" in page or "none that is finite" in page


def test_readers_never_see_half_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if Path(target).name == "report.html":
            seen.append(self.read_text(encoding="utf-8"))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    fit(tmp_path)
    assert len(seen) >= 2
    assert all(page.endswith("</html>\n") for page in seen)
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_report_that_fails_is_a_note_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Notes(Callback):
        def on_note(self, run: Run, text: str) -> None:
            notes.append(text)

    def fail(*args: Any, **options: Any) -> Any:
        raise RuntimeError("no ink")

    notes: list[str] = []
    monkeypatch.setattr("chainrule.train.report.run_report.page", fail)
    plain_trainer(callbacks=[Notes()]).fit(DATA, 2, progress=False, checkpoint=tmp_path)
    assert notes == ["no report.html: no ink"]
    monkeypatch.undo()
    monkeypatch.setattr("chainrule.train.report.run_report.probe", fail)
    page = fit(tmp_path / "b")
    assert "No norms: no ink" in page


def test_training_data_that_are_no_classes(tmp_path: Path) -> None:
    model = nn.Linear(4, 2)
    trainer = Trainer(model, F.mse_loss, optim.SGD(model.parameters(), lr=0.01), metrics=["mse"])
    x = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    page = fit(tmp_path, trainer=trainer, data=(x, x[:, :2]), validation=(x, x[:, :2]))
    assert sections(page) == [s for s in SECTIONS if s not in ("confusion", "mistakes")]


def test_the_page_speaks_of_the_test_data_in_the_end(tmp_path: Path) -> None:
    report = RunReport(data_set="<b>three clusters</b>")
    trainer = plain_trainer(callbacks=[report])
    fit(tmp_path, trainer=trainer)
    results = report.conclude(HELD)
    assert results == trainer.evaluate(HELD)
    page = page_of(tmp_path)
    assert "test accuracy" in page
    assert "of 20 test samples are wrong" in page
    assert "&lt;b&gt;three clusters&lt;/b&gt;" in page


# --- probes --------------------------------------------------------------------------------


def trained(**options: Any) -> tuple[Trainer, list[bytes]]:
    """A trainer with everything that has a state after a short run, and its bits."""
    trainer = new_trainer()
    trainer.fit(clusters(), 2, batch_size=4, progress=False, **options)
    state = trainer.model.state_dict()
    bits = [value.tobytes() for value in state.values()]
    return trainer, [*bits, repr(default_generator().state_dict()).encode()]


def test_a_report_changes_no_bit_of_the_training(tmp_path: Path) -> None:
    assert trained(checkpoint=tmp_path)[1] == trained()[1]


def test_norms_are_those_of_the_gradients(tmp_path: Path) -> None:
    found = []

    class Look(Callback):
        def on_fit_start(self, run: Run) -> None:
            found.append(probe(run))
            (inputs, targets), model = DATA.batch(np.arange(10)), run.trainer.model
            F.cross_entropy(model(cr.tensor(inputs)), cr.tensor(targets)).backward()
            for path, module in model.named_modules():
                held = list(module.parameters(recurse=False))
                if held:
                    squares = [float((p.grad.value**2).sum()) for p in held if p.grad is not None]
                    expected[path or "Linear"] = math.sqrt(sum(squares))
            run.trainer.model.zero_grad()

    expected: dict[str, float] = {}
    plain_trainer(callbacks=[Look()]).fit(DATA, 1, batch_size=10, progress=False)
    assert found[0].gradients == pytest.approx(expected)
    assert found[0].weights.keys() == expected.keys()
    assert found[0].drawing.startswith("<svg")


def test_what_is_said_of_gradients() -> None:
    def say(**gradients: float | None) -> str:
        return verdict({"gradients": gradients})

    assert say(a=1e-6, b=1.0).startswith("Gradients vanish: 1e-06 in a")
    assert say(a=1e6, b=1.0).startswith("Gradients explode: 1e+06 in a")
    assert say(a=0.5, b=1.0).startswith("Gradients reach all layers")
    assert say(a=0.0, b=1.0) == "Gradients are exactly 0 in a."
    assert say(a=None, b=1.0) == "No gradient, or none that is finite, reaches a."
    assert say(a=math.nan, b=1.0) == "Gradients are not finite in a."
    assert say(only=2.0).startswith("Gradients reach all layers")


def test_vanishing_gradients_are_seen(tmp_path: Path) -> None:
    cr.manual_seed(0)
    layers = [each for _ in range(12) for each in (nn.Linear(4, 4), nn.Sigmoid())]
    model = nn.Sequential(*layers, nn.Linear(4, 3))
    trainer = Trainer(model, F.cross_entropy, optim.SGD(model.parameters(), lr=0.1))
    page = fit(tmp_path, trainer=trainer)
    assert "Gradients vanish" in page
    assert "gradient norm by layer, first layer above" in page


# --- parts ---------------------------------------------------------------------------------


def test_findings_are_those_of_whole_evaluations() -> None:
    random = np.random.default_rng(0)
    outputs, targets = random.normal(size=(50, 4)), random.integers(0, 4, 50)
    found = Findings("test", HELD)
    for start in range(0, 50, 20):
        found.update(outputs[start : start + 20], targets[start : start + 20])
    wrong = outputs.argmax(1) != targets
    assert (found.samples, found.wrong) == (50, int(wrong.sum()))
    margins = outputs.max(1) - outputs[np.arange(50), targets]
    expected = np.argsort(-margins)[: len(found.mistakes)]
    assert [sample for _, sample, _, _ in found.mistakes] == expected.tolist()


def test_a_png_holds_the_pixels() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    data = base64.b64decode(data_uri(image).partition(",")[2])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    assert (width, height) == (4, 3)
    start = data.index(b"IDAT") + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big")
    rows = zlib.decompress(data[start : start + length])
    assert rows == b"".join(b"\0" + row.tobytes() for row in image)


def test_charts_leave_out_what_cannot_be_drawn() -> None:
    assert chart("none", [Line("a", [(0, None), (1, math.nan)])]) == ""
    assert chart("none", [Line("a", [(0, 0.0), (1, -1.0)])], log=True) == ""
    assert norm_map("none", ["a"], ["0"], [[None]]) == ""
    one = chart("<one>", [Line("<a>", [(0, 3.0)]), Line("b", [])])
    assert "&lt;one&gt;" in one
    assert "&lt;a&gt;" in one
    assert "b</li>" not in one


@pytest.mark.parametrize("values", [[1e-12, 1e12], [5.0, 5.0], [-3.0, 0.0], [1e300, 2e300]])
def test_axes_have_ticks_for_all_ranges(values: list[float]) -> None:
    for log in (False, True):
        drawn = chart("any", [Line("a", list(enumerate(values)))], log=log)
        if drawn:
            ys = [float(y) for y in re.findall(r'y1="([\d.-]+)" y2', drawn)]
            assert all(-1 <= y <= 250 for y in ys)
            assert len(ys) <= 15


def test_many_classes_are_listed_by_their_confusions() -> None:
    counts = [[0] * 40 for _ in range(40)]
    counts[3][5], counts[7][7] = 9, 100
    text = matrix(counts, None)
    assert "40 classes" in text
    assert '<td class="text">3</td><td class="text">5</td><td>9</td>' in text
    assert ">7<" not in text


# --- in a browser --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no browser: chromium is not installed")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


CLASSES = ("<script>document.title='hit'</script>", "a & b", 'quote"s' * 12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interrupted run on images whose classes have bad names."""
    random = np.random.default_rng(0)
    images = random.normal(size=(60, 1, 6, 6)).astype(np.float32)
    data = ArrayDataset(images, np.arange(60) % 3, CLASSES)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3))
    trainer = Trainer(
        model, F.cross_entropy, optim.SGD(model.parameters(), lr=0.05),
        callbacks=[Interrupt(15), RunReport(**{"<img src=x onerror=alert(1)>": "<i>x</i>"})],
    )  # fmt: skip
    path = tmp_path_factory.mktemp("run")
    with pytest.raises(TrainingInterrupted):
        trainer.fit(
            data, 5, data, batch_size=10, progress=False, log_every=2,
            checkpoint=Checkpoints(path, every_steps=4),
        )  # fmt: skip
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_a_browser_shows_the_page(browser: Any, folder: Path, scheme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.goto((folder / "report.html").as_uri())
    assert problems == []
    assert page.title() != "hit"
    assert page.locator("section").count() == len(SECTIONS)
    assert "interrupted after 2 of 5 epochs, 15 steps" in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == width, "no sideways scrolling"
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    images = page.locator(".samples img")
    assert images.count() > 0
    assert page.evaluate("[...document.images].every(i => i.naturalWidth == 6)")
    assert CLASSES[0] in page.locator(".samples").inner_text()
    assert page.locator(".matrix th", has_text="a & b").count() == 2
    for section in SECTIONS:
        page.locator(f"nav a[href='#{section}']").click()
        assert page.evaluate("location.hash") == f"#{section}"
    sizes = page.evaluate(
        "[...document.querySelectorAll('.chart')].map(c => c.getBoundingClientRect().width)"
    )
    assert min(sizes) > 250
    assert page.locator("#graph svg .node.module").count() == 4
    context.close()
