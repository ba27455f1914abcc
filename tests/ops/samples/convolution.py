from __future__ import annotations

from typing import Any

from . import Sample, integers, real


def attributes(rank: int, **given: Any) -> dict[str, Any]:
    plain = {"stride": (1,) * rank, "dilation": (1,) * rank, "input_dilation": (1,) * rank}
    return {**plain, "padding": ((0, 0),) * rank, "groups": 1, **given}


def convolve(x: tuple[int, ...], weight: tuple[int, ...], note: str, **given: Any) -> Sample:
    return Sample("convolve", (real(*x), real(*weight)), attributes(len(x) - 2, **given), note)


SAMPLES = [
    convolve((2, 2, 6), (3, 2, 3), "1d"),
    convolve((2, 2, 4, 5), (3, 2, 2, 3), "2d"),
    convolve((1, 2, 3, 3, 2), (2, 2, 2, 1, 2), "3d"),
    convolve((2, 2, 6), (3, 2, 3), "stride leaves a rest", stride=(2,), padding=((0, 1),)),
    convolve((1, 1, 5, 4), (2, 1, 3, 2), "padding", padding=((2, 1), (0, 3))),
    convolve((1, 1, 6), (2, 1, 2), "crop", padding=((-2, 3),)),
    convolve((1, 1, 7), (2, 1, 3), "dilation", dilation=(3,)),
    convolve((1, 2, 4), (2, 2, 3), "input dilation", input_dilation=(3,), stride=(2,)),
    convolve((2, 4, 5), (6, 2, 2), "groups", groups=2),
    convolve((2, 3, 4, 4), (3, 1, 3, 3), "depthwise", groups=3, padding=((1, 1), (1, 1))),
    convolve((1, 1, 1), (1, 1, 1), "ones"),
    convolve((0, 2, 4), (3, 2, 2), "empty batch"),
    convolve((2, 0, 4), (3, 0, 2), "no channels"),
    convolve((2, 2, 4), (0, 2, 2), "no outputs"),
    convolve((1, 1, 0), (1, 1, 2), "only padding", padding=((2, 1),)),
    Sample("convolve", (integers(1, 2, 5), integers(2, 2, 3)), attributes(1), note="integers"),
]
