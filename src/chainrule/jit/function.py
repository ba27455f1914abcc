"""The compiled function: one program for each signature of its arguments."""

from __future__ import annotations

import functools
import time
import types
import warnings
from collections.abc import Callable
from typing import Any, overload

from ..compiler.lower.winograd import CONVOLUTIONS
from ..compiler.pipeline import Ahead
from ..dtypes import Array
from ..errors import ArgumentError
from ..graph import MODES, ComputationalGraph, Tensor
from .compilation import Compilation, Options, compile_recording
from .debugging import run_eagerly, run_many_eagerly
from .locks import RUNNING, compiling
from .loop import Loop
from .program import NO_MATCH, LoadedProgram, begin_codes
from .recording import Recording, record
from .report import Report
from .signature import Signature, check_hashable, names_of, rebuilt, signature_of

_MANY = 16  # programs of one function, beyond which something is likely to be wrong


class _Entry:
    """A compilation, and its program once it was called."""

    def __init__(self, compilation: Compilation, signature: Signature) -> None:
        self.compilation, self.signature = compilation, signature
        self._program: LoadedProgram | None = None

    def program(self, options: Options) -> LoadedProgram:
        if self._program is None:
            self._program = LoadedProgram(self.compilation, self.signature, options)
        return self._program


class CompiledFunction:
    """A function that is traced and compiled at its first call with each signature.

    The signature is the structure of the arguments, the shapes and data types of tensors, arrays
    and numbers among them, and the values of all other arguments. Made by ``cr.compile``.
    """

    def __init__(self, function: Callable[..., Any], options: Options) -> None:
        functools.update_wrapper(self, function, updated=())
        self._name = getattr(function, "__name__", type(function).__name__)
        self._what = f"compiled {self._name!r}"
        self._function, self._options = function, options
        self._entries: dict[Signature, list[_Entry]] = {}
        self._latest: _Entry | None = None
        self._ready: LoadedProgram | None = None  # for the next call, if it is like the last one

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for these arguments; compile it first if there is none yet."""
        program = self._ready
        if (
            program is not None
            and not kwargs
            and len(args) == program.arity
            and MODES.trace is None
            and not MODES.anomalies
        ):
            with RUNNING:
                result = program.attempt(args)
            if result is not NO_MATCH:
                return result
        return self._call(args, kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if MODES.trace is not None or _any_symbolic((args, kwargs)):
            return self._function(*args, **kwargs)  # it becomes part of the graph around it
        if self._options.debug or MODES.anomalies:
            return run_eagerly(self._function, args, kwargs)
        signature, leaves = signature_of(args, kwargs)
        with compiling():
            entry = self._find(signature, leaves, args, kwargs, begin_codes)
            program = entry.program(self._options)
            self._latest = entry
            self._ready = program if signature.is_flat else None
        with RUNNING:
            return program.run(leaves)

    # --- programs --------------------------------------------------------------------------

    def _find(
        self, signature: Signature, leaves: list[Any], args: tuple[Any, ...],
        kwargs: dict[str, Any], ahead: Ahead | None = None,
    ) -> _Entry:  # fmt: skip
        check_hashable(signature, self._what)
        entries = self._entries.setdefault(signature, [])
        for entry in entries:
            if entry.compilation.facts.hold():
                return entry
        self._warn_of_many(signature, entries)
        names = names_of(self._function, args, kwargs)
        began = time.perf_counter()
        recording = self._record(signature, leaves, names)
        compilation = compile_recording(
            recording, self._what, time.perf_counter() - began, self._options, ahead
        )
        del recording  # the graph goes, and with it the constants that nobody else holds
        compilation.facts.forget_the_dead()
        entries.append(_Entry(compilation, signature))
        return entries[-1]

    def _record(self, signature: Signature, leaves: list[Any], names: list[str]) -> Recording:
        def call(stand_ins: list[Any]) -> Any:
            args, kwargs = rebuilt(signature, stand_ins)
            return self._function(*args, **kwargs)

        return record(call, signature.kinds, leaves, names, self._what)

    def _warn_of_many(self, signature: Signature, entries: list[_Entry]) -> None:
        count = sum(map(len, self._entries.values()))
        if count == 0 or count % _MANY or self._latest is None:
            return
        reason = (
            entries[-1].compilation.facts.difference() if entries
            else self._latest.signature.difference(signature)
        )  # fmt: skip
        warnings.warn(
            f"{self._what}: makes program number {count + 1}, each takes time and memory; "
            f"this time because {reason}",
            RuntimeWarning, stacklevel=4,
        )  # fmt: skip

    # --- many steps ------------------------------------------------------------------------

    def over(self, *data: Any) -> Loop:
        """Return what runs many steps in one native call, over data that lies in memory.

        ``data`` are arrays (N, ...) of one length, one for each argument of the function. The
        result takes indices (steps, batch): for each row of them one step is run on the samples
        that they choose, gathered by native code. What the steps return comes back stacked.
        Training so is, bit for bit, what single calls on gathered batches do.

        >>> w = tensor(0.0, requires_grad=True)
        >>> optimizer = optim.SGD([w], lr=0.25)
        >>> @cr.compile
        ... def step(x, y):
        ...     loss = ((w * x - y) ** 2).mean()
        ...     optimizer.zero_grad(); loss.backward(); optimizer.step()
        ...     return loss
        >>> x = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
        >>> losses = step.over(x, 2 * x)([[0, 1], [1, 0], [0, 1]])
        >>> losses
        tensor([10.       ,  0.625    ,  0.0390625])
        """
        compiled = functools.partial(CompiledFunction, options=self._options)
        return Loop(compiled, self._function, data, self._name)

    def run_many(
        self, args: tuple[Any, ...], rows: Array, each_step: Callable[[], Any] | None,
        progress: Callable[[int], Any] | None,
    ) -> Any:  # fmt: skip
        """Run a step for each row of an array, which takes the place of the first argument."""
        if self._options.debug or MODES.anomalies:
            return run_many_eagerly(self._function, args, rows, each_step, progress)
        signature, leaves = signature_of(args, {})
        with compiling():
            entry = self._find(signature, leaves, args, {}, begin_codes)
            program = entry.program(self._options)
            self._latest = entry
        with RUNNING:
            return program.run_many(leaves, rows, each_step, progress)

    # --- looking ---------------------------------------------------------------------------

    def lower(self, *args: Any, **kwargs: Any) -> Compilation:
        """Compile for example arguments without running anything or taking memory for it."""
        signature, leaves = signature_of(args, kwargs)
        with compiling():
            return self._find(signature, leaves, args, kwargs).compilation

    def graph(self, *args: Any, **kwargs: Any) -> ComputationalGraph:
        """Return the graph of the function for example arguments: results, then new state."""
        signature, leaves = signature_of(args, kwargs)
        recording = self._record(signature, leaves, names_of(self._function, args, kwargs))
        return ComputationalGraph([*recording.outputs, *(node for _, node in recording.updates)])

    def memory_plan(self, *args: Any, **kwargs: Any) -> dict[str, int]:
        """Return the bytes of temporaries, state, inputs, outputs, and their sum.

        Those of the last call's program, or of the one for example arguments, which is not run.
        """
        return self._chosen(args, kwargs).memory_plan()

    def program_text(self, *args: Any, **kwargs: Any) -> str:
        """Return a program in index notation: the last call's, or that for example arguments."""
        return self._chosen(args, kwargs).program_text()

    def report(self) -> Report | str:
        """Return what the last call's program consists of, and the time of each kernel.

        The kernels are run a few times, on zeros; state stays as it is. ``str()`` of the report is
        the text, ``.table()`` the figures: for each kernel what was fused into it, its work, and
        how much of this machine's measured peak it reaches.
        """
        if self._options.debug:
            return f"{self._what}: debug=True, node by node with NumPy; nothing is compiled"
        return Report(self.program)

    @property
    def program(self) -> LoadedProgram:
        """The program of the last call; ArgumentError before the first."""
        return self._last().program(self._options)

    def _chosen(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Compilation:
        if args or kwargs:
            return self.lower(*args, **kwargs)
        return self._last().compilation

    def _last(self) -> _Entry:
        if self._latest is None:
            raise ArgumentError(
                self._what, required="a call, or example arguments", received="none so far",
                hint="there is one program for each signature, made at its first call",
            )  # fmt: skip
        return self._latest


def _any_symbolic(tree: Any) -> bool:
    if isinstance(tree, dict):
        return any(map(_any_symbolic, tree.values()))
    if isinstance(tree, tuple | list):
        return any(map(_any_symbolic, tree))
    return isinstance(tree, Tensor) and tree.symbolic


@overload
def compile(
    function: Callable[..., Any], *, threads: int | None = None, memory_limit: int | None = None,
    debug: bool = False, convolution: str = "auto",
) -> CompiledFunction: ...  # fmt: skip
@overload
def compile(
    function: None = None, *, threads: int | None = None, memory_limit: int | None = None,
    debug: bool = False, convolution: str = "auto",
) -> Callable[[Callable[..., Any]], CompiledFunction]: ...  # fmt: skip
def compile(
    function: Callable[..., Any] | None = None, *, threads: int | None = None,
    memory_limit: int | None = None, debug: bool = False, convolution: str = "auto",
) -> Any:  # fmt: skip
    """Compile a function of tensors to native code (function or decorator).

    The function is run once for each signature to record its graph: forward, ``backward()`` and
    ``optimizer.step()`` become one program. Parameters, buffers, optimizer slots and random
    counters that it meets are state of the program, updated in place; the gradients in ``.grad``
    stay inside. Python code runs at tracing only: a branch on a tensor's value is an error.
    Operations without a native form are computed by their NumPy kernels.

    ``threads`` is the number of cores to use (all by default); the results are the same bits on any
    number. A program that would need more than ``memory_limit`` bytes computes values again instead
    of keeping them, the cheap ones first, which changes no bit of the results; if that does not
    suffice, MemoryLimitError says how far it got, before any memory is taken. ``convolution``
    chooses among ways to convolve float32 images: "exact" multiplies as the formula says, "fast"
    uses Winograd's minimal filtering (fewer multiplications, relative errors of 1e-6 to 1e-5
    instead of 1e-7 to 1e-6) wherever it can, "auto" where it is faster; ``report()`` says where
    that is. With ``debug`` nothing is compiled: the function runs node by node with NumPy, so that
    ``print`` and ``.value`` of inner nodes work in it. So it does inside of ``detect_anomalies``.

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
    for name, number in (("threads", threads), ("memory_limit", memory_limit)):
        if number is not None and number < 1:
            raise ArgumentError("compile", required=f"{name} >= 1", received=str(number))
    if convolution not in CONVOLUTIONS:
        raise ArgumentError(
            "compile", required=f"convolution in {', '.join(map(repr, CONVOLUTIONS))}",
            received=repr(convolution),
        )  # fmt: skip
    options = Options(threads, memory_limit, debug, convolution)
    if function is None:
        return functools.partial(CompiledFunction, options=options)
    return CompiledFunction(function, options)
