"""Loss: what loss modules share, weights of samples."""

from __future__ import annotations

from typing import Any

from ..graph import Tensor, TensorLike
from .function_layer import FunctionLayer


class Loss(FunctionLayer):
    """Base of losses: called with a prediction and a target, gives what is minimised.

    ``reduction`` is "mean", "sum", "none", "batchmean" (the sum over N) or "full" (over the number
    of all losses, ignored ones included). ``sample_weight``, of shape (N,) or that of the losses,
    weighs samples, and "mean" is the weighted mean.

    >>> loss = nn.MSELoss()
    >>> loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]), sample_weight=tensor([3.0, 1.0]))
    tensor(1.)
    """

    def forward(self, *inputs: TensorLike, sample_weight: TensorLike | None = None) -> Tensor:
        """Call the function with the options."""
        options: dict[str, Any] = self.options()
        if sample_weight is not None:
            options["sample_weight"] = sample_weight
        loss: Tensor = self.function(*inputs, **options)
        return loss
