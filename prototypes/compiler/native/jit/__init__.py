"""compile: a Python function of tensors becomes one native program."""

from .function import CompiledFunction, compile

__all__ = ["CompiledFunction", "compile"]
