"""Functions that the C library computes, lane by lane: rare ones, and float64 where it is hard."""

from __future__ import annotations

from .value import Value


def library(name: str, *arguments: Value) -> Value:
    """Call a function of C's math.h for every lane."""
    first = arguments[0]
    writer, width, kind = first.lanes.writer, first.lanes.width, first.kind
    called = name if kind == "double" else f"{name}f"
    if width == 1:
        return Value(
            first.lanes, writer.call(kind, called, *[(kind, a.text) for a in arguments]), kind
        )
    result = "poison"
    for lane in range(width):
        parts = [writer.let(f"extractelement {a.type} {a.text}, i32 {lane}") for a in arguments]
        value = writer.call(kind, called, *[(kind, part) for part in parts])
        result = writer.let(f"insertelement {first.type} {result}, {kind} {value}, i32 {lane}")
    return Value(first.lanes, result, kind)
