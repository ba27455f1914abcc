"""The explorer: a graph as one HTML file that is alive: values, gradients, the chain rule."""

from .explore import explore

__all__ = ["explore"]
