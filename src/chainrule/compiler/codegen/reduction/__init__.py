"""Code for reductions: sums, extremes and their positions."""

from .emit import generate_reduce

__all__ = ["generate_reduce"]
