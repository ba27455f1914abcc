from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chainrule.data import image_folder, read_image
from chainrule.dtypes import Array
from chainrule.errors import ArgumentError, DataError, MissingDependencyError


def save(path: Path, pixels: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Two dogs and one cat of 4 x 6 pixels, in colour, each of one grey level."""
    for name, level in (("dog/b.png", 20), ("dog/a.PNG", 10), ("cat/z.png", 30)):
        save(tmp_path / name, np.full((4, 6, 3), level, np.uint8))
    (tmp_path / "dog" / "notes.txt").write_text("not an image")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_classes_and_images_are_in_alphabetical_order(pets: Path) -> None:
    data = image_folder(pets)
    assert (data.classes, data.targets.tolist()) == (("cat", "dog"), [0, 1, 1])
    assert data.inputs.shape == (3, 3, 4, 6)
    assert data.inputs.dtype == np.uint8
    assert data.inputs[:, 0, 0, 0].tolist() == [30, 10, 20]


def test_the_order_of_classes_can_be_fixed(pets: Path) -> None:
    data = image_folder(pets, classes=["dog", "cat", "bird"])
    assert (data.classes, data.targets.tolist()) == (("dog", "cat", "bird"), [1, 0, 0])
    with pytest.raises(DataError, match="requires sub-folders named cat; received dog"):
        image_folder(pets, classes=["cat"])


def test_colour_channels_come_first(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3)).astype(np.uint8)
    save(tmp_path / "a" / "x.png", pixels)
    np.testing.assert_array_equal(image_folder(tmp_path).inputs[0], pixels.transpose(2, 0, 1))


def test_grey_images_have_one_channel(tmp_path: Path) -> None:
    save(tmp_path / "a" / "x.png", np.full((2, 3), 7, np.uint8))
    assert image_folder(tmp_path).inputs.tolist() == [[[[7, 7, 7], [7, 7, 7]]]]
    assert image_folder(tmp_path, mode="RGB").input_shape == (3, 2, 3)
    save(tmp_path / "a" / "y.png", np.full((2, 3, 3), 7, np.uint8))
    assert image_folder(tmp_path).input_shape == (3, 2, 3)
    assert image_folder(tmp_path, mode="L").input_shape == (1, 2, 3)


def test_images_are_resized_when_asked(pets: Path) -> None:
    assert image_folder(pets, size=8).input_shape == (3, 8, 8)
    data = image_folder(pets, size=(2, 3), mode="L")
    assert data.input_shape == (1, 2, 3)
    assert np.unique(data.inputs[0]).tolist() == [30]


def test_images_of_different_sizes(pets: Path) -> None:
    save(pets / "dog" / "c.png", np.zeros((5, 6, 3), np.uint8))
    with pytest.raises(DataError) as info:
        image_folder(pets)
    assert str(info.value) == (
        f"{pets / 'dog' / 'c.png'}: requires 4 x 6 pixels like z.png; received 5 x 6; "
        "give size=(height, width) to resize all images"
    )


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\nnonsense", b"GIF89a"])
def test_a_broken_image_is_named(pets: Path, content: bytes) -> None:
    path = pets / "cat" / "broken.png"
    path.write_bytes(content)
    with pytest.raises(DataError) as info:
        image_folder(pets)
    assert str(info.value).startswith(f"{path}: requires a readable image; received ")
    assert "\n" not in str(info.value)


def test_a_truncated_image_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a" / "x.png"
    save(path, np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8))
    content = path.read_bytes()
    for length in range(1, len(content) - 12, 301):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match="requires a readable image"):
            read_image(path)


def test_sixteen_bits_are_not_clipped_silently(tmp_path: Path) -> None:
    save(tmp_path / "x.png", np.full((2, 2), 40_000, np.uint16))
    with pytest.raises(DataError, match="requires 8 bits a channel; received mode I;16"):
        read_image(tmp_path / "x.png")


def test_folders_without_images(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="one sub-folder of images for each class; received none"):
        image_folder(tmp_path)
    (tmp_path / "a").mkdir()
    with pytest.raises(DataError, match=r"requires images \(.bmp .* received none"):
        image_folder(tmp_path)
    with pytest.raises(DataError, match="requires a folder; received no such folder"):
        image_folder(tmp_path / "none")


def test_a_missing_image(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="requires a readable image; received no such file"):
        read_image(tmp_path / "none.png")


@pytest.mark.parametrize("options", [{"mode": "CMYK"}, {"size": 0}, {"size": (2, -1)}])
def test_arguments_that_are_wrong(pets: Path, options: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        image_folder(pets, **options)
    with pytest.raises(ArgumentError):
        read_image(pets / "cat" / "z.png", **options)


def test_without_pillow_the_message_says_what_to_install(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'chainrule\[train\]'"):
        image_folder(pets)
