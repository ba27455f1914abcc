"""The table of a model's layers: output shapes and parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..dtypes import DTypeLike, dtype
from ..graph import Tensor, no_grad, tensor
from .calls import observed
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

_HEAD = ("layer", "type", "output shape", "parameters")


def summarize(model: Module, input_shapes: Sequence[tuple[int, ...]], kind: DTypeLike) -> str:
    """Send zeros through the model; return a line for each layer that ran, in that order."""
    inputs = [tensor(np.zeros(shape, dtype(kind).compute), kind) for shape in input_shapes]
    ran: list[tuple[Module, str]] = []
    training = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad(), observed(lambda module, output: ran.append((module, _shapes(output)))):
            model(*inputs)
    finally:
        for module, mode in training:
            module.training = mode
    called = {id(module) for module, _ in ran}
    idle = [(module, "not called") for module in model.modules() if id(module) not in called]
    return "\n".join([*_table(_rows(model, [*ran, *idle])), _total(list(model.parameters()))])


def _shapes(output: Any) -> str:
    if isinstance(output, Tensor):
        return str(output.shape)
    if isinstance(output, tuple | list):
        return ", ".join(_shapes(part) for part in output)
    return type(output).__name__


def _rows(model: Module, entries: Iterable[tuple[Module, str]]) -> list[tuple[str, ...]]:
    """Keep what computes by itself: modules without children, or with parameters of their own."""
    paths = {id(module): path for path, module in model.named_modules()}
    counted: set[int] = set()
    rows: list[tuple[str, ...]] = []
    for module, shapes in entries:
        own = list(module.parameters(recurse=False))
        if own or not list(module.children()):
            new = [p for p in own if id(p) not in counted]
            counted.update(map(id, new))
            count = f"{sum(p.size for p in new):,}" if new or not own else "shared"
            rows.append((paths[id(module)] or "(model)", type(module).__name__, shapes, count))
    return rows


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    lines = []
    for row in [_HEAD, *rows]:
        *left, count = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join([*left, count.strip().rjust(widths[-1])]))
    return lines


def _total(parameters: Sequence[Parameter]) -> str:
    size = sum(p.size for p in parameters)
    trainable = sum(p.size for p in parameters if p.requires_grad)
    taken = sum(p.nbytes for p in parameters)
    return f"total: {size:,} parameters, {trainable:,} trainable, {taken:,} bytes"
