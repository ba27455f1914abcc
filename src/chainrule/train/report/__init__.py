"""The page that a run leaves behind: how it went, how its layers fared, what it gets wrong."""

from .run_report import RunReport

__all__ = ["RunReport"]
