"""A recipe from a Python file that a user wrote, and whose line it was when something fails."""

from __future__ import annotations

import math
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import nn, optim
from ..errors import ArgumentError, ChainruleError, DataError
from .recipes import Recipe

_NUMBERS: dict[str, tuple[type, bool]] = {  # their type, and whether they may be 0
    "lr": (float, False), "momentum": (float, True), "weight_decay": (float, True),
    "epochs": (int, True), "batch_size": (int, False),
}  # fmt: skip
_FILES: set[str] = set()  # the model files that this process has run


def from_file(path: str | Path) -> Recipe:
    """Run a Python file and return the recipe that it defines.

    The file defines ``model``: a Module, or a function (input_shape, classes) -> Module. It may
    also define ``loss(outputs, targets)``, ``optimizer(parameters)`` and the numbers ``lr``,
    ``momentum``, ``weight_decay``, ``epochs`` and ``batch_size``. Raises DataError, in one line
    that names the file's own line, for a file that is missing, does not parse or fails.
    """
    name = str(path)
    module = _run(_read(Path(path)), Path(path))
    model = getattr(module, "model", None)
    if not callable(model):  # a Module is callable too
        raise DataError(
            name, required="a name 'model': a Module, or a function (input_shape, classes)",
            received=type(model).__name__ if hasattr(module, "model") else "no such name",
        )  # fmt: skip
    chosen: dict[str, Any] = {
        key: _function(name, key, getattr(module, key))
        for key in ("loss", "optimizer")
        if hasattr(module, key)
    }
    if "optimizer" in chosen:
        chosen["optimizer"] = _making(
            f"{name}: optimizer(parameters)", optim.Optimizer, chosen["optimizer"]
        )
    for key in _NUMBERS:
        if hasattr(module, key):
            chosen[key] = _number(name, key, getattr(module, key))
    build = _making(f"{name}: model(input_shape, classes)", nn.Module, _as_function(model))
    return replace(Recipe(name, f"defined in {name}", build), **chosen)


def error_in_file(error: BaseException) -> str | None:
    """Return an error in one line that names the line of a model file through which it came.

    None if no line of a model file took part: then it is nobody's fault but chainrule's.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{f.filename}:{f.lineno}" for f in frames if f.filename in _FILES]
    if not lines:
        return None
    if not isinstance(error, ChainruleError):
        return f"{lines[-1]}: {type(error).__name__}: {error}"
    return str(error) if Path(lines[-1]).name in str(error) else f"{lines[-1]}: {error}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        received = "no such file"
    except OSError as error:
        received = (error.strerror or str(error)).lower()
    except UnicodeDecodeError as error:
        received = str(error)
    raise DataError(str(path), required="a Python file", received=received)


def _run(source: str, path: Path) -> ModuleType:
    try:
        code = compile(source, str(path), "exec")
    except SyntaxError as error:
        raise DataError(
            f"{path}:{error.lineno}", required="valid Python", received=error.msg
        ) from None
    except ValueError as error:  # a null byte
        raise DataError(str(path), required="valid Python", received=str(error)) from None
    module = ModuleType(f"model file {path.stem}")  # a name that hides no other module
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    _FILES.add(str(path))
    with _told(str(path)), _importing_from(path.parent):
        exec(code, module.__dict__)
    return module


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Let a file import what lies beside it, as ``python FILE`` would."""
    place = str(folder.resolve())
    sys.path.insert(0, place)
    try:
        yield
    finally:
        sys.path.remove(place)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn an error of the user's code into a DataError that names the line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        reason = error_in_file(error) or f"{what}: {type(error).__name__}: {error}"
        raise DataError(" ".join(reason.split())) from error


def _as_function(model: Any) -> Callable[..., Any]:
    return (lambda input_shape, classes: model) if isinstance(model, nn.Module) else model


def _making(what: str, kind: type, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a user's function with a check of what it makes."""

    def make(*arguments: Any) -> Any:
        with _told(what):
            made = function(*arguments)
        if not isinstance(made, kind):
            raise DataError(what, required=f"a {kind.__name__}", received=type(made).__name__)
        return made

    return make


def _function(path: str, name: str, value: Any) -> Any:
    if not callable(value):
        raise ArgumentError(f"{path}: {name}", required="a function", received=repr(value))
    return value


def _number(path: str, name: str, value: Any) -> Any:
    kind, may_be_zero = _NUMBERS[name]
    is_number = isinstance(value, (int, kind)) and not isinstance(value, bool)
    if not is_number or not (0 < value < math.inf or (value == 0 and may_be_zero)):
        raise ArgumentError(
            f"{path}: {name}", required=f"a {kind.__name__} {'>=' if may_be_zero else '>'} 0",
            received=repr(value),
        )  # fmt: skip
    return value
