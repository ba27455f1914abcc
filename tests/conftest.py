"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# No time limits, since machines are shared; the same examples on every run, since CI must not flip.
settings.register_profile("chainrule", deadline=None, derandomize=True)
settings.load_profile("chainrule")
