"""The program ``chainrule``: its commands, and how failures are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..errors import ChainruleError, GradientCheckError

FOUND_WRONG, BAD_INPUT, INTERRUPTED, CLOSED_PIPE = 1, 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0, 2 for bad input, 130 after Ctrl-C.

    >>> main(["--version"])
    chainrule 0.1.0
    0
    """
    try:
        return _command(arguments)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader of `chainrule ... | head` has gone
        return CLOSED_PIPE
    except GradientCheckError as error:
        return _fail(str(error), FOUND_WRONG)
    except MemoryError as error:
        return _fail(f"not enough memory: {error}")
    except Exception as error:
        told = _told(error)
        if told is None:
            raise  # a mistake of chainrule's own: its traceback is wanted
        return _fail(told)


def _command(arguments: Sequence[str] | None) -> int:
    try:
        import typer

        from .app import app
    except ImportError as error:
        return _fail(f"the command line needs {error.name}; pip install 'chainrule[cli]'")
    # Typer brings its own copy of click, or not, by version: its exceptions lead to the base.
    usage_error: type[Exception] = typer.BadParameter.__mro__[2]
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        result = app(args=given, prog_name="chainrule", standalone_mode=False)
    except usage_error as error:
        return _fail(error.format_message())  # type: ignore[attr-defined]
    except typer.Abort:
        raise KeyboardInterrupt from None
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # click would exit with 1
            raise error.__context__ from None
        raise
    if sys.stdout is not None:
        sys.stdout.flush()
    return result if isinstance(result, int) else 0


def _told(error: Exception) -> str | None:
    """Return one line for bad input and for errors inside of the user's model file, else None."""
    from ..models import error_in_file

    in_file = error_in_file(error)
    if in_file is not None or isinstance(error, ChainruleError):
        return in_file or str(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{error.filename}: {reason}" if error.filename else reason
    return None


def _fail(message: str, code: int = BAD_INPUT) -> int:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return code


def run() -> None:
    """Enter from the console script."""
    code = main()
    if code == CLOSED_PIPE and sys.stdout is not None:
        # Python flushes once more at its end: into nothing, instead of a complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
