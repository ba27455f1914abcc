"""Functions of functions: grad, value_and_grad, vjp, jvp, hessian.

Each calls the function on aliases of its arguments, which records a graph, and sweeps that graph.
The sweep is recorded too where somebody further up can ask for its derivative, so that these
functions nest: ``grad(grad(f))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..errors import ArgumentError, GradientError, ShapeError
from ..graph import MODES, Tensor, TensorLike, as_tensor, enable_grad
from ..graph.registry import call
from ..graph.trees import Rebuild, Tree, flatten_like, flatten_tree
from .reverse import Pullback, alias, has_other_roots, ones_like, seed_of, zeros_like

Function = Callable[..., Any]


def grad(f: Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False) -> Function:
    """Return the function that computes the gradient of f, a function with one number as result.

    grad(f)(x) = df/dx, of the shape of x. An argument may be a tuple, list or dict of tensors; the
    gradient has the same structure. For several ``argnums`` it is a tuple. With ``has_aux``, f
    returns (value, more), and so does the result: (gradient, more).
    Raises GradientError if f does not return one number, or an argument is not floating.

    >>> f = lambda x: (x ** 3).sum()
    >>> grad(f)(tensor([1.0, 2.0]))
    tensor([ 3., 12.])
    >>> grad(grad(grad(f)))(tensor(5.0))
    tensor(6.)
    """
    both = value_and_grad(f, argnums, has_aux=has_aux)

    @wraps(f, updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, result = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return gradient


def value_and_grad(
    f: Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False
) -> Function:
    """Return the function that computes (f(x), df/dx) with one forward and one backward sweep.

    Arguments and errors are those of ``grad``; with ``has_aux`` the value is a pair (value, more).

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(tensor(2.0), 5.0)
    (tensor(10.), (tensor(5.), tensor(2.)))
    """

    @wraps(f, updated=())
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        nodes, rebuild, args = _with_aliases(args, argnums)
        with enable_grad():
            result = f(*args, **kwargs)
        output = _one_number(result[0] if has_aux else result)
        pullback = Pullback([output], nodes)
        gradients = rebuild(pullback([seed_of(output, None)]))
        linked = pullback.has_other_roots
        if has_aux and not linked:
            linked = has_other_roots([x for x in flatten_tree(result)[0] if _is_node(x)], nodes)
        return _released(result, linked), gradients

    return differentiated


def vjp(f: Function, *args: Any) -> tuple[Any, Callable[..., tuple[Any, ...]]]:
    """Return f(*args) and its pullback u -> J^T u, the vector-Jacobian product.

    The pullback takes the gradient of f's result (it may be left out for one number) and returns a
    tuple with a gradient for each argument; None stands for what is not floating. Results and
    arguments may be structures of tensors. It may be called many times.

    >>> y, pullback = vjp(lambda x: x ** 2, tensor([1.0, 3.0]))
    >>> y, pullback([1.0, 1.0])
    (tensor([1., 9.]), (tensor([2., 6.]),))
    """
    given, rebuild = flatten_tree(args)
    nodes = _floating_aliases(given)
    with enable_grad():
        result = f(*rebuild(_filled(given, nodes)))
    outputs, rebuild_result = _outputs(result)
    floating = [y for y in outputs if y.dtype.is_floating]
    sweep = Pullback(floating, [n for n in nodes if n is not None])

    def pullback(cotangents: Tree = None) -> tuple[Any, ...]:
        """Return J^T u for each argument."""
        listed = flatten_like(cotangents, result, "pullback")
        seeds = [seed_of(y, u) for y, u in zip(outputs, listed, strict=True) if y.dtype.is_floating]
        gradients: tuple[Any, ...] = rebuild(_spread(sweep(seeds), nodes))
        return gradients

    return rebuild_result(_released(outputs, sweep.has_other_roots)), pullback


def jvp(f: Function, args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Return f(*args) and J v, the derivative of f along the tangents v.

    The pullback u -> J^T u is linear in u; J v is the pullback of this map ("transposing twice").
    Tangents have the structure and shapes of the arguments, None where these are not floating.
    Raises ShapeError for a tangent of another shape.

    >>> jvp(lambda x, y: x * y, (tensor(2.0), tensor(5.0)), (1.0, 10.0))
    (tensor(10.), tensor(25.))
    """
    given, rebuild = flatten_tree(tuple(args))
    nodes = _floating_aliases(given)
    with enable_grad():
        result = f(*rebuild(_filled(given, nodes)))
    outputs, rebuild_result = _outputs(result)
    directions = [
        _tangent(v, node)
        for v, node in zip(flatten_like(tuple(tangents), tuple(args), "jvp"), nodes, strict=True)
        if node is not None
    ]
    floating = [y if y.dtype.is_floating else None for y in outputs]
    inputs = [n for n in nodes if n is not None]
    pushforward = Pushforward([y for y in floating if y is not None], inputs)
    moved = _spread(pushforward(directions), floating)
    value = _released(outputs, pushforward.pullback.has_other_roots)
    return rebuild_result(value), rebuild_result(moved)


class Pushforward:
    """The map v -> J v for a graph that was traced once: the transpose of its pullback."""

    def __init__(self, outputs: Sequence[Tensor], inputs: Sequence[Tensor]) -> None:
        self.pullback = Pullback(outputs, inputs)
        self._cotangents = [ones_like(y).requires_grad_() for y in outputs]
        gradients = self.pullback(self._cotangents, create_graph=True)
        self._transposed = Pullback(gradients, self._cotangents, own=inputs)

    def __call__(
        self, tangents: Sequence[Tensor], *, create_graph: bool | None = None
    ) -> list[Tensor]:
        """Return J v for each output."""
        return self._transposed(tangents, create_graph=create_graph)


