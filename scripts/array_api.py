"""Write docs/reference/array-api.md: which functions of the array API standard chainrule has.

The names are those of the Python array API standard, version 2024.12.
"""

from __future__ import annotations

from pathlib import Path

import chainrule

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "array-api.md"

STANDARD = {
    "Constants": "e inf nan newaxis pi",
    "Creation": "arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid "
    "ones ones_like tril triu zeros zeros_like",
    "Data types": "astype can_cast finfo iinfo isdtype result_type",
    "Elementwise": "abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift "
    "bitwise_invert bitwise_or bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh "
    "divide equal exp expm1 floor floor_divide greater greater_equal hypot imag isfinite isinf "
    "isnan less less_equal log log1p log2 log10 logaddexp logical_and logical_not logical_or "
    "logical_xor maximum minimum multiply negative nextafter not_equal positive pow real "
    "reciprocal remainder round sign signbit sin sinh square sqrt subtract tan tanh trunc",
    "Indexing": "take take_along_axis",
    "Linear algebra": "matmul matrix_transpose tensordot vecdot",
    "Manipulation": "broadcast_arrays broadcast_to concat expand_dims flip moveaxis permute_dims "
    "repeat reshape roll squeeze stack tile unstack",
    "Searching": "argmax argmin count_nonzero nonzero searchsorted where",
    "Sets": "unique_all unique_counts unique_inverse unique_values",
    "Sorting": "argsort sort",
    "Statistics": "cumulative_prod cumulative_sum max mean min prod std sum var",
    "Utilities": "all any diff",
}

REASONS = {
    "conj": "no complex numbers",
    "imag": "no complex numbers",
    "real": "no complex numbers",
    "empty": "tensors do not change, so an uninitialised one is of no use: `zeros`",
    "empty_like": "tensors do not change, so an uninitialised one is of no use: `zeros_like`",
    "from_dlpack": "`asarray(numpy.from_dlpack(x))`",
    "nextafter": "has no derivative and no use in a graph",
    "unique_all": "the shape depends on the values: `unique_values`, or NumPy on `.numpy()`",
    "unique_counts": "the shape depends on the values: `unique_values`, or NumPy on `.numpy()`",
    "unique_inverse": "the shape depends on the values: `unique_values`, or NumPy on `.numpy()`",
    "unique_values": "the shape depends on the values: NumPy on `.numpy()`",
    "searchsorted": "NumPy on `.numpy()`",
    "diff": "`x[1:] - x[:-1]`",
}

INTRODUCTION = """# The array API standard

Functions have the names and the meaning of the
[Python array API standard](https://data-apis.org/array-api/2024.12/) (2024.12); `tests/array_api`
compares them with NumPy on random arrays of all types, special values included. This page is
written by `scripts/array_api.py`.

Differences: there are no complex numbers; the default floating type is float32, the default integer
int64; an integer with a floating type gives the floating type (the standard leaves it open);
integers given to a floating function are converted to float32; tensors do not change, so
`x[...] = y` is an error that names the alternatives. `sum` and `prod` of integers are int64
(uint64 if unsigned). The extensions `linalg` and `fft` are not offered.

"""


def page() -> str:
    """Return the text of the page."""
    parts = [INTRODUCTION]
    for section, text in STANDARD.items():
        names = text.split()
        missing = [n for n in names if not hasattr(chainrule, n)]
        parts.append(f"## {section}\n\n")
        parts.append(f"Offered ({len(names) - len(missing)} of {len(names)}): ")
        parts.append(", ".join(f"`{n}`" for n in names if n not in missing) + ".\n\n")
        if missing:
            parts.append("| missing | because |\n|---|---|\n")
            parts.extend(f"| `{n}` | {REASONS[n]} |\n" for n in missing)
            parts.append("\n")
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
