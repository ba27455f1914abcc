from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chainrule.data import download, fetch
from chainrule.data.download import KNOWN, Remote, extract
from chainrule.errors import ArgumentError, DataError

CONTENT = bytes(range(256)) * 5000  # more than one chunk


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without writing a log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "file.bin").write_bytes(CONTENT)
    return folder


@pytest.fixture
def server(served: Path) -> Iterator[str]:
    """The address of a server of the folder, on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served))) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def make_archive(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


def test_a_file_from_a_server_with_progress(server: str, tmp_path: Path) -> None:
    calls: list[tuple[int, int | None]] = []
    path = fetch(
        f"{server}/file.bin?v=1",
        tmp_path / "new" / "folder",
        sha256(CONTENT).upper(),
        progress=lambda done, total: calls.append((done, total)),
    )
    assert path == tmp_path / "new" / "folder" / "file.bin"
    assert path.read_bytes() == CONTENT
    assert len(calls) > 1
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert files_below(path.parent) == ["file.bin"]


def test_what_is_there_is_not_downloaded_again(served: Path, tmp_path: Path) -> None:
    url = (served / "file.bin").as_uri()
    fetch(url, tmp_path / "to", sha256(CONTENT))
    (served / "file.bin").unlink()
    assert fetch(url, tmp_path / "to", sha256(CONTENT)).read_bytes() == CONTENT


def test_a_damaged_file_is_downloaded_again(served: Path, tmp_path: Path) -> None:
    url = (served / "file.bin").as_uri()
    (tmp_path / "file.bin").write_bytes(CONTENT[:-1])
    assert fetch(url, tmp_path, sha256(CONTENT)).read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing_and_keeps_what_was_there(
    served: Path, tmp_path: Path
) -> None:
    (tmp_path / "file.bin").write_bytes(b"old")
    with pytest.raises(DataError) as info:
        fetch((served / "file.bin").as_uri(), tmp_path, "0" * 64)
    assert f"requires SHA-256 {'0' * 64}; received {sha256(CONTENT)}" in str(info.value)
    assert (tmp_path / "file.bin").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["file.bin"]


def test_an_interrupted_download_leaves_nothing(served: Path, tmp_path: Path) -> None:
    def interrupt(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch((served / "file.bin").as_uri(), tmp_path / "to", sha256(CONTENT), interrupt)
    assert files_below(tmp_path / "to") == []


def test_errors_of_the_server_and_of_the_network(server: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.bin: .* received HTTP Error 404.*--data-dir"):
        fetch(f"{server}/none.bin", tmp_path, "0" * 64)
    with pytest.raises(DataError, match="requires a server that answers"):
        fetch("http://127.0.0.1:9/file.bin", tmp_path, "0" * 64)
    with pytest.raises(DataError, match=r"[Nn]o such file"):
        fetch((tmp_path / "none.bin").as_uri(), tmp_path, "0" * 64)


@pytest.mark.parametrize("url", ["nonsense://x/y", "http://", "http://[/y", "file:///a/.."])
def test_urls_that_are_none(url: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as info:
        fetch(url, tmp_path, "0" * 64)
    assert "\n" not in str(info.value)


def test_a_name_that_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="requires one of mnist, fashion-mnist, cifar10, or a URL"):
        fetch("imagenet", tmp_path)


def test_a_url_needs_a_checksum(served: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"requires sha256=\.\.\. for a URL"):
        fetch((served / "file.bin").as_uri(), tmp_path)


def test_a_known_data_set_of_several_files(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (served / "b.bin").write_bytes(b"b")
    remotes = (
        Remote((served / "file.bin").as_uri(), sha256(CONTENT)),
        Remote((served / "b.bin").as_uri(), sha256(b"b")),
    )
    monkeypatch.setitem(download.KNOWN, "mnist", remotes)
    assert fetch("mnist", tmp_path / "to") == tmp_path / "to"
    assert files_below(tmp_path / "to") == ["b.bin", "file.bin"]


def test_a_known_archive_is_unpacked_once_and_removed(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = served / "set.tar.gz"
    make_archive(archive, {"set/a.bin": b"a", "set/b.bin": b"b", "set/other": b"no"})
    members = ("set/a.bin", "set/b.bin")
    remote = Remote(archive.as_uri(), sha256(archive.read_bytes()), members)
    monkeypatch.setitem(download.KNOWN, "cifar10", (remote,))
    fetch("cifar10", tmp_path / "to")
    assert files_below(tmp_path / "to") == list(members)
    archive.unlink()
    fetch("cifar10", tmp_path / "to")
    assert (tmp_path / "to" / "set" / "a.bin").read_bytes() == b"a"


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    archive, inside = tmp_path / "evil.tar", tmp_path / "inside"
    link = tarfile.TarInfo("wanted")
    link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "outside")
    with tarfile.open(archive, "w") as tar:
        tar.addfile(tarfile.TarInfo("../outside"))
        tar.addfile(link)
    with pytest.raises(DataError, match="requires a regular file wanted; received none"):
        extract(archive, inside, ("wanted",))
    assert files_below(tmp_path) == ["evil.tar"]


def test_damaged_archives(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    make_archive(archive, {"a": CONTENT})
    content = archive.read_bytes()
    for damaged in (b"", b"no archive", content[: len(content) // 2], content[:-12]):
        archive.write_bytes(damaged)
        with pytest.raises(DataError, match=r"a.tar.gz: requires a re(adable tar|gular file)"):
            extract(archive, tmp_path / "to", ("a", "b"))


def test_the_table_of_known_data_sets_is_well_formed() -> None:
    assert list(KNOWN) == ["mnist", "fashion-mnist", "cifar10"]
    remotes = [remote for group in KNOWN.values() for remote in group]
    assert len({remote.url for remote in remotes}) == len(remotes) == 9
    for remote in remotes:
        assert len(bytes.fromhex(remote.sha256)) == 32
        assert remote.url.endswith(".gz")
    assert len(KNOWN["cifar10"][0].members) == 7
