"""The rules that every program keeps, so that passes can be tested after each step.

A broken rule is a bug of the compiler, never of the user: GraphError with the kernel's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from ... import dtypes
from ...errors import GraphError
from .bounds import outside, reach
from .expr import Buffer, Expr, Guard, Place, Shape, walk
from .functions import FUNCTIONS, accumulated_dtype, result_dtype
from .kernels import Array, Call, Contract, Fill, Kernel, Map, Reduce, Scatter, Store
from .parser import BUFFER_KINDS, REDUCERS
from .printer import print_kernel
from .program import Program, reads_of, writes_of

SINGLE = {"read": 0, "index": 0, "inside": 0, "const": 0, "acc": 0, "cast": 1}
Results = Sequence[dtypes.DType]


def verify(program: Program) -> None:
    """Raise GraphError where a program breaks a rule.

    Rules: places have a coefficient for each loop and stay inside of their buffers; data types
    agree; nothing is read before it is written; inputs are not written; accumulators exist; no
    element is obviously stored twice by a kernel's loops; a contraction's roles fit its places.
    """
    written = {id(b) for b in (*program.inputs, *program.states)}
    for kernel in program.kernels:
        verify_kernel(kernel)
        _verify_order(kernel, written)
    for kind, buffers in (("input", program.inputs), ("state", program.states)):
        for buffer in buffers:
            if buffer.kind != kind:
                _fail("program", f"{kind}s of kind {kind!r}", f"{buffer} of kind {buffer.kind!r}")
    for array in program.outputs:
        _Rules("program").array(array)
    for check in program.checks:
        if check.flag.dtype is not dtypes.bool or check.flag.size < 1:
            _fail("program", "a bool as flag of a check", f"{check.flag.dtype} {check.flag}")
    for buffer in (*(a.buffer for a in program.outputs), *(c.flag for c in program.checks)):
        if buffer.size and id(buffer) not in written:
            _fail("program", "results that a kernel has written", str(buffer))


def verify_kernel(kernel: Kernel) -> None:
    """Raise GraphError where a kernel by itself breaks a rule."""
    rules = _Rules(kernel)
    match kernel:
        case Map():
            rules.stores(kernel.stores, kernel.loops, kernel.loops, ())
        case Fill():
            for loops, buffer, place in kernel.boxes:
                rules.access(buffer, place, loops)
        case Reduce():
            _reduce(kernel, rules)
        case Contract():
            _contract(kernel, rules)
        case Scatter():
            _scatter(kernel, rules)
        case Call():
            for array in (*kernel.inputs, *kernel.outputs):
                rules.array(array)


def _fail(kernel: Kernel | str, required: str, received: str) -> NoReturn:
    # An error's message is one line.
    if not isinstance(kernel, str):
        kernel = _described(kernel)
    raise GraphError(kernel, required=required, received=received)


def _described(kernel: Kernel) -> str:
    """Return a kernel's text on one line; of one that has no text, what it is."""
    try:
        header, *lines = print_kernel(kernel).split("\n    ")
    except (ValueError, IndexError, KeyError):
        return f"kernel of kind {type(kernel).__name__}"
    return f"kernel {header}: {'; '.join(lines)}"


def _verify_order(kernel: Kernel, written: set[int]) -> None:
    """Check that a kernel reads what is there and may write what it writes; note what it writes."""
    for buffer in (*reads_of(kernel), *writes_of(kernel)):
        if buffer.kind not in BUFFER_KINDS:
            _fail(kernel, f"a kind of {', '.join(BUFFER_KINDS)}", f"{buffer}: {buffer.kind!r}")
    for buffer in reads_of(kernel):
        if buffer.size and id(buffer) not in written:
            _fail(kernel, "reads of what was written before", f"{buffer}, of kind {buffer.kind!r}")
    for buffer in writes_of(kernel):
        if buffer.kind == "input":
            _fail(kernel, "inputs that stay as they are", f"a store to {buffer}")
        written.add(id(buffer))


