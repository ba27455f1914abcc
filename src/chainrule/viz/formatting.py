"""Numbers and arrays in few characters, and how wide a text will be drawn."""

from __future__ import annotations

import math
import unicodedata

import numpy as np

from ..dtypes import Array
from ..graph import Shape

FULL_SIZE = 8  # arrays of more elements are never written out
FULL_TEXT = 24  # nor are those whose text is longer
_NARROW = set("ijl.,:;|!'()[]{} I/ftr-")
_WIDE = set("mwMW@%—…")


def number(value: float, decimals: bool = True) -> str:
    """Return a number as drawings show it: two decimals, or a power of ten where those say nothing.

    >>> number(-2.0), number(-2.0, decimals=False), number(0.7311), number(0.00012), number(4e7)
    ('-2.00', '-2', '0.73', '1.2e-4', '4.0e7')
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    size = abs(value)
    if not decimals and value == int(value) and size < 1e6:
        return str(int(value))
    if size >= 1e5 or 0 < size < 0.005:
        digits, exponent = f"{value:.1e}".split("e")
        return f"{digits}e{int(exponent)}"
    return f"{value + 0.0:.{0 if size >= 1000 else 2}f}"  # + 0.0 turns -0.0 into 0.0


def is_whole(array: Array) -> bool:
    """Whether all elements are whole numbers (bool and integer arrays always are).

    >>> is_whole(np.array([1.0, -3.0])), is_whole(np.array([0.5]))
    (True, False)
    """
    return array.dtype.kind != "f" or bool((array == np.round(array)).all())


def in_full(array: Array, decimals: bool = True) -> str | None:
    """Return a small array written out; None if it has too many elements or too long a text.

    >>> in_full(np.array([1.0, -3.0])), in_full(np.array([[1, 2]])), in_full(np.zeros(100))
    ('[1.00, -3.00]', '[[1, 2]]', None)
    """
    if array.size > FULL_SIZE:
        return None
    if array.dtype.kind == "b":
        text = str(array.tolist())
    else:
        text = _nested(array.tolist(), decimals and array.dtype.kind == "f")
    return text if len(text) <= FULL_TEXT else None


def _nested(value: float | list[float], decimals: bool) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(entry, decimals) for entry in value)}]"
    return number(value, decimals)


def spread(array: Array) -> tuple[str, str]:
    """Return mean and standard deviation; a mean that is lost in the deviation shows as 0.

    >>> spread(np.arange(9.0)), spread(np.array([1e-9, 1.0, -1.0]))
    (('4.00', '± 2.58'), ('0.00', '± 0.82'))
    """
    with np.errstate(all="ignore"):  # infinities show up as NaN, which is the answer
        values = array.astype(np.float64)
        mean, deviation = float(values.mean()), float(values.std())
    if abs(mean) < 0.005 * deviation:
        mean = 0.0
    return number(mean), f"± {number(deviation)}"


def dimensions(shape: Shape) -> str:
    """Return a shape as text that nobody takes for a value.

    >>> dimensions((64, 784)), dimensions((3,)), dimensions(())
    ('64×784', '3 values', 'scalar')
    """
    if len(shape) == 1:
        return f"{shape[0]} value{'' if shape[0] == 1 else 's'}"
    return "×".join(map(str, shape)) or "scalar"


def shortened(text: str, limit: int) -> str:
    """Return a text on one line, cut in its middle to at most ``limit`` characters.

    >>> shortened("a very long name", 9)
    'a ve…name'
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[-tail:]}"


def text_width(text: str, size: float) -> float:
    """Return an upper estimate of a text's width in pixels, whatever sans-serif font draws it.

    >>> text_width("12", 10.0) < text_width("mm", 10.0) < text_width("世界!", 10.0)
    True
    """
    return size * sum(map(_relative_width, text))


def _relative_width(character: str) -> float:
    if character in _NARROW:
        return 0.42
    if character in _WIDE or unicodedata.east_asian_width(character) in "WF":
        return 1.06
    if unicodedata.combining(character):
        return 0.0
    return 0.74 if character.isupper() else 0.65