def hessian(f: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """Return the function that computes the second derivatives of f, whose result is one number.

    hessian(f)(x)[i, j] = d^2 f / dx[i] dx[j], of shape (*x.shape, *x.shape); one backward sweep for
    each element of x. For several ``argnums`` it is a tuple of tuples of blocks. Where only
    products are needed, ``jvp(grad(f), (x,), (v,))[1]`` is H v; ``jacobian(grad(f), x)`` finds and
    stores the structure of H. Raises GradientError as ``grad``.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(tensor([3.0, 5.0]))
    tensor([[10.,  6.],
            [ 6.,  0.]])
    """

    @wraps(f, updated=())
    def second_derivatives(*args: Any, **kwargs: Any) -> Any:
        listed = argnums if isinstance(argnums, tuple) else (argnums,)
        nodes, _, args = _with_aliases(args, listed)
        if not all(_is_node(args[k]) for k in listed):
            raise ArgumentError(
                "hessian", required="arguments that are tensors", received="a structure of them",
                hint="take each tensor as an argument of its own",
            )  # fmt: skip
        with enable_grad():
            gradients = value_and_grad(f, listed)(*args, **kwargs)[1]
        blocks = tuple(_rows(g, nodes) for g in gradients)
        return blocks if isinstance(argnums, tuple) else blocks[0][0]

    return second_derivatives


def _rows(gradient: Tensor, nodes: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the derivative of a gradient with respect to each node, a row at a time."""
    pullback = Pullback([gradient], nodes)
    rows: list[list[Tensor]] = []
    for place in np.ndindex(*gradient.shape):
        unit = np.zeros(gradient.shape, gradient.dtype.compute)
        unit[place] = 1
        rows.append(pullback([as_tensor(unit, gradient.dtype)]))
    blocks = []
    for k, node in enumerate(nodes):
        shape = (*gradient.shape, *node.shape)
        flat = call("stack", [row[k] for row in rows]) if rows else zeros_like(gradient)
        blocks.append(call("reshape", flat, shape))
    return tuple(blocks)


# --- arguments and results -------------------------------------------------------------------


def _with_aliases(
    args: tuple[Any, ...], argnums: int | tuple[int, ...]
) -> tuple[list[Tensor], Rebuild, tuple[Any, ...]]:
    """Return aliases of the chosen arguments, how gradients are put together, and all arguments."""
    listed = argnums if isinstance(argnums, tuple) else (argnums,)
    for k in listed:
        if not -len(args) <= k < len(args):
            raise ArgumentError(
                "grad", required=f"argnums among the {len(args)} positional arguments",
                received=f"argnums={argnums}",
            )  # fmt: skip
    chosen = tuple(args[k] for k in listed)
    leaves, rebuild = flatten_tree(chosen if isinstance(argnums, tuple) else chosen[0])
    nodes = [alias(leaf) for leaf in leaves]
    replaced = rebuild(nodes)
    full = list(args)
    for k, argument in zip(listed, replaced if isinstance(argnums, tuple) else [replaced],
                           strict=True):  # fmt: skip
        full[k] = argument
    return nodes, rebuild, tuple(full)


def _floating_aliases(leaves: Sequence[Any]) -> list[Tensor | None]:
    """Return an alias of each floating leaf, None for all others."""
    return [alias(leaf) if _is_floating(leaf) else None for leaf in leaves]


def _is_floating(leaf: Any) -> bool:
    numeric = isinstance(leaf, Tensor | np.ndarray | np.generic | float)
    return numeric and as_tensor(leaf).dtype.is_floating


def _filled(leaves: Sequence[Any], nodes: Sequence[Tensor | None]) -> list[Any]:
    return [leaf if node is None else node for leaf, node in zip(leaves, nodes, strict=True)]


def _spread(results: Sequence[Tensor], places: Sequence[Tensor | None]) -> list[Tensor | None]:
    """Put results where a node stands, None elsewhere."""
    remaining = iter(results)
    return [None if place is None else next(remaining) for place in places]


def _outputs(result: Tree) -> tuple[list[Tensor], Rebuild]:
    leaves, rebuild = flatten_tree(result)
    return [as_tensor(leaf) for leaf in leaves], rebuild


def _one_number(result: Any) -> Tensor:
    if not isinstance(result, Tensor) or not result.dtype.is_floating or result.size != 1:
        raise GradientError(
            "grad", required="a function that returns one floating number as a tensor",
            received=f"{result.type}" if isinstance(result, Tensor) else type(result).__name__,
            hint="reduce it with .sum() or .mean(); vjp and jacobian take any result, and "
            "has_aux=True a pair (number, more)",
        )  # fmt: skip
    return result


def _released(result: Tree, linked: bool) -> Tree:
    """Cut the results off from the graph if nobody further up can ask for their derivative."""
    if MODES.grad and linked:
        return result
    leaves, rebuild = flatten_tree(result)
    return rebuild([leaf.detach() if _is_node(leaf) else leaf for leaf in leaves])


def _is_node(leaf: Any) -> bool:
    return isinstance(leaf, Tensor)


def _tangent(value: TensorLike, node: Tensor) -> Tensor:
    given = as_tensor(value, None if isinstance(value, Tensor) else node.dtype)
    if given.shape != node.shape:
        raise ShapeError(
            "jvp", required=f"a tangent of the argument's shape {node.shape}",
            received=f"shape {given.shape}",
        )  # fmt: skip
    cast: Tensor = call("astype", given, node.dtype)
    return cast
