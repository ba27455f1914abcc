"""Command line, timing loop and result line shared by the scripts of all peers."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import shapes

import models

INIT_DIR = Path(os.environ.get("BENCH_INIT_DIR", Path(tempfile.gettempdir()) / "chainrule_init"))
LR, MOMENTUM = 0.01, 0.9
ADAMW = {"lr": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "wd": 0.01}
NORM_EPS, NORM_MOMENTUM = 1e-5, 0.1
CHECKED_STEPS = 5  # losses of the first steps, compared across peers
PER_CALL = 100  # steps, in a mode that does many at a time
WARM_UP_S = 5.0  # seconds after which no more of them are waited for, but 3 there are
Result = dict[str, Any]


class Runner(Protocol):
    """What a peer builds for one workload."""

    def step(self) -> Any:
        """Do one whole step, finished on return; give the loss (or the outputs)."""

    def loss(self, handle: Any) -> float:
        """Read the number that ``step`` gave: the loss, of outputs the mean of their squares."""


# --- command line ------------------------------------------------------------------------


def parse_args(
    peer: str, modes: list[str], skip: Mapping[str, str] | None = None
) -> argparse.Namespace:
    """Parse the command line and limit threads; call before the framework is imported.

    A workload of ``skip`` (with the reason why the peer has none) ends the process.
    """
    parser = argparse.ArgumentParser(description=f"{peer}'s side of the benchmark")
    parser.add_argument("workload", choices=models.ALL)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, help="timed steps at most (default: the workload's)")
    parser.add_argument("--mode", choices=modes, default=modes[0])
    parser.add_argument("--budget", type=float, default=8.0,
                        help="seconds of timed steps at most (but 3 steps at least)")  # fmt: skip
    parser.add_argument("--no-dropout", action="store_true", help="so that losses can be compared")
    parser.add_argument("--cache", help="folder of compile caches (default: a fresh one)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    args = parser.parse_args()
    args.peer = peer
    if skip and args.workload in skip:
        _print(args, {**_head(args), "skipped": skip[args.workload]})
        sys.exit(0)
    limit_threads(args.threads)
    _set_cache(args.cache)
    return args


def limit_threads(threads: int) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUM_CPU_THREADS"):
        os.environ[name] = str(threads)
    # Pools that take no such variable (XLA's) size themselves by the affinity mask.
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, processors[-threads:])


_HELD: list[tempfile.TemporaryDirectory[str]] = []  # removed at exit


def _set_cache(cache: str | None) -> None:
    if cache is None:
        _HELD.append(tempfile.TemporaryDirectory(prefix="bench_cache_"))
        cache = _HELD[-1].name
    os.makedirs(cache, exist_ok=True)
    os.environ["TMPDIR"] = cache  # MLX keeps compiled kernels below it
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = f"{cache}/inductor"
    os.environ["JAX_COMPILATION_CACHE_DIR"] = f"{cache}/jax"
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["XDG_CACHE_HOME"] = cache
    os.environ["CHAINRULE_CACHE_DIR"] = f"{cache}/chainrule"
    os.environ["CACHEDB"] = f"{cache}/tinygrad.db"
    os.environ["CHAINRULE_CACHE_DIR"] = f"{cache}/chainrule"
    tempfile.tempdir = None


# --- weights -----------------------------------------------------------------------------


def load_init(workload: str) -> dict[str, np.ndarray]:
    """Return initial weights in the canonical layout, shared by all peers through a file."""
    base = workload.split("_infer")[0]
    path = INIT_DIR / f"{base}.npz"
    if not path.exists():
        INIT_DIR.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, **models.TRAIN[base].init())
        partial.rename(path)
    with np.load(path) as file:
        return dict(file)


def channels_last(array: np.ndarray, spec: shapes.Param, axes: tuple[int, ...]) -> np.ndarray:
    """Return a canonical weight for a peer that keeps channels last; ``axes`` reorder OIHW."""
    if spec.kind == "conv":
        return np.ascontiguousarray(array.transpose(axes))
    if spec.chw:
        columns = array.reshape(-1, *spec.chw).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(columns.reshape(array.shape))
    return array


def images_last(x: np.ndarray) -> np.ndarray:
    """Return images (N, C, H, W) as (N, H, W, C); anything else as it is."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if x.ndim == 4 else x


# --- timing ------------------------------------------------------------------------------


