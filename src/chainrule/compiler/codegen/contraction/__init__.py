"""Code for contractions: matrix products, convolutions and the gradients of both."""

from .emit import generate_contract

__all__ = ["generate_contract"]
