"""Draw the pictures of the README and the documentation: ``python scripts/make_pictures.py``."""

from __future__ import annotations

from pathlib import Path

import chainrule as cr
from chainrule import models
from chainrule.viz import model_graph

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def xyz() -> cr.ComputationalGraph:
    """Return (x + y) * z at 1, -3, 4, where it is -8 and the gradients are 4, 4, -2."""
    x, y, z = cr.input("x"), cr.input("y"), cr.input("z")
    graph = cr.ComputationalGraph((x + y) * z)
    graph.forward(x=1.0, y=-3.0, z=4.0)
    graph.backward()
    return graph


def neuron() -> cr.ComputationalGraph:
    """Return a neuron whose sigmoid is written out, 1 / (1 + exp(-(w0 x0 + w1 x1 + w2)))."""
    w0, x0, w1, x1, w2 = (cr.input(name) for name in ("w0", "x0", "w1", "x1", "w2"))
    score = w0 * x0 + w1 * x1 + w2
    graph = cr.ComputationalGraph(1 / (1 + cr.exp(-score)))
    graph.forward(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0)
    graph.backward()
    return graph


def lenet() -> cr.ComputationalGraph:
    """Return LeNet on one image, as it is before it has run."""
    return model_graph(models.lenet((1, 28, 28), 10), (1, 1, 28, 28), name="image")


PICTURES = {"xyz": xyz, "neuron": neuron, "lenet": lenet}


def main(folder: Path = IMAGES) -> None:
    """Write every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, graph in PICTURES.items():
        path = folder / f"{name}.svg"
        graph().to_svg(path)
        print(path)


if __name__ == "__main__":
    main()
