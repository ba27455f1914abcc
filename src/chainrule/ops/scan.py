"""Scan: a loop in time as one node of the graph, differentiable to any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..dtypes import Array
from ..errors import ArgumentError, DTypeError, ShapeError
from ..graph import MODES, Operation, Tensor, TensorType, apply, as_tensor
from ..graph.operation import Attributes, Types, Values
from ..graph.trees import Tree, flatten_like, flatten_tree
from .creation import zeros
from .rules import is_number
from .step import Step, Wanted, captured_by, placeholder


class Scan(Operation):
    """The loop: inputs are carry, xs and captured tensors; results are carry, ys and sums."""

    name = "scan"

    def infer(self, types: Sequence[Any], attributes: Attributes) -> Types:
        """Return the types that the step was traced with; stacked ones get an axis in front."""
        step, length = attributes["step"], attributes["length"]
        ys = tuple(TensorType(y.dtype, (length, *y.shape)) for y in step.ys)
        return (*[c.type for c in step.carry], *ys, *[s.type for s in step.sums])

    def compute(self, arrays: Sequence[Array], attributes: Attributes) -> Values:
        """Run the step again and again."""
        step: Step = attributes["step"]
        return step.run(arrays, attributes["length"], attributes["reverse"])

    def pullback(
        self,
        g: Any,
        y: Any,
        inputs: Sequence[Tensor],
        attributes: Attributes,
        needed: Sequence[bool],
    ) -> Sequence[Tensor | None]:
        """Run the gradient's step the other way, each time from the saved carry."""
        step: Step = attributes["step"]
        n, m = len(step.carry), len(step.carry) + len(step.xs)
        k = n + len(step.ys)
        wants = [need and x.dtype.is_floating for need, x in zip(needed, inputs, strict=True)]
        has = [part is not None for part in g]
        wanted = Wanted(tuple(has[n:k]), tuple(has[k:]), tuple(wants[n:m]), tuple(wants[m:]))
        gradient = step.gradient(wanted)
        present = [part for part in g[n:] if part is not None]
        above = present[: sum(wanted.ys)]
        stacked = [*inputs[n:m], *y[k - step.saved : k], *above]
        shared = [*inputs[m:], *present[len(above) :]]
        carried = [c.dtype.is_floating for c in step.carry]
        ends = [
            zeros(c.shape, dtype=c.dtype) if end is None else end
            for c, end, flows in zip(step.carry, g[:n], carried, strict=True)
            if flows
        ]
        carry, xs, captured = run_loop(
            gradient.step, ends, [stacked[j] for j in gradient.xs],
            [*[shared[j] for j in gradient.captured], *gradient.constants],
            attributes["length"], not attributes["reverse"],
        )  # fmt: skip
        results = iter([*carry, *xs, *captured])
        return [next(results) if want else None for want in (*carried, *wants[n:])]


SCAN = Scan()


