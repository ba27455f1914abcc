"""Files that survive a crash: written under another name, flushed to the disk, then renamed.

Whoever reads sees the old file or the new one, never a half, whatever moment the process is killed.
"""

from __future__ import annotations

import os
from pathlib import Path

TEMPORARY = ".tmp-"  # what a name begins with while its content is not complete


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Give a file a new content in one step."""
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    write_durably(temporary, data)
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has a folder's entries: only then a rename is safe."""
    if os.name != "posix":
        return  # elsewhere folders cannot be opened, and renames are journalled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
