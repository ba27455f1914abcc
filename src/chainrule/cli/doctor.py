"""``chainrule doctor``: what is installed, what the machine has, whether it all works."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np

_CORE = ("numpy", "llvmlite")
_EXTRAS = {
    "safetensors": "train", "rich": "train", "matplotlib": "train", "pillow": "train",
    "igraph": "draw", "typer": "cli", "scipy": "sparse", "tensorboard": "tensorboard",
}  # fmt: skip


def examine() -> int:
    """Print the findings; return 1 if something that is needed does not work."""
    from .. import __version__

    print(f"chainrule {__version__}, Python {platform.python_version()} at {sys.executable}")
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    for name in _CORE:
        print(f"  {name:12} {_version(name) or 'MISSING: pip install chainrule'}")
    for name, extra in _EXTRAS.items():
        print(f"  {name:12} {_version(name) or f'not installed (extra {extra})'}")
    failed = 0
    for what, test in _TESTS.items():
        try:
            found = test()
        except Exception as error:
            failed += 1
            found = f"FAILED: {type(error).__name__}: {error}"
        print(f"{what:24} {found}")
    return 1 if failed else 0


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _graph_works() -> str:
    from ..graph import ComputationalGraph, input

    x, y, z = input("x"), input("y"), input("z")
    graph = ComputationalGraph((x + y) * z)
    value, gradients = graph.forward(x=1.0, y=-3.0, z=4.0), graph.backward()
    if (value, gradients) != (-8.0, {"x": 4.0, "y": 4.0, "z": -2.0}):
        raise ArithmeticError(f"(x + y) * z gives {value} and {gradients}")
    return "(x + y) * z = -8, gradients 4, 4, -2"


def _data_is_whole() -> str:
    from ..data import mnist

    return f"{len(mnist('train'))} + {len(mnist('test'))} images of MNIST"


def _can_write() -> str:
    with tempfile.NamedTemporaryFile(dir=Path.cwd()):
        return f"yes, in {Path.cwd()}"


def _blas() -> str:
    found = np.show_config("dicts").get("Build Dependencies", {}).get("blas", {})
    return f"{found.get('name', 'unknown')} {found.get('version', '')}".strip()


_TESTS: dict[str, Callable[[], str]] = {
    "graph": _graph_works,
    "embedded data": _data_is_whole,
    "can write here": _can_write,
    "NumPy's linear algebra": _blas,
}
