"""Models by name and from a user's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError, DataError, ShapeError
from chainrule.models import build, from_file, recipe

GOOD = """
from chainrule import nn

lr = 0.5
epochs = 7

def model(input_shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(input_shape[0], classes))
"""


@pytest.mark.parametrize("name", ["linear", "svm", "mlp", "lenet", "resnet9"])
def test_every_recipe_takes_a_step(name: str) -> None:
    chosen = recipe(name)
    model = build(name)
    optimizer = chosen.make_optimizer(model.parameters(), lr=0.01)
    images, labels = cr.random.normal((4, *chosen.input_shape)), cr.tensor([0, 1, 2, 3])
    before = chosen.loss(model(images), labels)
    before.backward()
    optimizer.step()
    assert chosen.loss(model(images), labels).item() < before.item()


def test_vectors_decay_unless_a_recipe_spares_them() -> None:
    weight, bias = cr.nn.Parameter(np.ones((2, 2))), cr.nn.Parameter(np.ones(2))
    (group,) = recipe("svm").make_optimizer([weight, bias]).param_groups
    assert group["weight_decay"] == 1e-4
    first, second = recipe("resnet9").make_optimizer(iter([bias, weight]), lr=0.1).param_groups
    assert (first["params"], first["weight_decay"], first["lr"]) == ([weight], 1.5e-3, 0.1)
    assert (second["params"], second["weight_decay"], second["lr"]) == ([bias], 0.0, 0.1)


PUBLISHED = {  # parameters, and multiply-adds of one image
    "lenet": (431_080, 2_293_000),
    "alexnet": (60_965_224, 724_406_816),
    "googlenet": (6_998_552, 1_582_671_872),
    "vgg11": (132_863_336, 7_609_090_048),
    "vgg13": (133_047_848, 11_308_466_176),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg19": (143_667_240, 19_632_062_464),
    "resnet18": (11_689_512, 1_814_073_344),
    "resnet34": (21_797_672, 3_663_761_408),
    "resnet50": (25_557_032, 4_089_184_256),
    "resnet101": (44_549_160, 7_801_405_440),
    "resnet152": (60_192_808, 11_513_626_624),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_sizes_are_the_published_ones(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in ("fan_in_uniform", "kaiming_normal"):  # random numbers take long and change nothing
        monkeypatch.setattr(nn.init, draw, _zeros)
    parameters, multiplied = PUBLISHED[name]
    total = build(name).summary((1, *recipe(name).input_shape)).splitlines()[-1]
    assert total.startswith(f"total: {parameters:,} parameters")
    assert total.endswith(f" {multiplied:,} multiply-adds")


def _zeros(shape: tuple[int, ...], *_: Any, dtype: Any = cr.float32, **__: Any) -> cr.Tensor:
    return cr.zeros(shape, dtype=dtype)


@pytest.mark.parametrize(("name", "least"), [("alexnet", 67), ("googlenet", 47), ("vgg16", 32),
                                             ("resnet18", 8), ("resnet9", 16)])  # fmt: skip
def test_the_smallest_image(name: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for draw in ("fan_in_uniform", "kaiming_normal"):
        monkeypatch.setattr(nn.init, draw, _zeros)
    assert build(name, (3, least, least), 7)(cr.zeros((2, 3, least, least))).shape == (2, 7)
    with pytest.raises(ShapeError, match=f"{least} x {least} or more"):
        build(name, (3, least, least - 1))


def test_augmentation_keeps_the_shape_and_mirrors_colours_only() -> None:
    augment = recipe("resnet9").augment
    assert augment is not None
    for shape in ((1, 28, 28), (3, 32, 32)):
        images = np.arange(2 * np.prod(shape), dtype=np.float32).reshape(2, *shape)
        assert augment(shape)(images, np.random.default_rng(0)).shape == images.shape
    assert type(augment((1, 28, 28))).__name__ == "RandomCrop"


@pytest.mark.parametrize(("channels", "mirrored"), [(3, True), (1, False)])
def test_resnet9_judges_photographs_from_both_sides(channels: int, mirrored: bool) -> None:
    model = build("resnet9", (channels, 16, 16))
    images = cr.random.normal((2, channels, 16, 16))
    for training in (True, False):
        model.train(training)
        same = np.allclose(model(images).numpy(), model(cr.flip(images, axis=3)).numpy(), atol=1e-5)
        assert same == (mirrored and not training)


@pytest.mark.parametrize(("channels", "count"), [(3, 16), (1, 9)])
def test_resnet9_begins_with_cosines(channels: int, count: int) -> None:
    filters = build("resnet9", (channels, 16, 16))["stem"][0].weight.numpy()  # type: ignore[index]
    flat = filters.reshape(len(filters), -1)[: 2 * count]
    np.testing.assert_allclose(flat[:count] @ flat[:count].T, np.eye(count), atol=1e-6)
    np.testing.assert_array_equal(flat[count:], -flat[:count])
    np.testing.assert_allclose(flat[0], flat[0, 0])  # the mean comes first


@pytest.mark.parametrize(("channels", "size"), [(1, 28), (3, 32), (1, 16)])
def test_lenet_fits_the_image(channels: int, size: int) -> None:
    model = recipe("lenet").build((channels, size, size), 7)
    assert model(cr.zeros((2, channels, size, size))).shape == (2, 7)


def test_lenet_is_caffes() -> None:
    assert recipe("lenet").build((1, 28, 28), 10).num_parameters() == 431_080


def test_lenet_refuses_small_images() -> None:
    with pytest.raises(ShapeError, match="16 x 16 or more"):
        recipe("lenet").build((1, 8, 8), 10)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ArgumentError, match="linear, svm, mlp, lenet, resnet9"):
        recipe("lanet")


def test_a_file_defines_a_model(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    chosen = from_file(path)
    assert (chosen.lr, chosen.epochs) == (0.5, 7)
    assert chosen.build((5,), 3)(cr.zeros((2, 5))).shape == (2, 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def model(:\n", "mine.py:1: requires valid Python"),
        ("import chainrule\n\n1 / 0\n", "mine.py:3: .*ZeroDivisionError"),
        ("x = 1\n", "requires a name 'model'"),
        ("model = 3\n", "received int"),
        ("model = lambda shape, classes: 5\n", r"requires a Module; received int"),
        ("lr = 'high'\nmodel = lambda s, c: 5\n", "lr: requires a float > 0; received 'high'"),
        ("def model(shape, classes):\n    return nn\n", "mine.py:2: .*NameError"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises((DataError, ArgumentError), match=told) as caught:
        from_file(path).build((5,), 3)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        from_file(tmp_path / "none.py")
