"""The page that lists what is offered and what is missing tells the truth."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "array_api.py"


def test_the_page_is_up_to_date() -> None:
    module = runpy.run_path(str(SCRIPT))
    assert module["PAGE"].read_text(encoding="utf-8") == module["page"]()
