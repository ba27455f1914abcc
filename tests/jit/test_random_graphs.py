"""Random graphs: compiled equals eager, results and gradients, to tolerances stated by type."""

from __future__ import annotations

from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st
from tests.jit.helpers import TOLERANCES, assert_same, with_gradients
from tests.jit.random_graphs import Graph, build, build_chain

import chainrule as cr


def check(graph: Graph) -> None:
    """Compare results and all gradients; errors grow with the number of operations."""
    note(repr(graph))
    inputs = list(graph.arguments.values())
    both = with_gradients(graph.function(), [k for k, t in enumerate(inputs) if t.requires_grad])
    bound = max([TOLERANCES.get(kind, 0.0) for kind in graph.types])
    assert_same(cr.compile(both)(*inputs), both(*inputs), (bound or 2e-5) * (5 + len(graph.lines)))


@settings(max_examples=100)
@given(random=st.randoms(use_true_random=False), steps=st.integers(1, 12))
def test_small_graphs(random: Random, steps: int) -> None:
    check(build(random, steps))


@settings(max_examples=3)
@given(random=st.randoms(use_true_random=True))
def test_long_chains(random: Random) -> None:
    check(build_chain(random, 250))
