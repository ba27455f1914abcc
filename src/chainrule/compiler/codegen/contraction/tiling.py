"""The register tile: how many rows and vectors of the result are kept in registers at once."""

from __future__ import annotations

from collections.abc import Sequence

_LATENCY = 4.25  # cycles until a multiply-add is done and the next may start; two start in each
_WIDER = 0.98  # of the time, at most: wider panels are fewer, for threads to share
_LOAD = 0.65  # cycles: two may start in each, but some wait for the cache


def choose_tile(
    rows: Sequence[int], vectors: int, registers: int, spread: bool
) -> tuple[int, list[int]]:
    """Return the vectors of a tile, and its rows along the last one or two of the row loops.

    ``spread``: a differs from lane to lane too, so that nothing of it serves several vectors.
    """
    best = float("inf")
    found: tuple[int, list[int]] = (1, [])
    for nv in range(1, min(max(vectors, 1), 8) + 1):
        whole, rest = divmod(max(vectors, 1), nv)
        times = [
            (whole * _time(rows, sizes, nv, spread) + _time(rows, sizes, rest, spread), sizes)
            for sizes in _tiles(rows, _most_rows(nv, registers, spread))
        ]
        time, sizes = min(times, key=lambda each: each[0], default=(best, []))
        if time < _WIDER * best:
            best, found = time, (nv, sizes)
    return found


def _most_rows(nv: int, registers: int, spread: bool) -> int:
    """Return the rows whose sums fit into registers beside what is multiplied.

    That is one row of a and all vectors of b, or all rows of a and one vector of b.
    """
    most = (registers - 1 - nv) // nv
    return most if spread else max(most, min(nv - 1, (registers - 1) // (nv + 1)))


def _tiles(rows: Sequence[int], most: int) -> list[list[int]]:
    """List the tiles of at most so many rows; two loops only if the last one fits whole."""
    if not rows:
        return [[]]
    last = rows[-1]
    tiles = [[r] for r in range(min(most, max(last, 1)), 0, -1)]
    if len(rows) > 1 and 0 < last <= most // 2:
        before = range(2, most // last + 1)
        tiles = [[r, last] for r in before if rows[-2] % r == 0] + tiles
    return tiles


def _time(rows: Sequence[int], sizes: list[int], nv: int, spread: bool) -> float:
    """Estimate the cycles that all tiles of a panel take for one index of k."""
    if nv == 0:
        return 0.0
    if not rows:
        return _tile_time(1, nv, spread)
    if len(sizes) == 2:
        return rows[-2] / sizes[0] * _tile_time(sizes[0] * sizes[1], nv, spread)
    whole, rest = divmod(rows[-1], sizes[0])
    time = whole * _tile_time(sizes[0], nv, spread)
    if rest:
        time += _tile_time(rest, nv, spread)
    return time * (rows[-2] if len(rows) > 1 else 1)


def _tile_time(rows: int, nv: int, spread: bool) -> float:
    """Estimate the cycles of one tile for one index of k: multiply-adds, loads or their latency."""
    loads = nv + rows * (nv if spread else 1)
    return max(rows * nv / 2, loads * _LOAD, _LATENCY) + nv * 0.15 + 0.25
