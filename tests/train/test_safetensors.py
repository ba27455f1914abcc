"""The safetensors format, against its reference library and against damage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import chainrule as cr
from chainrule import dtypes
from chainrule.errors import CheckpointError
from chainrule.train import safetensors

FILE = safetensors.encode(
    {"w": cr.tensor(np.arange(6.0).reshape(2, 3)), "n": cr.tensor(3), "empty": cr.zeros((0, 2))}
)


@pytest.mark.parametrize("name", dtypes.ALL)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)])
def test_every_type_and_shape_goes_round(name: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    values = cr.tensor(rng.integers(0, 2, shape) if name == "bool" else rng.normal(0, 9, shape))
    held = cr.tensor(cr.astype(cr.abs(values), name))
    found = safetensors.decode(safetensors.encode({"a": held}), "file")["a"]
    assert (found.dtype, found.shape) == (held.dtype, shape)
    assert found.data.tobytes() == held.data.tobytes()
    assert found.data.flags.owndata
    assert found.data.flags.writeable


@given(
    st.dictionaries(
        st.text(max_size=8).filter(lambda name: name != "__metadata__"),
        hnp.arrays(
            st.sampled_from([np.float32, np.float64, np.int16, np.bool_, np.uint8]),
            hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
        ),
        max_size=4,
    )
)
def test_any_names_and_arrays_go_round(arrays: dict[str, Any]) -> None:
    data = safetensors.encode({name: cr.tensor(array) for name, array in arrays.items()})
    found = safetensors.decode(data, "file")
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].data.tobytes() == array.tobytes()
        assert found[name].shape == array.shape


def test_the_reference_library_reads_it_and_is_read() -> None:
    library = pytest.importorskip("safetensors.numpy")
    arrays = {
        "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a.count": np.array(7, np.int64),
        "b": np.array([True, False]),
        "c": np.arange(4, dtype=np.float16),
        "d": np.zeros((0, 3), np.float64),
    }
    ours = safetensors.encode({name: cr.tensor(array) for name, array in arrays.items()})
    for found in (library.load(ours), safetensors.decode(library.save(arrays), "file")):
        assert set(found) == set(arrays)
        for name, array in arrays.items():
            held = found[name] if isinstance(found[name], np.ndarray) else found[name].data
            assert held.dtype == array.dtype
            np.testing.assert_array_equal(held, array)


def test_metadata_is_passed_over() -> None:
    library = pytest.importorskip("safetensors.numpy")
    data = library.save({"w": np.ones(2, np.float32)}, metadata={"format": "pt"})
    assert set(safetensors.decode(data, "file")) == {"w"}


@pytest.mark.parametrize("length", range(0, len(FILE), 7))
def test_a_truncated_file_is_damaged(length: int) -> None:
    with pytest.raises(CheckpointError, match="weights is damaged"):
        safetensors.decode(FILE[:length], "weights")


def outcome(data: bytes) -> Any:
    """What reading gives: the tensors, or what the error says is wrong."""
    try:
        return safetensors.decode(data, "file")
    except CheckpointError as error:
        return error.what


@given(st.binary(max_size=200))
def test_random_bytes_are_damaged_or_empty(data: bytes) -> None:
    assert outcome(data) in ({}, "file is damaged")


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_changed_byte_never_ends_in_another_error(place: int, change: int) -> None:
    data = bytearray(FILE)
    data[place] ^= change
    assert isinstance(outcome(bytes(data)), dict) or outcome(bytes(data)) == "file is damaged"


def header(text: str, body: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text.encode() + body


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (header("[]"), "a header of types, shapes and offsets"),
        (header('{"w": {"dtype": "F32", "shape": [1]}}'), "a header of types"),
        (header('{"w": {"dtype": "C64", "shape": [], "data_offsets": [0, 8]}}'), "'C64'"),
        (header('{"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}'), "negative"),
        (
            header('{"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', bytes(4)),
            "8 bytes from 0 for array 'w'; received bytes 0 to 4 of 4",
        ),
        (
            header('{"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', bytes(8)),
            "4 bytes from 0",
        ),
        (
            header('{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', bytes(9)),
            "4 bytes of arrays; received 9",
        ),
    ],
)
def test_what_is_wrong_is_named(data: bytes, text: str) -> None:
    with pytest.raises(CheckpointError, match=text):
        safetensors.decode(data, "file")
