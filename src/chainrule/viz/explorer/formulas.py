"""Operations as a textbook writes them: what they compute, and their local derivatives.

``x``, ``y``, ``w`` are the inputs in order, ``z`` is the result, and ``G`` is the gradient dL/dz
that arrives from above. Operations that are not in the table are described by the first line of
their docstring.
"""

from __future__ import annotations

from typing import NamedTuple

from ...graph import PRIMITIVES


class Formula(NamedTuple):
    """A formula, and for each input its local derivative, or the gradient that it gets."""

    text: str
    derivatives: tuple[str, ...] = ()


_ZERO = "∂z/∂x = 0"
_WINS = ("∂z/∂x = 1 where x wins, ½ at a tie, else 0", "∂z/∂y = 1 where y wins, ½ at a tie, else 0")

FORMULAS: dict[str, Formula] = {
    # arithmetic
    "add": Formula("z = x + y", ("∂z/∂x = 1", "∂z/∂y = 1")),
    "subtract": Formula("z = x − y", ("∂z/∂x = 1", "∂z/∂y = −1")),
    "multiply": Formula("z = x · y", ("∂z/∂x = y", "∂z/∂y = x")),
    "divide": Formula("z = x / y", ("∂z/∂x = 1 / y", "∂z/∂y = −x / y²")),
    "pow": Formula("z = x ^ y", ("∂z/∂x = y · x ^ (y − 1)", "∂z/∂y = z · ln x")),
    "remainder": Formula("z = x − ⌊x / y⌋ · y", ("∂z/∂x = 1", "∂z/∂y = −⌊x / y⌋")),
    "floor_divide": Formula("z = ⌊x / y⌋", (_ZERO, "∂z/∂y = 0")),
    "maximum": Formula("z = max(x, y)", _WINS),
    "minimum": Formula("z = min(x, y)", _WINS),
    "hypot": Formula("z = √(x² + y²)", ("∂z/∂x = x / z", "∂z/∂y = y / z")),
    "copysign": Formula("z = |x| · sign(y)", ("∂z/∂x = sign(x) · sign(y)", "∂z/∂y = 0")),
    "logaddexp": Formula(
        "z = ln(exp x + exp y)", ("∂z/∂x = exp(x − z)", "∂z/∂y = exp(y − z)")
    ),
    "negative": Formula("z = −x", ("∂z/∂x = −1",)),
    "abs": Formula("z = |x|", ("∂z/∂x = sign(x)",)),
    "sign": Formula("z = sign(x)", (_ZERO,)),
    "square": Formula("z = x²", ("∂z/∂x = 2 · x",)),
    "reciprocal": Formula("z = 1 / x", ("∂z/∂x = −1 / x² = −z²",)),
    "sqrt": Formula("z = √x", ("∂z/∂x = 1 / (2 · √x)",)),
    "rsqrt": Formula("z = 1 / √x", ("∂z/∂x = −½ · z³",)),
    # exponentials
    "exp": Formula("z = exp x", ("∂z/∂x = exp x = z",)),
    "expm1": Formula("z = exp x − 1", ("∂z/∂x = exp x",)),
    "log": Formula("z = ln x", ("∂z/∂x = 1 / x",)),
    "log1p": Formula("z = ln(1 + x)", ("∂z/∂x = 1 / (1 + x)",)),
    "log2": Formula("z = log₂ x", ("∂z/∂x = 1 / (x ln 2)",)),
    "log10": Formula("z = log₁₀ x", ("∂z/∂x = 1 / (x ln 10)",)),
    "erf": Formula("z = 2/√π · ∫ exp(−t²) dt from 0 to x", ("∂z/∂x = 2/√π · exp(−x²)",)),
    "sigmoid": Formula("z = σ(x) = 1 / (1 + exp(−x))", ("∂z/∂x = z · (1 − z)",)),
    "relu": Formula("z = max(x, 0)", ("∂z/∂x = 1 where x > 0, else 0",)),
    # trigonometry
    "sin": Formula("z = sin x", ("∂z/∂x = cos x",)),
    "cos": Formula("z = cos x", ("∂z/∂x = −sin x",)),
    "tan": Formula("z = tan x", ("∂z/∂x = 1 + z²",)),
    "asin": Formula("z = arcsin x", ("∂z/∂x = 1 / √(1 − x²)",)),
    "acos": Formula("z = arccos x", ("∂z/∂x = −1 / √(1 − x²)",)),
    "atan": Formula("z = arctan x", ("∂z/∂x = 1 / (1 + x²)",)),
    "atan2": Formula(
        "z = angle of the point (y, x)", ("∂z/∂x = y / (x² + y²)", "∂z/∂y = −x / (x² + y²)")
    ),
    "sinh": Formula("z = sinh x", ("∂z/∂x = cosh x",)),
    "cosh": Formula("z = cosh x", ("∂z/∂x = sinh x",)),
    "tanh": Formula("z = tanh x", ("∂z/∂x = 1 − z²",)),
    "asinh": Formula("z = arsinh x", ("∂z/∂x = 1 / √(x² + 1)",)),
    "acosh": Formula("z = arcosh x", ("∂z/∂x = 1 / √(x² − 1)",)),
    "atanh": Formula("z = artanh x", ("∂z/∂x = 1 / (1 − x²)",)),
    # rounding and choice
    "floor": Formula("z = ⌊x⌋", (_ZERO,)),
    "ceil": Formula("z = ⌈x⌉", (_ZERO,)),
    "round": Formula("z = x, rounded", (_ZERO,)),
    "trunc": Formula("z = x, without its fraction", (_ZERO,)),
    "where": Formula(
        "z = y where x is true, else w", ("no gradient", "∂z/∂y = x", "∂z/∂w = 1 − x")
    ),
    "identity": Formula("z = x", ("∂z/∂x = 1",)),
    "cast": Formula("z = x, in another data type", ("∂z/∂x = 1",)),
    "stop_gradient": Formula("z = x, where gradients stop", (_ZERO,)),
    # sums
    "sum": Formula("z = Σ x", ("∂z/∂x = 1: G is repeated",)),
    "prod": Formula("z = Π x", ("∂z/∂x = z / x",)),
    "max": Formula("z = max x", ("∂z/∂x = 1 at the maximum, else 0",)),
    "min": Formula("z = min x", ("∂z/∂x = 1 at the minimum, else 0",)),
    "cumulative_sum": Formula(
        "z[t] = x[0] + … + x[t]", ("∂L/∂x = sums of G from t to the end",)
    ),
    # products
    "matmul": Formula("Z = X · Y", ("∂L/∂X = G · Yᵀ", "∂L/∂Y = Xᵀ · G")),
    "einsum": Formula("products of X, Y, … summed over the indices that Z lacks", (
        "∂L/∂X = G and Y, summed over the indices that X lacks",
        "∂L/∂Y = X and G, summed over the indices that Y lacks",
    )),
    "convolve": Formula("z[o, i, j] = Σ w[o, c, u, v] · x[c, s·i + u − p, s·j + v − p]", (
        "∂L/∂x = G convolved with the weights, turned by 180°",
        "∂L/∂w = x convolved with G",
    )),
    # movement
    "reshape": Formula("z = x, in another shape", ("∂L/∂x = G, in the shape of x",)),
    "permute_dims": Formula("z = x, axes in another order", ("∂L/∂x = G, axes back in order",)),
    "broadcast_to": Formula("z = x, repeated", ("∂L/∂x = Σ G over what was repeated",)),
    "pad": Formula("z = x, with a margin", ("∂L/∂x = G without the margin",)),
    "slice": Formula("z = a part of x", ("∂L/∂x = G in that part, 0 elsewhere",)),
    "concat": Formula("z = x, y, … side by side", ("∂L/∂x = its part of G",)),
    "windows": Formula("z = all windows of x", ("∂L/∂x = windows of G, added up",)),
    "take": Formula("z = x[y]", ("∂L/∂x = G added up at the positions y", "no gradient")),
    "take_along_axis": Formula(
        "z[i] = x[i, y[i]]", ("∂L/∂x = G at the positions y, 0 elsewhere", "no gradient")
    ),
}  # fmt: skip


def formula(name: str) -> Formula:
    """Return the formula of an operation; for one of a user's own, its name.

    >>> formula("multiply")
    Formula(text='z = x · y', derivatives=('∂z/∂x = y', '∂z/∂y = x'))
    >>> formula("argmax").text
    'Return the position of the first maximum along an axis.'
    """
    found = FORMULAS.get(name)
    if found is not None:
        return found
    record = PRIMITIVES.get(name)
    text = (record.__doc__ or "").strip().partition("\n")[0] if record else ""
    return Formula(text or f"z = {name}(…)")
