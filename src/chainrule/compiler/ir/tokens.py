"""Lines of a program's text as tokens, and the error that says what a line should be."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import NoReturn, TypeVar

from ...errors import ArgumentError

Item = TypeVar("Item")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)
    | (?P<name>[A-Za-z_][\w.]*)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<symbol><=|\+=|[-+*=<|,;:()\[\]])
    )""",
    re.VERBOSE | re.ASCII,
)


def program_error(required: str, line: str, number: int) -> ArgumentError:
    """Return the error for a line that is not in the grammar."""
    return ArgumentError("program text", required=required, received=f"line {number}: {line!r}")


class Tokens:
    """A cursor over the tokens of one line."""

    def __init__(self, line: str, number: int) -> None:
        self.line, self.number = line.strip(), number
        self.indented = line[:1].isspace()
        self._tokens: list[tuple[str, str]] = []
        self._next = 0
        at = 0
        while at < len(self.line):
            found = _TOKEN.match(self.line, at)
            if found is None:
                self.fail(f"a token in place of {self.line[at:].strip()!r}")
            self._tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            at = found.end()

    def fail(self, required: str) -> NoReturn:
        """Raise the error that says what the line should be."""
        raise program_error(required, self.line, self.number)

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        """Return the kind and the text of a token to come."""
        at = self._next + ahead
        return self._tokens[at] if at < len(self._tokens) else ("end", "the end")

    def at(self, symbol: str, ahead: int = 0) -> bool:
        """Return whether a symbol or word comes next."""
        kind, text = self.peek(ahead)
        return kind in ("symbol", "name") and text == symbol

    def skip(self, symbol: str) -> bool:
        """Return whether a symbol or word came next, and go past it."""
        here = self.at(symbol)
        self._next += here
        return here

    def expect(self, *symbols: str) -> None:
        """Go past symbols that must come next."""
        for symbol in symbols:
            if not self.skip(symbol):
                self.fail(f"{symbol!r} in place of {self.peek()[1]!r}")

    def take(self, kind: str) -> str:
        """Return the next token, which must be of a kind: name, number or text."""
        found, text = self.peek()
        if found != kind:
            self.fail(f"a {kind} in place of {text!r}")
        self._next += 1
        return text

    def integer(self) -> int:
        """Return the next token, an integer, with its sign."""
        sign = -1 if self.skip("-") else 1
        text = self.take("number")
        if not text.isdigit():
            self.fail(f"an integer in place of {text!r}")
        return sign * int(text)

    def string(self) -> str:
        """Return the next token, a Python string literal."""
        return str(ast.literal_eval(self.take("text")))

    def literal(self) -> bool | int | float:
        """Return a number: -1, 1.5, true, inf."""
        if self.at("true") or self.at("false"):
            return self.take("name") == "true"
        sign = -1 if self.skip("-") else 1
        if self.at("inf") or self.at("nan"):
            return sign * float(self.take("name"))
        text = self.take("number")
        return sign * (int(text) if text.isdigit() else float(text))

    def listed(self, item: Callable[[], Item], end: str | None = None) -> list[Item]:
        """Return items with commas between; goes past the symbol that ends them, if any."""
        items: list[Item] = []
        while not (self.at(end) if end else self.peek()[0] == "end"):
            if items:
                self.expect(",")
                if end and self.at(end):  # as in Python's (1,)
                    break
            items.append(item())
        if end:
            self.expect(end)
        return items

    def end(self) -> None:
        """Fail if anything comes after."""
        if self._next < len(self._tokens):
            self.fail(f"the end in place of {self.peek()[1]!r}")
