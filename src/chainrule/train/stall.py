"""A loss that stays the same, to the last digit: it has saturated, say, as 87.3365 for ever."""

from __future__ import annotations

from collections.abc import Sequence

_STEPS = 100  # in a row


class Stall:
    """Look at the losses of all steps and say once, in a run, that they do not change.

    A loss of 0 is none: all margins may be met.
    """

    def __init__(self) -> None:
        self._value: float | None = None
        self._steps = 0  # that had this value, in a row
        self._is_told = False

    def judge(self, losses: Sequence[float]) -> str | None:
        """Take the losses of some steps into account; return what there is to say."""
        last = losses[-1]
        same = next((k for k, x in enumerate(reversed(losses)) if x != last), len(losses))
        goes_on = same == len(losses) and last == self._value
        self._value, self._steps = last, same + self._steps if goes_on else same
        if self._steps < _STEPS or last == 0 or self._is_told:
            return None
        self._is_told = True
        return (
            f"the loss has been {last:.6g} to the last digit for {self._steps} steps: it has "
            "saturated, or nothing is left to learn, or the steps are too small to change anything"
        )
