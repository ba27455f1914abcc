from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chainrule.data import NAMES, download, load
from chainrule.data.download import Remote
from chainrule.errors import ArgumentError, DataError


def save_images(folder: Path, names: list[str], shape: tuple[int, ...] = (4, 4)) -> None:
    for i, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full(shape, i, np.uint8)).save(path)


def test_the_embedded_set_needs_no_directory() -> None:
    assert len(load("mnist", "test")) == 10_000


def test_named_sets_from_a_directory(mnist_folder: Path, cifar_folder: Path) -> None:
    assert NAMES == ("mnist", "fashion-mnist", "cifar10")
    sizes = {name: len(load(name, "train", mnist_folder)) for name in NAMES}
    assert sizes == {"mnist": 12, "fashion-mnist": 12, "cifar10": 10}
    assert load("fashion-mnist", "test", mnist_folder).name == "fashion-mnist"


def test_without_a_directory_a_set_is_downloaded_once(
    mnist_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [p for p in mnist_folder.iterdir() if "ubyte" in p.name]
    remotes = tuple(Remote(p.as_uri(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files)
    monkeypatch.setitem(download.KNOWN, "fashion-mnist", remotes)
    monkeypatch.setenv("CHAINRULE_DATA_DIR", str(tmp_path / "cache"))
    assert len(load("fashion-mnist")) == 12
    for path in files:
        path.unlink()
    assert len(load("fashion-mnist", "test")) == 5


def test_offline_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        download.KNOWN, "cifar10", (Remote("http://127.0.0.1:9/x.tar.gz", "0" * 64, ("a",)),)
    )
    monkeypatch.setenv("CHAINRULE_DATA_DIR", str(tmp_path / "cache"))
    with pytest.raises(DataError, match=r"offline, .* --data-dir"):
        load("cifar10")


@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", ","), (".tsv", "\t"), (".CSV", ",")])
def test_a_table_is_cut_into_two_parts(tmp_path: Path, suffix: str, delimiter: str) -> None:
    path = tmp_path / f"table{suffix}"
    path.write_text("".join(f"{i}{delimiter}{i % 2}\n" for i in range(10)))
    train, test = load(str(path), "train"), load(str(path), "test")
    assert (len(train), len(test)) == (8, 2)
    values = [*train.inputs.ravel(), *test.inputs.ravel()]
    assert sorted(values) == list(range(10))
    assert train.num_classes == test.num_classes == 2
    assert len(load(path.name, "train", tmp_path)) == 8


def test_text_in_a_number_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y\n1,0\nabc,1\n")
    with pytest.raises(DataError) as info:
        load(str(path))
    assert str(info.value) == (
        f"{path}: line 3, column 'x': requires a float32 number; received 'abc'"
    )


def test_a_folder_of_images_is_cut_into_two_parts(tmp_path: Path) -> None:
    save_images(tmp_path, [f"{c}/{i}.png" for c in "ab" for i in range(5)])
    train, test = load(str(tmp_path), "train"), load(str(tmp_path), "test")
    assert (len(train), len(test)) == (8, 2)
    assert train.input_shape == (1, 4, 4)
    assert train.classes == test.classes == ("a", "b")


def test_a_folder_with_parts_of_its_own(tmp_path: Path) -> None:
    save_images(tmp_path / "train", ["a/0.png", "b/1.png"])
    save_images(tmp_path / "test", ["b/0.png"], shape=(6, 5, 3))
    train, test = load(str(tmp_path)), load(str(tmp_path), "test")
    assert train.targets.tolist() == [0, 1]
    # The test part follows the training part in classes, size and channels.
    assert test.targets.tolist() == [1]
    assert test.input_shape == train.input_shape == (1, 4, 4)


def test_a_name_that_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError) as info:
        load("mnits", "train", tmp_path)
    assert str(info.value) == (
        "data set 'mnits': requires one of mnist, fashion-mnist, cifar10, a .csv or .tsv file, "
        "or a folder of images; received no such name, file or folder"
    )
    (tmp_path / "mnits").write_text("?")
    with pytest.raises(DataError, match="received another kind of file"):
        load("mnits", "train", tmp_path)
    with pytest.raises(DataError, match=r"none.csv: .* received no such file"):
        load("none.csv")


def test_a_split_that_does_not_exist() -> None:
    with pytest.raises(ArgumentError, match="split: requires 'train' or 'test'; received 'all'"):
        load("mnist", "all")
