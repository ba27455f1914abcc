"""``chainrule check``: every gradient of a model against finite differences."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .. import dtypes
from ..autodiff import check_gradients
from ..errors import GradientCheckError
from ..graph import Op, Shape, Tensor, tensor
from ..graph.order import topological_order
from ..models import Recipe
from ..nn import Module, functional_call
from ..ops.random import Generator, default_generator, manual_seed
from .inspection import dimensions
from .runs import resolve

_INPUT = "(input)"
# Finite differences across a kink (relu, max) are wrong. A small step seldom meets one; if it
# does, a far smaller one does not, and what differs then is the gradient.
_STEPS = (1e-7, 1e-9)


def check_model(
    model: str, shape: str | None, classes: int | None, *, batch_size: int, regression: bool,
    seed: int,
) -> None:  # fmt: skip
    """Check the gradient of every parameter, and of the input, against finite differences.

    Raises GradientCheckError, after the last one, that names those that differ.
    """
    recipe = resolve(model)
    manual_seed(seed)
    problem = _Problem(recipe, *dimensions(recipe, shape, classes), batch_size, regression, seed)
    width = max(map(len, problem.values))
    start, wrong = time.perf_counter(), []
    for name, value in problem.values.items():
        is_right = _agrees(problem.loss_of(name), [value], seed)
        result = "agrees with finite differences" if is_right else "DIFFERS"
        print(f"{name:{width}}  {value.shape!s:20} gradient {result}", flush=True)
        if not is_right:
            wrong.append(name)
    if wrong:
        raise GradientCheckError(
            f"{model}: {len(wrong)} of {len(problem.values)} gradients are wrong",
            required="gradients equal to finite differences",
            received=f"others for {', '.join(wrong)}",
            hint=_describe_culprits(problem, seed),
        )
    seconds = time.perf_counter() - start
    print(f"{len(problem.values)} gradients checked in {seconds:.1f} s")


class _Problem:
    """The loss of a model on random samples, as a function of all that it can be derived by."""

    def __init__(
        self,
        recipe: Recipe,
        dims: Shape,
        classes: int,
        batch_size: int,
        regression: bool,
        seed: int,
    ) -> None:
        self.recipe = recipe
        self.network: Module = recipe.build(dims, classes)
        random = np.random.Generator(np.random.Philox(seed))
        self.targets = tensor(
            random.standard_normal((batch_size, classes))
            if regression
            else random.integers(0, classes, batch_size)
        )
        images = random.standard_normal((batch_size, *dims))
        self.values = {name: _double(p) for name, p in self.network.named_parameters()}
        self.values[_INPUT] = tensor(images)
        self._states = [(g, g.state_dict()) for g in _generators(self.network)]

    def loss(self, values: dict[str, Tensor]) -> Tensor:
        """Compute the loss, with the same random numbers and the same buffers each time."""
        for generator, state in self._states:
            generator.load_state_dict(state)
        buffers = {name: _double(b) for name, b in self.network.named_buffers()}
        held = {**values, **buffers}
        images = held.pop(_INPUT)
        return self.recipe.loss(functional_call(self.network, held, images), self.targets)

    def loss_of(self, name: str) -> Callable[[Tensor], Tensor]:
        """Return the loss as a function of one of the values."""
        return lambda value: self.loss({**self.values, name: value})


def _double(held: Tensor) -> Tensor:
    return tensor(held.value, dtypes.float64 if held.dtype.is_floating else held.dtype)


def _generators(network: Module) -> Iterator[Generator]:
    yield default_generator()
    for module in network.modules():
        yield from (value for value in vars(module).values() if isinstance(value, Generator))


def _agrees(f: Callable[..., Tensor], inputs: Sequence[Tensor], seed: int) -> bool:
    for step in _STEPS:
        try:
            check_gradients(f, inputs, order=1, eps=step, seed=seed)
        except GradientCheckError:
            continue
        return True
    return False


def _describe_culprits(problem: _Problem, seed: int) -> str | None:
    """Say which of the user's own operations have a wrong chain rule, each checked by itself."""
    for value in problem.values.values():
        value.requires_grad = True
    wrong = dict.fromkeys(
        f"{node.op.name}.backward"
        for node in topological_order([problem.loss(problem.values)])
        if isinstance(node.op, Op)
        and not _agrees(node.op, [tensor(x.value) for x in node.inputs], seed)
    )
    return f"the mistake is in {', '.join(wrong)}" if wrong else None
