"""Drawings of computational graphs: layered, with values above and gradients below each edge."""

from .items import Item, Label
from .layout import Box, Layout, arrange
from .modules import model_graph
from .scene import Scene, scene
from .show import Drawing, show, to_svg
from .svg import draw

__all__ = [
    "Box",
    "Drawing",
    "Item",
    "Label",
    "Layout",
    "Scene",
    "arrange",
    "draw",
    "model_graph",
    "scene",
    "show",
    "to_svg",
]
