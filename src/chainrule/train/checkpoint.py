"""One checkpoint: a folder of arrays and facts that can be checked and holds no code.

``weights.safetensors`` holds parameters and buffers by path, ``optimizer.safetensors`` the slots of
the optimizer, ``state.json`` everything else. ``manifest.json`` is written last and lists the
others with their sizes and hashes, so a folder that was damaged is never taken for a checkpoint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..errors import AnomalyError, CheckpointError
from ..graph import Tensor
from . import safetensors
from .durable import sync_folder, write_durably

T = TypeVar("T")

WEIGHTS, SLOTS, STATE = "weights.safetensors", "optimizer.safetensors", "state.json"
MANIFEST = "manifest.json"
FORMAT = {"format": "chainrule checkpoint", "version": 1}


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds: weights and slots by name, and a state of JSON values.

    ``path`` is the folder it was read from, ``notes`` what the reader had to say about it.
    """

    weights: Mapping[str, Tensor]
    slots: Mapping[str, Tensor]
    state: Mapping[str, Any]
    path: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def step(self) -> int:
        """The number of steps that the run had done."""
        return int(self.state["step"])

    def require_finite(self) -> None:
        """Raise AnomalyError if a weight is NaN or infinite: such a checkpoint would be useless."""
        for name, held in self.weights.items():
            if held.dtype.is_floating and not np.isfinite(held.value).all():
                raise AnomalyError(f"{name} has values that are not finite after step {self.step}")


def write_into(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the files of a checkpoint into a folder, all of them on the disk on return."""
    files = {
        WEIGHTS: safetensors.encode(checkpoint.weights),
        SLOTS: safetensors.encode(checkpoint.slots),
        STATE: to_json(checkpoint.state),
    }
    manifest = {**FORMAT, "files": {name: _fingerprint(data) for name, data in files.items()}}
    for name, data in {**files, MANIFEST: to_json(manifest)}.items():
        write_durably(folder / name, data)
    sync_folder(folder)


def read_from(folder: Path) -> Checkpoint:
    """Read and check the checkpoint in a folder; CheckpointError says what is wrong with it."""
    manifest = _parsed(_bytes(folder / MANIFEST), folder / MANIFEST)
    named = {key: manifest.get(key) for key in FORMAT}
    if named != FORMAT:
        raise CheckpointError(str(folder / MANIFEST), required=str(FORMAT), received=str(named))
    listed = _looked_up(lambda: dict(manifest["files"]), folder / MANIFEST)
    files = {name: _bytes(folder / name) for name in (WEIGHTS, SLOTS, STATE)}
    for name, data in files.items():
        saved = listed.get(name)
        if saved != _fingerprint(data):
            raise CheckpointError(
                f"{folder / name} is damaged", required=f"the bytes of {saved}",
                received=f"{_fingerprint(data)}",
            )  # fmt: skip
    state = _parsed(files[STATE], folder / STATE)
    checkpoint = Checkpoint(
        safetensors.decode(files[WEIGHTS], str(folder / WEIGHTS)),
        safetensors.decode(files[SLOTS], str(folder / SLOTS)),
        state,
        folder,
    )
    _looked_up(lambda: checkpoint.step, folder / STATE)
    return checkpoint


def to_json(value: Any) -> bytes:
    """Return JSON text, a little indented for those who look into the file."""
    return (json.dumps(value, indent=1) + "\n").encode()


def _fingerprint(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            str(path), required="a file of a checkpoint", received=error.strerror or str(error)
        ) from None


def _parsed(data: bytes, path: Path) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as error:
        raise CheckpointError(f"{path} is damaged", required="JSON", received=str(error)) from None
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} is damaged", required="an object", received=repr(value)[:80])
    return value


def _looked_up(read: Callable[[], T], path: Path) -> T:
    """Return ``read()``; a file without the entry that it looks up is a damaged one."""
    try:
        return read()
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} is damaged", required="all entries of a checkpoint", received=repr(error)
        ) from None
