"""The confusion matrix and the samples that are most wrong, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from ...data import Dataset
from ...errors import ChainruleError
from .findings import Findings
from .plot import short
from .png import data_uri

MOST = 30  # classes of a matrix that is written out
PAIRS = 20  # most frequent confusions of larger ones


def confusion(findings: Findings | None) -> str:
    """Return the confusion matrix of the last evaluation; empty if the targets are no classes."""
    if findings is None or findings.matrix is None:
        return ""
    return matrix(findings.matrix.compute(), findings.dataset.classes)


def matrix(counts: Sequence[Sequence[int]], classes: Sequence[str] | None) -> str:
    """Return a table of counts: rows are right classes, columns predicted ones."""
    names = [_name(classes, k) for k in range(len(counts))]
    if len(counts) > MOST:
        return _pairs(counts, names)
    heads = "".join(f'<th scope="col" title="{escape(n)}">{escape(n)}</th>' for n in names)
    rows = []
    for j, row in enumerate(counts):
        whole = max(sum(row), 1)
        cells = "".join(_cell(n, n / whole, j == k) for k, n in enumerate(row))
        rate = f"{row[j] / whole:.1%}" if sum(row) else ""
        rows.append(f'<tr><th scope="row">{escape(names[j])}</th>{cells}<td>{rate}</td></tr>')
    return (
        '<p class="soft">Rows: the right class. Columns: the predicted one. The last column is the '
        'share of right predictions.</p>\n<div class="scroll"><table class="matrix">'
        f'<tr><td></td>{heads}<th scope="col">right</th></tr>{"".join(rows)}</table></div>'
    )


def _cell(count: int, share: float, is_right: bool) -> str:
    colour = "var(--c0)" if is_right else "var(--c1)"
    strength = round(100 * share**0.5 * 0.75) if count else 0
    style = f' style="background:color-mix(in srgb, {colour} {strength}%, transparent)"'
    return f"<td{style if count else ''}>{count if count else '<span class=soft>·</span>'}</td>"


def _pairs(counts: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    found = sorted(
        ((n, j, k) for j, row in enumerate(counts) for k, n in enumerate(row) if n and j != k),
        reverse=True,
    )[:PAIRS]
    rows = "".join(
        f'<tr><td class="text">{escape(names[j])}</td><td class="text">{escape(names[k])}</td>'
        f"<td>{n:,}</td></tr>"
        for n, j, k in found
    )
    return (
        f'<p class="soft">{len(counts)} classes; the most frequent confusions:</p>\n'
        '<div class="scroll"><table><tr><th scope="row">right</th><th scope="row">predicted</th>'
        f"<th>samples</th></tr>{rows}</table></div>"
    )


def mistakes(findings: Findings | None) -> str:
    """Return the samples whose class was missed by most, with images where the inputs are some."""
    if findings is None or findings.matrix is None:
        return ""
    dataset = findings.dataset
    wrong = f"{findings.wrong:,} of {findings.samples:,} {findings.what} samples are wrong"
    if not findings.mistakes:
        return f"<p>{wrong}.</p>"
    cells = "".join(
        f"<div>{_image(dataset, sample)}<b>{escape(_name(dataset.classes, true))}</b> taken for "
        f'<b>{escape(_name(dataset.classes, predicted))}</b><br><span class="soft">sample '
        f"{sample:,}, by {short(margin)}</span></div>"
        for margin, sample, true, predicted in findings.mistakes
    )
    return f'<p>{wrong}; these by most.</p>\n<div class="samples">{cells}</div>'


def _image(dataset: Dataset, sample: int) -> str:
    try:
        image = dataset.batch(np.array([sample]))[0][0]
        return f'<img src="{data_uri(image)}" alt="">'
    except ChainruleError:
        return ""  # no image: a matrix of another kind


def _name(classes: Sequence[str] | None, label: int) -> str:
    return str(label) if classes is None or not 0 <= label < len(classes) else classes[label]
