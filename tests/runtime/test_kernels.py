"""Kernels that LLVM begins with before they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.errors import ChainruleError
from chainrule.runtime import cache, kernels

TEXT = """define void @kernel(ptr %buffers, ptr %args, i64 %start, i64 %stop) {
entry:
  %sum = add i64 %start, NUMBER
  ret void
}
"""


def kernel(number: int) -> kernels.Kernel:
    return TEXT.replace("NUMBER", str(number)), ()


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "kernels"))
    monkeypatch.setattr(kernels, "_addresses", {})
    monkeypatch.setattr(kernels, "_begun", {})
    monkeypatch.setattr(kernels, "WORTH_BEGINNING", 1)


def test_what_was_begun_is_compiled_once_and_counts_as_compiled() -> None:
    some = [kernel(n) for n in range(900, 912)]
    kernels.begin(some[:8])
    begun = dict(kernels._begun)
    assert len(begun) == 8
    loading = kernels.Loading()
    addresses = kernels.load(some, loading)
    assert len(set(addresses)) == 12
    assert loading.counts() == {"memory": 0, "disk": 0, "compiled": 12}
    assert kernels._begun == {}
    kernels.begin(some)  # all are in memory
    assert kernels._begun == {}


def test_what_is_on_disk_or_begun_already_is_not_begun() -> None:
    first, second = kernel(920), kernel(921)
    kernels.load([first])
    kernels._addresses.clear()
    kernels.begin([first, second])
    assert len(kernels._begun) == 1
    module = next(iter(kernels._begun.values()))
    kernels.begin([second])
    assert list(kernels._begun.values()) == [module]
    loading = kernels.Loading()
    kernels.load([first, second], loading)
    assert loading.counts() == {"memory": 0, "disk": 1, "compiled": 1}


def test_little_is_left_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [kernel(n) for n in range(950, 953)]
    monkeypatch.setattr(kernels, "WORTH_BEGINNING", 1 + sum(len(text) for text, _ in some))
    kernels.begin(some)
    assert kernels._begun == {}
    kernels.begin([*some, kernel(953)])
    assert len(kernels._begun) == 4


def test_what_nobody_asks_for_does_not_hold_up_others() -> None:
    kernels.begin([kernel(930)])
    kernels.load([kernel(931)])
    assert len(kernels._begun) == 1


def test_a_text_that_is_no_program_is_told_to_whoever_asks_for_it_each_time() -> None:
    wrong = (kernel(940)[0].replace("add i64", "add nothing"), ())
    kernels.begin([wrong])
    for _ in range(2):
        with pytest.raises(ChainruleError, match="LLVM IR of a function @kernel"):
            kernels.load([wrong])
    assert kernels._begun == {}


def test_listed_keys_are_those_with_a_file() -> None:
    keys = ["a" * 64, "b" * 64]
    assert cache.listed(keys) == set()
    cache.store(keys[:1], b"code")
    assert cache.listed(keys) == {keys[0]}
