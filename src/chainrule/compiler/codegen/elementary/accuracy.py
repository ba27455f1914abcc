"""How far the vector functions are from the exact value, at most."""

from __future__ import annotations

# In units in the last place of the exact value, of float32 and of float64, over the whole range;
# below the least normal number in units of the least subnormal one. docs/reference/accuracy.md.
BOUNDS: dict[str, tuple[float, float]] = {
    "exp": (1.25, 1.25), "expm1": (2.0, 2.5), "log": (1.0, 1.0), "log1p": (3.0, 3.0),
    "tanh": (3.0, 3.0), "sinh": (2.5, 3.0), "cosh": (3.0, 3.0), "erf": (1.5, 1.5),
    "sin": (1.0, 1.0), "cos": (1.0, 1.0), "asin": (3.0, 3.0), "acos": (1.5, 1.5),
    "atan": (2.0, 2.0), "asinh": (2.0, 2.5), "acosh": (2.5, 2.5), "atanh": (2.5, 2.5),
    "atan2": (2.0, 1.0), "pow": (1.0, 1.5),
}  # fmt: skip
