"""Linear regression in one and in many variables: the closed form, and gradient descent.

python examples/linear_regression.py
"""

import numpy as np

from chainrule.data import line
from chainrule.models import LinearRegression

points = line(200, slope=2.0, intercept=-1.0, noise=0.2, seed=0)
exact = LinearRegression(1).fit(points.inputs, points.targets)
walked = LinearRegression(1)
losses = walked.fit_sgd(points.inputs, points.targets, lr=0.3, epochs=100)
print("one variable: y = 2 x - 1 and noise")
print(f"  closed form      y = {exact.slope:.3f} x + {exact.intercept:.3f}")
print(f"  gradient descent y = {walked.slope:.3f} x + {walked.intercept:.3f}")
print(
    f"  loss {losses[0]:.3f} -> {losses[-1]:.4f}, R2 {exact.r2(points.inputs, points.targets):.4f}"
)

random = np.random.default_rng(0)
weights = np.array([1.0, -2.0, 0.5, 3.0])
x = random.standard_normal((500, 4))
y = x @ weights + 0.1 * random.standard_normal(500)
many = LinearRegression(4).fit(x, y)
stochastic = LinearRegression(4)
stochastic.fit_sgd(x, y, lr=0.02, epochs=30, batch_size=20)
print("four variables")
print("  true weights     ", weights)
print("  closed form      ", many.linear.weight.value[0].round(3))
print("  stochastic descent", stochastic.linear.weight.value[0].round(3))
