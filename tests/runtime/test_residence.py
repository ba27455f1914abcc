"""LLVM's memory goes back to the system, and LLVM works on."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.runtime.residence import release_compiler

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def resident() -> int:
    """Return the bytes of LLVM's library that are in memory and as the file has them."""
    total, ours = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):
            ours = "llvmlite" in line and "w" not in rest[0]
        elif ours and first in ("Shared_Clean:", "Private_Clean:"):
            total += int(rest[0]) * 1024
    return total


@linux
def test_the_library_leaves_memory_and_comes_back() -> None:
    function = cr.compile(lambda x: cr.exp(x) * 3)
    x = np.ones(5, np.float32)
    first = function(x).numpy()
    release_compiler()
    assert resident() == 0
    np.testing.assert_array_equal(function(x).numpy(), first)
    wide = cr.compile(lambda x: cr.tanh(x) + x * 7)(np.ones(3, np.float64))  # LLVM again
    np.testing.assert_allclose(wide.numpy(), np.tanh(np.ones(3)) + 7)
