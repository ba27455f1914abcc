"""How operations are written in a drawing: the sign that a textbook would use."""

from __future__ import annotations

from ..graph import PICK, Tensor

SYMBOLS = {
    "abs": "|x|", "add": "+", "bitwise_and": "&", "bitwise_left_shift": "≪", "bitwise_or": "|",
    "bitwise_right_shift": "≫", "bitwise_xor": "^", "broadcast_to": "broadcast", "ceil": "⌈x⌉",
    "convolve": "conv", "cumulative_prod": "cumprod", "cumulative_sum": "cumsum", "divide": "÷",
    "equal": "=", "floor": "⌊x⌋", "floor_divide": "⌊÷⌋", "greater": ">", "greater_equal": "≥",
    "less": "<", "less_equal": "≤", "log10": "log₁₀", "log2": "log₂", "logical_and": "and",
    "logical_not": "not", "logical_or": "or", "logical_xor": "xor", "matmul": "@",
    "maximum": "max", "minimum": "min", "multiply": "×", "negative": "−x", "not_equal": "≠",
    "permute_dims": "permute", "pow": "xʸ", "prod": "Π", "reciprocal": "1/x", "relu": "ReLU",
    "remainder": "mod", "rsqrt": "1/√x", "sigmoid": "σ", "slice": "x[i]", "sqrt": "√x",
    "square": "x²", "subtract": "−", "sum": "Σ",
}  # fmt: skip

# Operations whose inputs may be drawn in any order.
COMMUTATIVE = frozenset({
    "add", "bitwise_and", "bitwise_or", "bitwise_xor", "equal", "hypot", "logaddexp",
    "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "not_equal",
})  # fmt: skip


def symbol(node: Tensor) -> str:
    """Return the sign of the operation that made a node.

    >>> x = cr.input("x")
    >>> symbol(x * x), symbol(1 / x), symbol(cr.tanh(x)), symbol(cr.permute_dims(x, (1, 0)))
    ('×', '÷', 'tanh', 'xᵀ')
    """
    assert node.op is not None
    if node.op is PICK:
        return f"[{node.attributes['index']}]"
    if node.op.name == "permute_dims" and node.attributes.get("axes") == (1, 0):
        return "xᵀ"
    return SYMBOLS.get(node.op.name, node.op.name.replace("_", " "))
