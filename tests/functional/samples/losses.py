"""Losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from .record import f, probabilities, spaced

x = spaced(3, 4)
wide = spaced(3, 4, low=-8.0, high=8.0)
labels, labels2d = np.array([0, 2, 1]), np.array([[0, 2], [1, 1], [-100, 3]])
signs = np.array([1, -1, -1])
several = np.array([[3, 0, -1, 1], [-1, 0, 0, 0], [2, 1, 0, 3]])
far, inside = spaced(3, 4, seed=1, high=3.0), spaced(3, 4, low=0.05, high=0.95)
other = spaced(3, 4, seed=2, high=2.5)
rows, each = spaced(3, low=0.5), spaced(3, 4, low=0.5, seed=3)


def weighted(name: str, weight: np.ndarray) -> Any:
    """Return PyTorch's loss as a weighted mean, by the losses one by one."""

    def peer(torch: Any, *inputs: Any, **_: Any) -> Any:
        losses = getattr(torch.nn.functional, name)(*inputs, reduction="none")
        w = torch.tensor(weight).to(losses.dtype).reshape(3, -1).expand_as(losses)
        return (losses * w).sum() / w.sum()

    return peer


def weighed_labels(torch: Any, x: Any, y: Any, weight: Any) -> Any:
    losses = torch.nn.functional.cross_entropy(x, y, weight, reduction="none")
    w = torch.tensor(rows).to(x.dtype)
    return (losses * w).sum() / (weight[y] * w).sum()


