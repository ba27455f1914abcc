from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule.data import cifar10
from chainrule.errors import DataError


def test_records_become_images_and_labels(cifar_folder: Path) -> None:
    train, test = cifar10("train", cifar_folder), cifar10("test", cifar_folder)
    assert train.inputs.shape == (10, 3, 32, 32)
    assert train.inputs.dtype == np.uint8
    assert train.targets.tolist() == list(range(10))
    assert test.targets.tolist() == [0, 1]
    assert train.classes is not None
    assert train.classes[0] == "airplane"
    # Record 1 of file 2, by hand: label byte, then red, green, blue planes, row by row.
    content = (cifar_folder / "data_batch_2.bin").read_bytes()[3073:]
    assert content[0] == train.targets[3]
    assert train.inputs[3, 1, 2, 5] == content[1 + 1024 + 2 * 32 + 5]


def test_the_subfolder_of_the_archive_is_found(cifar_folder: Path) -> None:
    inner = cifar_folder / "outer" / "cifar-10-batches-bin"
    inner.mkdir(parents=True)
    for path in cifar_folder.glob("*.bin"):
        path.rename(inner / path.name)
    assert len(cifar10("train", cifar_folder / "outer")) == 10
    assert len(cifar10("test", inner)) == 2


def test_class_names_come_from_the_file_if_it_is_there(cifar_folder: Path) -> None:
    (cifar_folder / "batches.meta.txt").write_text("\n".join("abcdefghij") + "\n\n")
    assert cifar10("test", cifar_folder).classes == tuple("abcdefghij")
    (cifar_folder / "batches.meta.txt").write_text("a b c")
    with pytest.raises(DataError, match=r"batches.meta.txt: requires 10 class names; received 3"):
        cifar10("test", cifar_folder)


@pytest.mark.parametrize("size", [0, 100, 3072, 3074])
def test_a_file_that_is_not_whole_records(cifar_folder: Path, size: int) -> None:
    path = cifar_folder / "data_batch_3.bin"
    path.write_bytes(bytes(size))
    with pytest.raises(DataError) as info:
        cifar10("train", cifar_folder)
    assert str(info.value) == (
        f"{path}: requires records of 3073 bytes (1 label, 3 x 32 x 32 pixels); "
        f"received {size} bytes"
    )


def test_a_label_out_of_range_names_the_file(cifar_folder: Path) -> None:
    path = cifar_folder / "test_batch.bin"
    path.write_bytes(bytes(3073) + b"\x0c" + bytes(3072))
    with pytest.raises(DataError) as info:
        cifar10("test", cifar_folder)
    assert str(info.value) == f"{path}: requires labels 0 to 9; received label 12 (sample 1)"


def test_a_missing_file(cifar_folder: Path) -> None:
    (cifar_folder / "data_batch_5.bin").unlink()
    with pytest.raises(DataError, match=r"data_batch_5.bin: .* received no such file"):
        cifar10("train", cifar_folder)
    assert len(cifar10("test", cifar_folder)) == 2
