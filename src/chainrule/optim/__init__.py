"""Optimizers change parameters by their gradients, schedules change learning rates.

Rules that see one gradient a step work in compiled functions; those that evaluate the loss several
times (LBFGS, CG, FISTA, CMAES, DifferentialEvolution) are loops around a closure. There is no
SparseAdam, since gradients are dense arrays: rows of an embedding that a batch did not use have
gradient 0, on which Adam and SGD with momentum still act.
"""

from __future__ import annotations

from . import schedules
from .accumulation import GradientAccumulation
from .adafactor import Adafactor
from .adam import Adam, Adamax, AdamW, NAdam
from .adaptive import Adadelta, Adagrad, RMSprop
from .averaged import ASGD
from .averages import ExponentialMovingAverage, StochasticWeightAverage, update_batch_norm
from .clip import clip_grad_norm, clip_grad_value
from .closure import ClosureOptimizer
from .cma import CMAES
from .conjugate import CG
from .differential import DifferentialEvolution
from .fista import FISTA
from .lbfgs import LBFGS
from .optimizer import Optimizer
from .radam import RAdam
from .schedules import (
    SWALR,
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    InverseLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
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
from .signs import Lion, Rprop

RMSProp = RMSprop  # as the literature writes it

__all__ = [
    "ASGD",
    "CG",
    "CMAES",
    "FISTA",
    "LBFGS",
    "SGD",
    "SWALR",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ChainedScheduler",
    "ClosureOptimizer",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "DifferentialEvolution",
    "ExponentialLR",
    "ExponentialMovingAverage",
    "GradientAccumulation",
    "InverseLR",
    "LambdaLR",
    "LinearLR",
    "Lion",
    "MultiStepLR",
    "MultiplicativeLR",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "PolynomialLR",
    "RAdam",
    "RMSProp",
    "RMSprop",
    "ReduceLROnPlateau",
    "Rprop",
    "Schedule",
    "SequentialLR",
    "SigmoidLR",
    "StepLR",
    "StochasticWeightAverage",
    "clip_grad_norm",
    "clip_grad_value",
    "schedules",
    "update_batch_norm",
]
