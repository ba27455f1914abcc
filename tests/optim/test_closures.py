"""Optimizers that evaluate a closure several times in a step, found by reflection."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import optim
from chainrule.errors import ArgumentError, CheckpointError, GraphError, ShapeError
from chainrule.optim.wolfe import Point, minimum_of_cubic, search

KINDS: list[type[Any]] = [
    found
    for name in optim.__all__
    if isinstance(found := getattr(optim, name), type)
    and issubclass(found, optim.ClosureOptimizer)
    and found is not optim.ClosureOptimizer
]
WITHOUT_GRADIENTS = {optim.CMAES, optim.DifferentialEvolution}
SETTINGS: dict[Any, dict[str, Any]] = {optim.DifferentialEvolution: {"region": 3.0}}
VARIANTS: list[tuple[Any, dict[str, Any]]] = [
    *[(kind, SETTINGS.get(kind, {})) for kind in KINDS],
    (optim.LBFGS, {"line_search_fn": "strong_wolfe", "history_size": 3}),
    (optim.FISTA, {"accelerate": False}),
    (optim.CMAES, {"popsize": 12, "sigma": 1.0, "seed": 5}),
]
Loss = Callable[[Any], Any]  # of a tensor, or of an array


def rosenbrock(w: Any) -> Any:
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def bowl(w: Any) -> Any:
    a, b = w[0] - 1, w[1] + 2
    return a * a + 4 * b * b + a * b


def start(dtype: str = "float64") -> cr.Tensor:
    return cr.tensor([-1.0, 2.0], dtype, requires_grad=True)


def closure_of(w: cr.Tensor, loss: Loss, kind: Any = None) -> Callable[[], Any]:
    def closure() -> Any:
        if kind in WITHOUT_GRADIENTS:
            return loss(w.numpy())
        value = loss(w)
        value.backward()
        return value

    return closure


def made(kind: Any, w: cr.Tensor, **options: Any) -> Any:
    return kind([w], **{**SETTINGS.get(kind, {}), **options})


def test_all_of_them_are_found() -> None:
    names = {"CG", "CMAES", "DifferentialEvolution", "FISTA", "LBFGS"}
    assert {kind.__name__ for kind in KINDS} == names


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize(("kind", "options"), VARIANTS)
def test_it_finds_the_minimum_of_a_quadratic(
    kind: Any, options: dict[str, Any], dtype: str
) -> None:
    w = start(dtype)
    optimizer, closure = made(kind, w, **options), closure_of(w, bowl, kind)
    for _ in range(100 if kind in WITHOUT_GRADIENTS else 5):
        loss = optimizer.step(closure)
    assert isinstance(loss, cr.Tensor)
    bound = 0.1 if dtype == "bfloat16" else 0.02 if kind is optim.FISTA else 3e-3
    np.testing.assert_allclose(np.asarray(w.numpy(), np.float64), [1.0, -2.0], atol=bound)
    assert str(w.dtype) == str(start(dtype).dtype)


@pytest.mark.parametrize(
    ("kind", "options", "steps"),
    [
        (optim.LBFGS, {"line_search_fn": "strong_wolfe"}, 5),
        (optim.CG, {"max_iter": 40}, 5),
        (optim.CMAES, {}, 200),
        (optim.DifferentialEvolution, {}, 100),
    ],
)
def test_rosenbrock(kind: Any, options: dict[str, Any], steps: int) -> None:
    w = start()
    optimizer, closure = made(kind, w, **options), closure_of(w, rosenbrock, kind)
    for _ in range(steps):
        optimizer.step(closure)
    np.testing.assert_allclose(w.numpy(), [1.0, 1.0], atol=1e-3)


@pytest.mark.parametrize(("kind", "options"), VARIANTS)
def test_the_state_goes_round_bit_for_bit(kind: Any, options: dict[str, Any]) -> None:
    def fresh() -> tuple[Any, Any, Any]:
        w = start("float32")
        few = {} if kind in WITHOUT_GRADIENTS else {"max_iter": 2}
        return w, made(kind, w, **{**options, **few}), closure_of(w, rosenbrock, kind)

    (w, whole, of_w), (v, first, of_v), (u, second, of_u) = fresh(), fresh(), fresh()
    for _ in range(6):
        whole.step(of_w)
    for _ in range(2):
        first.step(of_v)
    state = first.state_dict()
    groups = json.loads(json.dumps(state["param_groups"]))
    u.assign(v)
    second.load_state_dict({"slots": state["slots"], "param_groups": groups})
    for _ in range(4):
        second.step(of_u)
    assert u.data.tobytes() == w.data.tobytes()
    left, right = dict(second.named_slots()), dict(whole.named_slots())
    assert {n: t.data.tobytes() for n, t in left.items()} == {
        n: t.data.tobytes() for n, t in right.items()
    }
    assert set(right) == {f"all.{name}" for name in kind.remembers}


@pytest.mark.parametrize("kind", KINDS)
def test_maximize_and_weight_decay(kind: Any) -> None:
    """The greatest value of -(w - 3)**2 - w**2 / 2 * 2 is at 3 / 2."""
    w = cr.tensor([0.5], "float64", requires_grad=True)
    optimizer = made(kind, w, maximize=True, weight_decay=2.0)
    closure = closure_of(w, lambda w: -((w - 3) ** 2).sum(), kind)
    for _ in range(80 if kind in WITHOUT_GRADIENTS else 5):
        loss = optimizer.step(closure)
    assert w.item() == pytest.approx(1.5, abs=0.02)
    assert loss.item() == pytest.approx(-2.25, abs=0.1)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITHOUT_GRADIENTS])
def test_a_compiled_closure(kind: Any) -> None:
    found = []
    for compiled in (False, True):
        a = cr.tensor([[-1.0]], "float64", requires_grad=True)
        b = cr.tensor(2.0, "float64", requires_grad=True)
        optimizer = kind([a, b], max_iter=3)

        def closure(a: Any = a, b: Any = b, o: Any = optimizer) -> Any:
            o.zero_grad()
            loss = ((a - b) ** 2).sum() + (b - 1) ** 2
            loss.backward()
            return loss, [a.grad, b.grad]

        run = cr.compile(closure) if compiled else closure
        for _ in range(3):
            optimizer.step(run)
        found.append((a.item(), b.item()))
    assert found[1] == pytest.approx(found[0], rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_what_steps_refuse(kind: Any) -> None:
    w = start()
    optimizer = made(kind, w)
    with pytest.raises(ArgumentError, match=r"\.step: requires a closure; received none"):
        optimizer.step()
    with pytest.raises(GraphError, match=r"a loop outside of compiled functions.*compile the clos"):
        cr.compile(lambda: optimizer.step(closure_of(w, bowl)))()
    assert w.tolist() == [-1.0, 2.0]
    with pytest.raises(ArgumentError, match="one parameter group; received a second one"):
        optimizer.add_param_group({"params": [start()]})
    with pytest.raises(ArgumentError, match="parameters with elements"):
        kind([cr.tensor(np.zeros((0,)), requires_grad=True)])
    with pytest.raises(ArgumentError, match="weight_decay: requires 0 <= weight_decay < inf"):
        made(kind, w, weight_decay=-1.0)
    if kind is not optim.LBFGS:
        with pytest.raises(ArgumentError, match="an optimizer with a learning rate"):
            optim.StepLR(optimizer, 1)


def test_gradients_that_are_missing_or_of_another_shape() -> None:
    w = start()
    optimizer = optim.LBFGS([w])
    with pytest.raises(ArgumentError, match=r"gradients of 1 parameters; received none; call loss"):
        optimizer.step(lambda: bowl(w))
    with pytest.raises(ArgumentError, match="gradients of 1 parameters; received 2"):
        optimizer.step(lambda: (bowl(w), [w, w]))
    with pytest.raises(ShapeError, match=r"shape \(2,\); received shape \(\)"):
        optimizer.step(lambda: (bowl(w), [cr.tensor(1.0)]))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda p: optim.LBFGS(p, line_search_fn="golden"), "line_search_fn None or 'strong_wolfe"),
        (lambda p: optim.LBFGS(p, max_iter=0), "max_iter, history_size, max_eval >= 1"),
        (lambda p: optim.CG(p, rho=0.6), "0 < rho < sig < 1.*received rho=0.6, sig=0.5"),
        (lambda p: optim.FISTA(p, L=0.0), "L > 0, L_step > 1"),
        (lambda p: optim.CMAES(p, sigma=0.0), "sigma > 0, popsize 0 or >= 4"),
        (lambda p: optim.DifferentialEvolution(p, popsize=3), "popsize 0 or >= 4"),
    ],
)
def test_bad_options(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make([start()])


def test_a_state_that_does_not_fit() -> None:
    w = start()
    optimizer = optim.LBFGS([w])
    optimizer.step(closure_of(w, bowl))
    state = optimizer.state_dict()
    slots = dict(state["slots"])
    del slots["all.rate"]
    with pytest.raises(CheckpointError, match="requires slots direction, rate"):
        optimizer.load_state_dict({**state, "slots": slots})
    slots = {**state["slots"], "all.gradient": np.zeros(3)}
    with pytest.raises(CheckpointError, match=r"vectors of 2 elements; received shape \(3,\)"):
        optimizer.load_state_dict({**state, "slots": slots})


# --- the algorithms by themselves ----------------------------------------------------------


def test_fista_makes_zeros() -> None:
    """Least squares with an L1 penalty and an orthogonal design: soft thresholds, exactly."""
    w = cr.tensor(np.zeros(4), "float64", requires_grad=True)
    target = cr.tensor([3.0, -2.0, 0.5, -0.25], "float64")
    optimizer = optim.FISTA([w], l1_decay=1.0, tolerance=0.0, max_iter=200)
    optimizer.step(closure_of(w, lambda w: 0.5 * ((w - target) ** 2).sum()))
    np.testing.assert_allclose(w.numpy(), [2.0, -1.0, 0.0, 0.0], atol=1e-6)
    assert w.tolist()[2:] == [0.0, 0.0]


def test_differential_evolution_leaves_a_local_minimum() -> None:
    def rastrigin(w: Any) -> Any:
        return (w * w - 10 * np.cos(2 * np.pi * w) + 10).sum()

    w = cr.tensor([2.0, -3.0], "float64", requires_grad=True)
    optimizer = optim.DifferentialEvolution([w], region=5.0, seed=1)
    for _ in range(150):
        loss = optimizer.step(lambda: rastrigin(w.numpy()))
    assert loss.item() < 1e-4


def test_cmaes_learns_a_shape() -> None:
    """Axes of an ellipsoid that differ by a factor of 1000, in no direction of the axes."""
    q, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))
    scaled = np.diag(np.logspace(0, 3, 5)) @ q
    w = cr.tensor(np.ones(5), "float64", requires_grad=True)
    optimizer = optim.CMAES([w])
    for _ in range(400):
        loss = optimizer.step(lambda: ((scaled @ w.numpy()) ** 2).sum())
    assert loss.item() < 1e-8


def test_a_loss_that_is_no_number_is_never_the_best() -> None:
    w = cr.tensor([1.0], "float64", requires_grad=True)
    optimizer = optim.CMAES([w], sigma=1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(40):
            optimizer.step(lambda: (w.item() - 0.5) ** 2 + 0 * np.sqrt(w.item()))
    assert w.item() == pytest.approx(0.5, abs=1e-3)


def test_a_line_search_meets_its_conditions() -> None:
    evaluated = []

    def line(at: float) -> Point:
        evaluated.append(at)
        slope = -2 * np.cos(at) - 0.1 * np.exp(-at)
        return Point(at, -2 * np.sin(at) + 0.1 * np.exp(-at), float(slope), np.zeros(1))

    begin = line(0.0)
    for first in (1e-3, 0.5, 4.0):
        point = search(line, begin, first, 1e-12)
        assert point.value <= begin.value + 1e-4 * point.at * begin.slope
        assert abs(point.slope) <= 0.9 * abs(begin.slope)
        assert point.at in evaluated


def test_the_minimum_of_a_cubic() -> None:
    def cubic(x: float) -> Point:  # x**3 - 3 x, least at 1
        return Point(x, x**3 - 3 * x, 3 * x * x - 3, np.zeros(1))

    assert minimum_of_cubic(cubic(0.0), cubic(3.0), 0.0, 3.0) == pytest.approx(1.0)
    assert minimum_of_cubic(cubic(3.0), cubic(0.0), 1.5, 3.0) == 1.5
    assert minimum_of_cubic(cubic(2.0), cubic(2.0), 0.0, 3.0) == 1.5
