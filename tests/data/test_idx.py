from __future__ import annotations

import gzip
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.data import read_idx, write_idx
from chainrule.dtypes import Array
from chainrule.errors import DataError

ARRAYS = st.sampled_from(["u1", "i1", "<i2", ">i2", "<i4", "<f4", ">f4", "<f8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=5, min_side=0, max_side=4))
)


def array_or_message(path: Path) -> Array | str:
    """Read a file that may be damaged; any other error than DataError fails the test."""
    try:
        return read_idx(path)
    except DataError as error:
        return str(error)


@given(array=ARRAYS, compressed=st.booleans())
def test_what_is_written_is_read(array: Array, compressed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.idx.gz" if compressed else "a.idx")
        write_idx(path, array)
        read = read_idx(path)
        assert [p.name for p in Path(folder).iterdir()] == [path.name]
    assert read.dtype == array.dtype.newbyteorder("=")
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, array)


@given(data=st.binary(max_size=40), magic=st.booleans())
def test_any_bytes_give_an_array_or_a_data_error(data: bytes, magic: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.idx")
        path.write_bytes((b"\0\0\x08" if magic else b"") + data)
        result = array_or_message(path)
        if isinstance(result, str):
            assert result.startswith(str(path))
            assert "\n" not in result


@given(position=st.integers(0, 60), value=st.integers(0, 255))
def test_a_changed_byte_of_a_compressed_file_is_never_a_crash(position: int, value: int) -> None:
    content = bytearray(gzip.compress(b"\0\0\x08\1\0\0\0\x50" + bytes(range(80)), mtime=0))
    content[position] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.idx.gz")
        path.write_bytes(content)
        result = array_or_message(path)
        assert isinstance(result, str) or result.tolist() == list(range(80))


def test_the_bytes_are_those_of_the_format(tmp_path: Path) -> None:
    write_idx(tmp_path / "a", np.array([[1, 2], [3, -4]], np.int16))
    content = (tmp_path / "a").read_bytes()
    assert content == b"\0\0\x0b\2" + struct.pack(">II4h", 2, 2, 1, 2, 3, -4)


def test_equal_arrays_make_equal_files(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_idx(tmp_path / name, np.arange(9, dtype=np.uint8))
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_compressed_file_needs_no_suffix_and_a_plain_one_may_have_it(tmp_path: Path) -> None:
    plain = b"\0\0\x08\1\0\0\0\2\5\6"
    (tmp_path / "plain.gz").write_bytes(plain)
    (tmp_path / "compressed").write_bytes(gzip.compress(plain))
    assert read_idx(tmp_path / "plain.gz").tolist() == [5, 6]
    assert read_idx(str(tmp_path / "compressed")).tolist() == [5, 6]


def test_a_file_inside_a_zip_file_is_read_as_in_a_zipped_package(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner/a.gz", gzip.compress(b"\0\0\x08\1\0\0\0\2\5\6"))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert read_idx(zipfile.Path(archive, "inner/a.gz")).tolist() == [5, 6]


HEADER = b"\0\0\x08\2\0\0\0\2\0\0\0\3"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "whose first bytes are 00 00 TYPE DIMENSIONS; received an empty file"),
        (b"\0\0", "whose first bytes are 00 00 TYPE DIMENSIONS; received 00 00"),
        (b"\x89PNG....", "received 89 50 4e 47"),
        (b"\0\0\x0a\1\0\0\0\1\0", "received 00 00 0a 01"),
        (b"\0\0\x08\0\1", "received 00 00 08 00"),
        (b"\0\0\x08\xff\1", "received 00 00 08 ff"),
        (HEADER[:9], "requires 2 dimensions of 4 bytes; received 5 bytes"),
        (
            HEADER + b"12345",
            "requires 6 bytes of uint8 for shape (2, 3); received 5 bytes (truncated)",
        ),
        (HEADER + b"1234567", "requires 6 bytes of uint8 for shape (2, 3); received more bytes"),
        (b"\0\0\x0e\3" + b"\xff" * 12, "received 0 bytes (truncated)"),
        (b"\0\0\x0e\4" + b"\xff" * 12 + bytes(4), "requires a shape that fits memory"),
    ],
)
def test_content_that_is_not_idx(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "bad-idx"
    for compressed in (False, True):
        path.write_bytes(gzip.compress(content) if compressed else content)
        with pytest.raises(DataError) as info:
            read_idx(path)
        assert str(info.value).startswith(f"{path}: ")
        assert text in str(info.value)


def test_a_truncated_gzip_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    write_idx(path, np.random.default_rng(0).integers(0, 256, 10_000).astype(np.uint8))
    content = path.read_bytes()
    for length in (5, 30, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match="damaged compressed data"):
            read_idx(path)


def test_a_wrong_checksum_in_a_gzip_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    write_idx(path, np.arange(100, dtype=np.uint8))
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged compressed data"):
        read_idx(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError) as info:
        read_idx(tmp_path / "none")
    message = f"{tmp_path / 'none'}: requires a readable IDX file; received no such file"
    assert str(info.value) == message
    with pytest.raises(DataError, match="is a directory"):
        read_idx(tmp_path)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(2, np.int64),
        np.zeros(2, np.uint16),
        np.zeros(2, bool),
        np.array(["a"]),
        np.uint8(1),
        np.broadcast_to(np.uint8(0), (2**32,)),
    ],
)
def test_what_the_format_cannot_hold(tmp_path: Path, array: Array) -> None:
    with pytest.raises(DataError, match=r"convert it with array.astype"):
        write_idx(tmp_path / "a", array)
    assert list(tmp_path.iterdir()) == []
