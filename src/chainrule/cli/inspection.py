"""``chainrule graph``: look at a model without training it."""

from __future__ import annotations

from pathlib import Path

from ..errors import ArgumentError
from ..graph import Shape
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


def draw_model(model: str, output: Path | None, shape: str, classes: int) -> None:
    """Write the drawing of a model's graph, or print the graph as text."""
    dims = parse_shape(shape)
    if output is not None and output.suffix.lower() != ".svg":
        raise ArgumentError("--output", required="a name that ends in .svg", received=str(output))
    network = resolve(model).build(dims, classes).eval()
    graph = model_graph(network, (1, *dims))
    if output is None:
        print(graph)
    else:
        graph.to_svg(output)
        print(f"{len(graph)} nodes drawn into {output}")
