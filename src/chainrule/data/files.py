"""Files that may be missing, damaged or half written: read with clear errors, write atomically."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import BinaryIO

from ..errors import DataError

Source = str | os.PathLike[str] | Traversable


def as_file(source: Source) -> Path | Traversable:
    """Return a path for a name; what can be opened already stays as it is."""
    if isinstance(source, str | os.PathLike):
        return Path(source).expanduser()
    return source


@contextmanager
def file_errors(name: object, required: str) -> Iterator[None]:
    """Turn what the operating system or gzip say about a file into a DataError that names it."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(str(name), required=required, received="no such file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            str(name), required=required, received=f"damaged compressed data ({error})"
        ) from None
    except OSError as error:
        received = (error.strerror or str(error)).lower()
        raise DataError(str(name), required=required, received=received) from None


def existing_folder(directory: str | os.PathLike[str]) -> Path:
    """Return the path of a folder that must exist."""
    folder = Path(directory).expanduser()
    if not folder.is_dir():
        received = "a file" if folder.exists() else "no such folder"
        raise DataError(str(folder), required="a folder", received=received)
    return folder


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that takes the place of ``path`` only if the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
