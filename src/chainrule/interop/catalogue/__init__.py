"""What every layer, loss, optimizer and filler of Torch7 and Caffe is called here."""

from .caffe import CAFFE
from .page import render
from .row import Catalogue, Group, Row
from .torch7 import TORCH7

CATALOGUES = (TORCH7, CAFFE)

__all__ = ["CAFFE", "CATALOGUES", "TORCH7", "Catalogue", "Group", "Row", "render"]
