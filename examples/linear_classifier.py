"""A linear score function on MNIST, trained with the softmax loss and with the SVM loss.

python examples/linear_classifier.py [--samples 5000] [--epochs 3]
"""

import argparse

import chainrule as cr
from chainrule import functional as F
from chainrule import models, optim
from chainrule.data import Normalize, Subset, mnist

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--samples", type=int, default=5000)
parser.add_argument("--epochs", type=int, default=3)
options = parser.parse_args()

digits = Subset(mnist("train"), range(options.samples))
for name, loss in (("softmax", F.cross_entropy), ("SVM", F.multi_class_hinge)):
    model = models.linear((1, 28, 28), 10)
    optimizer = optim.SGD(model.parameters(), lr=0.002, momentum=0.9, weight_decay=1e-4)
    normalize = Normalize(mean=0.1307, std=0.3081)
    trainer = cr.Trainer(model, loss, optimizer, transform=normalize)
    trainer.fit(digits, options.epochs, progress=False)
    print(f"{name:8} test accuracy {trainer.evaluate(mnist('test'))['accuracy']:.2%}")
