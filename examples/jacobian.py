"""The Jacobian of a ReLU on a mini-batch of 16 x 4096: 16 GiB, or 256 KiB.

python examples/jacobian.py
"""

import chainrule as cr
from chainrule import nn

batch = cr.random.normal((16, 4096))
J = cr.jacobian(cr.relu, batch, memory_limit=8 << 30)
print(J)
try:
    J.todense()
except cr.errors.MemoryLimitError as error:
    print(error)

small = cr.random.normal((4, 8))
print(cr.jacobian(nn.Sequential(nn.Linear(8, 3), nn.Tanh()), small))
image = cr.random.normal((1, 1, 12, 12))
print(cr.jacobian(nn.Conv2d(1, 2, 3), image))
