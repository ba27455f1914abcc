"""Reverse mode: gradients flow from the outputs to the inputs by the chain rule.

Each node receives dL/d(node), the sum over all its users, and hands
dL/d(input) = dL/d(node) * d(node)/d(input) to each of its inputs. The rules are written with
tensors, so a sweep can itself be recorded and differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..errors import AnomalyError, ChainruleError, GradientError, ShapeError
from ..graph import (
    MODES,
    PICK,
    Tensor,
    TensorLike,
    as_tensor,
    constant,
    grad_mode,
    topological_order,
)
from ..graph.apply import check_finite
from ..graph.registry import call

Adjoint = Any  # a Tensor, or for an operation with several results a list of Tensors and Nones


def ones_like(node: Tensor) -> Tensor:
    """Return ones of a node's shape and type: the seed dL/dL = 1."""
    return constant_of(np.ones(node.shape, node.dtype.compute), node)


def zeros_like(node: Tensor) -> Tensor:
    """Return zeros of a node's shape and type."""
    return constant_of(np.zeros(node.shape, node.dtype.compute), node)


def constant_of(array: Array, like: Tensor) -> Tensor:
    """Return an array as a constant of another node's data type."""
    return as_tensor(array, like.dtype)


def wants_gradient(node: Tensor) -> bool:
    """Whether gradients flow into this node."""
    return node.requires_grad


def sweep(
    order: Sequence[Tensor],
    seeds: dict[int, Adjoint],
    active: Callable[[Tensor], bool],
    keep: Callable[[Tensor], bool],
    view: Callable[[Tensor], Any] = lambda node: node,
) -> dict[int, Adjoint]:
    """Run the chain rule over ``order`` in reverse; return the adjoints of nodes to ``keep``.

    Gradients enter only ``active`` nodes. ``view`` gives what the rules see in a node's place.
    """
    adjoints = dict(seeds)
    for node in reversed(order):
        adjoint = adjoints.get(id(node))
        if adjoint is None or node.op is None:
            continue
        if not keep(node):
            del adjoints[id(node)]
        if node.op is PICK:
            _pass_to_tuple(node, adjoint, adjoints)
            continue
        needed = [active(i) for i in node.inputs]
        if not any(needed):
            continue
        for i, gradient in zip(node.inputs, _pull(node, adjoint, needed, view), strict=True):
            if gradient is not None and active(i):
                before = adjoints.get(id(i))
                adjoints[id(i)] = gradient if before is None else before + gradient
    return adjoints


def _pass_to_tuple(node: Tensor, adjoint: Tensor, adjoints: dict[int, Adjoint]) -> None:
    whole = node.inputs[0]
    assert whole.tuple_types is not None
    parts = adjoints.setdefault(id(whole), [None] * len(whole.tuple_types))
    k = node.attributes["index"]
    parts[k] = adjoint if parts[k] is None else parts[k] + adjoint


def _pull(
    node: Tensor, adjoint: Adjoint, needed: Sequence[bool], view: Callable[[Tensor], Any]
) -> Sequence[Tensor | None]:
    op = node.op
    assert op is not None
    if node.inputs_changed:
        raise GradientError(
            f"gradient of {op.name!r}", required="inputs that still have the value it saw",
            received="an input that was assigned to since", where=node.where,
            hint="run the forward pass again before backward",
        )  # fmt: skip
    try:
        gradients = op.pullback(
            adjoint, view(node), [view(i) for i in node.inputs], node.attributes, needed
        )
    except ChainruleError as error:
        if error.where is None:
            error.where = node.where
        raise
    if MODES.anomalies:
        _check_gradients_finite(node, gradients)
    return gradients


def _check_gradients_finite(node: Tensor, gradients: Sequence[Tensor | None]) -> None:
    for k, gradient in enumerate(gradients):
        if gradient is not None and not gradient.symbolic:
            try:
                check_finite(f"gradient of input {k} of {node.label!r}", gradient.value)
            except AnomalyError as error:
                error.where = node.where
                raise


def seed_of(output: Tensor, gradient: TensorLike) -> Tensor:
    """Return dL/d(output) as a tensor: given, or 1 for an output of one element."""
    if gradient is None:
        if output.size != 1:
            raise GradientError(
                "backward", required="an output of one element, or its gradient",
                received=f"an output of shape {output.shape}",
                hint="reduce it with .sum() or .mean(), or pass the gradient dL/d(output)",
                where=output.where,
            )  # fmt: skip
        return ones_like(output)
    seed = as_tensor(gradient, None if isinstance(gradient, Tensor) else output.dtype)
    if seed.shape != output.shape:
        raise ShapeError(
            "backward", required=f"a gradient of the output's shape {output.shape}",
            received=f"shape {seed.shape}", where=output.where,
        )  # fmt: skip
    return seed


