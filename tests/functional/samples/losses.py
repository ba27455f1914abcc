"""Losses."""

from __future__ import annotations

import numpy as np

from .record import f, probabilities, spaced

x = spaced(3, 4)
wide = spaced(3, 4, low=-8.0, high=8.0)
labels, labels2d = np.array([0, 2, 1]), np.array([[0, 2], [1, 1], [-100, 3]])
signs = np.array([1, -1, -1])

logs = -spaced(6, 4, 3, low=0.5, high=3.0)  # (T, N, C)
texts = np.array([[1, 1, 2], [2, 0, 0], [0, 0, 0], [1, 2, 1]])
text = np.array([1, 1, 2, 2, 1, 2, 1])
ends, sizes = np.array([6, 4, 3, 5]), np.array([3, 1, 0, 3])

SAMPLES = [
    f("cross_entropy", x, labels),
    f("cross_entropy", x[0], np.array(2)),
    f("cross_entropy", spaced(3, 4, 2), labels2d, spaced(4, low=0.5), label_smoothing=0.2),
    f("cross_entropy", x, labels, reduction="none", label_smoothing=0.5),
    f("cross_entropy", x, probabilities(3, 4), spaced(4, low=0.5), label_smoothing=0.1),
    f("nll_loss", spaced(3, 4, 2), labels2d, reduction="sum"),
    f("binary_cross_entropy", spaced(3, 4, low=0.05, high=0.95), spaced(3, 4, low=0, high=1)),
    f("binary_cross_entropy", spaced(3, low=0.05, high=0.95), np.array([0.0, 1, 1]), spaced(3)),
    f("binary_cross_entropy_with_logits", wide, spaced(3, 4, low=0, high=1)),
    f("binary_cross_entropy_with_logits", x, spaced(3, 4, low=0, high=1), spaced(4),
      pos_weight=spaced(4, low=0.5)),
    f("kl_div", x, probabilities(3, 4)),
    f("kl_div", x, spaced(3, 4, seed=1), reduction="batchmean", log_target=True),
    f("mse_loss", x, spaced(3, 4, seed=1)),
    f("l1_loss", x, spaced(3, 4, seed=1, high=3.0), reduction="sum"),
    f("smooth_l1_loss", x, spaced(3, 4, seed=1, high=3.0), beta=0.5),
    f("huber_loss", x, spaced(3, 4, seed=1, high=3.0), delta=1.5, reduction="none"),
    f("hinge_loss", spaced(3), signs),
    f("hinge_loss", spaced(3), signs, margin=2.0, squared=True, reduction="sum"),
    # PyTorch's gradient is that of the scores before log_softmax: see tests/parity.
    f("ctc_loss", logs, texts, ends, sizes, peer=False),
    f("ctc_loss", logs, text, ends, sizes, reduction="none", peer=False),
    f("ctc_loss", logs, np.maximum(texts, 1) - 1, ends, sizes, blank=2, reduction="sum",
      peer=False),
    f("ctc_loss", logs[:, 0], texts[0], np.array(6), np.array(3), peer=False),
    f("ctc_loss", logs, texts, ends - 3, sizes, zero_infinity=True, peer=False),
    f("multi_class_hinge", x, labels),
    f("multi_class_hinge", spaced(2, 3, 2), np.array([[0, 1], [2, 2]]), squared=True),
    f("svm_loss", x, labels, spaced(2, 3), 0.1),
    f("svm_loss", x, labels, spaced(2, 3), 0.1, squared=True, margin=0.5),
]  # fmt: skip
