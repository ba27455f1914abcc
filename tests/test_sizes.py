"""Files stay small enough to be read in one sitting."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "chainrule"
LIMIT = 500


def test_no_file_is_longer_than_the_limit() -> None:
    lengths = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert lengths, f"no files found in {PACKAGE}"
    assert {name: length for name, length in lengths.items() if length > LIMIT} == {}
