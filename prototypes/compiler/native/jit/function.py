"""The compiled function: one program for each signature of its inputs."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from typing import Any, overload

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.graph import Tensor, as_tensor
from chainrule.graph.trees import flatten_tree
from .build import CompiledProgram


class CompiledFunction:
    """A function that is traced and compiled at its first call with each signature.

    The signature is the structure of the arguments, the shapes and data types of tensors, arrays
    and numbers among them, and the values of all other arguments.
    """

    def __init__(self, function: Callable[..., Any], threads: int | None = None) -> None:
        functools.update_wrapper(self, function)
        if threads is not None and threads < 1:
            raise ArgumentError("compile", required="threads >= 1", received=str(threads))
        self._function = function
        self._threads = threads or _cores()
        self._programs: dict[Any, list[CompiledProgram]] = {}
        self._last: CompiledProgram | None = None
        self._lock = threading.RLock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for these arguments; compile it first if there is none yet."""
        leaves, rebuild = flatten_tree((args, kwargs))
        inputs = [as_tensor(x) for x in leaves if _is_dynamic(x)]
        with self._lock:
            program = self._find(leaves, inputs, rebuild)
            self._last = program
            return program.run(inputs)

    def _find(self, leaves: list[Any], inputs: list[Tensor], rebuild: Any) -> CompiledProgram:
        static = tuple((k, x) for k, x in enumerate(leaves) if not _is_dynamic(x))
        key = (_structure(leaves, rebuild), tuple((x.shape, x.dtype) for x in inputs), static)
        try:
            programs = self._programs.setdefault(key, [])
        except TypeError:
            raise ArgumentError(
                f"compiled {self._function.__name__}",
                required="arguments that are tensors, arrays, numbers, or hashable",
                received=", ".join(sorted({type(x).__name__ for _, x in static})),
            ) from None
        for program in programs:
            if program.still_holds():
                return program

        def traced(tensors: list[Tensor]) -> Any:
            fresh = iter(tensors)
            args, kwargs = rebuild([next(fresh) if _is_dynamic(x) else x for x in leaves])
            return self._function(*args, **kwargs)

        programs.append(CompiledProgram(traced, inputs, self._threads))
        return programs[-1]

    @property
    def program(self) -> CompiledProgram:
        """The program of the last call; ArgumentError before the first."""
        if self._last is None:
            raise ArgumentError(
                f"compiled {self._function.__name__}", required="a call", received="none so far",
                hint="there is one program for each signature, made at its first call",
            )  # fmt: skip
        return self._last

    def report(self) -> str:
        """Return what the last call's program consists of, and the time of each kernel."""
        return self.program.report()

    def memory_plan(self) -> dict[str, int]:
        """Return the bytes of temporaries, state and inputs of the last call's program."""
        return self.program.memory_plan()


@overload
def compile(function: Callable[..., Any], *, threads: int | None = None) -> CompiledFunction: ...
@overload
def compile(
    function: None = None, *, threads: int | None = None
) -> Callable[[Callable[..., Any]], CompiledFunction]: ...
def compile(function: Callable[..., Any] | None = None, *, threads: int | None = None) -> Any:
    """Compile a function of tensors to native code (function or decorator).

    The function is run once for each signature to record its graph: forward, ``backward()`` and
    ``optimizer.step()`` become one program. Parameters, buffers, optimizer slots and random
    counters that it meets are state of the program, updated in place; the gradients in ``.grad``
    stay inside. Python code runs at tracing only: a branch on a tensor's value is an error.
    Operations without a native form are computed by their NumPy kernels. ``threads`` is the
    number of cores to use (all by default); the results are the same bits on any number.

    >>> w = tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.SGD([w], lr=0.1)
    >>> @cr.compile
    ... def step(x):
    ...     loss = ((w - x) ** 2).sum()
    ...     optimizer.zero_grad(); loss.backward(); optimizer.step()
    ...     return loss
    >>> step(tensor([0.0, 0.0])), w
    (tensor(5.), tensor([0.8, 1.6], requires_grad=True))
    """
    if function is None:
        return functools.partial(CompiledFunction, threads=threads)
    return CompiledFunction(function, threads)


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _is_dynamic(x: Any) -> bool:
    """Whether an argument's value may change from call to call without a new program."""
    if isinstance(x, bool):
        return False
    return isinstance(x, Tensor | np.ndarray | np.generic | int | float)


def _structure(leaves: list[Any], rebuild: Any) -> str:
    return repr(rebuild([_Leaf()] * len(leaves)))


class _Leaf:
    def __repr__(self) -> str:
        return "*"