def _reduce(kernel: Reduce, rules: _Rules) -> None:
    results = []
    for term in kernel.terms:
        dtype = term.value.dtype
        if term.reducer not in REDUCERS:
            rules.fail(f"a reducer of {', '.join(REDUCERS)}", repr(term.reducer))
        if term.reducer in ("any", "all") and dtype is not dtypes.bool:
            rules.fail(f"{term.reducer} of bool", f"{term.reducer} of {dtype}")
        results.append(accumulated_dtype(term.reducer, dtype))
    rules.formulas([t.value for t in kernel.terms], kernel.loops, ())
    ones = kernel.kept + (1,) * len(kernel.reduced)
    summed = range(len(kernel.kept), len(kernel.loops))
    rules.stores(kernel.stores, kernel.loops, ones, results)
    rules.free_of(kernel.stores, summed)


def _contract(kernel: Contract, rules: _Rules) -> None:
    if len(kernel.roles) != len(kernel.loops) or set(kernel.roles) - set("bmnk"):
        rules.fail("a role b, m, n or k for each loop", repr(kernel.roles))
    for factor in (kernel.a, kernel.b):
        if factor.kind != "read" or not all(_clips(g, kernel.roles) for g in factor.payload[2]):
            rules.fail("factors that are reads, each guard on one loop of role k", repr(factor))
    if kernel.a.dtype is not kernel.b.dtype or not kernel.a.dtype.is_floating:
        rules.fail("factors of one floating type", f"{kernel.a.dtype} and {kernel.b.dtype}")
    rules.formulas([kernel.a, kernel.b], kernel.loops, ())
    for name, factor, absent in (("a", kernel.a, "n"), ("b", kernel.b, "m")):
        for k, role in enumerate(kernel.roles):
            if role == absent and factor.payload[1].coefs[k]:
                rules.fail(f"{name} without loops of role {absent}", f"loop {k} in {factor}")
    ones = tuple([1 if r == "k" else n for r, n in zip(kernel.roles, kernel.loops, strict=True)])
    rules.stores(kernel.stores, kernel.loops, ones, [kernel.a.dtype])
    rules.free_of(kernel.stores, [k for k, role in enumerate(kernel.roles) if role == "k"])


def _clips(guard: Guard, roles: str) -> bool:
    """Whether a guard cuts one of the summed loops short, whatever the others' indices are."""
    steps = [c for c, role in zip(guard.place.coefs, roles, strict=True) if c and role == "k"]
    return len(steps) == 1 and steps[0] > 0


def _scatter(kernel: Scatter, rules: _Rules) -> None:
    if not 0 <= kernel.parallel <= len(kernel.loops):
        rules.fail(f"0 to {len(kernel.loops)} parallel loops", str(kernel.parallel))
    rules.formulas([*kernel.indices, kernel.value], kernel.loops, ())
    rules.coefficients(kernel.place, kernel.loops)
    rules.indices(kernel.indices, kernel.steps)
    if kernel.value.dtype is not kernel.buffer.dtype:
        rules.fail(f"a value of {kernel.buffer.dtype}", str(kernel.value.dtype))
    if not kernel.indices:
        rules.access(kernel.buffer, kernel.place, kernel.loops)


