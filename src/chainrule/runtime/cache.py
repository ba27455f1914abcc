"""Object code on disk: files that are checked before they are used, and bounded in size.

A file holds the object code of a few kernels that were compiled together; its name lists the first
digits of their keys. A key is the SHA-256 of everything that the code depends on. What is written
goes to a temporary name first, so that no reader sees half a file. A file that does not fit its
checksum or does not hold the key that is asked for is as good as no file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..settings import cache_bytes, cache_directory

MAGIC = b"chainrule kernels 1\n"
SUFFIX = ".kernels"
DIGITS = 16  # of each key, in a file's name
_KEY, _COUNT, _CHECKSUM = 32, 2, 32  # bytes


def find(keys: Iterable[str]) -> Iterator[tuple[list[str], bytes]]:
    """Give pairs (keys that it answers, object code) until no file has an answer any more."""
    missing = set(keys) if cache_bytes() else set()
    files = _files() if missing else {}
    while missing:
        key = missing.pop()
        name = files.get(key[:DIGITS])
        held, code = _read(cache_directory() / name) if name is not None else ([], b"")
        if key in held:
            answered = [key, *(missing.intersection(held))]
            missing.difference_update(answered)
            yield answered, code


def listed(keys: Iterable[str]) -> set[str]:
    """Return the keys for which there is a file, whatever is in it."""
    files = _files() if cache_bytes() else {}
    return {key for key in keys if key[:DIGITS] in files}


def store(keys: Sequence[str], code: bytes) -> None:
    """Write the object code of a few kernels; where that is not possible, do nothing."""
    if not cache_bytes():
        return
    content = _pack(keys, code)
    name = "-".join(key[:DIGITS] for key in keys) + SUFFIX
    temporary = None
    try:
        folder = cache_directory()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, folder / name)
    except OSError:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def prune() -> None:
    """Delete the files that were not used for the longest time until the rest fits the limit."""
    limit = cache_bytes()
    entries = sorted(_entries())
    total = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if total <= limit:
            break
        with contextlib.suppress(OSError):  # another process may have been faster
            os.unlink(path)
        total -= size


def _entries() -> Iterator[tuple[int, int, str]]:
    """Give the time of last use, the size and the path of every file of ours."""
    with contextlib.suppress(OSError), os.scandir(cache_directory()) as folder:
        for entry in folder:
            if entry.name.endswith((SUFFIX, ".part")):
                with contextlib.suppress(OSError):  # it may be gone by now
                    status = entry.stat()
                    yield status.st_mtime_ns, status.st_size, entry.path


def _files() -> dict[str, str]:
    """Return the names of files, of which there may be many, by the first digits of their keys."""
    try:
        names = [name for name in os.listdir(cache_directory()) if name.endswith(SUFFIX)]
    except OSError:
        return {}
    return {key: name for name in names for key in name.removesuffix(SUFFIX).split("-")}


def _pack(keys: Sequence[str], code: bytes) -> bytes:
    listed = len(keys).to_bytes(_COUNT, "little") + b"".join(bytes.fromhex(key) for key in keys)
    return MAGIC + hashlib.sha256(listed + code).digest() + listed + code


def _read(path: Path) -> tuple[list[str], bytes]:
    """Return the keys and the object code of a file; no keys if anything is wrong with it."""
    try:
        content = path.read_bytes()
        os.utime(path)  # it was used now
    except OSError:
        return [], b""
    head = len(MAGIC) + _CHECKSUM
    checksum, body = content[len(MAGIC) : head], content[head:]
    if not content.startswith(MAGIC) or hashlib.sha256(body).digest() != checksum:
        return [], b""
    end = _COUNT + int.from_bytes(body[:_COUNT], "little") * _KEY
    keys = [body[at : at + _KEY].hex() for at in range(_COUNT, end, _KEY)]
    return keys, body[end:]
