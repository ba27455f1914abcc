"""Trees: tuples, lists and dicts of leaves, so that a function may take and return structures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ArgumentError

Tree = Any  # a leaf, or a tuple, list or dict of trees
Rebuild = Callable[[Sequence[Any]], Tree]


def flatten_tree(tree: Tree) -> tuple[list[Any], Rebuild]:
    """Return the leaves from left to right, and a function that puts others in their place.

    Everything that is no tuple, list or dict is a leaf.

    >>> leaves, rebuild = flatten_tree({"w": 1, "b": (2, [3])})
    >>> leaves, rebuild([10, 20, 30])
    ([1, 2, 3], {'w': 10, 'b': (20, [30])})
    """
    leaves: list[Any] = []
    _collect(tree, leaves)

    def rebuild(others: Sequence[Any]) -> Tree:
        if len(others) != len(leaves):
            raise ValueError(f"{len(leaves)} leaves are needed, not {len(others)}")
        return _rebuilt(tree, iter(others))

    return leaves, rebuild


def _collect(tree: Tree, leaves: list[Any]) -> None:
    if isinstance(tree, dict):
        for entry in tree.values():
            _collect(entry, leaves)
    elif isinstance(tree, tuple | list):
        for entry in tree:
            _collect(entry, leaves)
    else:
        leaves.append(tree)


def _rebuilt(tree: Tree, others: Any) -> Tree:
    if isinstance(tree, dict):
        return {key: _rebuilt(entry, others) for key, entry in tree.items()}
    if isinstance(tree, tuple | list):
        entries = [_rebuilt(entry, others) for entry in tree]
        return type(tree)(*entries) if hasattr(tree, "_fields") else type(tree)(entries)
    return next(others)


def flatten_like(tree: Tree, like: Tree, what: str) -> list[Any]:
    """Return the leaves of ``tree`` in the order of ``like``, of which it must have the structure.

    Raises ArgumentError that says ``what`` has another structure.

    >>> flatten_like({"b": 1, "w": 2}, {"w": 0, "b": 0}, "gradients")
    [2, 1]
    """
    leaves: list[Any] = []
    _collect_like(tree, like, what, leaves)
    return leaves


def _collect_like(tree: Tree, like: Tree, what: str, leaves: list[Any]) -> None:
    if isinstance(like, dict) and isinstance(tree, dict) and tree.keys() == like.keys():
        for key in like:
            _collect_like(tree[key], like[key], what, leaves)
    elif _is_sequence(like) and _is_sequence(tree) and len(tree) == len(like):
        for a, b in zip(tree, like, strict=True):
            _collect_like(a, b, what, leaves)
    elif isinstance(like, dict | tuple | list):
        raise ArgumentError(what, required=f"the structure {_sketch(like)}", received=_sketch(tree))
    else:
        leaves.append(tree)


def _is_sequence(tree: Tree) -> bool:
    return isinstance(tree, tuple | list)


def _sketch(tree: Tree) -> str:
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{k!r}: {_sketch(v)}" for k, v in tree.items()) + "}"
    if isinstance(tree, tuple | list):
        return "(" + ", ".join(map(_sketch, tree)) + ("," if len(tree) == 1 else "") + ")"
    return "*"
