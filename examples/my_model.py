"""A model file for the command line.

chainrule train examples/my_model.py --data mnist
"""

import math

from chainrule import nn, optim

epochs = 2
batch_size = 64


def model(input_shape, classes):
    """Three layers with tanh and batch normalisation."""
    return nn.Sequential(
        nn.Flatten(),
        nn.MLP(math.prod(input_shape), [128, 64], classes, activation="tanh", norm="batch"),
    )


def optimizer(parameters):
    """Adam instead of the default SGD."""
    return optim.Adam(parameters, lr=1e-3)
