"""Reductions whose accumulators lie in memory, so that everything else is read in its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import llvmlite.binding as llvm
import numpy as np
import pytest
from tests.compiler.codegen import elements, native
from tests.compiler.codegen.agreement import check

from chainrule.compiler.codegen import generate
from chainrule.compiler.codegen.reduction import plan
from chainrule.compiler.codegen.target import Target
from chainrule.compiler.ir import Reduce, parse_program

DTYPES = ("float32", "float64", "bfloat16", "int16", "int64")
REDUCERS = [(name, dtype) for dtype in DTYPES for name in ("sum", "prod", "max", "min")]
REDUCERS += [("any", "bool"), ("all", "bool")]
ALONG = "i0<2, i1<{n} | k0<3, k1<7", "x[{n7}*i0 + i1 + {n}*k1 + {n14}*k0]"
ACROSS = "i0<2, i1<11 | k0<3, k1<2, k2<{n}", "x[{n22}*i0 + {n}*i1 + {n44}*k0 + {n11}*k1 + k2]"


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let small reductions have tiles, and these few results."""
    for name, limit in {"_LARGE": 1, "_LEAPS": 2, "_ROW": 1, "_UNITS": 6, "_UNIT": 1}.items():
        monkeypatch.setattr(plan, name, limit)
    generate._of_form.cache_clear()
    yield
    generate._of_form.cache_clear()


def written(layout: tuple[str, str], n: int) -> list[str]:
    """Return a layout's loops and read for so many elements along the last of them."""
    products = {f"n{k}": n * k for k in (7, 11, 14, 22, 44)}
    return [part.format(n=n, **products) for part in layout]


def reduction(
    layout: tuple[str, str], n: int, term: str = "sum({x})", dtype: str = "float32"
) -> str:
    loops, place = written(layout, n)
    kept = n if layout is ALONG else 11
    return f"""\
input x: {dtype}[{132 * n}]
input b: float32[{kept}]
output y: {dtype}[{2 * kept}]
reduce {loops}
    acc0 = {term.format(x=place)}
    y[{kept}*i0 + i1] = acc0
"""


def planned(text: str, target: Target = native.HOST) -> plan.Plan:
    (kernel,) = parse_program(text).kernels
    assert isinstance(kernel, Reduce)
    return plan.Plan(kernel, target)


def numbers(reducer: str, size: int) -> np.ndarray:
    random = np.random.default_rng(5)
    if reducer in ("any", "all"):
        return random.random(size) < (0.05 if reducer == "any" else 0.95)
    return random.choice([1, 1, 1, 1, 2] if reducer == "prod" else [-3, -1, 0, 1, 2], size)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("layout", [ALONG, ACROSS], ids=["along", "across"])
@pytest.mark.parametrize(("reducer", "dtype"), REDUCERS)
def test_reducers(reducer: str, dtype: str, layout: tuple[str, str]) -> None:
    n = 2 * 131 if layout is ALONG else 19
    text = reduction(layout, n, f"{reducer}({{x}})", dtype)
    assert planned(text).outside == 2
    check(text, x=numbers(reducer, 132 * n))


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 16, 31, 32, 33, 49, 64, 71])
def test_remainders_of_reduced_loops(n: int) -> None:
    check(reduction(ACROSS, n, "sum(mul({x}, b[i1]))"))


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("n", [65, 72, 80, 96, 100, 127, 128, 129, 200])
def test_remainders_of_kept_loops(n: int) -> None:
    check(reduction(ALONG, n, "sum(sub({x}, b[i1]))"))


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("layout", [ALONG, ACROSS], ids=["along", "across"])
def test_terms_of_several_types(layout: tuple[str, str]) -> None:
    n = 100 if layout is ALONG else 17
    loops, place = written(layout, n)
    kept = n if layout is ALONG else 11
    check(f"""\
input x: float32[{132 * n}]
input b: float32[{kept}]
output mean: float32[{2 * kept}]
output square: float64[{2 * kept}]
output some: bool[{2 * kept}]
reduce {loops}
    a = sub({place}, b[i1])
    acc0 = sum(mul(a, 0.125))
    acc1 = sum(mul(float64(a), float64(index(k1 + 1))))
    acc2 = any(gt(a, 1.8))
    mean[{kept}*i0 + i1] = add(acc0, b[i1])
    square[{kept}*i0 + i1] = acc1
    some[{kept}*i0 + i1] = and(acc2, gt(acc0, 0.0))
""")


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("target", [elements.AVX2, elements.SSE2], ids=["AVX2", "SSE2"])
@pytest.mark.skipif(not llvm.get_host_cpu_features().get("avx2"), reason="needs AVX2")
@pytest.mark.parametrize("layout", [ALONG, ACROSS], ids=["along", "across"])
def test_narrower_processors(
    layout: tuple[str, str], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "HOST", replace(target, registers=16))
    check(reduction(layout, 75, "sum(mul({x}, b[i1]))"))


BATCH_INNERMOST = """\
input x: float32[262144]
output y: float32[256]
reduce i0<4, i1<64 | k0<32, k1<32
    acc0 = sum(x[65536*i0 + 32*i1 + k0 + 2048*k1])
    y[64*i0 + i1] = acc0
"""
CHANNELS_LAST = """\
input x: float32[262144]
output y: float32[512]
reduce i0<4, i1<128 | k0<512
    acc0 = sum(x[65536*i0 + i1 + 128*k0])
    y[128*i0 + i1] = acc0
"""


@pytest.mark.parametrize("text", [BATCH_INNERMOST, CHANNELS_LAST], ids=["batch", "channels"])
def test_sums_of_channels_read_long_rows(text: str) -> None:
    found = planned(text)
    row = found.tile * (32 if text is BATCH_INNERMOST else 1)
    assert found.outside == 1
    assert row * 4 >= 512
    assert found.units >= 4
    check(text)


@pytest.mark.parametrize("l1_bytes", [16 * 1024, 32 * 1024])
def test_accumulators_fit_into_the_first_cache(l1_bytes: int) -> None:
    found = planned(
        """\
input x: float32[16777216]
output y: float32[16384]
reduce i0<4, i1<4096 | k0<32, k1<32
    acc0 = sum(x[4194304*i0 + 32*i1 + k0 + 131072*k1])
    y[4096*i0 + i1] = acc0
""",
        replace(native.HOST, l1_bytes=l1_bytes),
    )
    assert found.outside == 1
    assert found.tile * found.lane_width * 4 <= l1_bytes // 2


UNCHANGED = {
    "long rows": ("i0<64 | k0<8192", "8192*i0 + k0"),
    "images of long rows": ("i0<64 | k0<32, k1<1024", "1024*i0 + 65536*k0 + k1"),
    "few places": ("i0<4096 | k0<4, k1<32", "32*i0 + 131072*k0 + k1"),
    "windows": ("i0<1048576 | k0<5, k1<5", "i0 + 640*k0 + 128*k1"),
    "few channels": ("i0<16 | k0<32768", "i0 + 16*k0"),
    "small arrays": ("i0<128 | k0<512", "i0 + 128*k0"),
}  # fmt: skip


@pytest.mark.parametrize(("loops", "place"), UNCHANGED.values(), ids=UNCHANGED)
def test_what_is_read_well_has_no_tiles(loops: str, place: str) -> None:
    text = f"""\
input x: float32[{2**22}]
output y: float32[{2**20}]
reduce {loops}
    acc0 = sum(x[{place}])
    y[i0] = acc0
"""
    assert planned(text).outside == 0
