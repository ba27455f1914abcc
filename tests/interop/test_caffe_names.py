"""Every name that Caffe registers has its row, and prose names nothing that is not there."""

from __future__ import annotations

import re
from typing import Any

import pytest

import chainrule as cr
from chainrule import functional, nn, optim
from chainrule.interop.catalogue import CAFFE, Row

LAYERS = """
AbsVal Accuracy ArgMax BNLL BatchNorm BatchReindex Bias Clip Concat ContrastiveLoss Convolution Crop
Data Deconvolution Dropout DummyData ELU Eltwise Embed EuclideanLoss Exp Filter Flatten HDF5Data
HDF5Output HingeLoss Im2col ImageData InfogainLoss InnerProduct Input LRN LSTM LSTMUnit Log MVN
MemoryData MultinomialLogisticLoss PReLU Parameter Pooling Power Python RNN ReLU Reduction Reshape
SPP Scale Sigmoid SigmoidCrossEntropyLoss Silence Slice Softmax SoftmaxWithLoss Split Swish TanH
Threshold Tile WindowData
"""
SOLVERS = "SGD Nesterov AdaGrad RMSProp AdaDelta Adam"
POLICIES = "fixed step exp inv multistep poly sigmoid"
FILLERS = "constant uniform gaussian positive_unitball xavier msra bilinear"
NAMES = {"cr": cr, "nn": nn, "F": functional, "optim": optim}


def test_every_name_has_its_row() -> None:
    assert (len(LAYERS.split()), len(SOLVERS.split())) == (61, 6)
    names = {row.name for row in CAFFE.rows}
    assert names >= {*LAYERS.split(), *SOLVERS.split()}
    assert names >= {f"{name} policy" for name in POLICIES.split()}
    assert names >= {f"{name} filler" for name in FILLERS.split()}


def test_little_is_not_offered() -> None:
    assert [row.name for row in CAFFE.rows if row.absent] == ["WindowData"]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in CAFFE.rows])
def test_names_in_the_prose_exist(row: Row) -> None:
    prose = " ".join((row.formula, row.arguments, row.differences, row.absent))
    for name in re.findall(r"`((?:cr|nn|F|optim)(?:\.\w+)+)", prose):
        first, *rest = name.split(".")
        value: Any = NAMES[first]
        for part in rest:
            assert hasattr(value, part), name
            value = getattr(value, part)
