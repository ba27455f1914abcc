"""Compiled functions do what eager ones do: whole training steps, state, signatures, errors."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, nn, optim
from chainrule import functional as F

RANDOM = np.random.default_rng(0)


def images(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


MODELS: dict[str, tuple[Callable[[], nn.Module], np.ndarray]] = {
    "mlp": (lambda: nn.MLP(12, [16, 8], 5, activation="tanh"), images(7, 12)),
    "deep": (lambda: nn.MLP(6, [6] * 20, 5), images(3, 6)),
    "cnn": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 5, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(5, 7, 3, stride=2),
            nn.Sigmoid(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(7, 5),
        ),
        images(3, 2, 11, 10),
    ),
    "batch norm": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
            nn.Linear(64, 5),
        ),
        images(5, 3, 6, 6),
    ),
    "layer norm": (
        lambda: nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 5)),
        images(4, 6),
    ),
    "embedding": (
        lambda: nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(12, 5)),
        RANDOM.integers(0, 9, (4, 3)),
    ),
}  # fmt: skip
OPTIMIZERS: dict[str, Callable[[Iterator[Any]], optim.Optimizer]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.05),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-3),
    "nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "dampening": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.1),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.01),
}


def step_of(model: nn.Module, optimizer: optim.Optimizer, loss: Any = F.cross_entropy) -> Any:
    def step(x: Any, y: Any) -> Any:
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value

    return step


def assert_equal_training(
    model: nn.Module,
    make: Callable[[Any], optim.Optimizer],
    x: Any,
    y: Any,
    loss: Any,
    steps: int = 4,
) -> None:
    twin = copy.deepcopy(model)
    eager = step_of(model, make(model.parameters()), loss)
    compiled = compile(step_of(twin, make(twin.parameters()), loss))
    for _ in range(steps):
        expected = eager(cr.asarray(x), cr.asarray(y)).item()
        assert compiled(x, y).item() == pytest.approx(expected, rel=2e-4, abs=1e-5)
    for name, value in model.state_dict().items():
        np.testing.assert_allclose(twin.state_dict()[name], value, rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize("name", MODELS)
def test_training_steps_of_models(name: str) -> None:
    build, x = MODELS[name]
    cr.manual_seed(1)
    labels = np.arange(len(x)) % 5
    assert_equal_training(build(), OPTIMIZERS["momentum"], x, labels, F.cross_entropy)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_steps_of_optimizers(name: str) -> None:
    cr.manual_seed(2)
    model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3))
    assert_equal_training(model, OPTIMIZERS[name], images(6, 5), np.arange(6) % 3, F.cross_entropy)


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss])
def test_training_steps_of_losses(loss: Any) -> None:
    cr.manual_seed(3)
    assert_equal_training(nn.Linear(5, 3), OPTIMIZERS["SGD"], images(6, 5), images(6, 3), loss)


def test_dropout_draws_new_numbers_at_every_call_like_eager() -> None:
    model = nn.Sequential(nn.Dropout(0.5))
    x = np.ones((20, 20), np.float32)
    cr.manual_seed(4)
    expected = [model(cr.asarray(x)).numpy() for _ in range(3)]
    cr.manual_seed(4)
    compiled = compile(model)
    for want in expected:
        np.testing.assert_array_equal(compiled(x).value, want)


def test_functions_without_state() -> None:
    f = compile(lambda x, y, z: (x + y) * z)
    assert f(1.0, -3.0, 4.0).item() == -8.0
    g = compile(lambda x, y, z: cr.grad(lambda *a: (a[0] + a[1]) * a[2], (0, 1, 2))(x, y, z))
    assert [t.item() for t in g(1.0, -3.0, 4.0)] == [4.0, 4.0, -2.0]


def test_trees_in_and_out() -> None:
    f = compile(lambda batch, *, scale: {"sum": batch["a"] + batch["b"][0], "n": [scale * 2]})
    out = f({"a": np.ones(2, np.float32), "b": [np.ones(2, np.float32)]}, scale=3.0)
    assert out["sum"].tolist() == [2.0, 2.0]
    assert out["n"][0].item() == 6.0


def test_a_new_shape_is_a_new_program_and_static_arguments_too() -> None:
    traces = []

    @compile
    def f(x: Any, mode: str) -> Any:
        traces.append(mode)
        return x * (2 if mode == "double" else 3)

    assert f(np.ones(2, np.float32), "double").tolist() == [2.0, 2.0]
    assert f(np.ones(2, np.float32), "double").tolist() == [2.0, 2.0]
    assert f(np.ones(3, np.float32), "double").tolist() == [2.0, 2.0, 2.0]
    assert f(np.ones(2, np.float32), "triple").tolist() == [3.0, 3.0]
    assert traces == ["double", "double", "triple"]


def test_a_learning_rate_schedule_needs_no_new_program() -> None:
    model, twin = nn.Linear(3, 1), nn.Linear(3, 1)
    twin.load_state_dict(model.state_dict())
    a, b = (optim.SGD(m.parameters(), lr=0.1) for m in (model, twin))
    eager = step_of(model, a, F.mse_loss)
    compiled = compile(step_of(twin, b, F.mse_loss))
    x, y = images(4, 3), images(4, 1)
    programs = set()
    for lr in (0.1, 0.01, 0.3):
        a.param_groups[0]["lr"] = b.param_groups[0]["lr"] = lr
        assert compiled(x, y).item() == pytest.approx(
            eager(cr.asarray(x), cr.asarray(y)).item(), rel=1e-5
        )
        programs.add(id(compiled.program))
    np.testing.assert_allclose(twin.weight.value, model.weight.value, rtol=1e-5)
    assert len(programs) == 1


def test_training_and_evaluation_are_two_programs() -> None:
    model = nn.Sequential(nn.Dropout(0.5))
    f = compile(lambda x: model(x))
    x = np.ones(1000, np.float32)
    assert 0 in f(x).value
    model.eval()
    assert 0 not in f(x).value
    model.train()
    assert 0 in f(x).value


def test_state_is_visible_and_may_be_assigned_between_calls() -> None:
    weight = cr.tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([weight], lr=0.5)

    @compile
    def step() -> Any:
        optimizer.zero_grad()
        (weight * 2).sum().backward()
        optimizer.step()
        return weight * 1

    assert step().tolist() == [0.0, 1.0]
    assert weight.tolist() == [0.0, 1.0]
    assert weight.grad is None
    weight.assign([5.0, 5.0])
    assert step().tolist() == [4.0, 4.0]


def test_two_programs_share_parameters_and_alternate_with_eager_steps() -> None:
    cr.manual_seed(5)
    model = nn.Linear(3, 2)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    step = step_of(model, optimizer, F.mse_loss)
    train, predict = compile(step), compile(model)
    x, y = images(4, 3), images(4, 2)
    for _ in range(3):
        train(x, y)
        np.testing.assert_allclose(predict(x).value, model(cr.asarray(x)).value, rtol=1e-5)
        step(cr.asarray(x), cr.asarray(y))
        np.testing.assert_allclose(predict(x).value, model(cr.asarray(x)).value, rtol=1e-5)


def test_a_backward_through_a_graph_that_a_program_has_overtaken_is_an_error() -> None:
    model = nn.Linear(3, 2)
    step = compile(step_of(model, optim.SGD(model.parameters(), lr=0.1), F.mse_loss))
    pending = F.mse_loss(model(cr.asarray(images(4, 3))), cr.asarray(images(4, 2)))
    step(images(4, 3), images(4, 2))
    with pytest.raises(cr.errors.GradientError, match="assigned to since"):
        pending.backward()


def test_a_user_written_op_is_called_back() -> None:
    class Square(cr.Op):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return x * x

        def backward(self, g: Any, x: Any) -> Any:
            return 2 * x * g

        def result_type(self, *types: Any) -> Any:
            return types[0]

    f = compile(lambda x: cr.grad(lambda v: (Square()(v * 3) + 1).sum())(x))
    np.testing.assert_allclose(f(np.array([1.0, 2.0], np.float32)).value, [18.0, 36.0])


def test_a_branch_on_a_value_is_an_error_that_says_so() -> None:
    f = compile(lambda x: x if x.sum() > 0 else -x)
    with pytest.raises(cr.errors.GraphError, match="a symbolic node"):
        f(np.ones(2, np.float32))


def test_errors_inside_of_the_function_are_its_own() -> None:
    f = compile(lambda x: x @ np.ones((3, 2), np.float32))
    with pytest.raises(cr.errors.ShapeError, match="matmul"):
        f(np.ones((2, 4), np.float32))
    assert f(np.ones((2, 3), np.float32)).shape == (2, 2)


def test_unhashable_arguments_and_wrong_thread_counts_are_told() -> None:
    with pytest.raises(cr.errors.ArgumentError, match="hashable"):
        compile(lambda x, s: x)(np.ones(2, np.float32), {1, 2})
    with pytest.raises(cr.errors.ArgumentError, match="threads >= 1"):
        compile(lambda x: x, threads=0)
    with pytest.raises(cr.errors.ArgumentError, match="a call"):
        compile(lambda x: x).report()


def test_the_same_bits_on_any_number_of_threads() -> None:
    build, _ = MODELS["cnn"]
    x = images(64, 2, 11, 10)
    results = []
    for threads in (1, 2, 3):
        cr.manual_seed(6)
        model = build()
        step = compile(step_of(model, OPTIMIZERS["momentum"](model.parameters())), threads=threads)
        for _ in range(3):
            step(x, np.arange(64) % 5)
        results.append(np.concatenate([v.ravel() for v in model.state_dict().values()]))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_two_python_threads_may_run_programs() -> None:
    f = compile(lambda x: (x @ x).sum(), threads=2)
    x = images(200, 200)
    expected = f(x).item()
    found: list[float] = []
    workers = [
        threading.Thread(target=lambda: found.extend(f(x).item() for _ in range(20)))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 60


def test_the_report_and_the_memory_plan() -> None:
    model = nn.Linear(100, 50)
    f = compile(lambda x: cr.relu(model(x)))
    f(images(10, 100))
    assert "kernels" in str(f.report())
    assert "compiled in" in str(f.report())
    plan = f.memory_plan()
    assert plan["state"] == 4 * (100 * 50 + 50)
    assert plan["inputs"] == 4 * 10 * 100
    assert plan["outputs"] == 4 * 10 * 50
    assert plan["total"] == sum(plan[part] for part in plan if part != "total")
