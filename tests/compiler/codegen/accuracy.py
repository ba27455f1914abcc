"""Errors of functions in units in the last place, against values of a wider type."""

from __future__ import annotations

from typing import Any

import numpy as np

from .elements import AVX2, HOST, SSE2, Array

TARGETS = {"host": HOST, "avx2": AVX2, "sse2": SSE2}


def wider(dtype: Any) -> Any:
    """Return a type that is wider than a floating type."""
    return np.float64 if dtype is np.float32 else np.longdouble


def ulps(found: Array, wide: Array) -> float:
    """Return the largest error; finite are the same elements."""
    exact = wide.astype(found.dtype)
    assert np.array_equal(np.isfinite(found), np.isfinite(exact))
    ok = np.isfinite(exact)
    unit = np.spacing(np.abs(exact[ok])).astype(wide.dtype)
    return float(np.max(np.abs(found[ok].astype(wide.dtype) - wide[ok]) / unit))
