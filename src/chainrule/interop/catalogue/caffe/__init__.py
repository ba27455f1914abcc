"""Caffe's layers, solvers, learning-rate policies and fillers."""

from __future__ import annotations

from ..row import Catalogue

INTRODUCTION = """
Caffe's layer types, solvers, learning-rate policies and fillers.
"""

CAFFE = Catalogue("Caffe", "caffe", INTRODUCTION, ())
