"""Structured Jacobians: found by sparsity propagation, computed by colouring."""

from .build import jacobian
from .operator import Jacobian

__all__ = ["Jacobian", "jacobian"]
