"""Torch7's optimization algorithms (torch/optim), and their helpers."""

from __future__ import annotations

from ..row import Row


def _step(optimizer: str) -> str:
    """Return code that takes one step from (1, -2), where the gradient of x^2 is (2, -4)."""
    return f"""
w = nn.Parameter([1.0, -2.0])
optimizer = {optimizer}
(w * w).sum().backward()
optimizer.step()
w
"""


def _search(optimizer: str, steps: int) -> str:
    """Return code that searches the minimum of (x - 3)^2."""
    return f"""
w = nn.Parameter([1.0, -2.0])
optimizer = {optimizer}
def closure():
    optimizer.zero_grad()
    loss = ((w - 3) ** 2).sum()
    loss.backward()
    return loss
for _ in range({steps}):
    optimizer.step(closure)
w
"""


RATE = "learningRateDecay=0 → optim.InverseLR(optimizer, gamma, by='step')"

ROWS = (
    Row(
        "optim.sgd",
        formula="v ← momentum v + (1 - dampening) g, at first v = g; w ← w - lr v, or with "
        "nesterov w - lr (g + momentum v).",
        here="optim.SGD",
        arguments="learningRate=1e-3 → lr=1e-3; weightDecay=0 → weight_decay=0.0; momentum=0 → "
        f"momentum=0.0; dampening=momentum → dampening=0.0; nesterov → nesterov; {RATE}; "
        "learningRates, weightDecays → groups of parameters",
        differences="dampening is 0 by default; there it is the momentum, which makes v a mean",
        code=_step("optim.SGD([w], lr=0.1, momentum=0.9)"),
        gives=[0.8, -1.6],
    ),
    Row(
        "optim.adagrad",
        formula="s ← s + g^2; w ← w - lr g / (√s + 1e-10).",
        here="optim.Adagrad",
        arguments="learningRate=1e-3 → lr=0.01; learningRateDecay=0 → lr_decay=0.0; "
        "weightDecay=0 → weight_decay=0.0",
        differences="another default rate",
        code=_step("optim.Adagrad([w], lr=0.1)"),
        gives=[0.9, -1.9],
    ),
    Row(
        "optim.adadelta",
        formula="v ← rho v + (1 - rho) g^2; d = √(a + eps) / √(v + eps) g; "
        "a ← rho a + (1 - rho) d^2; w ← w - d.",
        here="optim.Adadelta",
        arguments="rho=0.9 → rho=0.9; eps=1e-6 → eps=1e-6; weightDecay=0 → weight_decay=0.0",
        differences="there is a rate lr=1.0, too",
        code=_step("optim.Adadelta([w])"),
        gives=[0.99684, -1.99684],
    ),
    Row(
        "optim.adam",
        formula="m, v: running means of g, g^2; w ← w - lr m / (1 - beta1^t) / "
        "(√(v / (1 - beta2^t)) + eps).",
        here="optim.Adam",
        arguments="learningRate=1e-3 → lr=1e-3; beta1=0.9, beta2=0.999 → betas=(0.9, 0.999); "
        f"epsilon=1e-8 → eps=1e-8; weightDecay=0 → weight_decay=0.0; {RATE}",
        differences="eps is added to the corrected root; epsilon_hat=True adds it before, as there",
        code=_step("optim.Adam([w], lr=0.1)"),
        gives=[0.9, -1.9],
    ),
    Row(
        "optim.adamax",
        formula="u ← max(beta2 u, |g| + eps); w ← w - lr / (1 - beta1^t) m / u.",
        here="optim.Adamax",
        arguments="learningRate=0.002 → lr=2e-3; beta1, beta2 → betas; epsilon=1e-38 → eps=1e-8",
        differences="another default eps",
        code=_step("optim.Adamax([w], lr=0.1)"),
        gives=[0.9, -1.9],
    ),
    Row(
        "optim.rmsprop",
        formula="s ← alpha s + (1 - alpha) g^2; w ← w - lr g / (√s + eps).",
        here="optim.RMSprop",
        arguments="learningRate=1e-2 → lr=0.01; alpha=0.99 → alpha=0.99; epsilon=1e-8 → "
        "eps=1e-8; initialMean=0 → none; weightDecay=0 → weight_decay=0.0",
        differences="s starts as 0, as there by default",
        code=_step("optim.RMSprop([w], lr=0.025)"),
        gives=[0.75, -1.75],
    ),
    Row(
        "optim.nag",
        formula="x ← x + momentum v; v ← momentum v - lr g; x ← x - lr g, g at the place ahead.",
        here="optim.SGD([w], momentum=0.9, nesterov=True)",
        arguments="learningRate=1e-3 → lr=1e-3; momentum=0.9 → momentum; weightDecay=0 → "
        f"weight_decay=0.0; {RATE}",
        differences="w here is the place ahead, x + momentum v, where the gradient is taken: the "
        "same sequence of gradients; for rates that change, too, with rate_in_velocity=True",
        code=_step("optim.SGD([w], lr=0.1, momentum=0.5, nesterov=True)"),
        gives=[0.7, -1.4],
    ),
    Row(
        "optim.rprop",
        formula="A step size for each element: times eta+ while the sign of g stays, eta- when it "
        "changes; w ← w - size sign(g).",
        here="optim.Rprop",
        arguments="stepsize=0.1 → lr=0.01; etaplus=1.2, etaminus=0.5 → etas=(0.5, 1.2); "
        "stepsizemin=1e-6, stepsizemax=50 → step_sizes=(1e-6, 50.0); niter=1 → a loop",
        differences="another default of the first size",
        code=_step("optim.Rprop([w], lr=0.25)"),
        gives=[0.75, -1.75],
    ),
    Row(
        "optim.asgd",
        formula="eta = eta0 / (1 + lambda eta0 t)^alpha; x ← (1 - lambda eta) x - eta g; "
        "a: mean of all x since step t0.",
        here="optim.ASGD",
        arguments="eta0=1e-4 → lr; lambda=1e-4 → lambd=1e-4; alpha=0.75 → alpha=0.75; t0=1e6 → "
        "t0=1e6; weightDecay=0 → weight_decay=0.0",
        differences="the average is a slot of the optimizer's state",
        code=_step("optim.ASGD([w], lr=0.25, lambd=0.0)"),
        gives=[0.5, -1.0],
    ),
    Row(
        "optim.cg",
        formula="Conjugate gradients of Polak and Ribière, with a cubic line search.",
        here="optim.CG",
        arguments="maxIter=20 → max_iter=20; maxEval → max_eval, 5/4 of it in both; rho=0.01, "
        "sig=0.5, ratio=100 → the same; int=0.1 → interpolate; ext=3 → extrapolate",
        differences="step(closure), where the closure computes loss and gradients",
        code=_search("optim.CG([w])", 5),
        gives=[3.0, 3.0],
    ),
    Row(
        "optim.lbfgs",
        formula="Newton's step with an inverse Hessian from the last gradients (Nocedal 1980).",
        here="optim.LBFGS",
        arguments="maxIter=20 → max_iter=20; maxEval → max_eval, 5/4 of it in both; tolFun=1e-5 → "
        "tolerance_grad=1e-7; tolX=1e-9 → tolerance_change=1e-9; nCorrection=100 → "
        'history_size=100; lineSearch=lswolfe → line_search_fn="strong_wolfe"; '
        "learningRate=1 → lr=1.0",
        differences="step(closure), where the closure computes loss and gradients",
        code=_search("optim.LBFGS([w])", 5),
        gives=[3.0, 3.0],
    ),
    Row(
        "optim.FistaLS",
        formula="Proximal gradients with momentum and backtracking (Beck and Teboulle 2009).",
        here="optim.FISTA",
        arguments="L=0.1 → L=0.1; Lstep=1.5 → L_step=1.5; maxiter=50 → max_iter=50; maxline=20 → "
        "max_line=20; errthres=1e-4 → tolerance=1e-4; doFistaUpdate=true → accelerate=True; "
        "the penalty g and its proximal map → l1_decay, or methods of a subclass",
        differences="step(closure), where the closure computes loss and gradients of f",
        code=_search("optim.FISTA([w])", 60),
        gives=[3.0, 3.0],
    ),
    Row(
        "optim.cmaes",
        formula="Evolution of a normal distribution, covariance adapted (Hansen 2001).",
        here="optim.CMAES",
        arguments="sigma → sigma=0.5; popsize → popsize, 4 + floor(3 ln N) in both; maxEval, "
        "ftarget → steps of a loop; verb_disp → none",
        differences="step(closure), where the closure computes the loss; no gradients",
        code=_search("optim.CMAES([w])", 200),
        gives=[3.0, 3.0],
    ),
    Row(
        "optim.de",
        formula="Differential evolution: candidates plus differences of others (Storn 1997).",
        here="optim.DifferentialEvolution",
        arguments="popsize → popsize, 10 N in both; scaleFactor → scale_factor=0.5; crossoverRate "
        "→ crossover_rate=0.9; maxFEs → steps of a loop; lowerRegionBound, upperRegionBound=±30 → "
        "region=30.0",
        differences="step(closure), where the closure computes the loss; no gradients; the region "
        "lies around the start, and one vector is the start",
        code=_search("optim.DifferentialEvolution([w])", 200),
        gives=[3.0, 3.0],
    ),
    Row(
        "optim.lswolfe",
        formula="A line search to the strong Wolfe conditions.",
        here='optim.LBFGS(parameters, line_search_fn="strong_wolfe")',
        arguments="c1=1e-4, c2=0.9, tolX=1e-9, maxIter=20 → the same constants",
        differences="a part of the optimizer, not a function",
        code=_search('optim.LBFGS([w], line_search_fn="strong_wolfe")', 3),
        gives=[3.0, 3.0],
    ),
    Row(
        "optim.polyinterp",
        formula="The minimum of a polynomial through points with slopes.",
        absent="a step of the line searches, which have it inside.",
    ),
    Row(
        "optim.checkgrad",
        formula="|d - d'| / |d + d'| of a gradient and its central differences.",
        here="cr.check_gradients",
        arguments="opfunc → f; x → inputs; eps=1e-7 → eps=1e-5",
        differences="along random directions, to second order; raises GradientCheckError instead "
        "of returning a number",
        code="cr.check_gradients(lambda x: x**3, [np.array([1.0, 2.0])])",
        gives=None,
    ),
    Row(
        "optim.ConfusionMatrix",
        formula="How often class j was predicted where i is right.",
        here="cr.train.ConfusionMatrix",
        arguments="nclasses → grows by itself; add, batchAdd → update(outputs, targets); "
        "updateValids → compute(); Precision, Recall and F1 are metrics of their own",
        differences="classes count from 0",
        code="""
matrix = cr.train.ConfusionMatrix()
matrix.update(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
matrix.compute()
""",
        gives=[[0, 0], [1, 1]],
    ),
    Row(
        "optim.Logger",
        formula="Tables and plots of numbers, step by step.",
        here="cr.train.History",
        arguments="add{...} → written by Trainer.fit; plot → cr.train.save_curves",
        differences="written while training runs, one line an epoch; TensorBoard, too",
        code='cr.train.History([{"kind": "epoch", "epoch": 1, "loss": 0.5}])["loss"]',
        gives=[0.5],
    ),
)
