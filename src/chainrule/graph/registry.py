"""Functions by name, so that the graph can call an op without knowing any.

``ops`` registers its functions here when it is imported. What lives on higher floors is found by
the table LATE and imported on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

FUNCTIONS: dict[str, Callable[..., Any]] = {}

LATE = {
    "compile_graph": "chainrule.jit.graph:CompiledGraph",
    "backward": "chainrule.autodiff.reverse:backward",
    "explore": "chainrule.viz.explorer:explore",
    "graph_backward": "chainrule.autodiff.reverse:graph_backward",
    "pullback": "chainrule.autodiff.reverse:Pullback",
    "show": "chainrule.viz.show:show",
    "to_html": "chainrule.viz.show:to_html",
    "to_svg": "chainrule.viz.show:to_svg",
}


def function(f: F) -> F:
    """Register a function of tensors under its own name."""
    FUNCTIONS[f.__name__] = f
    return f


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """Call the function that is registered under ``name``."""
    found = FUNCTIONS.get(name)
    if found is None:
        module, attribute = LATE[name].split(":")
        found = FUNCTIONS[name] = getattr(import_module(module), attribute)
    return found(*args, **kwargs)
