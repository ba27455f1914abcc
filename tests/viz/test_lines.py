"""Breaking columns into lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chainrule.viz.lines import Column, break_lines, set_page

columns = st.lists(
    st.builds(
        Column, gap=st.floats(0.0, 30.0), width=st.floats(1.0, 150.0), top=st.floats(-50.0, 0.0),
        bottom=st.floats(0.0, 50.0), before=st.lists(st.integers(0, 50), unique=True, max_size=3),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


def width_of(line: list[Column]) -> float:
    return sum(c.width for c in line) + sum(c.gap for c in line[1:])


def fewest_lines(found: list[Column], limit: float) -> int:
    """Filling each line as far as it goes needs the fewest lines."""
    lines: list[list[Column]] = [[]]
    for column in found:
        if lines[-1] and width_of([*lines[-1], column]) > limit:
            lines.append([])
        lines[-1].append(column)
    return len(lines)


@given(columns, st.floats(100.0, 800.0))
def test_lines_are_as_few_as_can_be_and_not_too_wide(found: list[Column], limit: float) -> None:
    starts = break_lines(found, limit)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    lines = [found[a:b] for a, b in zip(starts, [*starts[1:], len(found)], strict=True)]
    assert all(width_of(line) <= limit + 1e-6 or len(line) == 1 for line in lines)
    assert len(lines) == fewest_lines(found, limit)


@given(columns, st.floats(100.0, 800.0))
def test_lines_stand_below_each_other(found: list[Column], limit: float) -> None:
    page = set_page(found, limit, margin=10.0)
    bottom = 0.0
    for k, column in enumerate(found):
        if k == 0 or page.left[k] < page.left[k - 1]:  # a line starts
            lowest = bottom
        assert page.down[k] + column.top >= lowest
        bottom = max(bottom, page.down[k] + column.bottom)
        assert page.left[k] >= 10.0 - 1e-6
        assert page.left[k] + column.width <= page.width
    assert bottom <= page.height


def test_a_line_ends_where_few_edges_cross() -> None:
    many, one = [1, 2, 3], [4]
    wide = [Column(10.0, 90.0, 0.0, 1.0, before) for before in ([], many, one, many, many)]
    assert break_lines(wide, limit=330.0) == [0, 2]
