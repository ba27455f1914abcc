"""The configuration of a run, and how it is read from a file that anyone may have edited."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..data import Transform, from_config
from ..errors import CheckpointError
from ..train.durable import replace_file

CONFIG = "config.json"
Condition = tuple[str, Callable[[Any], bool]]  # in words, and as a test


@dataclass(frozen=True)
class RunConfig:
    """What a run was made of: enough to build it again, and no code."""

    version: str
    model: str
    data: str
    data_dir: str | None
    input_shape: tuple[int, ...]
    outputs: int
    classes: tuple[str, ...] | None
    transform: Mapping[str, Any]
    limit: int | None = None
    epochs: int = 0
    batch_size: int = 1
    lr: float = 0.0
    seed: int = 0
    tensorboard: bool = False
    compile: bool = True
    k: int = 1
    metric: str = "L2"

    @property
    def is_classifier(self) -> bool:
        """Whether the targets are classes."""
        return self.classes is not None

    def normalize(self) -> Transform:
        """Return the transform that brings inputs to mean 0 and spread 1."""
        return from_config(self.transform)

    def write(self, folder: Path) -> None:
        """Write the configuration into the run's folder, the whole of it or nothing."""
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / CONFIG, (json.dumps(asdict(self), indent=2) + "\n").encode())


def read_config(folder: Path) -> RunConfig:
    """Read a run's configuration; CheckpointError, in one line, if there is none or it is bad."""
    path = folder / CONFIG
    try:
        values = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise CheckpointError(
            str(folder), required=f"a folder of a run, with a {CONFIG}", received="none",
            hint="chainrule train MODEL --output FOLDER writes one",
        ) from None  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise _bad(path, "JSON", str(error)) from None
    required = {f.name for f in fields(RunConfig) if f.default is MISSING}
    if not isinstance(values, dict) or not required <= set(values) <= set(_CONDITIONS):
        raise _bad(path, "the entries that chainrule train writes", "others")
    for name, value in values.items():
        condition, test = _CONDITIONS[name]
        if not test(value):
            raise _bad(path, f"{name}: {condition}", repr(value))
    held: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    config = RunConfig(**held)
    if config.classes is not None and len(config.classes) != config.outputs:
        raise _bad(path, f"names of {config.outputs} classes", str(len(config.classes)))
    return config


def _bad(path: Path, required: str, received: str) -> CheckpointError:
    return CheckpointError(str(path), required=required, received=received)


def _whole(least: int) -> Condition:
    return f"a whole number >= {least}", lambda v: type(v) is int and v >= least


def _optional(condition: Condition) -> Condition:
    return f"null or {condition[0]}", lambda v: v is None or condition[1](v)


def _list(condition: Condition) -> Condition:
    return (
        f"a list, each {condition[0]}",
        lambda v: isinstance(v, list) and len(v) > 0 and all(condition[1](entry) for entry in v),
    )


_TEXT: Condition = ("a text", lambda v: isinstance(v, str))
_CONDITIONS: dict[str, Condition] = {
    "version": _TEXT,
    "model": _TEXT,
    "data": _TEXT,
    "data_dir": _optional(_TEXT),
    "input_shape": _list(_whole(1)),
    "outputs": _whole(1),
    "classes": _optional(_list(_TEXT)),
    "transform": ("an object", lambda v: isinstance(v, dict)),
    "limit": _optional(_whole(1)),
    "epochs": _whole(0),
    "batch_size": _whole(1),
    "lr": ("a number >= 0", lambda v: type(v) in (int, float) and 0 <= v < math.inf),
    "seed": _whole(0),
    "tensorboard": ("true or false", lambda v: isinstance(v, bool)),
    "compile": ("true or false", lambda v: isinstance(v, bool)),
    "k": _whole(1),
    "metric": ("L1 or L2", lambda v: v in ("L1", "L2")),
}
