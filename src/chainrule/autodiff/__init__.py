"""Derivatives: reverse mode, functions of functions, Jacobians, and the numerical check."""

from .check import check_gradients
from .checkpoint import checkpoint
from .functions import grad, hessian, jvp, value_and_grad, vjp

__all__ = ["check_gradients", "checkpoint", "grad", "hessian", "jvp", "value_and_grad", "vjp"]
