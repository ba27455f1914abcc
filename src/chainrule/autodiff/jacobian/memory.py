"""Memory: how much is there, and an error that says how much a result would take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ...errors import MemoryLimitError

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_CGROUP_FILES = [  # limit and usage of a container, version 2 and version 1
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
]
_SHARE = 0.8  # of what is available; the rest is left to the computation around the result


def available_bytes() -> int | None:
    """Return how many bytes one result may take now; None where the system does not tell."""
    known = [*_of_machine(), *_of_container()]
    return int(min(known) * _SHARE) if known else None


def _of_machine() -> Iterator[int]:
    try:
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                yield int(line.split()[1]) * 1024
                return
    except (OSError, ValueError):
        pass
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_container() -> Iterator[int]:
    for limit, usage in _CGROUP_FILES:
        try:
            yield max(0, int((_CGROUP / limit).read_text()) - int((_CGROUP / usage).read_text()))
        except (OSError, ValueError):  # no such file, or "max"
            continue


def check_fits(what: str, result: str, needed: int, limit: int | None, hint: str) -> None:
    """Raise MemoryLimitError if ``needed`` bytes are more than the limit (or than there are)."""
    allowed = available_bytes() if limit is None else limit
    if allowed is not None and needed > allowed:
        raise MemoryLimitError(
            what, required=f"at most {readable(allowed)}",
            received=f"{result}, which takes {needed} bytes ({readable(needed)})", hint=hint,
        )  # fmt: skip


def readable(count: int) -> str:
    """Return a number of bytes for people.

    >>> readable(262144), readable(17179869184)
    ('256 KiB', '16 GiB')
    """
    size, units = float(count), ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.3g} {units[0]}" if size < 1000 else f"{size:.0f} {units[0]}"
