from __future__ import annotations

from . import Sample, integers, real


def matmul(x: tuple[int, ...], y: tuple[int, ...], note: str) -> Sample:
    return Sample("matmul", (real(*x), real(*y)), note=note)


def einsum(subscripts: str, *shapes: tuple[int, ...]) -> Sample:
    inputs = tuple(real(*shape) for shape in shapes)
    return Sample("einsum", inputs, {"subscripts": subscripts}, note=subscripts)


SAMPLES = [
    matmul((2, 3), (3, 4), "matrices"),
    matmul((3,), (3,), "vectors"),
    matmul((2, 3), (3,), "matrix vector"),
    matmul((3,), (3, 2), "vector matrix"),
    matmul((2, 2, 3), (3, 2), "batch matrix"),
    matmul((2, 2, 3), (3,), "batch vector"),
    matmul((3,), (2, 3, 2), "vector batch"),
    matmul((2, 1, 2, 3), (2, 3, 2), "broadcast"),
    matmul((2, 0), (0, 3), "nothing to sum"),
    matmul((0, 2), (2, 3), "empty"),
    matmul((1, 1), (1, 1), "ones"),
    Sample("matmul", (integers(2, 3), integers(3, 2)), note="integers"),
    einsum("ij,jk->ik", (2, 3), (3, 4)),
    einsum("ij,kj->", (2, 3), (2, 3)),
    einsum("ii->", (3, 3)),
    einsum("ii->i", (3, 3)),
    einsum("iji,ik->jk", (2, 3, 2), (2, 2)),
    einsum("iii->i", (2, 2, 2)),
    einsum("ij->ji", (2, 3)),
    einsum("ij->j", (2, 3)),
    einsum("ij,j->ij", (2, 3), (3,)),
    einsum("i,j,k->kij", (2,), (3,), (2,)),
    einsum("bhqd,bhkd->bhqk", (2, 2, 2, 3), (2, 2, 3, 3)),
    einsum("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)),
    einsum("ij,jk->ik", (0, 3), (3, 2)),
    einsum("ij,jk->ik", (2, 0), (0, 2)),
    einsum("i,i->", (1,), (1,)),
    Sample("einsum", (integers(2, 3), integers(3)), {"subscripts": "ij,j->i"}, note="integers"),
]
