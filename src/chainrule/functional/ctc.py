"""Connectionist temporal classification: how likely a text is, however it is spread in time."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ArgumentError, DataError, DTypeError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor
from ..ops import (
    arange,
    broadcast_to,
    clip,
    concat,
    cumulative_sum,
    equal,
    expand_dims,
    full,
    less,
    logsumexp,
    maximum,
    not_equal,
    pad,
    scan,
    stack,
    take,
    take_along_axis,
    where,
    zeros,
)
from ..ops.rules import promoted_floating
from .losses import check_reduction, reduced
from .sequences import checked_lengths

__all__ = ["ctc_loss"]

_NEVER = -1e30  # logarithm of the probability of what cannot be; finite, so that slopes are


def ctc_loss(
    log_probs: TensorLike,
    targets: TensorLike,
    input_lengths: TensorLike,
    target_lengths: TensorLike,
    *,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
    sample_weight: TensorLike | None = None,
) -> Tensor:
    """Loss of connectionist temporal classification: -log P(target | input) (Graves et al. 2006).

    P is the sum over all ways to write the target in the input's steps: each label for one or more
    steps, blanks between labels, which there must be between equal ones. ``log_probs`` (T, N, C),
    or (T, C), are logarithms of probabilities (of log_softmax); targets (N, S), padded at will, or
    all one after the other (sum of the lengths,); lengths (N,). "mean" divides each loss by the
    length of its target (1 at least) and takes the mean. A target that does not fit into its input
    costs inf and has gradient 0, or costs 0 with ``zero_infinity``. Raises ShapeError,
    ArgumentError, and BoundsError or DataError for lengths and labels out of range.

    >>> half = log(full((2, 1, 2), 0.5))
    >>> F.ctc_loss(half, [[1]], [2], [1])  # 1 1, 1 blank, blank 1: of four ways, three
    tensor(0.2877)
    """
    check_reduction(reduction, "ctc_loss")
    (logs,) = promoted_floating([log_probs])
    single = logs.ndim == 2
    logs = expand_dims(logs, axis=1) if single else logs
    if logs.ndim != 3 or not 0 <= blank < logs.shape[-1]:
        raise ArgumentError(
            "ctc_loss", required="log_probs (T, N, C) or (T, C), and 0 <= blank < C",
            received=f"shape {as_tensor(log_probs).shape}, blank={blank}",
        )  # fmt: skip
    steps, count = logs.shape[:2]
    inputs = checked_lengths(_vector(input_lengths), count, steps, "ctc_loss, input_lengths")
    labels, sizes = _padded(targets, target_lengths, count, single)
    _check_labels(labels, sizes, logs.shape[-1], blank)
    losses = -_log_likelihood(logs, labels, inputs, sizes, blank)
    impossible = losses > -_NEVER / 2
    losses = where(impossible, 0.0 if zero_infinity else math.inf, losses)
    if reduction == "mean":
        losses = losses / maximum(sizes, 1).astype(losses.dtype)
    losses = losses[0] if single else losses
    return reduced(losses, reduction, "ctc_loss", sample_weight=sample_weight)


def _log_likelihood(
    logs: Tensor, labels: Tensor, inputs: Tensor, sizes: Tensor, blank: int
) -> Tensor:
    """Return log P (N,) by the forward recursion over blank, label, blank, label... blank.

    alpha[t, s] is the logarithm of the probability of all ways to have written the first s of
    these in t steps; each step stays, goes on by one, or by two over a blank that is not needed.
    """
    steps, count = logs.shape[:2]
    width = 2 * labels.shape[1] + 1
    labels = where(arange(labels.shape[1]) < expand_dims(sizes, axis=1), labels, blank)
    blanks = full((count, labels.shape[1]), blank, dtype=labels.dtype)
    mixed = stack([blanks, labels], axis=2).reshape(count, width - 1)
    symbols = pad(mixed, [(0, 0), (0, 1)], value=blank)
    places = broadcast_to(expand_dims(symbols, axis=0), (steps, count, width))
    chosen = maximum(take_along_axis(logs, places, axis=2), _NEVER)
    jumps = not_equal(symbols[:, 2:], symbols[:, :-2]) & not_equal(symbols[:, 2:], blank)
    jumps = pad(jumps, [(0, 0), (min(2, width), 0)])
    # Before the first step all is at the first blank: from there it may write that, or a label.
    start = where(equal(arange(width), 0), 0.0, full((count, width), _NEVER, dtype=logs.dtype))

    def step(alpha: Tensor, given: tuple[Tensor, Tensor]) -> tuple[Tensor, None]:
        emitted, going = given
        by_one = pad(alpha, [(0, 0), (1, 0)], value=_NEVER)[:, :width]
        by_two = pad(alpha, [(0, 0), (2, 0)], value=_NEVER)[:, :width]
        ways = stack([alpha, by_one, where(jumps, by_two, _NEVER)])
        after = emitted + logsumexp(ways, axis=0)
        return where(expand_dims(going, axis=1), after, alpha), None

    going = less(expand_dims(arange(steps), axis=1), inputs)
    alpha, _ = scan(step, start, (chosen, going))
    last = take_along_axis(alpha, expand_dims(2 * sizes, axis=1), axis=1)
    before = take_along_axis(alpha, expand_dims(maximum(2 * sizes - 1, 0), axis=1), axis=1)
    before = where(expand_dims(sizes > 0, axis=1), before, _NEVER)
    total: Tensor = logsumexp(concat([last, before], axis=1), axis=1)
    return total


def _vector(lengths: TensorLike) -> Tensor:
    node = as_tensor(lengths)
    return node.reshape(-1) if node.ndim == 0 else node


def _padded(
    targets: TensorLike, target_lengths: TensorLike, count: int, single: bool
) -> tuple[Tensor, Tensor]:
    """Return targets as (N, S), and their lengths."""
    labels, what = as_tensor(targets), "ctc_loss, target_lengths"
    if not labels.dtype.is_integer:
        raise DTypeError("ctc_loss", required="integer targets", received=str(labels.dtype))
    if single and labels.ndim == 1:
        labels = expand_dims(labels, axis=0)
    if labels.ndim == 2:
        sizes = checked_lengths(_vector(target_lengths), count, labels.shape[1], what)
        if labels.shape[0] == count:
            return labels, sizes
    if labels.ndim != 1:
        raise ShapeError(
            "ctc_loss", required=f"targets ({count}, S), or one after the other",
            received=f"shape {labels.shape}",
        )  # fmt: skip
    sizes = checked_lengths(_vector(target_lengths), count, labels.shape[0], what)
    # A symbolic length is not known, but no target is longer than all of them together.
    longest = labels.shape[0] if sizes.symbolic else int(sizes.value.max(initial=0))
    if not sizes.symbolic and int(sizes.value.sum()) != labels.shape[0]:
        raise ShapeError(
            "ctc_loss", required=f"{int(sizes.value.sum())} targets, the sum of target_lengths",
            received=str(labels.shape[0]),
        )  # fmt: skip
    if longest == 0:
        return zeros((count, 0), dtype=labels.dtype), sizes
    begins = cumulative_sum(sizes) - sizes
    places = expand_dims(begins, axis=1) + arange(longest)
    return take(labels, clip(places, 0, labels.shape[0] - 1), axis=0), sizes


def _check_labels(labels: Tensor, sizes: Tensor, classes: int, blank: int) -> None:
    if labels.symbolic or sizes.symbolic:
        return
    inside: Any = arange(labels.shape[1]).value < sizes.value[:, None]
    values = labels.value[inside]
    wrong = (values < 0) | (values >= classes) | (values == blank)
    if wrong.any():
        raise DataError(
            "ctc_loss", required=f"labels from 0 to {classes - 1}, none of them the blank {blank}",
            received=f"label {values[wrong][0]}",
        )  # fmt: skip
