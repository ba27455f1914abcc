"""Layouts with frames: frames hold what belongs to them, and no edge passes through another."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.viz import Box
from chainrule.viz.nested import Frame, Nested, arrange_nested

from .geometry import Rectangle, points_along, spaces_of

Case = tuple[list[Box], list[tuple[int, int]], set[int], list[Frame], list[int | None]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Graphs whose frames are intervals of the topological order, as calls of modules are."""
    count = draw(st.integers(1, 20))
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
    frames: list[Frame] = []
    of: list[int | None] = [None] * count
    spans: list[tuple[int, int, int | None]] = [(0, count, None)]
    while spans and len(frames) < 6:
        start, stop, outer = spans.pop(0)
        cuts = sorted({draw(st.integers(start, stop)) for _ in range(4)})
        for a, b in zip(cuts[::2], cuts[1::2], strict=False):
            frames.append(Frame(outer, draw(st.floats(0.0, 200.0))))
            of[a:b] = [len(frames) - 1] * (b - a)
            spans.append((a, b, len(frames) - 1))
    return boxes, edges, draw(st.sets(st.integers(0, count - 1), max_size=3)), frames, of


def check(case: Case, found: Nested) -> None:
    boxes, edges, _, frames, of = case
    spaces = spaces_of(boxes, found.layout)
    rims = [Rectangle(f.left, f.top, f.left + f.width, f.top + f.height) for f in found.frames]

    def around(frame: int | None) -> list[int]:
        return [] if frame is None else [frame, *around(frames[frame].outer)]

    for space, own in zip(spaces, map(around, of), strict=True):
        for k, rim in enumerate(rims):
            assert rim.holds(space) if k in own else not rim.overlaps(space)
    for (j, one), (k, other) in combinations(enumerate(rims), 2):
        assert one.holds(other) if j in around(k) else not one.overlaps(other)
    assert not any(a.overlaps(b) for a, b in combinations(spaces, 2))
    page = Rectangle(0.0, 0.0, found.layout.width, found.layout.height)
    assert all(page.holds(rectangle) for rectangle in (*spaces, *rims))
    for (source, target), route in zip(edges, found.layout.routes, strict=True):
        assert route[0] == pytest.approx(
            (found.layout.exits[source], found.layout.centres[source][1])
        )
        x, y = found.layout.centres[target]
        assert route[-1][0] == pytest.approx(x - boxes[target].width / 2)
        assert abs(route[-1][1] - y) <= boxes[target].height / 2 + 0.01
        met = {*around(of[source]), *around(of[target])}
        for point in points_along(route):
            assert not any(space.contains(point) for space in spaces)
            assert not any(rim.contains(point) for k, rim in enumerate(rims) if k not in met)


@settings(max_examples=100, deadline=None)
@given(cases(), st.sampled_from([float("inf"), 600.0, 250.0]))
def test_frames_hold_their_nodes_and_no_edge_passes_through_others(
    case: Case, width: float
) -> None:
    check(case, arrange_nested(*case, width=width))


def test_an_edge_runs_straight_through_the_rims_of_frames() -> None:
    frames = [Frame(None), Frame(0), Frame(None)]
    chain = [(k, k + 1) for k in range(4)]
    found = arrange_nested([Box(30, 30)] * 5, chain, {0}, frames, [None, 0, 1, 2, None])
    assert len({y for _, y in found.layout.centres}) == 1
    assert all(len({y for _, y in route}) == 1 for route in found.layout.routes)


def test_values_that_several_in_a_frame_use_enter_once() -> None:
    edges = [(0, 1), (0, 2), (1, 3), (2, 3)]
    found = arrange_nested([Box(30, 30)] * 4, edges, {0}, [Frame(None)], [None, 0, 0, None])
    rim = found.frames[0].left
    heights = {y for route in found.layout.routes[:2] for x, y in route if x == pytest.approx(rim)}
    assert len(heights) == 1


def test_a_frame_is_as_wide_as_its_title() -> None:
    found = arrange_nested([Box(30, 30)], [], (), [Frame(None, 300.0)], [0])
    assert found.frames[0].width > 300.0
    assert found.layout.width > 300.0