def manhattan(a: Any, b: Any) -> Any:
    return abs(a - b).sum(-1)


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
    f("nll_loss", spaced(3, 4, 2), labels2d, spaced(4, low=0.5), label_smoothing=0.3, peer=False),
    f("binary_cross_entropy", spaced(3, 4, low=0.05, high=0.95), spaced(3, 4, low=0, high=1)),
    f("binary_cross_entropy", spaced(3, low=0.05, high=0.95), np.array([0.0, 1, 1]),
      spaced(3, low=0.5)),
    f("binary_cross_entropy", spaced(3, low=0.05, high=0.95), np.array([0, 1, 1]),
      ignore_index=1, label_smoothing=0.1, peer=False),
    f("binary_cross_entropy_with_logits", wide, spaced(3, 4, low=0, high=1)),
    f("binary_cross_entropy_with_logits", x, spaced(3, 4, low=0, high=1), spaced(4, low=0.5),
      pos_weight=spaced(4, low=0.5)),
    f("kl_div", x, probabilities(3, 4)),
    f("kl_div", x, spaced(3, 4, seed=1), reduction="batchmean", log_target=True),
    f("mse_loss", x, spaced(3, 4, seed=1)),
    f("l1_loss", x, spaced(3, 4, seed=1, high=3.0), reduction="sum"),
    f("smooth_l1_loss", x, spaced(3, 4, seed=1, high=3.0), beta=0.5),
    f("huber_loss", x, spaced(3, 4, seed=1, high=3.0), delta=1.5, reduction="none"),
    f("smooth_l1_loss", x, spaced(3, 4, seed=1, high=3.0), beta=0.0, reduction="batchmean",
      peer=False),
    f("mse_loss", x, spaced(3, 4, seed=1), sample_weight=rows, peer=weighted("mse_loss", rows)),
    f("l1_loss", x, spaced(3, 4, seed=1, high=3.0), sample_weight=each,
      peer=weighted("l1_loss", each)),
    f("cross_entropy", x, labels, spaced(4, low=0.5), sample_weight=rows,
      peer=lambda torch, x, y, w, **_: weighed_labels(torch, x, y, w)),
    f("euclidean_loss", x, spaced(3, 4, seed=1),
      peer=lambda torch, a, b: ((a - b) ** 2).sum() / (2 * len(a))),
    f("euclidean_loss", x[0], x[1], reduction="sum", peer=False),
    f("weighted_mse_loss", x, spaced(3, 4, seed=1), spaced(4, seed=2),
      peer=lambda torch, a, b, w: ((a - w * b) ** 2).mean()),
    f("auto_crop_mse_loss", spaced(2, 3, 2), spaced(2, 5, 5, seed=1),
      peer=lambda torch, a, b: ((a - b[:, 1:4, 1:3]) ** 2).mean()),
    f("poisson_nll_loss", x, np.array([[0.0, 1.0, 2.0, 5.0]] * 3)),
    f("poisson_nll_loss", x, np.array([[0.5, 1.5, 2.0, 5.0]] * 3), full=True, reduction="sum"),
    f("poisson_nll_loss", inside, np.array([[0.0, 1.0, 2.0, 5.0]] * 3), log_input=False),
    f("gaussian_nll_loss", x, spaced(3, 4, seed=1), spaced(3, 4, low=0.1, seed=2)),
    f("gaussian_nll_loss", x, spaced(3, 4, seed=1), spaced(3, low=0.1, seed=2), full=True),
    f("gaussian_nll_loss", x, spaced(3, 4, seed=1), spaced(3, 1, low=0.1), reduction="none"),
    f("focal_loss", spaced(3, 4, 2), labels2d, spaced(4, low=0.5)),
    f("focal_loss", x[0], np.array(2), gamma=0.5, reduction="sum"),
    f("focal_loss", x, labels, gamma=0.0, peer=lambda torch, x, y, **_:
      torch.nn.functional.cross_entropy(x, torch.as_tensor(y))),
    f("sigmoid_focal_loss", wide, spaced(3, 4, low=0, high=1), ignore_index=1),
    f("sigmoid_focal_loss", x, spaced(3, 4, low=0, high=1), alpha=None, gamma=0.0,
      peer=lambda torch, x, t, **_:
      torch.nn.functional.binary_cross_entropy_with_logits(x, t)),
    f("infogain_loss", x, labels, spaced(4, 4, low=0.1)),
    f("infogain_loss", spaced(3, 4, 2), labels2d, np.eye(4).tolist(),
      peer=lambda torch, x, y, _: torch.nn.functional.cross_entropy(x, torch.as_tensor(y))),
    f("infogain_loss", x[0], np.array(1), spaced(4, 4, low=0.1), reduction="sum"),
    f("class_simplex_loss", x, labels),
    f("class_simplex_loss", x[0], np.array(1), reduction="none"),
    f("class_simplex_scores", x),
    f("dice_loss", inside, spaced(3, 4, low=0, high=1)),
    f("dice_loss", spaced(2, 3, 4, low=0, high=1), spaced(2, 3, 4, low=0, high=1, seed=1),
      spaced(3, low=0.5), squared=True),
    f("hinge_loss", spaced(3), signs),
    f("soft_margin_loss", spaced(3), signs),
    f("soft_margin_loss", wide[0], np.array([1, -1, -1, 1]), reduction="none"),
    f("multi_margin_loss", x, labels),
    f("multi_margin_loss", x, labels, p=2, margin=0.5, weight=spaced(4, low=0.5)),
    f("multi_margin_loss", x[0], np.array(1), reduction="sum"),
    f("multi_margin_loss", spaced(3, 4, 2), labels2d, margin=1.03, peer=False),
    f("multilabel_margin_loss", x, several),
    f("multilabel_margin_loss", x[0], several[0], reduction="sum"),
    f("multilabel_soft_margin_loss", x, (several > 0).astype("float64")),
    f("multilabel_soft_margin_loss", x, spaced(3, 4, low=0, high=1), spaced(4, low=0.5),
      reduction="none"),
    f("margin_ranking_loss", spaced(3), spaced(3, seed=1, high=3.0), signs, margin=0.3),
    f("hinge_embedding_loss", x, np.array([[1, -1, -1, 1]] * 3), margin=0.7),
    f("l1_hinge_embedding_loss", x, far, signs, margin=9.0),
    f("l1_hinge_embedding_loss", x[0], far[0], np.array(1), reduction="sum"),
    f("cosine_embedding_loss", x, far, signs, margin=0.1),
    f("cosine_embedding_loss", x[0], far[0], np.array(1)),
    f("contrastive_loss", x, far, np.array([1, 0, 0]), margin=5.0),
    f("contrastive_loss", x, far, np.array([0.25, 0.5, 0.75]), margin=30.0, legacy=True),
    f("distance_ratio_loss", inside, wide, peer=lambda torch, a, b:
      -torch.log(torch.exp(-a) / (torch.exp(-a) + torch.exp(-b))).mean()),
    f("triplet_margin_loss", x, far, other),
    f("triplet_margin_loss", x, far, other, p=3.0, margin=2.0, swap=True,
      reduction="sum"),
    f("triplet_margin_loss", x[0], far[0], x[1], reduction="none"),
    f("triplet_margin_with_distance_loss", x, far, other, margin=3.0, swap=True),
    f("triplet_margin_with_distance_loss", x, far, other, peer=False,
      distance_function=manhattan),
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
    f("multi_class_hinge", spaced(3, 4, 2), labels2d, spaced(4, low=0.5), margin=1.03),
    f("svm_loss", x, labels, spaced(2, 3), 0.1),
    f("svm_loss", x, labels, spaced(2, 3), 0.1, squared=True, margin=0.5),
]  # fmt: skip
