"""Time `import chainrule` against `import numpy`, in processes of their own that take turns.

python benchmarks/import_time.py [--repeats 10]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time


def seconds(module: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    times: dict[str, list[float]] = {"numpy": [], "chainrule": []}
    for _ in range(options.repeats):
        for module, found in times.items():
            found.append(seconds(module))
    medians = {module: 1e3 * statistics.median(found) for module, found in times.items()}
    for module, found in times.items():
        spread = f"({1e3 * min(found):.0f} to {1e3 * max(found):.0f})"
        print(f"{module:10} {medians[module]:6.1f} ms {spread}")
    print(f"difference {medians['chainrule'] - medians['numpy']:6.1f} ms")


if __name__ == "__main__":
    main()
