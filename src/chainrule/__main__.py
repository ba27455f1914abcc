"""``python -m chainrule``: the command line."""

from .cli.main import run

run()
