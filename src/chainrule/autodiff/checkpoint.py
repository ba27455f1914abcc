"""Checkpoint: a part of the graph whose inner values are computed again in the backward sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..dtypes import Array
from ..graph import MODES, Operation, Tensor, apply, enable_grad
from ..graph.operation import Attributes, Types, Values
from ..graph.tape import taping
from ..graph.trees import flatten_tree
from .reverse import Pullback, alias


class Checkpoint(Operation):
    """Results that were computed already; their gradient computes them again from the sources.

    Inputs are the results, without history, and after them the tape's sources.
    """

    name = "checkpoint"

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types:
        """Return the types of the results."""
        return tuple(types[: attributes["count"]])

    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        """Return the results."""
        return tuple(arrays[: attributes["count"]])

    def pullback(
        self, g: Any, y: Any, inputs: Sequence[Tensor], attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:  # fmt: skip
        """Play the tape, and sweep the graph that this makes."""
        count = attributes["count"]
        reached = [k for k, part in enumerate(g) if part is not None]
        seeds = [g[k] for k in reached]
        given = list(zip(inputs, needed, strict=True))[count:]
        sources = [_again(x, need, seeds) for x, need in given]
        with enable_grad():
            results = attributes["tape"].play(sources)
        wanted = [x for x, (_, need) in zip(sources, given, strict=True) if need]
        gradients = iter(Pullback([results[k] for k in reached], wanted)(seeds))
        return [next(gradients) if need else None for need in needed]


CHECKPOINT = Checkpoint()


class After(Operation):
    """The first input, not before the others are there: where a program has to begin again."""

    name = "after"

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types:
        """Return the first input's type."""
        kind: Types = types[0]
        return kind

    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        """Return the first input."""
        return arrays[0]

    def pullback(
        self, g: Any, y: Any, inputs: Sequence[Tensor], attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:  # fmt: skip
        """Pass the gradient to the first input."""
        return [g, *[None] * (len(inputs) - 1)]


AFTER = After()


def _again(source: Tensor, needed: bool, seeds: Sequence[Tensor]) -> Tensor:
    """Return what stands for a source when the tape is played.

    While a program is recorded, that is another array than in the forward pass, or a compiler would
    find out that nothing new is computed; except for parameters, which are there anyway.
    """
    if MODES.trace is not None and (source.op is not None or not source.requires_grad):
        source = apply(AFTER, (source, *seeds), {})
    return alias(source) if needed else source


def checkpoint(function: Callable[..., Any], *args: Any) -> Any:
    """Return function(*args), whose inner values are not kept but computed again for the gradient.

    Between the forward and the backward sweep only the arguments and the results take memory (and
    what the function takes from around it: parameters). A net of n layers whose gradient keeps n
    values needs about 2 sqrt(n) in sqrt(n) checkpoints of sqrt(n) layers, for one more forward
    pass. The function runs once: what it draws at random is the same in both passes, and buffers
    are updated once. Arguments and results are tensors or structures of tensors; checkpoints nest,
    and have derivatives of any order.
    After Chen et al. (2016), "Training deep nets with sublinear memory cost".

    >>> w = tensor([3.0], requires_grad=True)
    >>> checkpoint(lambda x: exp(sin(x * w)), tensor([0.5])).sum().backward()
    >>> w.grad
    tensor([0.0959])
    """
    if not MODES.grad:
        return function(*args)
    with taping() as tape:
        result = function(*args)
    leaves, rebuild = flatten_tree(result)
    places = [
        k for k, leaf in enumerate(leaves)
        if isinstance(leaf, Tensor) and leaf.requires_grad and tape.made(leaf)
    ]  # fmt: skip
    if places:
        tape.finish([leaves[k] for k in places])
        values = [leaves[k].detach() for k in places]
        attributes = {"count": len(values), "tape": tape}
        results = apply(CHECKPOINT, (*values, *tape.sources), attributes)
        for k, node in zip(places, results, strict=True):
            leaves[k] = node
    return rebuild(leaves)
