"""One step with the gradients of several batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..errors import ArgumentError, CheckpointError
from ..graph import Tensor, no_grad
from ..ops import maximum
from .clip import norm_of
from .optimizer import Optimizer
from .slots import as_type_of, counter, fill, filled


class GradientAccumulation:
    """Sum the gradients of several batches, then let an optimizer step with their mean.

    ``add()`` takes over the gradients in ``.grad``, which it clears; ``step()`` gives the optimizer
    ``sum / n`` of the n times that were added, and starts anew. With ``max_norm`` the norm of all
    gradients, taken together, is limited: ``g = g * min(1, max_norm / norm)``. ``clip`` says of
    which: "mean" limits after the division; "sum" limits the sum, and then divides it. ``step()``
    returns that norm before it was limited, shape (), or None. Weight decay is not limited, since
    the optimizer adds it. Both methods may be part of compiled functions, of one or of two. Raises
    ArgumentError for a negative limit, and for a step before anything was added.

    Caffe's iter_size and clip_gradients: ``GradientAccumulation(optimizer, max_norm=clip_gradients,
    clip="sum")``, with ``add()`` iter_size times before each ``step()``.

    >>> w = tensor([1.0], requires_grad=True)
    >>> optimizer = optim.SGD([w], lr=0.5)
    >>> accumulation = GradientAccumulation(optimizer)
    >>> for x in (1.0, 3.0):
    ...     (w * x).sum().backward()
    ...     accumulation.add()
    >>> accumulation.step()
    >>> w
    tensor([0.], requires_grad=True)
    """

    def __init__(
        self,
        optimizer: Optimizer,
        *,
        max_norm: float | None = None,
        clip: Literal["mean", "sum"] = "mean",
    ) -> None:
        if (max_norm is not None and not max_norm >= 0) or clip not in ("mean", "sum"):
            raise ArgumentError(
                "GradientAccumulation", required="max_norm >= 0 or None, clip 'mean' or 'sum'",
                received=f"max_norm={max_norm}, clip={clip!r}",
            )  # fmt: skip
        self.optimizer, self.max_norm, self.clip = optimizer, max_norm, clip
        self.count = counter()
        self._sums: dict[int, Tensor] = {}  # by id(parameter), made when it first has a gradient

    def add(self) -> None:
        """Add the gradients of a batch to the sums, and clear them."""
        with no_grad():
            for parameter in self.optimizer.parameters():
                if parameter.grad is not None:
                    total = self._sums.setdefault(id(parameter), filled(parameter))
                    total.assign(total + parameter.grad)
                    parameter.grad = None
            self.count.assign(self.count + 1)

    def step(self) -> Tensor | None:
        """Let the optimizer step with the mean; return the norm of what was limited, or None."""
        if not self._sums:
            raise ArgumentError(
                "GradientAccumulation.step", required="gradients that were added",
                received="none", hint="call add() after backward()",
            )  # fmt: skip
        held = [p for p in self.optimizer.parameters() if id(p) in self._sums]
        with no_grad():
            norm = self._give(held)
            self.optimizer.step()
            for parameter in held:
                parameter.grad = None
                self._sums[id(parameter)].assign(filled(parameter))
            self.count.assign(counter())
        return norm

    def _give(self, parameters: list[Tensor]) -> Tensor | None:
        """Make the limited means the parameters' gradients."""
        norm, factor = None, 1 / maximum(self.count, 1.0)
        if self.max_norm is not None:
            norm = norm_of([self._sums[id(p)] for p in parameters], 2.0)
            if self.clip == "mean":
                norm = norm * as_type_of(factor, norm)
            limit = self.max_norm / maximum(norm, self.max_norm) if self.max_norm > 0 else 0.0
            factor = factor * limit
        for parameter in parameters:
            parameter.grad = self._sums[id(parameter)] * as_type_of(factor, parameter)
        return norm

    def state_dict(self) -> dict[str, Any]:
        """Return the sums, by the parameters' positions, and how many were added."""
        places = enumerate(self.optimizer.parameters())
        sums = {str(i): self._sums[id(p)].numpy() for i, p in places if id(p) in self._sums}
        return {"sums": sums, "count": int(self.count.item())}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put sums back; nothing changes if they do not fit (CheckpointError)."""
        parameters = {str(i): p for i, p in enumerate(self.optimizer.parameters())}
        if set(state) != {"sums", "count"} or not set(state["sums"]) <= set(parameters):
            raise CheckpointError(
                "GradientAccumulation",
                required=f"'count', and 'sums' of parameters 0 to {len(parameters) - 1}",
                received=", ".join([*state, *state.get("sums", ())]) or "nothing",
            )
        made = {name: {"sum": filled(parameters[name])} for name in state["sums"]}
        for name, slots in made.items():
            what = f"GradientAccumulation, parameter {name}"
            fill(slots, {"sum": state["sums"][name]}, what)
        for name, parameter in parameters.items():
            held = self._sums.get(id(parameter))
            new = made[name]["sum"] if name in made else filled(parameter)
            if held is not None:
                held.assign(new)  # programs may be compiled for it
            elif name in made:
                self._sums[id(parameter)] = new
        self.count.assign(counter(float(state["count"])))
