from __future__ import annotations

import gzip
import hashlib
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from chainrule.data import fashion_mnist, mnist, read_idx, write_idx
from chainrule.errors import ArgumentError, DataError


def test_the_embedded_training_set() -> None:
    data = mnist()
    assert data.inputs.shape == (60_000, 1, 28, 28)
    assert data.inputs.dtype == np.uint8
    assert data.targets.dtype == np.int64
    assert np.bincount(data.targets).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert data.targets[:8].tolist() == [5, 0, 4, 1, 9, 2, 1, 3]
    assert data.classes == tuple("0123456789")


def test_the_embedded_test_set() -> None:
    data = mnist("test")
    assert (len(data), data.input_shape, data.num_classes) == (10_000, (1, 28, 28), 10)
    assert data.targets[:6].tolist() == [7, 2, 1, 0, 4, 1]


def test_the_embedded_files_are_what_their_readme_says() -> None:
    folder = files("chainrule.data") / "embedded" / "mnist"
    readme = (folder / "README.md").read_text()
    rows = re.findall(r"`([\w-]+\.gz)`.*`([0-9a-f]{64})`", readme)
    assert len(rows) == 4
    for name, checksum in rows:
        content = gzip.decompress((folder / name).read_bytes())
        assert hashlib.sha256(content).hexdigest() == checksum
    for words in ("Yann LeCun", "Corinna Cortes", "Burges", "CC BY-SA 3.0"):
        assert words in readme


def test_files_of_the_user(mnist_folder: Path) -> None:
    train, test = (mnist(split, mnist_folder) for split in ("train", "test"))
    assert (len(train), len(test)) == (12, 5)
    images = read_idx(mnist_folder / "train-images-idx3-ubyte")
    np.testing.assert_array_equal(train.inputs[:, 0], images)


def test_fashion_mnist_has_the_same_files_and_other_classes(mnist_folder: Path) -> None:
    data = fashion_mnist("test", mnist_folder)
    assert (data.name, len(data), data.classes and data.classes[9]) == (
        "fashion-mnist",
        5,
        "ankle boot",
    )


def test_a_split_that_does_not_exist() -> None:
    with pytest.raises(ArgumentError, match="split: requires 'train' or 'test'; received 'valid'"):
        mnist("valid")


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="requires a folder; received no such folder"):
        mnist("train", tmp_path / "none")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError) as info:
        mnist("train", tmp_path)
    assert str(info.value) == (
        f"{tmp_path}: requires a file train-images-idx3-ubyte or train-images-idx3-ubyte.gz; "
        "received neither"
    )


def test_a_label_out_of_range_names_the_file(mnist_folder: Path) -> None:
    path = mnist_folder / "train-labels-idx1-ubyte"
    write_idx(path, np.array([0, 1, 12, *range(9)], np.uint8))
    with pytest.raises(DataError) as info:
        mnist("train", mnist_folder)
    assert str(info.value) == f"{path}: requires labels 0 to 9; received label 12 (sample 2)"


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((12, 27, 28), "requires N x 28 x 28 uint8; received 12 x 27 x 28 uint8"),
        ((12,), "requires N x 28 x 28 uint8; received 12 uint8"),
        ((11, 28, 28), "requires as many targets as inputs; received 11 inputs, 12 targets"),
    ],
)
def test_images_of_another_shape(mnist_folder: Path, shape: tuple[int, ...], text: str) -> None:
    write_idx(mnist_folder / "train-images-idx3-ubyte", np.zeros(shape, np.uint8))
    with pytest.raises(DataError, match=text):
        mnist("train", mnist_folder)


def test_truncated_images(mnist_folder: Path) -> None:
    path = mnist_folder / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"requires 9408 bytes .* received 9407 bytes \(truncated"):
        mnist("train", mnist_folder)
