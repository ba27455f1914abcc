"""What examples in docstrings may use without importing it, and the state they start from."""

from __future__ import annotations

import builtins
import contextlib
from typing import Any

import numpy as np
import pytest


def example_names(module: str) -> dict[str, Any]:
    """Return the public names of chainrule, and cr, np, F, dtypes.

    Names that Python has too (sum, round) are left to Python, except where operations are shown.
    """
    import chainrule as cr
    from chainrule import dtypes
    from chainrule import functional as F

    names: dict[str, Any] = {"cr": cr, "np": np, "F": F, "dtypes": dtypes}
    shown = module.startswith("chainrule.ops")
    for name in set(cr.__all__) - {"bool"}:
        if shown or not hasattr(builtins, name):
            with contextlib.suppress(AttributeError, ImportError):
                names[name] = getattr(cr, name)
    return names


@pytest.fixture(autouse=True)
def _names_in_examples(request: pytest.FixtureRequest) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        own = request.node.dtest.globs
        names = example_names(own["__name__"])
        for name, value in names.items():
            own.setdefault(name, value)  # a module's own name goes before that of another room
        names["cr"].manual_seed(0)
        # What an example saves stays out of the repository.
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
