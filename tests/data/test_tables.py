from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.data import ArrayDataset, csv
from chainrule.errors import ArgumentError, DataError

Read = Callable[..., ArrayDataset]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a text into table.csv and read it."""

    def write_and_read(content: str | bytes, **options: Any) -> ArrayDataset:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / "table.csv").write_bytes(data)
        return csv(tmp_path / "table.csv", **options)

    return write_and_read


IRIS = "length,width,species\n5.1,3.5,setosa\n6.2,2.9,virginica\n5.0,3.4,setosa\n"


def test_text_targets_are_classes_in_alphabetical_order(read: Read) -> None:
    data = read(IRIS)
    assert data.classes == ("setosa", "virginica")
    assert data.targets.tolist() == [0, 1, 0]
    assert data.inputs.dtype == np.float32
    np.testing.assert_allclose(data.inputs, [[5.1, 3.5], [6.2, 2.9], [5.0, 3.4]], rtol=1e-6)
    assert data.name == "table"


def test_columns_by_name_and_by_position(read: Read) -> None:
    by_name = read(IRIS, target="length", features=["width"])
    by_position = read(IRIS, target=0, features=[-2])
    for data in (by_name, by_position):
        np.testing.assert_allclose(data.inputs, [[3.5], [2.9], [3.4]], rtol=1e-6)
        np.testing.assert_allclose(data.targets, [[5.1], [6.2], [5.0]], rtol=1e-6)
        assert data.targets.dtype == np.float32
        assert data.num_classes is None


def test_a_header_is_found_or_told(read: Read) -> None:
    assert len(read("1,2,a\n3,4,b\n")) == 2
    assert len(read("1,2,3\n4,5,6\n", header=True)) == 1
    assert len(read("1,2,label\n4,5,6\n", target="label")) == 1


@pytest.mark.parametrize(
    ("targets", "classes"),
    [("0 1 2 1", ("0", "1", "2")), ("1.0 0.0", ("0", "1")), ("1 2 3", None), ("0 0", None)],
)
def test_whole_numbers_from_zero_are_classes(
    read: Read, targets: str, classes: tuple[str, ...] | None
) -> None:
    data = read("".join(f"7,{t}\n" for t in targets.split()))
    assert data.classes == classes
    assert data.targets.ravel().tolist() == [float(t) for t in targets.split()]


def test_the_task_can_be_told(read: Read) -> None:
    assert read("7,0\n7,1\n", task="regression").targets.tolist() == [[0.0], [1.0]]
    data = read("7,10\n7,2.5\n7,10\n", task="classification")
    assert (data.classes, data.targets.tolist()) == (("2.5", "10"), [1, 0, 1])


def test_classes_fix_the_order(read: Read) -> None:
    names = ["virginica", "versicolor", "setosa"]
    data = read(IRIS, classes=names)
    assert (data.classes, data.targets.tolist()) == (tuple(names), [2, 0, 2])
    assert read("7,2\n7,0\n", classes=names).targets.tolist() == [2, 0]


def test_the_number_type(read: Read) -> None:
    assert read("0,0\n255,1\n", dtype=np.uint8).inputs.dtype == np.uint8
    data = read("0.1,0.5\n", dtype=np.float64)
    assert (data.inputs[0, 0], data.targets[0, 0]) == (0.1, 0.5)


def test_quotes_blank_lines_spaces_and_a_byte_order_mark(read: Read) -> None:
    data = read(
        b'\xef\xbb\xbf x ;"kind"\r\n\r\n 1 ; "a"\r\n"2";b\r\n', delimiter=";", target="kind"
    )
    assert data.inputs.tolist() == [[1.0], [2.0]]
    assert len(data.classes or ()) == 2


@pytest.mark.parametrize(
    ("content", "options", "text"),
    [
        (
            "a,b,c\n1,2,x\n1,two,y\n",
            {},
            "line 3, column 'b': requires a float32 number; received 'two'",
        ),
        (
            "1,2,x\n1,,y\n",
            {},
            "line 2, column 1: requires a float32 number; received an empty cell",
        ),
        ("1,2,x\nnan,2,y\n", {}, "line 2, column 0: requires a float32 number; received 'nan'"),
        ("1,inf,x\n", {}, "line 1, column 1: requires a float32 number; received 'inf'"),
        ("1e39,x\n", {}, "line 1, column 0: requires a float32 number; received '1e39'"),
        (
            "1,x\n300,y\n",
            {"dtype": np.uint8},
            "line 2, column 0: requires a uint8 number; received '300'",
        ),
        ("1.5,x\n", {"dtype": np.int32}, "requires a int32 number; received '1.5'"),
        ("1,2,3\n\n1,2\n", {}, "line 3: requires 3 columns like the first line; received 2"),
        ("1,2\n1,2,3\n", {}, "line 2: requires 2 columns like the first line; received 3"),
        ("", {}, "requires at least one row of data; received an empty file"),
        ("\n\n", {}, "requires at least one row of data; received an empty file"),
        ("a,b\n", {}, "requires at least one row of data; received none"),
        ("1\n2\n", {}, "requires at least one feature column beside the target; received 1 column"),
        ("1;2\n3;4\n", {}, "is the delimiter right?"),
        ("1,2\n3,x\n", {}, "line 2, column 1: requires a number as target; received 'x'"),
        ("1,2\n3,\n", {}, "line 2, column 1: requires a target; received an empty cell"),
        ("1,a\n", {"task": "regression"}, "requires a number as target; received 'a'"),
        (
            "1,a\n1,z\n",
            {"classes": ["a", "b"]},
            "line 2, column 1: requires one of the classes a, b; received 'z'",
        ),
        (
            "1,0\n1,12\n",
            {"classes": ["a", "b"]},
            "line 2, column 1: requires one of the classes a, b, or 0 to 1; received '12'",
        ),
        ("a,b\n1,2\n", {"target": "c"}, "column: requires one of 'a', 'b'; received 'c'"),
        ("a,a\n1,2\n", {"target": "a"}, "received 'a' twice"),
        ("1,2\n", {"target": 2}, "column: requires one of 0 to 1 (no header); received 2"),
        ("1,2\n", {"target": "a", "header": False}, "(no header); received 'a'"),
        (b"1,caf\xe9\n", {}, "requires a table in UTF-8 text; received"),
    ],
)
def test_what_is_wrong_is_named(
    read: Read, tmp_path: Path, content: str | bytes, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(DataError) as info:
        read(content, **options)
    message = str(info.value)
    assert message.startswith(str(tmp_path / "table.csv"))
    assert text in message
    assert "\n" not in message


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="requires a readable table; received no such file"):
        csv(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "options", [{"dtype": str}, {"delimiter": ""}, {"delimiter": ", "}, {"task": "guess"}]
)
def test_arguments_that_are_wrong(read: Read, options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="csv: requires a number type"):
        read(IRIS, **options)
