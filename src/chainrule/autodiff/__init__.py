"""Derivatives: reverse mode, forward mode, Jacobians, and the numerical check."""
