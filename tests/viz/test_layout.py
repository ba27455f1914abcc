"""Layouts: nothing overlaps, edges run from left to right and through no foreign box."""

from __future__ import annotations

import sys
from itertools import combinations, pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.errors import MissingDependencyError
from chainrule.viz import Box, Layout, arrange

from .geometry import points_along, spaces_of

Edges = list[tuple[int, int]]
Graph = tuple[list[Box], Edges, set[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs whose nodes are numbered topologically, with boxes of all sizes."""
    count = draw(st.integers(1, 24))
    size = st.floats(5.0, 80.0)
    boxes = [
        Box(draw(size), draw(size), draw(st.sampled_from([0.0, 40.0])), draw(size), draw(size),
            draw(st.booleans()))
        for _ in range(count)
    ]  # fmt: skip
    edges = [
        (draw(st.integers(0, target - 1)), target)
        for target in range(1, count)
        for _ in range(draw(st.integers(0, 3)))
    ]
    return boxes, edges, draw(st.sets(st.integers(0, count - 1), max_size=3))


def check(boxes: list[Box], edges: Edges, layout: Layout) -> None:
    spaces = spaces_of(boxes, layout)
    for space, right in zip(spaces, layout.exits, strict=True):
        assert space.left >= 0
        assert space.right <= right + 0.01 <= layout.width
        assert space.top >= 0
        assert space.bottom <= layout.height
    assert not any(a.overlaps(b) for a, b in combinations(spaces, 2))
    for (source, target), route in zip(edges, layout.routes, strict=True):
        assert route[0] == pytest.approx((layout.exits[source], layout.centres[source][1]))
        x, y = layout.centres[target]
        assert route[-1][0] == pytest.approx(x - boxes[target].width / 2)
        assert abs(route[-1][1] - y) <= boxes[target].height / 2
        for point in points_along(route):
            assert 0 <= point[0] <= layout.width
            assert 0 <= point[1] <= layout.height
            assert not any(space.contains(point) for space in spaces)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_in_one_line_nothing_overlaps_and_edges_go_right(graph: Graph) -> None:
    boxes, edges, inputs = graph
    layout = arrange(boxes, edges, inputs)
    check(boxes, edges, layout)
    for source, target in edges:
        assert layout.exits[source] < layout.centres[target][0] - boxes[target].width / 2
    for route in layout.routes:
        assert all(a[0] <= b[0] for a, b in pairwise(route))


@settings(max_examples=150, deadline=None)
@given(graphs(), st.floats(50.0, 600.0))
def test_in_several_lines_nothing_overlaps(graph: Graph, width: float) -> None:
    boxes, edges, inputs = graph
    check(boxes, edges, arrange(boxes, edges, inputs, width=width))


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_edges_into_an_ordered_box_end_in_order(graph: Graph) -> None:
    boxes, edges, inputs = graph
    layout = arrange(boxes, edges, inputs)
    for node, box in enumerate(boxes):
        ends = [
            route[-1][1]
            for (_, target), route in zip(edges, layout.routes, strict=True)
            if target == node
        ]
        assert len(set(ends)) == len(ends)
        assert not box.in_order or ends == sorted(ends)


def test_a_chain_is_one_straight_line_from_left_to_right() -> None:
    boxes = [Box(30, 30, 20, 20, 20)] * 5
    layout = arrange(boxes, [(k, k + 1) for k in range(4)])
    xs, ys = zip(*layout.centres, strict=True)
    assert list(xs) == sorted(xs)
    assert len(set(ys)) == 1


def test_a_weight_does_not_bend_the_line_of_the_data() -> None:
    # x -> @ -> + -> relu, with a weight at @ and a bias at +
    edges = [(0, 2), (1, 2), (2, 4), (3, 4), (4, 5)]
    layout = arrange([Box(30, 30)] * 6, edges, inputs={0})
    heights = {layout.centres[node][1] for node in (2, 4, 5)}
    assert len(heights) == 1
    assert layout.centres[3][0] == layout.centres[2][0], "the bias stands just before its use"


def test_inputs_stand_at_the_left_rim_unless_that_is_far_away() -> None:
    # A chain from node 2 to node 11; node 0 is used early in it, node 1 at its end.
    edges = [*((k, k + 1) for k in range(2, 11)), (0, 4), (1, 11)]
    layout = arrange([Box(20, 20)] * 12, edges, inputs={0, 1, 2})
    near, far, first = (layout.centres[k][0] for k in (0, 1, 2))
    assert near == first
    assert far == layout.centres[10][0]


@pytest.mark.parametrize("count", [0, 1])
def test_no_node_and_a_single_one(count: int) -> None:
    layout = arrange([Box(30, 20)] * count, [])
    assert len(layout.centres) == count
    assert layout.routes == ()
    assert layout.width > 30 * count


def test_nodes_without_connections_stand_apart() -> None:
    boxes = [Box(30, 20)] * 7
    check(boxes, [], arrange(boxes, []))


@pytest.mark.parametrize("width", [inf, 1300.0])
def test_a_chain_of_two_thousand_nodes(width: float) -> None:
    boxes = [Box(40, 40, 50, 20, 20)] * 2000
    layout = arrange(boxes, [(k, k + 1) for k in range(1999)], width=width)
    lines = {y for _, y in layout.centres}
    assert len(lines) == (1 if width == inf else 2000 // 11 + 1)
    assert width == inf or layout.width < width + 100


def test_a_thousand_nodes_with_edges_across_several_layers() -> None:
    count = 1000
    edges = [(k, target) for k in range(count - 1) for target in {k + 1, min(k + 7, count - 1)}]
    boxes = [Box(40, 40, 50, 20, 20)] * count
    layout = arrange(boxes, edges, width=1300.0)
    spaces = sorted(spaces_of(boxes, layout), key=lambda space: (space.top, space.left))
    assert not any(a.overlaps(b) for a, b in pairwise(spaces))
    assert layout.width < 1500


def test_without_igraph_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    with pytest.raises(MissingDependencyError, match=r"igraph.*pip install 'chainrule\[draw\]'"):
        arrange([Box(10, 10)], [])