class _Rules:
    """The rules of formulas and stores, for one kernel."""

    def __init__(self, kernel: Kernel | str) -> None:
        self.kernel = kernel

    def fail(self, required: str, received: str) -> NoReturn:
        """Raise the error with the kernel's text."""
        _fail(self.kernel, required, received)

    def stores(
        self, stores: Sequence[Store], loops: Shape, reached: Shape, results: Results
    ) -> None:
        """Check stores; ``reached`` are the loops with extent 1 where they are summed over."""
        self.formulas([s.value for s in stores], reached, results)
        for store in stores:
            self.access(store.buffer, store.place, reached)
            if store.value.dtype is not store.buffer.dtype:
                self.fail(f"{store.buffer.dtype} for {store.buffer}", str(store.value.dtype))
            still = [k for k, n in enumerate(reached) if n > 1 and not store.place.coefs[k]]
            if still and 0 not in reached:
                self.fail("stores to elements of their own", f"{store.buffer}, loop {still[0]}")

    def free_of(self, stores: Sequence[Store], summed: Sequence[int]) -> None:
        """Check that stores and their values do not depend on loops that are summed over."""
        places = [s.place for s in stores]
        for node in walk([s.value for s in stores]):
            places += _places(node)
        for place in places:
            for k in summed:
                if place.coefs[k]:
                    self.fail("stores that do not depend on reduced loops", f"loop {k}: {place}")

    def formulas(self, roots: Sequence[Expr], loops: Shape, results: Results) -> None:
        """Check every node; ``results`` are the data types of the accumulators."""
        for node in walk(roots):
            for place in _places(node):
                self.coefficients(place, loops)
            if node.kind == "read":
                buffer, place, guards = node.payload
                self.access(buffer, place, loops, guards)
            elif node.kind == "gather":
                self.indices(node.args, node.payload[2])
            if node.kind == "acc":
                self.accumulator(node, results)
            self.types(node)

    def accumulator(self, node: Expr, results: Results) -> None:
        """Check that an accumulator exists and has its type."""
        if not 0 <= node.payload < len(results):
            self.fail(f"one of {len(results)} accumulators", f"acc{node.payload}")
        if results[node.payload] is not node.dtype:
            self.fail(f"acc{node.payload} of {results[node.payload]}", str(node.dtype))

    def types(self, node: Expr) -> None:
        """Check the number and the data types of arguments, and the type of the result."""
        if node.kind in ("read", "gather"):
            expected = node.payload[0].dtype
        elif node.kind in ("index", "inside"):
            expected = dtypes.int64 if node.kind == "index" else dtypes.bool
        elif node.kind in SINGLE:
            expected = node.dtype
        else:
            self.function(node)
            expected = result_dtype(node.kind, node.args)
        if node.kind in SINGLE and len(node.args) != SINGLE[node.kind]:
            self.fail(f"{SINGLE[node.kind]} arguments of {node.kind}", str(len(node.args)))
        if node.dtype is not expected:
            self.fail(f"{node.kind} of {expected}", str(node.dtype))

    def function(self, node: Expr) -> None:
        """Check the arguments of a function."""
        if node.kind not in FUNCTIONS:
            self.fail("a kind of node", node.kind)
        function, found = FUNCTIONS[node.kind], [a.dtype for a in node.args]
        if len(found) != function.arity:
            self.fail(f"{function.arity} arguments of {node.kind}", str(len(found)))
        same = found[1:] if node.kind == "where" else found
        condition = node.kind != "where" or found[0] is dtypes.bool
        if not condition or len(set(same)) > 1:
            self.fail(f"{node.kind} of equal data types", ", ".join(map(str, found)))
        if same[0].kind not in function.kinds:
            self.fail(f"{node.kind} of {', '.join(sorted(function.kinds))}", str(same[0]))

    def indices(self, indices: Sequence[Expr], steps: Sequence[int]) -> None:
        """Check the integers that move a place."""
        if len(indices) != len(steps):
            self.fail("a step for each index", f"{len(indices)} indices, {len(steps)} steps")
        for index in indices:
            if not index.dtype.is_integer:
                self.fail("integers as indices", str(index.dtype))

    def coefficients(self, place: Place, loops: Shape) -> None:
        """Check that a place has a coefficient for each loop."""
        if len(place.coefs) != len(loops):
            self.fail(f"{len(loops)} coefficients", f"{len(place.coefs)} in {place}")

    def access(
        self, buffer: Buffer, place: Place, loops: Shape, guards: Sequence[Guard] = ()
    ) -> None:
        """Check that a place stays inside of its buffer."""
        self.coefficients(place, loops)
        wrong = outside(place, buffer.size, loops, guards)
        if wrong is not None:
            self.fail(f"0 <= place < {buffer.size} in {buffer}", str(wrong))

    def array(self, array: Array) -> None:
        """Check that a whole array lies inside of its buffer."""
        if len(array.strides) != len(array.shape):
            self.fail("a stride for each axis", f"{array.shape} and {array.strides}")
        if 0 not in array.shape:
            low, high = reach(Place(array.offset, array.strides), array.shape)
            if low < 0 or high >= array.buffer.size:
                self.fail(f"{array.buffer.size} elements of {array.buffer}", f"{low} to {high}")


def _places(node: Expr) -> list[Place]:
    match node.kind, node.payload:
        case "read", (_, place, guards):
            return [place, *(g.place for g in guards)]
        case "gather", (_, place, _):
            return [place]
        case "index", place:
            return [place]
        case "inside", guards:
            return [g.place for g in guards]
    return []
