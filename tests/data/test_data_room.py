"""What the room promises as a whole."""

from __future__ import annotations

import subprocess
import sys

from chainrule import data


def test_all_names_are_there_and_documented() -> None:
    for name in data.__all__:
        assert getattr(data, name).__doc__, name
    assert len(set(data.__all__)) == len(data.__all__)


def test_importing_loads_neither_the_network_nor_pillow() -> None:
    code = "import sys, chainrule.data; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"urllib.request", "tarfile", "PIL", "ssl"} == set()
