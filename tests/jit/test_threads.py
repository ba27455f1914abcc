"""Programs on several threads: the same bits on any number, and nothing broken by anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, nn, optim
from chainrule import functional as F
from chainrule.graph.trees import flatten_tree

RNG = np.random.default_rng(0)
COUNTS = (1, 2, 3, 5, 16)  # 16 is more than most machines have
Case = Callable[[], tuple[Callable[..., Any], list[np.ndarray]]]


def floats(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def training(model: nn.Module, loss: Any, x: np.ndarray, y: np.ndarray) -> Any:
    optimizer = optim.AdamW(model.parameters(), lr=0.01)

    def step(x: Any, y: Any) -> Any:
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value, list(model.parameters())

    return step, [x, y]


IMAGES, LABELS = floats(33, 3, 13, 11), np.arange(33) % 7
SEQUENCE, TABLE = floats(9, 17, 24), floats(700, 301)
PLACES, ROWS = RNG.integers(0, 50, 3000), floats(50, 64)


def conv_net() -> Any:
    model = nn.Sequential(
        nn.Conv2d(3, 20, 3, padding=1), nn.BatchNorm2d(20), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(20, 16, 3), nn.Tanh(), nn.Dropout(0.2), nn.Flatten(), nn.Linear(16 * 4 * 3, 7),
    )  # fmt: skip
    return training(model, F.cross_entropy, IMAGES, LABELS)


def lstm() -> Any:
    cell = nn.LSTMCell(24, 40)

    def run(xs: Any, targets: Any) -> Any:
        zeros = cr.zeros((17, 40))
        _, hidden = cr.scan(lambda state, x: ((new := cell(x, state)), new[0]), (zeros, zeros), xs)
        return F.mse_loss(hidden, targets)

    optimizer = optim.SGD(cell.parameters(), lr=0.1)

    def step(xs: Any, targets: Any) -> Any:
        value = run(xs, targets)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value, list(cell.parameters())

    return step, [SEQUENCE, np.tile(SEQUENCE[:, :, :20], 2)]


def reductions() -> Any:
    def f(x: Any) -> Any:
        parts = [x.sum(), cr.sum(x, axis=0), cr.sum(x, axis=1), cr.var(x), cr.max(x, axis=0)]
        return [*parts, cr.logsumexp(x, axis=1), F.softmax(x, axis=0), cr.prod(x * 0.01 + 1)]

    return f, [TABLE]


def random_numbers() -> Any:
    def f(x: Any) -> Any:
        drawn = cr.random.normal((500, 300))
        return drawn, cr.random.uniform((1000,)), F.dropout(x, 0.3), cr.random.randint((77,), 0, 9)

    return f, [TABLE]


def gathering() -> Any:
    def f(table: Any, places: Any) -> Any:
        gradient = cr.grad(lambda t: (F.embedding(places, t) ** 2).sum())(table)
        return gradient.sum(), gradient

    return f, [ROWS, PLACES]


CASES: list[Case] = [conv_net, lstm, reductions, random_numbers, gathering]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_same_bits_on_any_number_of_threads(case: Case, monkeypatch: Any) -> None:
    monkeypatch.setattr("chainrule.jit.program._WORTH_THREADS", 0)
    results = []
    for threads in COUNTS:
        cr.manual_seed(1)
        function, inputs = case()
        compiled = compile(function, threads=threads)
        runs = [compiled(*inputs) for _ in range(2)]
        assert compiled.program.executable.threads == threads
        results.append([leaf.numpy().copy() for leaf in flatten_tree(runs)[0]])
    for others in results[1:]:
        for one, other in zip(results[0], others, strict=True):
            np.testing.assert_array_equal(one, other)


def in_threads(*work: Callable[[], Any]) -> None:
    """Run functions in Python threads at once; raise what they raise."""
    failures: list[BaseException] = []

    def guarded(task: Callable[[], Any]) -> None:
        try:
            task()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_two_compiled_functions_in_two_python_threads() -> None:
    def runner(case: Case) -> Callable[[], list[float]]:
        with_state, inputs = case()
        compiled = compile(with_state, threads=2)
        return lambda: [compiled(*inputs)[0].item() for _ in range(10)]

    def results(run: Callable[[list[Callable[[], list[float]]]], Any]) -> Any:
        cr.manual_seed(2)
        return run([runner(lstm), runner(lstm), runner(gathering)])

    def at_once(tasks: list[Callable[[], list[float]]]) -> Any:
        found: dict[int, list[float]] = {}
        in_threads(*[lambda k=k: found.update({k: tasks[k]()}) for k in range(len(tasks))])
        return [found[k] for k in range(len(tasks))]

    assert results(at_once) == results(lambda tasks: [task() for task in tasks])


def test_one_function_called_first_from_many_python_threads() -> None:
    traces = []

    @compile(threads=2)
    def f(x: Any, k: Any) -> Any:
        traces.append(1)
        return (x @ x * k).sum(), k

    x = floats(150, 150)
    double = np.float32(2 * f(x, np.float32(1))[0].item())

    def check(k: int) -> None:
        for _ in range(10):
            total, same = f(x, np.float32(k))
            assert same.item() == k
            assert total.item() == pytest.approx(double * k / 2, rel=1e-4, abs=1e-2)

    in_threads(*[lambda k=k: check(k) for k in range(8)])
    assert len(traces) == 1
