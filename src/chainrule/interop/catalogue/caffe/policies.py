"""Caffe's learning-rate policies: schedules here, which count steps with by="step"."""

from __future__ import annotations

from ..row import Row

_SOLVER = "solver = optim.SGD([cr.tensor(0.0, requires_grad=True)], lr=1.0)\n"
_RATES = "\n[rates.learning_rate(t, 1.0) for t in range(4)]"

ROWS = (
    Row(
        "fixed policy",
        formula="base_lr",
        here="no schedule",
        arguments="base_lr → lr of the optimizer",
        differences="none",
        code=_SOLVER + "solver.param_groups[0]['lr']",
        gives=1.0,
    ),
    Row(
        "step policy",
        formula="base_lr * gamma**floor(t / stepsize)",
        here="optim.StepLR(optimizer, step_size, gamma, by='step')",
        arguments="stepsize → step_size; gamma → gamma=0.1",
        differences="by='epoch' is the default of all schedules but OneCycleLR",
        code=_SOLVER + "rates = optim.StepLR(solver, 2, 0.5, by='step')" + _RATES,
        gives=[1.0, 1.0, 0.5, 0.5],
    ),
    Row(
        "exp policy",
        formula="base_lr * gamma**t",
        here="optim.ExponentialLR(optimizer, gamma, by='step')",
        arguments="gamma → gamma",
        differences="none",
        code=_SOLVER + "rates = optim.ExponentialLR(solver, 0.5, by='step')" + _RATES,
        gives=[1.0, 0.5, 0.25, 0.125],
    ),
    Row(
        "inv policy",
        formula="base_lr * (1 + gamma * t)**-power",
        here="optim.InverseLR(optimizer, gamma, power, by='step')",
        arguments="gamma → gamma; power → power=1",
        differences="none",
        code=_SOLVER + "rates = optim.InverseLR(solver, 1.0, 2.0, by='step')" + _RATES,
        gives=[1.0, 0.25, 0.11111, 0.0625],
    ),
    Row(
        "multistep policy",
        formula="base_lr * gamma**(number of stepvalues <= t)",
        here="optim.MultiStepLR(optimizer, milestones, gamma, by='step')",
        arguments="stepvalue → milestones; gamma → gamma=0.1",
        differences="the rate depends on the count alone; there a counter rises by at most 1 in an "
        "iteration and is stored in the solverstate",
        code=_SOLVER + "rates = optim.MultiStepLR(solver, [1, 3], 0.5, by='step')" + _RATES,
        gives=[1.0, 0.5, 0.5, 0.25],
    ),
    Row(
        "poly policy",
        formula="base_lr * (1 - t / max_iter)**power",
        here="optim.PolynomialLR(optimizer, total_iters, power, by='step')",
        arguments="max_iter → total_iters=5; power → power=1",
        differences="0 beyond total_iters, where there it is no number",
        code=_SOLVER + "rates = optim.PolynomialLR(solver, 2, 2.0, by='step')" + _RATES,
        gives=[1.0, 0.25, 0.0, 0.0],
    ),
    Row(
        "sigmoid policy",
        formula="base_lr / (1 + exp(-gamma * (t - stepsize)))",
        here="optim.SigmoidLR(optimizer, gamma, step_size, by='step')",
        arguments="gamma → gamma; stepsize → step_size",
        differences="none",
        code=_SOLVER + "rates = optim.SigmoidLR(solver, -2.0, 1, by='step')" + _RATES,
        gives=[0.88080, 0.5, 0.11920, 0.01799],
    ),
)
