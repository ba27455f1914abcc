"""Sequences of different lengths in one array, and the loop of a recurrent net over them.

Time is the first axis, as PyTorch has it; a batch of N sequences of up to T steps is (T, N, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import BoundsError, DTypeError, ShapeError
from ..graph import Tensor, TensorLike, as_tensor, tensor
from ..ops import arange, concat, expand_dims, pad, scan, stack, where, zeros_like

__all__ = ["pad_sequence", "sequence_mask", "unpad_sequence"]

State = tuple[Tensor, ...]


def pad_sequence(
    sequences: Sequence[TensorLike], *, batch_first: bool = False, padding_value: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Stack sequences (T_n, *) of different lengths; return (T, N, *) and the lengths (N,).

    T is the largest length; what is missing is ``padding_value``. With ``batch_first`` the result
    is (N, T, *). Raises ShapeError unless the axes after the first agree. The layers of
    recurrent nets take the lengths, and so compute what they would for each sequence alone.

    >>> x, lengths = F.pad_sequence([tensor([1.0, 2.0]), tensor([3.0])])
    >>> x, lengths
    (tensor([[1., 3.],
            [2., 0.]]), tensor([2, 1]))
    """
    parts = [as_tensor(part) for part in sequences]
    if not parts or any(p.ndim == 0 or p.shape[1:] != parts[0].shape[1:] for p in parts):
        raise ShapeError(
            "pad_sequence", required="sequences (T_n, *) that agree in *, one or more",
            received=", ".join(str(p.shape) for p in parts) or "none",
        )  # fmt: skip
    lengths = [p.shape[0] for p in parts]
    rest = [(0, 0)] * (parts[0].ndim - 1)
    padded = [pad(p, [(0, max(lengths) - p.shape[0]), *rest], value=padding_value) for p in parts]
    return stack(padded, axis=0 if batch_first else 1), tensor(np.array(lengths))


def unpad_sequence(
    padded: TensorLike, lengths: TensorLike, *, batch_first: bool = False
) -> list[Tensor]:
    """Return the sequences (T_n, *) that pad_sequence put together, whose lengths must be known.

    >>> F.unpad_sequence(tensor([[1.0, 3.0], [2.0, 0.0]]), [2, 1])
    [tensor([1., 2.]), tensor([3.])]
    """
    x = as_tensor(padded)
    counts = checked_lengths(lengths, x.shape[0 if batch_first else 1],
                             x.shape[1 if batch_first else 0], "unpad_sequence")  # fmt: skip
    return [
        x[n, :count] if batch_first else x[:count, n] for n, count in enumerate(counts.tolist())
    ]


def sequence_mask(lengths: TensorLike, *, max_length: int) -> Tensor:
    """Whether a step belongs to its sequence: y[..., t] = t < lengths[...], of max_length steps.

    (...) -> (..., max_length). Its opposite is the ``key_padding_mask`` of attention.

    >>> F.sequence_mask(tensor([1, 3]), max_length=3)
    tensor([[ True, False, False],
            [ True,  True,  True]])
    """
    return arange(max_length) < expand_dims(as_tensor(lengths), axis=-1)


def checked_lengths(lengths: TensorLike, count: int, longest: int, what: str) -> Tensor:
    """Return lengths as integers (N,), from 0 to the number of steps."""
    node = as_tensor(lengths)
    if not node.dtype.is_integer:
        raise DTypeError(what, required="lengths of an integer type", received=str(node.dtype))
    if node.shape != (count,):
        raise ShapeError(
            what, required=f"lengths of shape ({count},), one for each sequence",
            received=f"shape {node.shape}",
        )  # fmt: skip
    if not node.symbolic and node.size:
        low, high = int(node.value.min()), int(node.value.max())
        if low < 0 or high > longest:
            raise BoundsError(
                what, required=f"lengths from 0 to {longest}, the number of steps",
                received=f"length {low if low < 0 else high}",
            )  # fmt: skip
    return node


def over_time(
    step: Callable[[State, Tensor], State],
    state: State,
    xs: Tensor,
    *,
    valid: Tensor | None = None,
    cont: Tensor | None = None,
    reverse: bool = False,
) -> tuple[Tensor, State]:
    """Run ``state = step(state, x)`` over xs (T, N, ...); return all of state[0], and the end.

    Where ``valid`` (T, N) is false, the state stays and the output is 0: so the last state is that
    at the end of each sequence, and in reverse a sequence starts at its own end. Where ``cont``
    (T, N) is 0, the state is set to 0 before the step, since a new sequence starts there (Caffe);
    in reverse after it.
    """
    starts = None if cont is None else cont == 0
    if starts is not None and reverse:
        starts = concat([starts[1:], zeros_like(starts[:1])])

    def body(before: State, given: Any) -> tuple[State, Tensor]:
        x, going, starting = given
        held = before
        if starting is not None:
            held = tuple(where(expand_dims(starting, axis=-1), 0.0, part) for part in before)
        after = step(held, x)
        if going is not None:
            kept = expand_dims(going, axis=-1)
            after = tuple(where(kept, a, b) for a, b in zip(after, before, strict=True))
        return after, after[0]

    last, outputs = scan(body, state, (xs, valid, starts), reverse=reverse)
    return outputs if valid is None else where(expand_dims(valid, axis=-1), outputs, 0.0), last
