"""compile: a Python function of tensors, or a graph, becomes one native program."""

from .function import CompiledFunction, compile
from .loop import Loop

__all__ = ["CompiledFunction", "Loop", "compile"]