def _status_mb(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def _timed(step: Callable[[], Any], n: int, budget: float) -> tuple[list[float], Any]:
    times: list[float] = []
    out, clock = None, time.perf_counter
    end = clock() + budget
    while len(times) < n and (len(times) < 3 or clock() < end):
        start = clock()
        out = step()
        times.append(clock() - start)
    return times, out


def _summary(times: list[float]) -> Result:
    ms = sorted(1e3 * t for t in times)
    median = statistics.median(ms)
    return {"steps": len(ms), "median_step_ms": median, "p10_step_ms": ms[len(ms) // 10]}


def _bench_net(args: argparse.Namespace, build: Callable[..., Runner]) -> Result:
    workload = models.NETS[args.workload]
    init = load_init(args.workload)
    x, y = workload.data()
    start = time.perf_counter()
    runner = build(args, workload, init, x, y)
    del init, x, y  # the peak of memory is to be the peer's own
    handle = runner.step()
    first = time.perf_counter() - start
    losses = [runner.loss(handle)]
    warm = time.perf_counter()  # some peers trace or compile again in the second and third call
    while len(losses) < 3 or (
        len(losses) < CHECKED_STEPS and time.perf_counter() - warm < WARM_UP_S
    ):
        losses.append(runner.loss(runner.step()))
    steps, per_call = args.steps or workload.steps, 1
    if hasattr(runner, "many"):  # a call of ``step`` can do many
        per_call = min(PER_CALL, steps)
        runner.many(per_call)
        runner.step()
    times, handle = _timed(runner.step, max(10, steps // per_call), args.budget)
    out = {"first_step_s": first, **_summary([t / per_call for t in times]), "losses": losses}
    out["steps"] *= per_call
    out["final_loss"] = runner.loss(handle)
    out["gflops"] = workload.flops() / out["median_step_ms"] / 1e6
    return {**out, **(runner.report() if hasattr(runner, "report") else {})}


def _bench_scalar(args: argparse.Namespace, build: Callable[..., Callable[[], Any]]) -> Result:
    """Time f = (x + y) * z forward and backward, in loops of 50."""
    start = time.perf_counter()
    run = build(args)
    f, grads = run()
    first = time.perf_counter() - start
    got = [float(f), *map(float, grads)]
    assert got == [-8.0, 4.0, 4.0, -2.0], got
    for _ in range(20):
        run()

    def loop() -> None:
        for _ in range(50):
            run()

    times, _ = _timed(loop, (args.steps or 2000) // 50, min(args.budget, 4.0))
    out = {"first_step_s": first, **_summary([t / 50 for t in times]), "final_loss": got[0]}
    out["us"] = 1e3 * out["median_step_ms"]
    return out


def _copy_seconds(x: np.ndarray, n: int) -> float:
    """Return how long a copy takes: what the memory can do at best."""
    copy = np.empty_like(x)
    times, _ = _timed(lambda: np.copyto(copy, x), n, 2.0)
    return statistics.median(times)


def _bench_relu_jac(args: argparse.Namespace, build: Callable[..., Callable[[], Any]]) -> Result:
    """Time y = relu(x) and its VJP; the least traffic: x and g are read, y and dx written."""
    shape = models.RELU_JAC[args.workload]
    rng = np.random.default_rng(1)
    x, g = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    n = 30 if x.nbytes > 1e8 else 2000
    copy_s = _copy_seconds(x, n)
    wanted = [float(np.maximum(x, 0).sum(dtype=np.float64)),
              float((g * (x > 0)).sum(dtype=np.float64))]  # fmt: skip
    start = time.perf_counter()
    run = build(args, x, g)  # run() -> (y, dx), finished on return
    results = run()
    first = time.perf_counter() - start
    for got, want in zip(results, wanted, strict=True):
        total = float(np.asarray(got).sum(dtype=np.float64))
        assert abs(total - want) <= 1e-6 * x.size**0.5 + 1e-6 * abs(want), (total, want)
    del results, got
    for _ in range(3):
        run()
    times, _ = _timed(lambda: run() and None, args.steps or n, args.budget)
    out = {"first_step_s": first, **_summary(times), "final_loss": None}
    out["gbs"] = 16 * x.size / out["median_step_ms"] / 1e6
    out["copy_gbs"] = 8 * x.size / copy_s / 1e9
    return out


# --- result ------------------------------------------------------------------------------


def _head(args: argparse.Namespace) -> Result:
    try:
        found = version(args.peer)
    except PackageNotFoundError:
        found = "unknown"
    return {"peer": args.peer, "version": found, "mode": args.mode,
            "workload": args.workload, "threads": args.threads}  # fmt: skip


def _print(args: argparse.Namespace, result: Result) -> None:
    if args.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:>16}: {value:.6g}" if isinstance(value, float) else f"{name:>16}: {value}")


def main(
    args: argparse.Namespace,
    net: Callable[..., Runner],
    scalar: Callable[..., Callable[[], Any]],
    relu_jac: Callable[..., Callable[[], Any]],
) -> None:
    """Run the chosen workload with the peer's builders and print the result."""
    import_mb = _status_mb("VmRSS")
    if args.workload == "scalar":
        result = _bench_scalar(args, scalar)
    elif args.workload in models.RELU_JAC:
        result = _bench_relu_jac(args, relu_jac)
    else:
        result = _bench_net(args, net)
    memory = {"peak_rss_mb": _status_mb("VmHWM"), "import_rss_mb": import_mb}
    _print(args, {**_head(args), **result, **memory})
