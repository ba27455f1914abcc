"""A small run, trained once, that the tests of the commands look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chainrule.cli.main import main
from chainrule.data import mnist

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command in an empty folder; return exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(a) for a in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def refused(cli: Cli) -> Callable[..., str]:
    """Run a command that must fail: exit code 2 and one line on standard error, no traceback."""

    def run(*arguments: object) -> str:
        code, _, err = cli(*arguments)
        assert code == 2, (code, err)
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run: the linear model on 300 digits."""
    folder = tmp_path_factory.mktemp("runs") / "linear"
    arguments = ["train", "linear", "--limit", "300", "--epochs", "2", "-q", "-o", str(folder)]
    assert main(arguments) == 0
    return folder


@pytest.fixture
def run_folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run that a test may damage."""
    copy = tmp_path / "copy"
    shutil.copytree(trained, copy)
    return copy


@pytest.fixture
def digit(tmp_path: Path) -> Path:
    """A PNG of the first test digit, a 7."""
    from PIL import Image

    path = tmp_path / "digit.png"
    Image.fromarray(np.asarray(mnist("test").inputs[0][0])).save(path)
    return path
