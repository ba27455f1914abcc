"""The table of a model's layers: output shapes, parameters and multiply-adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import DTypeLike, dtype
from ..graph import MODES, Primitive, Tensor, no_grad, tensor
from ..graph.operation import Attributes, Operation
from ..graph.tape import noting
from ..ops.notation import multiply_adds
from .calls import observed
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

_HEAD = ("layer", "type", "output shape", "parameters", "multiply-adds")


def summarize(model: Module, input_shapes: Sequence[tuple[int, ...]], kind: DTypeLike) -> str:
    """Send zeros through the model; return a line for each layer that ran, in that order."""
    inputs = [tensor(np.zeros(shape, dtype(kind).compute), kind) for shape in input_shapes]
    ran: list[tuple[Module, str, int]] = []
    counter = _Counter()
    training = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with (
            no_grad(),
            noting(counter.note),
            observed(
                lambda module, output: ran.append((module, _shapes(output), counter.take(module)))
            ),
        ):
            model(*inputs)
    finally:
        for module, mode in training:
            module.training = mode
    called = {id(module) for module, _, _ in ran}
    idle = [(module, "not called", 0) for module in model.modules() if id(module) not in called]
    total = _total(list(model.parameters()), counter.total)
    return "\n".join([*_table(_rows(model, [*ran, *idle])), total])


class _Counter:
    """Multiply-adds of the modules that are running, by the innermost one."""

    def __init__(self) -> None:
        self.total = 0
        self._by_module: dict[int, int] = {}

    def note(
        self, op: Operation, inputs: Sequence[Tensor], attributes: Attributes, result: Any
    ) -> None:
        """Count an operation that was applied."""
        if not isinstance(op, Primitive) or not isinstance(result, Tensor):
            return
        count = multiply_adds(op, [t.type for t in inputs], attributes, result.size)
        self.total += count
        innermost = id(MODES.call.module)
        self._by_module[innermost] = self._by_module.get(innermost, 0) + count

    def take(self, module: Module) -> int:
        """Return the count of a module whose call has ended."""
        return self._by_module.pop(id(module), 0)


def _shapes(output: Any) -> str:
    if isinstance(output, Tensor):
        return str(output.shape)
    if isinstance(output, tuple | list):
        return ", ".join(_shapes(part) for part in output)
    return type(output).__name__


def _rows(model: Module, entries: Iterable[tuple[Module, str, int]]) -> list[tuple[str, ...]]:
    """Keep what computes by itself: modules without children, or with parameters of their own."""
    paths = {id(module): path for path, module in model.named_modules()}
    counted: set[int] = set()
    rows: list[tuple[str, ...]] = []
    for module, shapes, multiplied in entries:
        own = list(module.parameters(recurse=False))
        if own or not list(module.children()):
            new = [p for p in own if id(p) not in counted]
            counted.update(map(id, new))
            count = f"{sum(p.size for p in new):,}" if new or not own else "shared"
            path = paths[id(module)] or "(model)"
            rows.append((path, type(module).__name__, shapes, count, f"{multiplied:,}"))
    return rows


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    lines = []
    for row in [_HEAD, *rows]:
        cells = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=False)]
        cells += [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True)]
        lines.append("  ".join(cells))
    return lines


def _total(parameters: Sequence[Parameter], multiplied: int) -> str:
    size = sum(p.size for p in parameters)
    trainable = sum(p.size for p in parameters if p.requires_grad)
    taken = sum(p.nbytes for p in parameters)
    return (
        f"total: {size:,} parameters ({trainable:,} trainable, {taken:,} bytes), "
        f"{multiplied:,} multiply-adds"
    )
