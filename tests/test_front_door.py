"""The front door: ``chainrule.__all__`` is exactly the public names, and each can be used."""

from __future__ import annotations

import inspect
import types

import pytest

import chainrule as cr

CONSTANTS = {"e", "inf", "nan", "newaxis", "pi"}  # plain numbers carry no docstring of ours
HELPERS = {
    "annotations",
    "Any",
    "TYPE_CHECKING",
    "import_module",
}  # what the front door itself is made with


def test_all_is_sorted_and_has_no_duplicates() -> None:
    assert list(cr.__all__) == sorted(set(cr.__all__))


def test_all_is_exactly_the_public_names() -> None:
    rooms = {name for name, value in vars(cr).items() if isinstance(value, types.ModuleType)}
    here = {name for name in vars(cr) if not name.startswith("_")}
    assert here - rooms - HELPERS <= set(cr.__all__)
    assert set(cr.__all__) <= set(dir(cr))


@pytest.mark.parametrize("name", sorted(set(cr.__all__) - CONSTANTS))
def test_every_public_name_can_be_imported_and_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(cr, name)), f"chainrule.{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        cr.nonsense  # noqa: B018
