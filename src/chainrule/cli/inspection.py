"""``chainrule graph``, ``summary``, ``models``: look at a model without training it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import ArgumentError
from ..graph import Shape
from ..models import RECIPES, Recipe
from ..viz import model_graph
from .runs import resolve


def parse_shape(text: str) -> Shape:
    """Return the shape that ``1,28,28`` or ``1x28x28`` stands for."""
    try:
        shape = tuple(int(n) for n in text.replace("x", ",").split(","))
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise ArgumentError(
            "--shape", required="lengths separated by commas, such as 1,28,28", received=text
        )
    return shape


def dimensions(recipe: Recipe, shape: str | None, classes: int | None) -> tuple[Shape, int]:
    """Return the shape of an input and the number of classes: the recipe's own unless given."""
    return (
        recipe.input_shape if shape is None else parse_shape(shape),
        recipe.classes if classes is None else classes,
    )


def list_models() -> None:
    """Print the names of the models that can be built, with what they are."""
    width = max(map(len, RECIPES))
    for name, recipe in RECIPES.items():
        print(f"{name:{width}}  {recipe.summary}")


def summarize_model(model: str, shape: str | None, classes: int | None, batch_size: int) -> None:
    """Print the table of a model's layers."""
    recipe = resolve(model)
    dims, outputs = dimensions(recipe, shape, classes)
    print(recipe.build(dims, outputs).summary((batch_size, *dims)))


def draw_model(
    model: str, output: Path | None, shape: str | None, classes: int | None, *,
    depth: int | None = None, opened: Sequence[str] = (),
) -> None:  # fmt: skip
    """Write the drawing of a model's graph, or print the graph as text."""
    recipe = resolve(model)
    dims, outputs = dimensions(recipe, shape, classes)
    if output is not None and output.suffix.lower() != ".svg":
        raise ArgumentError("--output", required="a name that ends in .svg", received=str(output))
    network = recipe.build(dims, outputs).eval()
    graph = model_graph(network, (1, *dims))
    if output is None:
        print(graph)
    else:
        graph.to_svg(output, depth=depth, open=opened)
        print(f"{len(graph)} nodes drawn into {output}")
