"""Object code on disk: found again, checked, bounded, shared by processes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError
from chainrule.runtime import cache, kernels, llvm

KEYS = [hashlib.sha256(bytes([n])).hexdigest() for n in range(8)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "kernels"))
    monkeypatch.setenv("CHAINRULE_CACHE_MB", "256")
    return tmp_path / "kernels"


def found(*keys: str) -> dict[str, bytes]:
    return {key: code for answered, code in cache.find(keys) for key in answered}


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_what_is_stored_is_found(folder: Path) -> None:
    cache.store(KEYS[:2], b"one")
    cache.store(KEYS[2:3], b"two")
    assert found(*KEYS[:4]) == {KEYS[0]: b"one", KEYS[1]: b"one", KEYS[2]: b"two"}
    assert [path.suffix for path in files(folder)] == [cache.SUFFIX] * 2


def test_keys_that_begin_alike_are_told_apart(folder: Path) -> None:
    cache.store([KEYS[0]], b"one")
    other = KEYS[0][: cache.DIGITS] + "f" * (64 - cache.DIGITS)
    assert found(other) == {}


def test_any_changed_byte_and_any_cut_are_as_good_as_no_file(folder: Path) -> None:
    cache.store(KEYS[:2], b"some code")
    (path,) = files(folder)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert found(*KEYS[:2]) == {}, place
        path.write_bytes(whole[:place])
        assert found(*KEYS[:2]) == {}, place
    path.write_bytes(whole + b"more")
    assert found(*KEYS[:2]) == {}
    cache.store(KEYS[:2], b"some code")
    assert found(KEYS[1]) == {KEYS[1]: b"some code"}


def test_the_files_that_were_not_used_for_the_longest_time_go_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age, key in enumerate(reversed(KEYS)):
        cache.store([key], bytes(1000))
        path = next(p for p in files(folder) if p.name.startswith(key[: cache.DIGITS]))
        os.utime(path, (age, age))  # the last of the keys is the oldest
    assert found(KEYS[7])  # now it is used, and the youngest
    monkeypatch.setenv("CHAINRULE_CACHE_MB", str(3500 / 1024**2))
    cache.prune()
    assert set(found(*KEYS)) == {KEYS[7], KEYS[0], KEYS[1]}
    assert sum(path.stat().st_size for path in files(folder)) <= 3500


def test_pruning_also_deletes_what_was_left_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    (folder / "x.part").write_bytes(bytes(10_000))
    (folder / "mine.txt").write_bytes(bytes(10_000))
    monkeypatch.setenv("CHAINRULE_CACHE_MB", str(5000 / 1024**2))
    cache.prune()
    assert [path.name for path in files(folder)] == ["mine.txt"]


def test_a_folder_that_cannot_be_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "file" / "kernels"))
    assert fresh_program() == 7.0


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o500)
    try:
        assert fresh_program() == 7.0
    finally:
        folder.chmod(0o700)


def test_nothing_is_kept_if_the_bound_is_zero(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE_MB", "0")
    assert fresh_program() == 7.0
    assert not folder.exists() or not files(folder)


def test_a_bound_that_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE_MB", "much")
    with pytest.raises(ArgumentError, match=r"CHAINRULE_CACHE_MB.*'much'"):
        cache.store(KEYS[:1], b"")


_programs = iter(range(1000, 10_000))


def fresh_program() -> float:
    """Run a program with a kernel that no process has seen before."""
    number = next(_programs) + os.getpid() / 2**22
    x = np.zeros(3, np.float32)
    return float(cr.compile(lambda x: (x * number + 7).max())(x).item())


def test_a_damaged_file_is_compiled_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.arange(5, dtype=np.float32)

    def run() -> Any:
        monkeypatch.setattr(kernels, "_addresses", {})  # as a new process
        return cr.compile(lambda x: x * 1.25 - 3)(x).tolist()

    expected = run()
    for path in files(folder):
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert run() == expected
    compiled: list[str] = []
    monkeypatch.setattr(kernels, "object_code", lambda text: compiled.append(text) or b"")
    assert run() == expected
    assert compiled == []


@pytest.mark.parametrize("what", ["cpu", "features", "triple"])
def test_keys_depend_on_the_processor(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    before = kernels.key_of("text")
    other = replace(kernels.host(), **{what: "another"})
    monkeypatch.setattr(kernels, "host", lambda: other)
    kernels.circumstances.cache_clear()
    try:
        assert kernels.key_of("text") != before
    finally:
        monkeypatch.undo()
        kernels.circumstances.cache_clear()
    assert kernels.key_of("text") == before


def test_keys_depend_on_llvm_and_on_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    before = kernels.key_of("text")
    assert kernels.key_of("text ") != before
    monkeypatch.setattr(llvm.binding(), "llvm_version_info", (1, 2, 3))
    kernels.circumstances.cache_clear()
    try:
        assert kernels.key_of("text") != before
    finally:
        monkeypatch.undo()
        kernels.circumstances.cache_clear()


SCRIPT = """
import numpy as np, chainrule as cr
from chainrule.runtime import kernels
compiled, real = [], kernels.object_code
def counting(text):
    compiled.append(text)
    return real(text)
kernels.object_code = counting
x = np.ones((20, 20), np.float32)
step = cr.compile(lambda x: cr.grad(lambda v: (cr.tanh(v @ v) * 3).sum())(x))
print(step(x).numpy().sum(), len(compiled))
"""


def start() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)


def test_a_second_process_compiles_nothing(folder: Path) -> None:
    first, second = (start().communicate()[0].split() for _ in range(2))
    assert first[0] == second[0]
    assert int(first[1]) > 0
    assert int(second[1]) == 0


def test_processes_may_write_at_once(folder: Path) -> None:
    started = [start() for _ in range(4)]
    sums = {process.communicate()[0].split()[0] for process in started}
    assert len(sums) == 1
    assert not [path for path in files(folder) if path.suffix == ".part"]
    assert start().communicate()[0].split()[1] == "0"
