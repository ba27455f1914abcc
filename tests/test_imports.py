"""Importing chainrule is quick because it loads NumPy and nothing else."""

from __future__ import annotations

import subprocess
import sys

OPTIONAL = {"llvmlite", "matplotlib", "scipy", "rich", "typer", "PIL", "safetensors", "igraph"}


def loaded_by(statement: str) -> set[str]:
    """Names of the top-level modules that a fresh interpreter holds after ``statement``."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.split())


def test_import_loads_no_optional_library() -> None:
    loaded = loaded_by("import chainrule")
    assert "numpy" in loaded
    assert loaded & OPTIONAL == set()


def test_layers_and_optimizers_load_no_optional_library() -> None:
    loaded = loaded_by("from chainrule import data, functional, nn, optim")
    assert "chainrule" in loaded
    assert loaded & OPTIONAL == set()
