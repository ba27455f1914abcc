"""Arguments that come once or once for each spatial axis."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ArgumentError

PerAxis = int | Sequence[int]


def per_axis(value: PerAxis, rank: int, name: str, least: int) -> tuple[int, ...]:
    """Return one integer for each of ``rank`` axes; ArgumentError if one is below ``least``.

    >>> per_axis(3, 2, "stride", least=1)
    (3, 3)
    """
    numbers = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(numbers) != rank or any(not isinstance(n, int) or n < least for n in numbers):
        count = "one integer" if rank == 1 else f"one integer or {rank}"
        raise ArgumentError(
            name, required=f"{count}, each >= {least}", received=repr(value)
        )  # fmt: skip
    return numbers
