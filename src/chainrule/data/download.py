"""Downloads that are checked: a file appears under its name only if its SHA-256 is right."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..errors import ArgumentError, DataError
from . import cifar
from .files import file_errors, replacing

Progress = Callable[[int, int | None], None]  # bytes so far, bytes in all if known
_CHUNK = 1 << 20
_TIMEOUT = 30.0  # seconds without an answer


@dataclass(frozen=True)
class Remote:
    """A published file; if it is a tar archive, ``members`` are the files to take out of it."""

    url: str
    sha256: str
    members: tuple[str, ...] = ()


def _mnist_files(base: str, *checksums: str) -> tuple[Remote, ...]:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(
        Remote(f"{base}/{name}-ubyte.gz", checksum)
        for name, checksum in zip(names, checksums, strict=True)
    )


KNOWN: dict[str, tuple[Remote, ...]] = {
    "mnist": _mnist_files(
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    "fashion-mnist": _mnist_files(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
    "cifar10": (
        Remote(
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            tuple(
                f"{cifar.SUBFOLDER}/{name}"
                for name in (*cifar.FILES["train"], *cifar.FILES["test"], cifar.META)
            ),
        ),
    ),
}


def fetch(
    source: str,
    directory: str | os.PathLike[str],
    sha256: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Download a known data set, returning its folder, or a URL, returning the file.

    What is there already with the right checksum is not downloaded again; archives are unpacked
    and removed. A URL needs its ``sha256`` (64 hexadecimal digits). ``progress`` is called with
    the bytes read so far and the total, None if unknown. Raises DataError when the server cannot
    be reached or what it sends is not what was published; then nothing is left behind.
    """
    folder = Path(directory).expanduser()
    if source in KNOWN:
        for remote in KNOWN[source]:
            _obtain(remote, folder, progress)
        return folder
    if "://" not in source:
        raise DataError(source, required=f"one of {', '.join(KNOWN)}, or a URL")
    if sha256 is None:
        raise ArgumentError("fetch", required="sha256=... for a URL", received="none")
    return _download(Remote(source, sha256.lower()), folder, progress)


def _obtain(remote: Remote, folder: Path, progress: Progress | None) -> None:
    """Have the file, or all members of the archive, in ``folder``."""
    if remote.members and all((folder / member).is_file() for member in remote.members):
        return
    file = _download(remote, folder, progress)
    if remote.members:
        extract(file, folder, remote.members)
        file.unlink()


def _download(remote: Remote, folder: Path, progress: Progress | None) -> Path:
    # Imported here because urllib brings http, email and ssl, which training never needs.
    from http.client import HTTPException
    from urllib.parse import unquote, urlsplit
    from urllib.request import urlopen

    try:
        name = PurePosixPath(unquote(urlsplit(remote.url).path)).name
        if name in ("", ".."):
            raise ValueError("the URL does not end in the name of a file")
        target = folder / name
        if not target.is_file() or _sha256(target) != remote.sha256:
            with urlopen(remote.url, timeout=_TIMEOUT) as response, replacing(target) as file:
                length = response.headers.get("Content-Length")
                _copy(response, file, remote, int(length) if length else None, progress)
        return target
    except DataError:
        raise
    except (OSError, HTTPException, ValueError) as error:
        raise DataError(
            remote.url,
            required=f"a server that answers, and room in {folder}",
            received=str(error),
            hint="offline, get the files elsewhere and give their folder with --data-dir",
        ) from None


def _copy(
    response: BinaryIO,
    file: BinaryIO,
    remote: Remote,
    length: int | None,
    progress: Progress | None,
) -> None:
    """Copy what the server sends, then compare its checksum."""
    digest, done = hashlib.sha256(), 0
    while chunk := response.read(_CHUNK):
        file.write(chunk)
        digest.update(chunk)
        done += len(chunk)
        if progress is not None:
            progress(done, length)
    if digest.hexdigest() != remote.sha256:
        raise DataError(
            remote.url,
            required=f"SHA-256 {remote.sha256}",
            received=f"{digest.hexdigest()} ({done} bytes)",
            hint="the file is truncated or has changed; nothing was kept",
        )


def _sha256(path: Path) -> str:
    with file_errors(path, "a readable file"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def extract(archive: Path, folder: Path, members: tuple[str, ...]) -> None:
    """Take the named regular files, and nothing else, out of a tar archive into ``folder``.

    Links, devices and files that were not asked for stay where they are, so an archive cannot
    write elsewhere. Raises DataError when the archive is damaged or a member is missing.
    """
    import tarfile

    missing = set(members)
    try:
        with file_errors(archive, "a readable tar archive"), tarfile.open(archive) as tar:
            for info in tar:
                source = tar.extractfile(info) if info.isreg() and info.name in missing else None
                if source is not None:
                    with replacing(folder / info.name) as file:
                        shutil.copyfileobj(source, file)
                    missing.remove(info.name)
    except tarfile.TarError as error:
        raise DataError(
            str(archive), required="a readable tar archive", received=str(error)
        ) from None
    if missing:
        raise DataError(str(archive), required=f"a regular file {min(missing)}", received="none")
