"""Every error that chainrule raises: what was required, what was received, what to do.

A message is one line, so that it reads the same in a traceback, in a log and on the command
line: ``matmul: requires ...; received ...; do this  [node 'matmul', file.py:12]``.
"""

from __future__ import annotations


class ChainruleError(Exception):
    """Base of all errors that chainrule raises on purpose.

    ``what`` names the operation or file, ``required`` is the condition as a formula,
    ``received`` the values that broke it, ``hint`` what to do, ``where`` the user's line.

    >>> print(ShapeError("matmul", required="x.shape[-1] == y.shape[-2]", received="3 != 4"))
    matmul: requires x.shape[-1] == y.shape[-2]; received 3 != 4
    """

    def __init__(
        self,
        what: str,
        *,
        required: str | None = None,
        received: str | None = None,
        hint: str | None = None,
        where: str | None = None,
    ) -> None:
        self.what = what
        self.required = required
        self.received = received
        self.hint = hint
        self.where = where
        super().__init__(what)

    def __str__(self) -> str:
        parts = []
        if self.required:
            parts.append(f"requires {self.required}")
        if self.received:
            parts.append(f"received {self.received}")
        if self.hint:
            parts.append(self.hint)
        text = f"{self.what}: {'; '.join(parts)}" if parts else self.what
        return f"{text}  [{self.where}]" if self.where else text


class ShapeError(ChainruleError, ValueError):
    """Shapes do not fit the formula of an operation."""


class DTypeError(ChainruleError, TypeError):
    """A data type is not allowed here, or two have no common type."""


class ArgumentError(ChainruleError, ValueError):
    """An argument that is no array has a value that is not allowed."""


class BoundsError(ArgumentError, IndexError):
    """An index is outside of the axis that it points into."""


class GraphError(ChainruleError, ValueError):
    """A graph is used in a way that its structure does not allow."""


class GraphCycleError(GraphError):
    """A graph contains a cycle; the message names its path."""


class GradientError(ChainruleError, RuntimeError):
    """A gradient was asked for where none exists or none can be trusted."""


class GradientCheckError(GradientError, AssertionError):
    """A gradient differs from its numerical estimate."""


class AnomalyError(ChainruleError, FloatingPointError):
    """A NaN or an infinity appeared; the message names the first node that produced one."""


class MemoryLimitError(ChainruleError, MemoryError):
    """A result would not fit into memory; the message says how many bytes it would take."""


class DataError(ChainruleError, ValueError):
    """A data file is missing, truncated or malformed, or a sample is out of range."""


class CheckpointError(ChainruleError, ValueError):
    """A checkpoint is missing, corrupt or does not belong to this model."""


class MissingDependencyError(ChainruleError, ImportError):
    """An optional library is needed that is not installed."""


class LossWarning(RuntimeWarning):
    """A loss is not finite, or has saturated so that nothing can be learned from it."""
