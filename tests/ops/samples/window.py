from __future__ import annotations

from typing import Any

from . import Sample, integers, real


def windows(x: tuple[int, ...], note: str, **attributes: Any) -> Sample:
    return Sample("windows", (real(*x),), attributes, note)


def fold(x: tuple[int, ...], note: str, **attributes: Any) -> Sample:
    return Sample("fold_windows", (real(*x),), attributes, note)


SAMPLES = [
    windows((2, 6), "1d", size=(3,), stride=(1,), dilation=(1,)),
    windows((4, 5), "2d", size=(2, 2), stride=(2, 1), dilation=(1, 2)),
    windows((2, 7), "rest", size=(2,), stride=(3,), dilation=(1,)),
    windows((1,), "one", size=(1,), stride=(1,), dilation=(1,)),
    windows((0, 4), "empty", size=(2,), stride=(2,), dilation=(1,)),
    fold((2, 4, 3), "overlap", lengths=(6,), stride=(1,), dilation=(1,)),
    fold((2, 3, 2, 2), "2d", lengths=(4, 5), stride=(2, 1), dilation=(1, 2)),
    fold((2, 2, 2), "apart", lengths=(7,), stride=(3,), dilation=(1,)),
    fold((0, 2, 2), "empty", lengths=(4,), stride=(2,), dilation=(1,)),
    Sample("windows", (integers(5),), {"size": (2,), "stride": (1,), "dilation": (1,)}, "integers"),
]
