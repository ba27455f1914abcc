"""What cr.compile promises: signatures, facts that a program relies on, state between calls."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule import compile, nn, optim
from chainrule import functional as F
from chainrule.errors import AnomalyError, ArgumentError, BoundsError, GraphError

ONES = np.ones(3, np.float32)


class Counting:
    """A function that counts how often it is traced."""

    def __init__(self, function: Any) -> None:
        self.function, self.traces = function, 0
        self.__name__ = "counting"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.traces += 1
        return self.function(*args, **kwargs)


def counted(function: Any) -> tuple[Counting, Any]:
    counting = Counting(function)
    return counting, compile(counting)


# --- signatures ----------------------------------------------------------------------------------


class Pair(NamedTuple):
    left: Any
    right: Any


CALLS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    ("another length", (np.ones(4, np.float32),), {}),
    ("another type", (np.ones(3),), {}),
    ("half precision", (cr.tensor(ONES, "bfloat16"),), {}),
    ("another rank", (np.ones((1, 3), np.float32),), {}),
    ("a keyword", (ONES,), {"mode": "twice"}),
    ("another keyword", (ONES,), {"mode": "thrice"}),
    ("a flag", (ONES,), {"mode": True}),
    ("one, which equals True", (ONES,), {"mode": 1}),
    ("none", (ONES,), {"mode": None}),
    ("by name", (), {"x": ONES}),
    ("with a gradient", (cr.tensor(ONES, requires_grad=True),), {}),
    ("a number", (2.0,), {}),
    ("an integer", (2,), {}),
]


def test_each_signature_is_one_program() -> None:
    def f(x: Any, mode: Any = "once") -> Any:
        return x * {"once": 1, "twice": 2, "thrice": 3}.get(mode, 4) if isinstance(mode, str) else x

    counting, compiled = counted(f)
    compiled(ONES)
    for number, (what, args, kwargs) in enumerate(CALLS, 2):
        for _ in range(2):
            found, expected = compiled(*args, **kwargs), f(*map(cr.asarray, args), **kwargs) if (
                args) else cr.asarray(ONES)  # fmt: skip
            assert found.tolist() == expected.tolist(), what
            assert found.dtype == expected.dtype, what
        assert counting.traces == number, what


def test_values_need_no_new_program() -> None:
    counting, f = counted(lambda x, k: x * k)
    for k in (2.0, 3.5, -1.0):
        assert f(ONES, k).tolist() == [k] * 3
    assert f(cr.tensor(ONES), 2.0).tolist() == [2.0] * 3
    assert f(np.asfortranarray(ONES)[::-1], 2.0).tolist() == [2.0] * 3
    assert counting.traces == 1


def test_nested_structures_in_and_out() -> None:
    def f(tree: Any, *rest: Any, **named: Any) -> Any:
        pair = tree["pair"]
        return {"sum": pair.left + rest[0][1], "pair": Pair(named["k"] * 2, [pair.right, "text"])}

    counting, compiled = counted(f)
    for _ in range(2):
        out = compiled({"pair": Pair(ONES, ONES * 2)}, (1, ONES * 3), k=ONES)
    assert out["sum"].tolist() == [4.0] * 3
    assert isinstance(out["pair"], Pair)
    assert out["pair"].left.tolist() == [2.0] * 3
    assert out["pair"].right[0].tolist() == [2.0] * 3
    assert out["pair"].right[1] == "text"
    assert counting.traces == 1
    compiled({"pair": Pair(ONES, ONES * 2)}, [1, ONES * 3], k=ONES)  # a list for a tuple
    assert counting.traces == 2


@pytest.mark.parametrize(
    "x",
    [np.ones((4, 6), np.float32).T, np.ones(24, np.float32)[::2].reshape(3, 4),
     np.broadcast_to(np.float32(1), (3, 4)), np.ones((3, 4), ">f4")],
    ids=["transposed", "strided", "broadcast", "other byte order"],
)  # fmt: skip
def test_arrays_in_any_memory(x: np.ndarray) -> None:
    f = compile(lambda x: x * 2 + cr.arange(x.size).reshape(x.shape))
    expected = x * 2 + np.arange(x.size).reshape(x.shape)
    for _ in range(2):
        np.testing.assert_array_equal(f(x).value, expected)


def test_read_only_arguments_and_results_that_are_arguments() -> None:
    x = ONES.copy()
    x.flags.writeable = False
    same = compile(lambda x: x)(x)
    assert same.value is not x
    assert same.tolist() == [1.0] * 3


# --- facts ---------------------------------------------------------------------------------------


def test_programs_of_modes_are_kept() -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3))
    counting, f = counted(lambda x: model(x))
    x = np.random.default_rng(0).standard_normal((8, 3)).astype(np.float32)
    for _ in range(3):
        model.train()
        f(x)
        model.eval()
        np.testing.assert_allclose(f(x).value, model(cr.asarray(x)).value, rtol=1e-5, atol=1e-6)
    assert counting.traces == 2


def test_options_of_an_optimizer_are_facts_but_its_rate_is_read_anew() -> None:
    w = cr.tensor(ONES, requires_grad=True)
    optimizer = optim.SGD([w], lr=1.0)

    def step() -> Any:
        optimizer.zero_grad()
        (w * 2).sum().backward()
        optimizer.step()

    counting, f = counted(step)
    f()
    optimizer.param_groups[0]["lr"] = 0.25
    f()
    assert (w.tolist(), counting.traces) == ([-1.5] * 3, 1)
    optimizer.param_groups[0]["weight_decay"] = 1.0
    f()
    assert counting.traces == 2
    np.testing.assert_allclose(w.value, -1.5 - 0.25 * (2 - 1.5))


def test_a_constant_that_is_assigned_to_is_noticed() -> None:
    k = cr.tensor(2.0)
    f = compile(lambda x: x * k)
    assert f(ONES).tolist() == [2.0] * 3
    k.assign(5.0)
    assert f(ONES).tolist() == [5.0] * 3


def test_many_programs_are_warned_of_with_the_reason() -> None:
    f = compile(lambda x: x + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in range(16):
            f(np.ones(n, np.float32))
    with pytest.warns(RuntimeWarning, match=r"program number 17.*float32\[15\].*float32\[16\]"):
        f(np.ones(16, np.float32))


# --- state ---------------------------------------------------------------------------------------


def make_step() -> tuple[nn.Module, optim.Optimizer, Any]:
    cr.manual_seed(0)
    model = nn.Linear(40, 30)
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    @compile
    def step(x: Any) -> Any:
        loss = (model(x) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


X = np.random.default_rng(1).standard_normal((8, 40)).astype(np.float32)


def test_what_was_read_before_stays_as_it_was() -> None:
    model, _, step = make_step()
    step(X)
    value, detached, copy = model.weight.value, model.weight.detach(), model.weight.numpy().copy()
    part = model.weight.value[3:5]
    step(X)
    for kept in (value, detached.value):
        np.testing.assert_array_equal(kept, copy)
    np.testing.assert_array_equal(part, copy[3:5])
    assert not np.array_equal(model.weight.value, copy)


def test_state_may_be_saved_and_loaded_between_calls() -> None:
    model, optimizer, step = make_step()
    step(X)
    saved, slots = model.state_dict(), optimizer.state_dict()
    losses = [step(X).item() for _ in range(3)]
    model.load_state_dict(saved)
    optimizer.load_state_dict(slots)
    assert [step(X).item() for _ in range(3)] == losses
    fresh_model, fresh_optimizer, fresh = make_step()
    fresh(X)
    fresh_optimizer.load_state_dict(optim.Adam(fresh_model.parameters(), lr=0.1).state_dict())
    slots = dict(fresh_optimizer.named_slots())
    assert not any(slot.value.any() for slot in slots.values())  # as before the first step
    fresh(X)
    assert all(slot.value.any() for slot in slots.values())


def test_a_parameter_that_is_assigned_to_is_taken_up() -> None:
    model, _, step = make_step()
    step(X)
    model.weight.assign(np.zeros((30, 40), np.float32))
    model.bias.assign(np.full(30, 2, np.float32))
    assert step(X).item() == 4.0
    weight = np.zeros((30, 40), np.float32)
    model.weight.assign(weight)
    step(X)
    assert not weight.any()  # the user's own array is nobody's state


def test_a_parameter_as_argument_is_read_before_it_changes() -> None:
    w = cr.tensor(ONES)

    @compile
    def f(x: Any) -> Any:
        w.assign(w + 1)
        return x * 2

    assert f(w).tolist() == [2.0] * 3
    assert w.tolist() == [2.0] * 3
    assert f(w.value).tolist() == [4.0] * 3


def test_two_programs_may_change_the_same_state() -> None:
    w = cr.tensor(np.zeros((20, 30), np.float32))
    programs = [compile(lambda k=k: w.assign(w + k)) for k in (1.0, 10.0)]
    for _ in range(2):
        for program in programs:
            program()
        w.assign(w * 2)
    assert w.value[3, 4] == 66.0


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_out_of_bounds_is_told_at_its_line(index: int) -> None:
    f = compile(lambda x, i: cr.take(x, i, axis=0) + 1)
    inside = np.array([0, -3, 2])
    assert f(ONES, inside).tolist() == [2.0] * 3
    with pytest.raises(BoundsError, match=r"test_semantics.py"):
        f(ONES, np.array([0, index, 2]))
    assert f(ONES, inside).tolist() == [2.0] * 3


@pytest.mark.parametrize("ask", [bool, float, int, lambda t: t.item(), lambda t: t.numpy()])
def test_values_are_not_known_while_tracing(ask: Any) -> None:
    @compile
    def f(x: Any) -> Any:
        return x * ask(x.sum())

    with pytest.raises(GraphError, match=r"not known while compiled 'f'.*test_semantics.py"):
        f(ONES)


def test_unhashable_statics_name_the_argument() -> None:
    with pytest.raises(ArgumentError, match="argument 1 of type set"):
        compile(lambda x, names: x)(ONES, {"a"})


def test_gradients_stop_at_results_and_say_so() -> None:
    w = cr.tensor(ONES, requires_grad=True)
    loss = compile(lambda x: (w * x).sum())(ONES)
    with pytest.raises(cr.errors.GradientError, match="compiled"):
        loss.backward()


def test_a_compiled_function_inside_of_another_becomes_part_of_it() -> None:
    counting, inner = counted(lambda x: cr.tanh(x) * 2)
    outer = compile(lambda x: cr.grad(lambda v: inner(v).sum())(x))
    np.testing.assert_allclose(outer(ONES).value, 2 / np.cosh(1) ** 2, rtol=1e-6)
    outer(ONES)
    assert counting.traces == 1


# --- looking -------------------------------------------------------------------------------------


def test_lowering_runs_nothing_and_changes_nothing() -> None:
    model, _, step = make_step()
    before = model.weight.numpy().copy()
    text = step.lower(X).program_text()
    assert "contract" in text
    assert step.memory_plan(X)["total"] > before.nbytes
    np.testing.assert_array_equal(model.weight.value, before)
    step(X)
    assert not np.array_equal(model.weight.value, before)


def test_debug_mode_shows_inner_values(capsys: pytest.CaptureFixture[str]) -> None:
    seen = []

    @compile(debug=True)
    def f(x: Any) -> Any:
        inner = cr.exp(x)
        print("inner", inner.value.sum())
        seen.append(inner.value)
        return inner if inner.sum() > 0 else -inner

    assert f(np.zeros(3, np.float32)).tolist() == [1.0] * 3
    assert capsys.readouterr().out == "inner 3.0\n"
    assert seen[0].tolist() == [1.0] * 3


def test_debug_mode_trains_as_the_program_does() -> None:
    results = []
    for debug in (False, True):
        cr.manual_seed(3)
        model = nn.Sequential(nn.Linear(4, 5), nn.Dropout(0.3), nn.Linear(5, 2))
        optimizer = optim.Adam(model.parameters())

        @compile(debug=debug)
        def step(x: Any, model: Any = model, optimizer: Any = optimizer) -> Any:
            loss = F.mse_loss(model(x), x[:, :2])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        results.append([step(X[:, :4]).item() for _ in range(5)])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-5)


@pytest.mark.parametrize("debug", [False, True])
def test_the_hunt_for_nan_finds_the_node(debug: bool) -> None:
    f = compile(lambda x: cr.log(x - 1).sum(), debug=debug)
    assert np.isneginf(f(ONES).item())
    with cr.detect_anomalies(), pytest.raises(AnomalyError, match=r"log.*test_semantics.py"):
        f(ONES)
    assert np.isneginf(f(ONES).item())
