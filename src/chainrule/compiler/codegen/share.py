"""Kernels whose texts differ in numbers only share one: the numbers become arguments.

Layers of different width, and edges of images, are computed by the same instructions with other
strides, lengths and offsets. A number that all texts of a group have stays a number, so that a
kernel like no other is not changed at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .writer import Code

# Where an instruction may have a value instead of a number: what it begins with, then the number.
# Not divisions: by a number that is known they are multiplications.
_NUMBER = re.compile(
    r"(= (?:add|sub|mul|icmp [a-z]+) i64 (?:%[\w.]+, )?"
    r"|= getelementptr [^,\n]+, ptr %[\w.]+, i64 "
    r"|= select i1 %[\w.]+, i64 (?:%[\w.]+, i64 )?"
    r"|= phi i64 \["
    r"|= alloca \w+, i64 )(-?\d+)"
)
_START = "entry:\n"
_ALLOCATION = "= alloca"

Key = tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True)
class _Split:
    """A text, cut at its numbers: what is before each number and at the end, and the numbers."""

    rest: tuple[str, ...]
    numbers: tuple[int, ...]

    @staticmethod
    def of(text: str) -> _Split:
        """Cut a text."""
        parts = _NUMBER.split(text)
        between, before, numbers = parts[0::3], parts[1::3], parts[2::3]
        rest = [a + b for a, b in zip(between, before, strict=False)]
        return _Split((*rest, between[-1]), tuple(map(int, numbers)))


def share(codes: Sequence[Code]) -> list[Code]:
    """Return the codes; those whose texts differ in numbers only have one text."""
    texts = {code.text: code for code in codes}
    changed: dict[str, tuple[str, tuple[int, ...]]] = {}
    for group in _groups(list(texts.values())):
        changed |= _shared(group, len(texts[group[0][0]].arguments))
    return [_with(code, changed) for code in codes]


def _groups(codes: Sequence[Code]) -> list[list[tuple[str, _Split]]]:
    """Return the texts that can be one, in groups of two and more."""
    rough: dict[tuple[int, int], list[Code]] = defaultdict(list)
    for code in codes:
        rough[code.text.count("\n"), len(code.arguments)].append(code)
    exact: dict[Key, list[tuple[str, _Split]]] = defaultdict(list)
    for some in rough.values():
        for code in some if len(some) > 1 else ():
            split = _Split.of(code.text)
            exact[split.rest, code.declarations].append((code.text, split))
    return [group for group in exact.values() if len(group) > 1]


def _shared(
    group: Sequence[tuple[str, _Split]], pairs: int
) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return, for each text of a group, the one text and the numbers that it needs for it."""
    rest = group[0][1].rest
    columns = list(zip(*[split.numbers for _, split in group], strict=True))
    names: dict[tuple[int, ...], str] = {}
    for before, column in zip(rest, columns, strict=False):
        if len(set(column)) > 1 and _ALLOCATION not in before[before.rfind("\n") :]:
            names.setdefault(column, f"%n{len(names)}")
    parts = [
        before + names.get(column, str(max(column)))
        for before, column in zip(rest, columns, strict=False)
    ]
    text = "".join([*parts, rest[-1]])
    loads = [line for k, name in enumerate(names.values()) for line in _load(name, 2 * pairs + k)]
    text = text.replace(_START, _START + "".join(loads), 1)
    return {one: (text, tuple([column[n] for column in names])) for n, (one, _) in enumerate(group)}


def _load(name: str, place: int) -> tuple[str, str]:
    return (
        f"  {name}.p = getelementptr i64, ptr %args, i64 {place}\n",
        f"  {name} = load i64, ptr {name}.p\n",
    )


def _with(code: Code, changed: dict[str, tuple[str, tuple[int, ...]]]) -> Code:
    text, numbers = changed.get(code.text, (code.text, ()))
    return replace(code, text=text, numbers=numbers)
