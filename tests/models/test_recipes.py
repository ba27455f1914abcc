"""Models by name and from a user's file."""

from __future__ import annotations

from pathlib import Path

import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, DataError, ShapeError
from chainrule.models import RECIPES, from_file, recipe

GOOD = """
from chainrule import nn

lr = 0.5
epochs = 7

def model(input_shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(input_shape[0], classes))
"""


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_takes_a_step(name: str) -> None:
    chosen = recipe(name)
    model = chosen.build((1, 28, 28), 10)
    optimizer = chosen.make_optimizer(model.parameters())
    images, labels = cr.random.normal((4, 1, 28, 28)), cr.tensor([0, 1, 2, 3])
    before = chosen.loss(model(images), labels)
    before.backward()
    optimizer.step()
    assert chosen.loss(model(images), labels).item() < before.item()


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
    with pytest.raises(ArgumentError, match="linear, svm, mlp, lenet"):
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
