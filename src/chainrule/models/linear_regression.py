"""Linear regression in one or many variables: closed form or gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functional as F
from .. import nn, optim
from ..dtypes import Array
from ..errors import ArgumentError, ShapeError
from ..graph import Tensor, as_tensor, no_grad, tensor


class LinearRegression(nn.Module):
    """The best straight line (or plane): y = x W^T + b, with the least sum of squared errors.

    Inputs (N, features) or (N,) for one variable, targets (N,) or (N, targets). ``fit`` solves the
    problem in closed form (Gauss 1809), ``fit_sgd`` by gradient descent on the mean squared error.

    >>> model = LinearRegression(1).fit([0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
    >>> round(model.slope, 4), round(model.intercept, 4)
    (2.0, 1.0)
    """

    def __init__(self, features: int = 1, targets: int = 1) -> None:
        super().__init__()
        self.linear = nn.Linear(features, targets)

    def forward(self, x: Any) -> Tensor:
        """Return the predictions, shape (N, targets)."""
        node = as_tensor(x)
        return self.linear(node.reshape(-1, 1) if node.ndim == 1 else node)  # type: ignore[no-any-return]

    @property
    def slope(self) -> float:
        """The slope of a line in one variable."""
        return float(self.linear.weight.item())

    @property
    def intercept(self) -> float:
        """The height of a line at x = 0, for one target."""
        return float(self._bias.item())

    @property
    def _bias(self) -> nn.Parameter:
        assert self.linear.bias is not None
        return self.linear.bias

    def fit(self, x: Any, y: Any, *, l2: float = 0.0) -> LinearRegression:
        """Solve min |X W^T + b - Y|^2 + l2 |W|^2 by an orthogonal factorisation.

        Dependent columns are no error: among the best solutions the smallest is taken.
        """
        inputs, targets = _columns(x, y, self.linear.weight.shape)
        if l2 < 0:
            raise ArgumentError("l2", required="l2 >= 0", received=str(l2))
        mean_x, mean_y = inputs.mean(axis=0), targets.mean(axis=0)
        a, b = inputs - mean_x, targets - mean_y
        if l2:
            a = np.concatenate([a, np.sqrt(l2) * np.eye(a.shape[1])])
            b = np.concatenate([b, np.zeros((a.shape[1], b.shape[1]))])
        weight = np.linalg.lstsq(a, b, rcond=None)[0].T
        self.linear.weight.assign(weight)
        self._bias.assign(mean_y - weight @ mean_x)
        return self

    def fit_sgd(
        self, x: Any, y: Any, *, lr: float = 0.1, epochs: int = 100, batch_size: int | None = None,
        seed: int = 0,
    ) -> list[float]:  # fmt: skip
        """Descend the mean squared error; return the loss of each epoch.

        ``batch_size=None`` takes the whole set at each step (gradient descent). Scale features of
        very different size first: the largest curvature limits ``lr``.
        """
        inputs, targets = _columns(x, y, self.linear.weight.shape)
        optimizer = optim.SGD(self.parameters(), lr=lr)
        size = len(inputs) if batch_size is None else batch_size
        random, losses = np.random.Generator(np.random.Philox(seed)), []
        for _ in range(epochs):
            order = random.permutation(len(inputs)) if size < len(inputs) else None
            total = 0.0
            for start in range(0, len(inputs), size):
                part = slice(start, start + size) if order is None else order[start : start + size]
                a, b = (tensor(v[part], "float32") for v in (inputs, targets))
                optimizer.zero_grad()
                loss = F.mse_loss(self(a), b)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(a)
            losses.append(total / len(inputs))
        return losses

    @no_grad()
    def predict(self, x: Any) -> Array:
        """Return the predictions as a NumPy array (N, targets)."""
        return self(tensor(x, "float32")).numpy()  # type: ignore[no-any-return]

    def r2(self, x: Any, y: Any) -> float:
        """Return the share of the targets' variance that the line explains (1 is perfect)."""
        inputs, targets = _columns(x, y, self.linear.weight.shape)
        rest = ((self.predict(inputs) - targets) ** 2).sum()
        return float(1 - rest / ((targets - targets.mean(axis=0)) ** 2).sum())


def _columns(x: Any, y: Any, weight: tuple[int, ...]) -> tuple[Array, Array]:
    inputs, targets = np.asarray(x, np.float64), np.asarray(y, np.float64)
    inputs = inputs.reshape(-1, 1) if inputs.ndim == 1 else inputs
    targets = targets.reshape(-1, 1) if targets.ndim == 1 else targets
    expected = f"x (N, {weight[1]}) and y (N, {weight[0]}), N >= 1"
    if (inputs.shape[1:], targets.shape[1:]) != ((weight[1],), (weight[0],)) or not len(inputs):
        raise ShapeError(
            "fit", required=expected, received=f"x {inputs.shape} and y {targets.shape}"
        )
    if len(inputs) != len(targets):
        raise ShapeError(
            "fit", required=expected, received=f"{len(inputs)} inputs, {len(targets)} targets"
        )
    return inputs, targets
