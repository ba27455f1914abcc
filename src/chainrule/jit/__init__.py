"""compile: a Python function of tensors, or a graph, becomes one native program."""

from .function import CompiledFunction, compile

__all__ = ["CompiledFunction", "compile"]
