"""Adam and its relatives: the mean of the gradient over a measure of its size.

``g`` is the gradient plus ``weight_decay * w + l1_decay * sign(w)``, ``t`` the number of the step,
from 1. Formulas and defaults are those of PyTorch.
"""

from __future__ import annotations

from ..graph import Tensor
from ..ops import abs as absolute
from ..ops import maximum, sqrt
from .optimizer import Optimizer, Parameters
from .slots import (
    Options,
    Slots,
    as_type_of,
    counter,
    filled,
    mean_square,
    regularized,
    shrunk,
    toward,
)


class Adam(Optimizer):
    """Adam: the mean of the gradient divided by the root of the mean of its square.

    ``m = beta1 m + (1 - beta1) g``; ``v = beta2 v + (1 - beta2) g**2``;
    ``w = w - lr / (1 - beta1**t) * m / (sqrt(v / (1 - beta2**t)) + eps)``. ``amsgrad`` uses the
    largest v so far. With ``epsilon_hat`` eps is added to the root of the uncorrected v:
    ``w = w - lr * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps)``. Kingma and Ba, 2015,
    the latter at the end of section 2; Reddi et al., 2018.

    Caffe's Adam: ``Adam(p, lr, (momentum, momentum2), delta, weight_decay, epsilon_hat=True)``; its
    momentum is 0 where a solver does not say. Torch7's adam: ``epsilon_hat=True``.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adam([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.75, -1.75], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
        epsilon_hat: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay,
                "amsgrad": amsgrad, "maximize": maximize, "l1_decay": l1_decay,
                "epsilon_hat": epsilon_hat,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the step, the mean and the mean square."""
        slots = {"step": counter(), "mean": filled(parameter), "mean_square": filled(parameter)}
        return {**slots, "max_mean_square": filled(parameter)} if options["amsgrad"] else slots

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        return self._descend(parameter, regularized(parameter, gradient, options), slots, options)

    def _descend(
        self, parameter: Tensor, g: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        beta1, beta2 = options["betas"]
        step = slots["step"] + 1
        mean = toward(slots["mean"], g, beta1)
        square = mean_square(slots["mean_square"], g, beta2)
        changed = {"step": step, "mean": mean, "mean_square": square}
        if options["amsgrad"]:
            square = changed["max_mean_square"] = maximum(slots["max_mean_square"], square)
        rate, correction = options["lr"] / (1 - beta1**step), sqrt(1 - beta2**step)
        root = sqrt(square)
        if options["epsilon_hat"]:
            rate = rate * correction
        else:
            root = root / as_type_of(correction, parameter)
        return parameter - as_type_of(rate, parameter) * (mean / (root + options["eps"])), changed


class AdamW(Adam):
    """Adam with decoupled weight decay: first ``w = w - lr * weight_decay * w``, then Adam.

    ``l1_decay`` is decoupled too: ``w = w - lr * l1_decay * sign(w)``. Loshchilov and Hutter, 2019.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.85, -1.8 ], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
        epsilon_hat: bool = False,
    ) -> None:
        super().__init__(
            parameters, lr, betas, eps, weight_decay, amsgrad,
            maximize=maximize, l1_decay=l1_decay, epsilon_hat=epsilon_hat,
        )  # fmt: skip

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Shrink the parameter, then take Adam's step."""
        g = -gradient if options["maximize"] else gradient
        return self._descend(shrunk(parameter, options), g, slots, options)


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, whose momentum grows with t.

    ``mu_t = beta1 * (1 - 0.96**(t * momentum_decay) / 2)``; ``p`` is the product of all mu so far;
    ``w = w - lr * ((1 - mu_t) / (1 - p) * g + mu_(t+1) / (1 - p * mu_(t+1)) * m) / d`` with
    ``d = sqrt(v / (1 - beta2**t)) + eps``. Dozat, 2016.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.8943548, -1.8943548], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay,
                "momentum_decay": momentum_decay, "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the step, the product of the momenta, the mean and the mean square."""
        return {
            "step": counter(), "mu_product": counter(1.0),
            "mean": filled(parameter), "mean_square": filled(parameter),
        }  # fmt: skip

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        (beta1, beta2), decay, lr = options["betas"], options["momentum_decay"], options["lr"]
        step = slots["step"] + 1
        mu = beta1 * (1 - 0.5 * 0.96 ** (step * decay))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * decay))
        product = slots["mu_product"] * mu
        mean = toward(slots["mean"], g, beta1)
        square = mean_square(slots["mean_square"], g, beta2)
        root = sqrt(square / as_type_of(1 - beta2**step, parameter)) + options["eps"]
        of_g = as_type_of(lr * (1 - mu) / (1 - product), parameter)
        of_mean = as_type_of(lr * mu_next / (1 - product * mu_next), parameter)
        new = parameter - of_g * (g / root) - of_mean * (mean / root)
        return new, {"step": step, "mu_product": product, "mean": mean, "mean_square": square}


class Adamax(Optimizer):
    """Adam with the largest gradient in place of the root of the mean square.

    ``m`` as in Adam; ``u = max(beta2 * u, abs(g) + eps)``; ``w = w - lr / (1 - beta1**t) * m / u``.
    Kingma and Ba, 2015, section 7.

    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = Adamax([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.9, -1.9], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        l1_decay: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            {
                "lr": lr, "betas": tuple(betas), "eps": eps, "weight_decay": weight_decay,
                "maximize": maximize, "l1_decay": l1_decay,
            },
        )  # fmt: skip

    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Keep the step, the mean and the largest gradient."""
        return {"step": counter(), "mean": filled(parameter), "largest": filled(parameter)}

    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Take one step."""
        g = regularized(parameter, gradient, options)
        beta1, beta2 = options["betas"]
        step = slots["step"] + 1
        mean = toward(slots["mean"], g, beta1)
        largest = maximum(beta2 * slots["largest"], absolute(g) + options["eps"])
        rate = as_type_of(options["lr"] / (1 - beta1**step), parameter)
        new = parameter - rate * (mean / largest)
        return new, {"step": step, "mean": mean, "largest": largest}
