"""Warnings of losses that say nothing any more: not finite, or saturated."""

from __future__ import annotations

import math
import warnings
from typing import Any

from ..errors import LossWarning
from ..graph import Tensor
from ..graph.location import user_location
from ..graph.modes import MODES

_SEEN: dict[Any, Any] = {}  # what was said already, for filters that want it said once
_LEAST = 3.7e-44  # the exponential of -100


def tell_if_not_finite(loss: Tensor, what: str) -> None:
    """Warn (LossWarning) of a loss that is NaN or infinite, if it has a value by now."""
    if loss.symbolic or MODES.guarded or math.isfinite(loss.value):
        return
    tell(
        f"{what}: the loss is {float(loss.value)}; chainrule.detect_anomalies() finds the first "
        "operation whose result is not finite"
    )


def tell_if_saturated(p: Tensor, t: Tensor, what: str) -> None:
    """Warn of probabilities that are 0 or 1 where the target says otherwise."""
    if p.symbolic or t.symbolic:
        return
    saturated = ((p.value <= _LEAST) & (t.value > 0)) | ((p.value == 1) & (t.value < 1))
    count = saturated.sum()
    if count:
        tell(
            f"{what}: {count} of {p.size} probabilities are 0 or 1 where the target says "
            f"otherwise; logarithms count as -100 there and the derivative is 0, so that nothing "
            "is learned; give scores to binary_cross_entropy_with_logits, which does not saturate"
        )


def tell(text: str) -> None:
    """Warn at the user's line; Python's filters decide how often."""
    file, line = user_location() or ("chainrule", 1)
    warnings.warn_explicit(text, LossWarning, file, line, registry=_SEEN)
