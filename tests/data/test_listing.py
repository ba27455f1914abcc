from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chainrule.data import image_list
from chainrule.errors import DataError


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of two grey images of 4 x 6 pixels, one with spaces in its name."""
    for name, level in (("a.png", 10), ("two words.png", 20)):
        Image.fromarray(np.full((4, 6), level, np.uint8)).save(tmp_path / name)
    (tmp_path / "train.txt").write_text("a.png 2\ntwo words.png 0\r\n\na.png 1\n")
    return tmp_path / "train.txt"


def test_lines_are_samples_in_order(listed: Path) -> None:
    data = image_list(listed)
    assert data.inputs.shape == (3, 1, 4, 6)
    assert data.inputs[:, 0, 0, 0].tolist() == [10, 20, 10]
    assert data.targets.tolist() == [2, 0, 1]
    assert data.targets.dtype == np.int64
    assert data.name == "train"
    assert image_list(listed, classes=["x", "y", "z"]).classes == ("x", "y", "z")


def test_paths_may_be_relative_to_another_folder(listed: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    moved = listed.rename(lists / "train.txt")
    assert len(image_list(moved, root=tmp_path)) == 3
    with pytest.raises(DataError, match="no such file"):
        image_list(moved)


def test_size_and_mode_are_those_of_an_image_folder(listed: Path) -> None:
    assert image_list(listed, size=(2, 2), mode="RGB").input_shape == (3, 2, 2)


def test_fractions_are_targets_and_not_truncated(listed: Path) -> None:
    listed.write_text("a.png 0.75\ntwo words.png 2\n")
    data = image_list(listed)
    assert data.targets.tolist() == [[0.75], [2.0]]
    assert data.targets.dtype == np.float32


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "requires lines of a path, a space and a label; received none"),
        (b"a.png 1\n\na.png\n", r"train.txt, line 3: requires a path.*received 'a.png'"),
        (b"a.png one\n", "line 1: requires .* a number, the label; received 'a.png one'"),
        (b"a.png inf\n", "line 1"),
        (b" 3\n", "line 1"),
        (b"\xff\xfe 3\n", "requires text in UTF-8"),
        (b"gone.png 3\n", "gone.png.*no such file"),
    ],
)
def test_what_is_no_list(listed: Path, content: bytes, text: str) -> None:
    listed.write_bytes(content)
    with pytest.raises(DataError, match=text):
        image_list(listed)


def test_labels_beyond_the_classes_are_refused(listed: Path) -> None:
    with pytest.raises(DataError, match="2"):
        image_list(listed, classes=["x", "y"])
