"""LeNet on MNIST with the Trainer.

python examples/lenet.py [--samples 60000] [--epochs 2]
"""

import argparse

import chainrule as cr
from chainrule import functional as F
from chainrule import models, optim
from chainrule.data import Normalize, Subset, mnist

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--samples", type=int, default=60_000)
parser.add_argument("--epochs", type=int, default=2)
options = parser.parse_args()

cr.manual_seed(0)
digits = Subset(mnist("train"), range(options.samples))
model = models.lenet((1, 28, 28), 10)
print(model.summary((1, 1, 28, 28)))
optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
trainer = cr.Trainer(model, F.cross_entropy, optimizer, transform=Normalize(0.1307, 0.3081))
trainer.fit(digits, options.epochs)
print(f"test accuracy {trainer.evaluate(mnist('test'))['accuracy']:.2%}")
