"""Nearest neighbour on MNIST: k, the L1 and L2 distances, training against test accuracy.

python examples/nearest_neighbour.py [--train 2000] [--test 500]
"""

import argparse

import numpy as np

from chainrule.data import mnist
from chainrule.models import NearestNeighbour

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--train", type=int, default=2000, help="remembered samples")
parser.add_argument("--test", type=int, default=500, help="new samples")
options = parser.parse_args()

images, labels = mnist("train").batch(np.arange(options.train))
new_images, new_labels = mnist("test").batch(np.arange(options.test))
print("metric  k   training      test")
for metric in ("L1", "L2"):
    for k in (1, 3, 5):
        model = NearestNeighbour(k=k, metric=metric).fit(images, labels)
        known = model.accuracy(images[: options.test], labels[: options.test])
        new = model.accuracy(new_images, new_labels)
        print(f"{metric:6} {k:2} {known:10.1%} {new:9.1%}")
