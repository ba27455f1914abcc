"""Trees of leaves: taken apart and put together again."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule import errors
from chainrule.graph.trees import flatten_like, flatten_tree


class Point(NamedTuple):
    x: int
    y: int


TREES = st.recursive(
    st.integers() | st.none() | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(TREES)
def test_a_tree_is_rebuilt_from_its_leaves(tree):
    leaves, rebuild = flatten_tree(tree)
    assert rebuild(leaves) == tree
    assert flatten_like(tree, tree, "tree") == leaves
    numbered = rebuild(range(len(leaves)))
    assert flatten_tree(numbered)[0] == list(range(len(leaves)))


def test_named_tuples_keep_their_type():
    leaves, rebuild = flatten_tree({"p": Point(1, 2)})
    assert leaves == [1, 2]
    assert rebuild([3, 4]) == {"p": Point(3, 4)}
    assert isinstance(rebuild([3, 4])["p"], Point)


def test_dicts_are_matched_by_key():
    assert flatten_like({"b": 1, "a": 2}, {"a": 0, "b": 0}, "tree") == [2, 1]


@pytest.mark.parametrize(
    ("tree", "like", "text"),
    [
        ((1, 2), (1, 2, 3), r"the structure \(\*, \*, \*\); received \(\*, \*\)"),
        ({"a": 1}, {"b": 1}, r"the structure \{'b': \*\}; received \{'a': \*\}"),
        (1, [1], r"the structure \(\*,\); received \*"),
    ],
)
def test_another_structure_is_an_error(tree, like, text):
    with pytest.raises(errors.ArgumentError, match=f"tangents: requires {text}"):
        flatten_like(tree, like, "tangents")


def test_what_stands_for_a_leaf_may_be_anything():
    assert flatten_like(((1, 2), None), ("leaf", "leaf"), "tree") == [(1, 2), None]


def test_rebuilding_takes_as_many_leaves_as_there_were():
    with pytest.raises(ValueError, match="2 leaves are needed, not 1"):
        flatten_tree((1, 2))[1]([5])
