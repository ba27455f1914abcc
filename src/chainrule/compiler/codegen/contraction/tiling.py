"""The register tile: how many rows and vectors of the result are kept in registers at once."""

from __future__ import annotations

from collections.abc import Sequence

_LATENCY = 5.0  # cycles until a multiply-add is done and the next may start; two start in each


def choose_tile(
    rows: Sequence[int], vectors: int, registers: int, spread: bool
) -> tuple[int, list[int]]:
    """Return the vectors of a tile, and its rows along the last one or two of the row loops.

    ``spread``: a differs from lane to lane too, so that nothing of it serves several vectors.
    """
    best: tuple[float, int, list[int]] = (float("inf"), 1, [])
    for nv in range(1, min(max(vectors, 1), 8) + 1):
        most = (registers - 1 - nv) // nv
        panels = -(-vectors // nv)
        for sizes in _tiles(rows, most):
            time = panels * _time(rows, sizes, nv, spread)
            if time < best[0]:
                best = (time, nv, sizes)
    return best[1], best[2]


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
    """Estimate the cycles that all tiles side by side take for one index of k."""
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
    return max(rows * nv / 2, loads / 2, _LATENCY) + nv * 0.25 + 0.25