def run_loop(
    step: Step,
    carry: Sequence[Tensor],
    xs: Sequence[Tensor],
    captured: Sequence[Tensor],
    length: int,
    reverse: bool,
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Make the node of a loop, one that saves its carries if a gradient may be asked for."""
    inputs = (*carry, *xs, *captured)
    if MODES.grad and any([t.requires_grad for t in inputs]):
        step = step.saving
    if not step.outputs:
        return [], [], []
    results = apply(SCAN, inputs, {"step": step, "length": length, "reverse": reverse})
    n, k = len(carry), len(carry) + len(step.ys)
    return list(results[:n]), list(results[n : k - step.saved]), list(results[k:])


def scan(
    body: Callable[[Any, Any], tuple[Any, Any]],
    initial: Tree,
    xs: Tree = None,
    *,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Tree, Tree]:
    """Run a loop in time: ``carry, y = body(carry, x)`` for each x along the first axis of xs.

    Returns the last carry and the ys, stacked along a new first axis. ``initial``, xs and y are
    tensors, tuples, lists or dicts of them, or None; without xs, ``length`` says how often.
    ``reverse`` goes through xs (and ys) from the end. Tensors that the body takes from around it
    get gradients too.

    The body is called just once, on symbolic tensors, to trace its graph: it must not look at
    values, and what it draws at random is the same in every step (draw before, and pass it in xs).
    The loop is ONE node; the backward sweep is a loop in the other direction, which computes each
    step again from its carry: memory is one carry (and y) for each step. Compiled, what a step
    stores besides is kept too, and not computed again.

    Raises ArgumentError, ShapeError or DTypeError, which name the leaf, if lengths differ or if the
    carry does not keep its structure, shapes and types. The form is that of JAX's ``lax.scan``.

    >>> scan(lambda total, x: (total + x, total * x), tensor(0.0), tensor([1.0, 2.0, 3.0]))
    (tensor(6.), tensor([0., 2., 9.]))
    """
    carry, rebuild_carry = _leaves(initial, "initial")
    slices, rebuild_x = _leaves(xs, "xs")
    steps = _length(slices, length)
    begin = [_traced(f"carry{path}", c.type) for path, c in carry]
    one = [_traced(f"x{path}", TensorType(x.dtype, x.shape[1:])) for path, x in slices]
    result = body(rebuild_carry(begin), rebuild_x(one))
    if not isinstance(result, tuple) or len(result) != 2:
        raise ArgumentError(
            "scan", required="a body that returns two things, (carry, y)",
            received=f"{type(result).__name__}",
        )  # fmt: skip
    end = _checked_carry(result[0], rebuild_carry(begin), begin)
    ys, rebuild_y = _leaves(result[1], "y")
    y_nodes = [y for _, y in ys]
    captured = captured_by([*end, *y_nodes], [*begin, *one])
    step = Step(tuple(begin), tuple(one), tuple(captured), tuple(end), tuple(y_nodes))
    last, stacked, _ = run_loop(
        step, [c for _, c in carry], [x for _, x in slices], captured, steps, reverse
    )
    return rebuild_carry(last), rebuild_y(stacked)


# --- trees of tensors, in which None stands for nothing --------------------------------------


def _leaves(tree: Tree, name: str) -> tuple[list[tuple[str, Tensor]], Callable[..., Tree]]:
    """Return the tensors of a tree with their paths, and what puts others in their places."""
    everything, rebuild_all = flatten_tree(tree)
    there = [leaf is not None for leaf in everything]
    leaves = [(path, as_tensor(leaf)) for path, leaf in _paths(tree, "") if leaf is not None]
    for path, leaf in leaves:
        if leaf._shape is None:
            raise ShapeError(
                f"scan, {name}{path}", required="a known shape", received=repr(leaf),
                hint="give the inputs shapes, cr.input(name, shape=...), and user-written ops "
                "a result_type",
            )  # fmt: skip

    def rebuild(others: Sequence[Tensor]) -> Tree:
        rest = iter(others)
        return rebuild_all([next(rest) if is_there else None for is_there in there])

    return leaves, rebuild


def _paths(tree: Tree, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict):
        for key, entry in tree.items():
            yield from _paths(entry, f"{path}[{key!r}]")
    elif isinstance(tree, tuple | list):
        for k, entry in enumerate(tree):
            yield from _paths(entry, f"{path}[{k}]")
    else:
        yield path, tree


def _traced(name: str, kind: TensorType) -> Tensor:
    return placeholder(name, kind, requires_grad=MODES.grad)


def _length(slices: Sequence[tuple[str, Tensor]], length: int | None) -> int:
    lengths = {} if length is None else {"length": length}
    for path, x in slices:
        if x.ndim == 0:
            raise ShapeError(
                f"scan, xs{path}", required="an axis to run along", received="shape ()",
                hint="a tensor that is the same in every step needs no passing: use it in the body",
            )  # fmt: skip
        lengths[f"xs{path}"] = x.shape[0]
    if len(set(lengths.values())) != 1 or min(lengths.values()) < 0:
        raise ShapeError(
            "scan", required="one number of steps: length=, or the first axis of all xs",
            received=", ".join(f"{n} for {name}" for name, n in lengths.items()) or "neither",
        )  # fmt: skip
    return next(iter(lengths.values()))


def _checked_carry(tree: Tree, like: Tree, begin: Sequence[Tensor]) -> list[Tensor]:
    """Return the leaves of the next carry, which must be of the types of the carry."""
    given = flatten_like(tree, like, "scan, the carry that body returns")
    before = flatten_like(like, like, "scan")
    end = []
    for leaf, node in zip(given, before, strict=True):
        if (leaf is None) != (node is None):
            raise ArgumentError(
                "scan, the carry that body returns", required=f"None where it was None: {node!r}",
                received=repr(leaf),
            )  # fmt: skip
        if node is not None:
            end.append(_same_type(leaf, node))
    return end


def _same_type(leaf: Any, node: Tensor) -> Tensor:
    after = as_tensor(leaf, node.dtype) if is_number(leaf) else as_tensor(leaf)
    if after.type != node.type:
        kind: Any = DTypeError if after.dtype is not node.dtype else ShapeError
        raise kind(
            f"scan, {node.name}", required=f"a carry that keeps its type {node.type}",
            received=f"{after.type} after one step",
            hint="give the initial value that type and shape, or cast in the body",
        )  # fmt: skip
    return after
