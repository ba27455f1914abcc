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
    detect_anomalies,
    grad_mode,
    topological_order,
)
from ..graph.apply import check_finite, results_of
from ..graph.location import describe
from ..graph.registry import call
from ..graph.trace import Scope

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
    trace = MODES.trace
    if trace is None:
        return _sweep(order, dict(seeds), active, keep, view)
    with trace.within("", "backward"):
        return _sweep(order, dict(seeds), active, keep, view)


def _sweep(
    order: Sequence[Tensor], adjoints: dict[int, Adjoint], active: Callable[[Tensor], bool],
    keep: Callable[[Tensor], bool], view: Callable[[Tensor], Any],
) -> dict[int, Adjoint]:  # fmt: skip
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
    if MODES.trace is not None:  # what follows is this node's work, backward
        MODES.trace.scope = Scope(node.scope.path if node.scope else "", "backward")
    if node.inputs_changed:
        raise GradientError(
            f"gradient of {op.name!r}", required="inputs that still have the value it saw",
            received="an input that was assigned to since", where=node.where,
            hint="run the forward pass again before backward",
        )  # fmt: skip
    seen = view(node)
    if isinstance(seen, Tensor) and seen.tuple_types is not None:
        seen = results_of(seen)
    inputs = [view(i) for i in node.inputs]
    try:
        if not MODES.anomalies:
            return op.pullback(adjoint, seen, inputs, node.attributes, needed)
        with detect_anomalies(False):  # what counts is the gradient, not the steps to it
            gradients = op.pullback(adjoint, seen, inputs, node.attributes, needed)
    except ChainruleError as error:
        if error.where is None:
            error.where = node.where
        raise
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
    cast: Tensor = call("astype", seed, output.dtype)
    return cast


def backward(output: Tensor, gradient: TensorLike = None, *, create_graph: bool = False) -> None:
    """Add dL/d(leaf) to ``.grad`` of every leaf that the output depends on."""
    if not output.requires_grad:
        raise _no_gradient(output)
    order = topological_order([output], follow=wants_gradient)
    with grad_mode(create_graph):
        adjoints = sweep(
            order, {id(output): seed_of(output, gradient)}, wants_gradient,
            keep=lambda node: node.retains_grad,
        )  # fmt: skip
        for node in order:
            found = adjoints.get(id(node))
            if found is not None and (node.op is None or node.retains_grad):
                if MODES.trace is not None:
                    MODES.trace.receive_gradient(node)
                node.grad = _own(found) if node.grad is None else node.grad + found


def _no_gradient(output: Tensor) -> GradientError:
    hint = "make one with tensor(..., requires_grad=True); no_grad() switches recording off"
    if output.cut_by is not None:
        op, location = output.cut_by
        line = describe(location)
        hint = f"the gradient stops at {op.name!r}" + (f", {line}" if line else "")
    shown = output.has_value and output.data.size <= 8
    return GradientError(
        "backward", required="an output that depends on a tensor with requires_grad=True",
        received=repr(output) if shown else f"a constant {output.type}",
        hint=hint, where=output.where,
    )  # fmt: skip


def _own(gradient: Tensor) -> Tensor:
    """Return a handle of its own: two leaves may have got one and the same node as gradient."""
    if gradient.symbolic or gradient.requires_grad:
        return gradient
    return constant(gradient.data, gradient.dtype)


def graph_backward(
    order: Sequence[Tensor],
    outputs: Sequence[Tensor],
    gradients: Sequence[TensorLike] | None,
) -> None:
    """Give every node of a graph that has run forward its gradient."""
    check_gradient_arrives(order, outputs)
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


def check_gradient_arrives(order: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
    """Raise GradientError, which names the operation, if no output has a gradient to give."""
    if any(output.requires_grad for output in outputs):
        return
    for node in order:
        if node.op is not None and any(i.requires_grad for i in node.inputs):
            node.cut_by = (node.op, node.location)
            raise _no_gradient(node)
    raise _no_gradient(outputs[0])


def _frozen(node: Tensor) -> Any:
    """Return a node's present value as constants, which is what the rules see."""
    if node.tuple_types is not None:
        parts: Iterable[Array] = node._data or ()
        kinds = [kind.dtype for kind in node.tuple_types]
        return tuple(constant(part, kind) for part, kind in zip(parts, kinds, strict=True))
    frozen = constant(node.data, node.dtype)
    frozen.name, frozen.location = node.label, node.location
    return frozen


class Pullback:
    """The map from dL/d(outputs) to dL/d(wanted), for a graph that was traced once.

    Gradients stop at the wanted nodes; one that the outputs do not depend on gets zeros. ``own``
    are further leaves that only the caller can ask for derivatives with respect to.
    """

    def __init__(
        self, outputs: Sequence[Tensor], wanted: Sequence[Tensor], own: Sequence[Tensor] = ()
    ) -> None:
        self.outputs, self.wanted = outputs, wanted
        self._targets = {id(w) for w in wanted}
        order = topological_order(
            outputs, follow=lambda node: node.requires_grad or id(node) in self._targets
        )
        self._reaches = _depends_on(order, self._targets)
        self._order = [n for n in order if id(n) in self._reaches and id(n) not in self._targets]
        self.has_other_roots = _any_other_root(order, [*wanted, *own])

    def __call__(
        self, seeds: Sequence[Tensor], *, create_graph: bool | None = None
    ) -> list[Tensor]:
        """Return dL/d(w) for each wanted node, given dL/d(y) for each output.

        ``create_graph=None`` records the sweep just if something that requires gradients, other
        than the wanted nodes themselves, could ask for its derivative.
        """
        if create_graph is None:
            linked = self.has_other_roots or any(s.requires_grad for s in seeds)
            create_graph = MODES.grad and linked
        start: dict[int, Adjoint] = {}
        for output, seed in zip(self.outputs, seeds, strict=True):
            if id(output) in self._reaches:
                start[id(output)] = start[id(output)] + seed if id(output) in start else seed
        with grad_mode(create_graph):
            adjoints = sweep(
                self._order, start,
                active=lambda node: id(node) in self._reaches,
                keep=lambda node: id(node) in self._targets,
            )  # fmt: skip
        return [adjoints[id(w)] if id(w) in adjoints else zeros_like(w) for w in self.wanted]


def has_other_roots(outputs: Sequence[Tensor], own: Sequence[Tensor]) -> bool:
    """Whether the outputs depend on leaves that require gradients, other than through ``own``."""
    mine = {id(node) for node in own}
    follow = topological_order(outputs, lambda n: n.requires_grad and id(n) not in mine)
    return _any_other_root([*follow, *own], own)


def _any_other_root(order: Sequence[Tensor], own: Sequence[Tensor]) -> bool:
    mine = {id(node) for node in own}
    inside = [n for n in order if n.op is None and n.requires_grad and id(n) not in mine]
    aliases = [node for node in own if node.op is not None]  # they are linked to nodes further up
    return bool(inside or aliases)


def _depends_on(order: Sequence[Tensor], targets: set[int]) -> set[int]:
    reaches: set[int] = set(targets)
    for node in order:
        if node.requires_grad and any([id(i) in reaches for i in node.inputs]):
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
