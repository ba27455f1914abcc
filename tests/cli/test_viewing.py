"""``chainrule view``: pages of models."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .conftest import Cli

Refused = Callable[..., str]


def page(path: str) -> dict[str, Any]:
    text = Path(path).read_text(encoding="utf-8")
    found = re.search(r'type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_a_model_with_values(cli: Cli) -> None:
    code, out, _ = cli("view", "linear", "-o", "page.html", "--no-open")
    assert code == 0
    assert out.startswith("8 nodes shown in") or "nodes shown in" in out
    data = page("page.html")
    assert data["title"] == "linear"
    assert data["notes"]["input"] == "noise, seed 0"
    assert data["notes"]["gradient of"].startswith("the largest output, ")
    by_name = {node["name"]: node for node in data["nodes"]}
    assert by_name["1.weight"]["gradient"]["shape"] == [10, 784]
    assert any("ms" in node for node in data["nodes"])
    assert len(data["views"]) == 2


def test_shapes_only(cli: Cli) -> None:
    code, _, _ = cli(
        "view", "lenet", "--no-values", "--not-compiled", "--no-open", "-o", "p.html",
        "--shape", "3,32,32", "--classes", "7",
    )  # fmt: skip
    assert code == 0
    data = page("p.html")
    assert not any("value" in node for node in data["nodes"] if node["kind"] == "input")
    assert data["nodes"][0]["shape"] == [1, 3, 32, 32]


def test_a_run_and_inputs(cli: Cli, trained: Path, tmp_path: Path) -> None:
    arguments = ["view", "linear", "--checkpoint", trained, "--not-compiled", "--no-open"]
    assert cli(*arguments, "-o", "a.html")[0] == 0
    assert page("a.html")["notes"]["input"] == "the first test sample"
    Image.fromarray(np.eye(20, dtype=np.uint8) * 255).save(tmp_path / "digit.png")
    assert cli(*arguments, "-o", "b.html", "--input", "digit.png")[0] == 0
    assert page("b.html")["notes"]["input"] == "digit.png"
    np.save(tmp_path / "x.npy", np.ones((1, 28, 28)))
    assert cli(*arguments, "-o", "c.html", "--input", "x.npy")[0] == 0
    weights = [page(name)["nodes"] for name in ("a.html", "c.html")]
    same = [[n["value"]["mean"] for n in nodes if n["name"] == "1.weight"] for nodes in weights]
    assert same[0] == same[1], "the weights are those of the run"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["linear", "-o", "x.svg"], "ends in .html"),
        (["nothing"], "model"),
        (["linear", "--no-values", "--input", "x.npy"], "--no-values"),
        (["linear", "--input", "missing.npy"], "missing.npy"),
        (["linear", "--input", "missing.png"], "missing.png"),
        (["linear", "--shape", "7", "--input", "x.png"], ".npy file of shape (7,)"),
        (["linear", "--checkpoint", "nowhere"], "a folder of a run"),
    ],
)
def test_bad_input(refused: Refused, arguments: list[str], told: str) -> None:
    assert told in refused("view", *arguments, "--no-open")


def test_arrays_that_do_not_fit(refused: Refused, tmp_path: Path, trained: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((3, 3)))
    assert "shape (1, 28, 28)" in refused("view", "linear", "--input", "x.npy", "--no-open")
    (tmp_path / "x.npy").write_bytes(b"no array")
    assert "NumPy" in refused("view", "linear", "--input", "x.npy", "--no-open")
    assert "a run of lenet" in refused("view", "lenet", "--checkpoint", trained, "--no-open")
