"""Caffe's solvers: settings of the optimizers here."""

from __future__ import annotations

from ..row import Row

_STEPS = """
for _ in range(2):
    solver.zero_grad()
    (w * w / 2).sum().backward()
    solver.step()
w"""
_WEIGHT = "w = cr.tensor([1.0], requires_grad=True)\n"

ROWS = (
    Row(
        "SGD",
        formula="h = momentum * h + r * g, w = w - h",
        here="optim.SGD",
        arguments="base_lr → lr; momentum=0 → momentum; weight_decay=0 → weight_decay, or "
        "l1_decay with regularization_type: L1; rate_in_velocity=True",
        differences="without rate_in_velocity the rate multiplies h in each step, as in PyTorch: "
        "the same while the rate is constant",
        code=_WEIGHT + "solver = optim.SGD([w], 0.1, 0.5, rate_in_velocity=True)" + _STEPS,
        gives=[0.76],  # h = 0.1, 0.05 + 0.09
    ),
    Row(
        "Nesterov",
        formula="h' = momentum * h + r * g, w = w - (1 + momentum) * h' + momentum * h",
        here="optim.SGD",
        arguments="as SGD; nesterov=True",
        differences="the momentum must not be 0, where it is SGD. Written r * g + momentum * h' "
        "here, which is the same",
        code=_WEIGHT
        + "solver = optim.SGD([w], 0.1, 0.5, nesterov=True, rate_in_velocity=True)"
        + _STEPS,
        gives=[0.6975],  # steps 1.5 * 0.1, 1.5 * 0.135 - 0.5 * 0.1
    ),
    Row(
        "AdaGrad",
        formula="h = h + g**2, w = w - r * g / (sqrt(h) + delta)",
        here="optim.Adagrad",
        arguments="base_lr → lr; delta=1e-8 → eps=1e-10; weight_decay=0 → weight_decay",
        differences="none; a momentum is fatal there, and no argument here",
        code=_WEIGHT + "solver = optim.Adagrad([w], 0.1, eps=1e-8)" + _STEPS,
        gives=[0.83310],  # steps 0.1, 0.09 / sqrt(1.81)
    ),
    Row(
        "RMSProp",
        formula="h = rms_decay * h + (1 - rms_decay) * g**2, w = w - r * g / (sqrt(h) + delta)",
        here="optim.RMSprop",
        arguments="base_lr → lr; rms_decay=0.99 → alpha=0.99; delta=1e-8 → eps=1e-8; "
        "weight_decay=0 → weight_decay",
        differences="a momentum is fatal there",
        code=_WEIGHT + "solver = optim.RMSprop([w], 0.1, alpha=0.5)" + _STEPS,
        gives=[0.74941],  # h = 0.5, 0.61858
    ),
    Row(
        "AdaDelta",
        formula="h = momentum * h + (1 - momentum) * g**2, u = g * sqrt((h2 + delta) / (h + "
        "delta)), h2 = momentum * h2 + (1 - momentum) * u**2, w = w - r * u",
        here="optim.Adadelta",
        arguments="base_lr → lr=1; momentum=0 → rho=0.9; delta=1e-8 → eps=1e-6; weight_decay=0 → "
        "weight_decay",
        differences="the decay is called rho, as in the paper, and not momentum",
        code=_WEIGHT + "solver = optim.Adadelta([w], 1.0, rho=0.5, eps=1.0)" + _STEPS,
        gives=[-0.00476],  # u = sqrt(1 / 1.5), 0.18350 * sqrt(1.33333 / 1.26684)
    ),
    Row(
        "Adam",
        formula="m = beta1 * m + (1 - beta1) * g, v = beta2 * v + (1 - beta2) * g**2, "
        "w = w - r * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + delta)",
        here="optim.Adam",
        arguments="base_lr → lr; momentum=0, momentum2=0.999 → betas=(0.9, 0.999); delta=1e-8 → "
        "eps=1e-8; weight_decay=0 → weight_decay; epsilon_hat=True",
        differences="without epsilon_hat, eps is added to the root of the corrected v, as in "
        "PyTorch. A momentum that is not said is 0 there, 0.9 here",
        code=_WEIGHT
        + "solver = optim.Adam([w], 0.1, (0.9, 0.99), eps=0.1, epsilon_hat=True)"
        + _STEPS,
        gives=[0.89218],
    ),
)
