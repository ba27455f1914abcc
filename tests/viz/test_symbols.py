"""The signs of operations."""

from __future__ import annotations

from chainrule import ops  # noqa: F401  (registers the primitives)
from chainrule.graph import PRIMITIVES
from chainrule.viz.symbols import COMMUTATIVE, SYMBOLS


def test_signs_belong_to_primitives() -> None:
    assert SYMBOLS.keys() <= PRIMITIVES.keys()


def test_commutative_operations_are_primitives_of_two_inputs() -> None:
    for name in COMMUTATIVE:
        rules = PRIMITIVES[name].vjp
        assert not isinstance(rules, tuple) or len(rules) == 2
