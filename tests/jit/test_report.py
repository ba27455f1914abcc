"""What a report tells: where every kernel comes from, its work, and what the machine can do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, nn, optim
from chainrule import functional as F
from chainrule.jit.report import Report
from chainrule.jit.roofline import Roofline, roofline


@pytest.fixture(scope="module")
def report() -> Report:
    cr.manual_seed(0)
    model = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 5))
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x: Any, y: Any) -> Any:
        loss = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    compiled = compile(step)
    compiled(np.zeros((4, 12), np.float32), np.zeros((4, 5), np.float32))
    found = compiled.report()
    assert isinstance(found, Report)
    return found


def rows_of(report: Report, layer: str, phase: str) -> list[dict[str, Any]]:
    return [r for r in report.table() if (r["layer"], r["phase"]) == (layer, phase)]


def test_kernels_belong_to_layers_and_name_what_was_fused(report: Report) -> None:
    (first,) = rows_of(report, "Sequential.0 (Linear)", "forward")
    assert first["nodes"][0] == "matmul"
    assert set(first["nodes"]) == {"matmul", "add", "relu"}  # ReLU's own layer has no kernel
    assert not rows_of(report, "Sequential.1 (ReLU)", "forward")
    assert rows_of(report, "Sequential.2 (Linear)", "forward")
    assert rows_of(report, "", "forward")  # the loss
    assert all(row["lines"] == [] or "test_report.py:" in row["lines"][0] for row in report.table())
    assert "test_report.py:" in first["lines"][0]


def test_backward_and_update_belong_to_the_layer_of_the_forward_node(report: Report) -> None:
    for layer in ("Sequential.0 (Linear)", "Sequential.2 (Linear)"):
        rows = rows_of(report, layer, "backward")
        assert any("matmul" in row["nodes"] and "subtract" in row["nodes"] for row in rows)
    assert not rows_of(report, "", "update")


@pytest.mark.parametrize("clip", [optim.clip_grad_norm, optim.clip_grad_value])
def test_updates_belong_to_the_layer_of_their_parameter_whatever_became_of_gradients(
    clip: Any,
) -> None:
    model = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 5))
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    @compile
    def step(x: Any, y: Any) -> Any:
        loss = F.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        clip(model.parameters(), 1.0)
        optimizer.step()
        return loss

    step(np.zeros((4, 12), np.float32), np.zeros((4, 5), np.float32))
    kernels = step.program.compilation.compiled.program.kernels
    updates = {o.path for k in kernels for o in k.origins if o.phase == "update"}
    assert updates == {"Sequential.0 (Linear)", "Sequential.2 (Linear)"}
    assert all(kernel.origins for kernel in kernels)


def test_new_values_that_are_stored_before_they_are_written_have_origins() -> None:
    w = cr.tensor([1.0, 2.0, 3.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)

    @compile
    def step(x: Any) -> Any:
        loss = (w * w[::-1] * x).sum()  # the update reads w elsewhere
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    step(np.ones(3, np.float32))
    kernels = step.program.compilation.compiled.program.kernels
    assert all(kernel.origins for kernel in kernels)
    assert any(kernel.origins[0].phase == "update" for kernel in kernels)


def test_figures_of_kernels(report: Report) -> None:
    (first,) = rows_of(report, "Sequential.0 (Linear)", "forward")
    assert first["flops"] == 2 * 4 * 12 * 8 + 2 * 4 * 8
    assert first["bytes"] == 4 * (4 * 12 + 12 * 8 + 8 + 4 * 8)
    for row in report.table():
        assert row["seconds"] >= 0
        assert row["gflops"] * row["seconds"] * 1e9 == pytest.approx(row["flops"])
        assert row["of_peak"] == report.peak.share(row["flops"], row["bytes"], row["seconds"])


def test_stages_and_where_kernels_came_from(report: Report) -> None:
    assert {"trace", "lower", "fuse", "codegen", "llvm", "load"} <= set(report.compile_seconds)
    assert 0 < sum(report.kernels_found.values()) <= len(report.table())
    model = nn.Linear(3, 2)
    programs = [compile(lambda x: model(x)) for _ in range(2)]
    for program in programs:
        program(np.zeros((7, 3), np.float32))
    again = programs[1].report()
    assert isinstance(again, Report)
    assert again.kernels_found == {"memory": 1, "disk": 0, "compiled": 0}


@pytest.mark.parametrize(
    ("mode", "chosen"), [("exact", "direct: about "), ("fast", "F(4x4, 3x3): about ")]
)
def test_notes_say_how_a_convolution_was_computed(mode: str, chosen: str) -> None:
    model = nn.Conv2d(16, 16, 3, padding=1)
    predict = compile(lambda x: model(x), convolution=mode)
    predict(np.zeros((32, 16, 16, 16), np.float32))
    found = predict.report()
    assert isinstance(found, Report)
    (note,) = found.notes
    assert note.startswith(f"convolve (32, 16, 16, 16) by (16, 16, 3, 3): {chosen}")
    assert f"note: {note}" in str(found)
    contractions = [row for row in found.table() if row["notation"].lstrip().startswith("contract")]
    direct = 2 * 32 * 16 * 16 * 16**2 * 9
    products = sum(row["flops"] for row in contractions)
    assert (products > direct / 2) == (mode == "exact")  # tiles need a quarter


def test_the_text(report: Report) -> None:
    text = str(report)
    assert "this machine, measured:" in text
    assert "of peak" in text
    assert "forward; Sequential.0 (Linear); matmul + relu + add; test_report.py:" in text


def test_the_roofline_is_measured_once() -> None:
    assert roofline(1) is roofline(1)
    assert roofline(1).gflops > 0.1
    assert roofline(1).gbytes > 0.1


def test_the_share_of_a_peak() -> None:
    peak = Roofline(1, gflops=100.0, gbytes=10.0)
    assert peak.share(flops=10**9, nbytes=0, seconds=0.02) == pytest.approx(0.5)
    assert peak.share(flops=10**9, nbytes=10**9, seconds=0.2) == pytest.approx(0.5)
    assert peak.share(flops=1, nbytes=1, seconds=0.0) == 0.0


def test_nodes_that_are_traced_outside_of_modules_have_their_phase() -> None:
    w = cr.tensor([1.0, 2.0], requires_grad=True)
    f = compile(lambda x: cr.grad(lambda v: ((w * v) ** 3).sum())(x))
    f(np.ones(2, np.float32))
    kernels = f.program.compilation.compiled.program.kernels
    assert all(kernel.origins for kernel in kernels)
    assert {o.phase for k in kernels for o in k.origins} <= {"forward", "backward"}
    assert any(k.origins[0].phase == "backward" for k in kernels)