def backward(output: Tensor, gradient: TensorLike = None, *, create_graph: bool = False) -> None:
    """Add dL/d(leaf) to ``.grad`` of every leaf that the output depends on (see Tensor.backward)."""
    if not output.requires_grad:
        raise GradientError(
            "backward", required="an output that depends on a tensor with requires_grad=True",
            received=repr(output) if output.size <= 8 else f"a constant of shape {output.shape}",
            hint="an operation without derivative, detach() or no_grad() may stand in between",
            where=output.where,
        )  # fmt: skip
    order = topological_order([output], follow=wants_gradient)
    with grad_mode(create_graph):
        adjoints = sweep(
            order, {id(output): seed_of(output, gradient)}, wants_gradient,
            keep=lambda node: node.retains_grad,
        )  # fmt: skip
        for node in order:
            found = adjoints.get(id(node))
            if found is not None and (node.op is None or node.retains_grad):
                node.grad = found if node.grad is None else node.grad + found


def graph_backward(
    order: Sequence[Tensor],
    outputs: Sequence[Tensor],
    gradients: Sequence[TensorLike] | None,
) -> None:
    """Give every node of a graph that has run forward its gradient (ComputationalGraph.backward)."""
    views = {id(node): _frozen(node) for node in order}
    seeds: dict[int, Adjoint] = {}
    given = [None] * len(outputs) if gradients is None else list(gradients)
    if len(given) != len(outputs):
        raise GradientError(
            "backward", required=f"{len(outputs)} gradients, one for each output",
            received=str(len(given)),
        )  # fmt: skip
    for output, gradient in zip(outputs, given, strict=True):
        if not output.dtype.is_floating:
            continue
        seed = seed_of(views[id(output)], gradient)
        seeds[id(output)] = seeds[id(output)] + seed if id(output) in seeds else seed
    with grad_mode(False):
        adjoints = sweep(
            order, seeds, wants_gradient, keep=lambda node: True, view=lambda n: views[id(n)]
        )
    for node in order:
        found = adjoints.get(id(node))
        if isinstance(found, Tensor):
            node.grad = found
        elif node.requires_grad and node.tuple_types is None:
            node.grad = zeros_like(views[id(node)])


def _frozen(node: Tensor) -> Any:
    """Return a node's present value as constants, which is what the rules see."""
    if node.tuple_types is not None:
        parts: Iterable[Array] = node._data or ()
        return tuple(constant(part) for part in parts)
    frozen = constant(node.data, node.dtype)
    frozen.name, frozen.location = node.label, node.location
    return frozen


def gradients_of(
    outputs: Sequence[Tensor],
    seeds: Sequence[Tensor],
    wanted: Sequence[Tensor],
    *,
    create_graph: bool | None = None,
) -> list[Tensor]:
    """Return dL/d(w) for each wanted node; zeros where the outputs do not depend on it.

    ``create_graph=None`` records the sweep just if something that requires gradients, other than
    the wanted nodes themselves, could ask for its derivative.
    """
    targets = {id(w) for w in wanted}
    order = topological_order(
        outputs, follow=lambda node: node.requires_grad or id(node) in targets
    )
    if create_graph is None:
        create_graph = MODES.grad and _has_other_roots(order, wanted, seeds)
    start: dict[int, Adjoint] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        if output.requires_grad:
            start[id(output)] = start[id(output)] + seed if id(output) in start else seed
    reaches = _depends_on(order, targets)
    with grad_mode(create_graph):
        adjoints = sweep(
            [n for n in order if id(n) in reaches and id(n) not in targets], start,
            active=lambda node: id(node) in reaches, keep=lambda node: id(node) in targets,
        )  # fmt: skip
    return [adjoints[id(w)] if id(w) in adjoints else zeros_like(w) for w in wanted]


def _has_other_roots(
    order: Sequence[Tensor], wanted: Sequence[Tensor], seeds: Sequence[Tensor]
) -> bool:
    targets = {id(w) for w in wanted}
    inside = [n for n in order if n.op is None and n.requires_grad and id(n) not in targets]
    aliases = [w for w in wanted if w.op is not None]  # their inputs require gradients further up
    return bool(inside or aliases) or any(s.requires_grad for s in seeds)


def _depends_on(order: Sequence[Tensor], targets: set[int]) -> set[int]:
    reaches: set[int] = set(targets)
    for node in order:
        if any(id(i) in reaches for i in node.inputs):
            reaches.add(id(node))
    return reaches


def alias(value: TensorLike) -> Tensor:
    """Return a node of its own for an argument, so that a sweep can stop at it.

    If the argument has a history (or is a leaf that wants gradients), the alias is linked to it,
    and derivatives of derivatives flow through.
    """
    given = as_tensor(value)
    if not given.dtype.is_floating:
        raise GradientError(
            "gradient", required="an argument of a floating type", received=str(given.dtype),
            hint="give it as float, or choose the arguments with argnums=",
        )  # fmt: skip
    if given.symbolic or given.requires_grad:
        with grad_mode(True):
            node: Tensor = call("identity", given)
        node.requires_grad = True
        return node
    return Tensor(given.data, given.dtype, given.shape, requires_grad=True, name=given.name)
