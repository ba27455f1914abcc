"""Optimizers change parameters by their gradients, schedules change learning rates."""

from __future__ import annotations

from . import schedules
from .accumulation import GradientAccumulation
from .adam import Adam, Adamax, AdamW, NAdam
from .adaptive import Adadelta, Adagrad, RMSprop
from .clip import clip_grad_norm, clip_grad_value
from .optimizer import Optimizer
from .schedules import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    InverseLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    SigmoidLR,
    StepLR,
)
from .sgd import SGD

RMSProp = RMSprop  # as the literature writes it

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "GradientAccumulation",
    "InverseLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "RMSProp",
    "RMSprop",
    "ReduceLROnPlateau",
    "Schedule",
    "SequentialLR",
    "SigmoidLR",
    "StepLR",
    "clip_grad_norm",
    "clip_grad_value",
    "schedules",
]
