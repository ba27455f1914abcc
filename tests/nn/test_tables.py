"""Merges and selections: values, ties, how they are called, wrong inputs."""

from __future__ import annotations

import pytest

import chainrule as cr
from chainrule import nn
from chainrule.errors import ArgumentError

a, b, c = cr.tensor([1.0, 6.0]), cr.tensor([2.0, 3.0]), cr.tensor([4.0, 3.0])


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.CAddTable(), [7, 12]),
        (nn.CMulTable(), [8, 54]),
        (nn.CMaxTable(), [4, 6]),
        (nn.CMinTable(), [1, 3]),
    ],
)
def test_merges_of_a_tuple_and_of_arguments(layer: nn.Module, expected: list[float]) -> None:
    assert layer((a, b, c)).tolist() == layer(a, b, c).tolist() == expected
    assert layer((a,)).tolist() == a.tolist()


def test_differences_and_quotients() -> None:
    assert nn.CSubTable()((a, b)).tolist() == [-1, 3]
    assert nn.CDivTable()(a, b).tolist() == [0.5, 2]
    with pytest.raises(ArgumentError, match="CSubTable: requires a tuple of 2 entries"):
        nn.CSubTable()((a, b, c))
    with pytest.raises(ArgumentError, match="CAddTable: requires at least one tensor"):
        nn.CAddTable()(())


@pytest.mark.parametrize("layer", [nn.CMaxTable(), nn.CMinTable()])
def test_a_tie_shares_the_gradient(layer: nn.Module) -> None:
    x, y = (cr.tensor([3.0], requires_grad=True) for _ in range(2))
    layer(x, y).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([0.5], [0.5])  # type: ignore[union-attr]


def test_a_product_with_zeros_has_its_gradient() -> None:
    x = [cr.tensor(v, requires_grad=True) for v in (0.0, 5.0, 2.0)]
    nn.CMulTable()(*x).backward()
    assert [v.grad.item() for v in x] == [10, 0, 0]  # type: ignore[union-attr]


def test_selections() -> None:
    entries = (a, (b, c))
    assert nn.SelectTable(1)(entries) == (b, c)
    assert nn.SelectTable("key")({"key": a}) is a
    assert nn.NarrowTable(1)(entries) == ((b, c),)
    assert nn.FlattenTable()(entries) == (a, b, c)
    assert nn.ZipTable()(((a, b), (b, c))) == ((a, b), (b, c))
    for index in (2, -3, "key"):
        with pytest.raises(ArgumentError, match=f"requires an entry {index!r}"):
            nn.SelectTable(index)(entries)
    with pytest.raises(ArgumentError, match="entries 1 to 2; received a tuple of 2"):
        nn.NarrowTable(1, 2)(entries)
    with pytest.raises(ArgumentError, match="tuples of one length"):
        nn.ZipTable()(((a,), (b, c)))


def test_a_mixture_takes_experts_apart_or_together() -> None:
    gates = cr.tensor([[0.25, 0.75], [1.0, 0.0]])
    experts = cr.tensor([[4.0], [5.0]]), cr.tensor([[8.0], [9.0]])
    expected = [[0.25 * 4 + 0.75 * 8], [5.0]]
    assert nn.MixtureTable()((gates, experts)).tolist() == expected
    assert nn.MixtureTable()((gates, cr.stack(experts, axis=1))).tolist() == expected
    with pytest.raises(ArgumentError, match=r"gates \(N, 2\), one for each expert"):
        nn.MixtureTable()((cr.ones((2, 3)), experts))
