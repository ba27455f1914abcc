"""Networks of 1 to hundreds of layers: how much gradient reaches the first layer.

python examples/depth_and_activation.py [--depths 1 10 100]
"""

import argparse

import chainrule as cr
from chainrule import nn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--depths", type=int, nargs="+", default=[1, 10, 100, 300])
options = parser.parse_args()

print("norm of the gradient at the first layer, divided by that at the last")
print("activation  " + "".join(f"{depth:>10}" for depth in options.depths) + "  layers")
for activation in ("sigmoid", "tanh", "relu", "selu"):
    row = f"{activation:12}"
    for depth in options.depths:
        cr.manual_seed(0)
        model = nn.MLP(32, [32] * (depth - 1), 1, activation=activation)
        (model(cr.random.normal((64, 32))) ** 2).mean().backward()
        weights = [p for p in model.parameters() if p.ndim == 2]
        first, last = (float((w.grad**2).sum().item()) ** 0.5 for w in (weights[0], weights[-1]))
        row += f"{first / last:10.1e}"
    print(row)
