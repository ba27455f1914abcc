"""Structured Jacobians: the structure that is found, its values, its size, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import chainrule as cr
from chainrule import errors
from chainrule.autodiff.jacobian import memory

GENERATOR = np.random.default_rng(0)
W = GENERATOR.standard_normal((5, 4))
KERNEL = GENERATOR.standard_normal((4, 3, 3, 3))
IMAGES = GENERATOR.standard_normal((2, 3, 5, 5))


def dense_by_rows(f, x):
    """The whole Jacobian, one sweep for each output."""
    y, pullback = cr.vjp(f, x)
    rows = []
    for place in np.ndindex(*y.shape):
        unit = np.zeros(y.shape)
        unit[place] = 1.0
        rows.append(pullback(unit)[0].value.ravel())
    return np.array(rows).reshape(y.size, np.size(x))


def check(f, x):
    """Compare every form of the operator with the whole matrix; return operator and matrix."""
    operator, matrix = cr.jacobian(f, x), dense_by_rows(f, x)
    v = GENERATOR.standard_normal(operator.in_shape)
    u = GENERATOR.standard_normal(operator.out_shape)
    assert operator.shape == matrix.shape
    assert_allclose(operator.todense().value, matrix, atol=1e-12)
    assert_allclose(operator.T.todense().value, matrix.T, atol=1e-12)
    assert_allclose(operator.matvec(v).value.ravel(), matrix @ v.ravel(), atol=1e-10)
    assert operator.matvec(v).shape == operator.out_shape
    assert_allclose(operator.rmatvec(u).value.ravel(), matrix.T @ u.ravel(), atol=1e-10)
    assert_allclose((operator.T @ u.ravel()).value.ravel(), matrix.T @ u.ravel(), atol=1e-10)
    assert_allclose(operator.tosparse().toarray(), matrix, atol=1e-12)
    assert operator.nnz >= np.count_nonzero(matrix)
    return operator, matrix


def recurrent(xs, state):
    """A recurrent layer: the last state, and all states."""
    step = lambda h, x: ((x @ W[:4, :3] + h @ W[:3, :3]).tanh(),) * 2
    return cr.scan(step, cr.tensor(state) if isinstance(state, np.ndarray) else state, xs)


def running(xs):
    return cr.scan(lambda h, x: (h * x, h + x), cr.tensor(np.ones((2, 3))), xs)


def diffused(u, steps):
    step = lambda u, _: (u + 0.1 * (cr.roll(u, 1) - 2 * u + cr.roll(u, -1)), None)
    return cr.scan(step, u, length=steps)[0]


# --- structures: name, function, shape of x, structure, number of values, sweeps -----------------

STRUCTURES = [
    ("relu", cr.relu, (3, 4), "diagonal", 12, 1),
    ("chain", lambda x: (x.sin() * x.exp() + x) / (2 + x * x), (3, 4), "diagonal", 12, 1),
    ("number", lambda x: x * x, (), "diagonal", 1, 1),
    ("where", lambda x: cr.where(x > 0, x, -2 * x), (3, 4), "diagonal", 12, 1),
    ("transpose", lambda x: x.T * 2, (3, 4), "diagonal", 12, 1),
    ("reshape", lambda x: x.reshape(2, 6).exp().T, (4, 3), "diagonal", 12, 1),
    ("reshape across axes", lambda x: x.reshape(2, 6).exp().T, (3, 4), "sparse", 12, 1),
    ("gradient of a sum", cr.grad(lambda x: (x**3).sum()), (3, 4), "diagonal", 12, 1),
    ("linear layer", lambda x: cr.relu(x @ W.T), (6, 4), "block-diagonal", 6 * 5 * 4, 4),
    ("two layers", lambda x: cr.tanh(x @ W.T) @ W, (6, 4), "block-diagonal", 6 * 4 * 4, 4),
    ("matrix from the left", lambda x: cr.matmul(W, x), (4, 6), "block-diagonal", 6 * 5 * 4, 4),
    ("row sums", lambda x: (x * x).sum(axis=1), (3, 4), "block-diagonal", 12, 1),
    ("row maxima", lambda x: cr.max(x, axis=1), (3, 4), "block-diagonal", 12, 1),
    ("broadcast", lambda x: x * cr.tensor(W), (4,), "block-diagonal", 20, 1),
    ("softmax", lambda x: (x - cr.logsumexp(x, 1, keepdims=True)).exp(), (3, 4),
     "block-diagonal", 48, 4),
    ("centred columns", lambda x: x - x.mean(axis=0, keepdims=True), (3, 4),
     "block-diagonal", 36, 3),
    ("blocks of an axis", lambda x: x.reshape(2, 3, 4).sum(axis=1), (6, 4),
     "block-diagonal", 24, 1),
    ("attention", lambda x: (x @ x.mT).exp() @ x, (2, 3, 4), "block-diagonal", 2 * 12 * 12, 12),
    ("einsum", lambda x: cr.einsum("nij,nkj->nik", x, IMAGES[:, :, :4, 0]), (2, 3, 4),
     "block-diagonal", 2 * 3 * 3 * 4, 3),
    ("running sum", lambda x: cr.cumulative_sum(x, axis=1), (3, 4), "block-diagonal", 48, 4),
    ("stack", lambda x: cr.stack([x, x.exp()]), (3, 4), "block-diagonal", 24, 1),
    ("differences", lambda x: x[1:] - x[:-1], (7,), "sparse", 12, 2),
    ("five-point stencil",
     lambda x: x[2:, 1:-1] + x[:-2, 1:-1] + x[1:-1, 2:] + x[1:-1, :-2] - 4 * x[1:-1, 1:-1],
     (6, 7), "sparse", 4 * 5 * 5, None),
    ("symmetric part", lambda x: x + x.T, (4, 4), "sparse", 28, 2),
    ("concat", lambda x: cr.concat([x, x * x, np.ones((3, 1))], axis=1), (3, 4), "sparse", 24, 1),
    ("flip and roll", lambda x: cr.roll(cr.flip(x, axis=1), 1, axis=0), (3, 4), "sparse", 12, 1),
    ("pad and crop", lambda x: cr.pad(x, [(1, 2), (0, -1)]), (3, 4), "sparse", 9, 1),
    ("every second", lambda x: x[::-2, 1::2], (5, 6), "sparse", 9, 1),
    ("take", lambda x: cr.take(x, np.array([2, 0, 0]), axis=1), (3, 4), "sparse", 9, 1),
    ("scatter", lambda x: cr.scatter_add(np.zeros((5, 4)), np.array([2, 0, 2]), x), (3, 4),
     "sparse", 12, 1),
    ("take along", lambda x: cr.take_along_axis(x, np.array([[2, 0], [1, 1], [3, -1]]), axis=1),
     (3, 4), "sparse", 6, 1),
    ("two index arrays", lambda x: x[np.array([0, 2]), np.array([1, 3])], (3, 4), "sparse", 2, 1),
    ("convolution", lambda x: cr.convolve(x, KERNEL, padding=1), (2, 3, 5, 5),
     "sparse", 2 * 4 * 3 * 13 * 13, 3 * 9),
    ("strided convolution", lambda x: cr.relu(cr.convolve(x, KERNEL, stride=2)), (2, 3, 7, 7),
     "sparse", 2 * 4 * 3 * 9 * 9, 4 * 4),
    ("convolution's kernel", lambda w: cr.convolve(IMAGES, w, padding=1), (4, 3, 3, 3),
     "sparse", 4 * 3 * 2 * 13 * 13, 27),
    ("convolution in groups",
     lambda x: cr.convolve(x, W[:4, :3].reshape(4, 1, 3), padding=1, groups=2), (1, 2, 5),
     "sparse", 2 * 2 * 13, 3),
    ("pooling", lambda x: cr.max(cr.windows(x, (2, 2), stride=2), axis=(-2, -1)), (2, 3, 4, 4),
     "sparse", 2 * 3 * 4 * 4, 1),
    ("overlapping pooling",
     lambda x: cr.windows(x, (3, 3), stride=2).mean(axis=(-2, -1)), (1, 2, 5, 5),
     "sparse", 2 * 2 * 2 * 9, 4),
    ("hessian of a chain", cr.grad(lambda x: ((x[1:] - x[:-1] ** 2) ** 2).sum()), (9,),
     "sparse", 25, 3),
    ("loop over a batch", lambda x: recurrent(x, np.zeros((2, 3)))[1], (5, 2, 4),
     "block-diagonal", 2 * 5 * 3 * 5 * 4, 15),
    ("end of a loop", lambda h: recurrent(np.ones((5, 2, 4)), h)[0], (2, 3),
     "block-diagonal", 2 * 3 * 3, 3),
    ("gradient of a loop", cr.grad(lambda x: (running(x)[1] ** 2).sum()), (4, 2, 3),
     "block-diagonal", 4 * 4 * 2 * 3, 4),
    ("few steps of diffusion", lambda u: diffused(u, 3), (12,), "sparse", 12 * 7, None),
    ("many steps of diffusion", lambda u: diffused(u, 40), (50,), "dense", 50 * 50, 50),
    ("sum", lambda x: (x * x).sum(), (3, 4), "dense", 12, 1),
    ("all by all", lambda x: x * (x * x).sum(), (3, 4), "dense", 144, 12),
    ("constant", lambda x: cr.tensor(np.ones(2)) + 0 * x.detach().sum(), (3,), "zero", 0, 0),
    ("floor", lambda x: cr.floor(x), (3,), "zero", 0, 0),
    ("no elements", lambda x: x * x, (0, 3), "zero", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("f", "shape", "structure", "nnz", "sweeps"),
    [case[1:] for case in STRUCTURES],
    ids=[case[0] for case in STRUCTURES],
)
def test_structure(f, shape, structure, nnz, sweeps):
    operator, _ = check(f, GENERATOR.standard_normal(shape))
    assert operator.structure == structure
    assert operator.nnz == nnz
    assert sweeps is None or operator.sweeps == sweeps


def test_the_lectures_relu():
    x = GENERATOR.standard_normal((16, 4096)).astype(np.float32)
    operator = cr.jacobian(cr.relu, x)
    assert operator.shape == (65536, 65536)
    assert operator.structure == "diagonal"
    assert operator.nbytes == 65536 * 4  # 256 KiB instead of 16 GiB
    assert operator.sweeps == 1
    assert operator.values.shape == (16, 4096)
    assert_allclose(operator.values.value, x > 0)
    assert_allclose((operator @ x).value, np.maximum(x, 0))


def test_all_blocks_of_a_batch_are_found_at_once():
    x = GENERATOR.standard_normal((64, 4))
    operator = cr.jacobian(lambda v: cr.relu(v @ W.T), x)
    assert operator.values.shape == (64, 5, 4)
    assert operator.sweeps == 4
    assert_allclose(operator.values.value, (x @ W.T > 0)[:, :, None] * W)


def test_rows_or_columns_whichever_are_fewer():
    tall = cr.jacobian(lambda x: x @ np.ones((2, 50)), np.ones((3, 2)))
    wide = cr.jacobian(lambda x: x @ np.ones((50, 2)), np.ones((3, 50)))
    assert (tall.sweeps, wide.sweeps) == (2, 2)


def test_one_dense_row_does_not_spoil_row_compression():
    f = lambda x: cr.concat([x[1:] - x[:-1], x[:1]], axis=0)
    operator, _ = check(f, np.arange(30.0))
    assert operator.sweeps == 2


def test_a_sparse_operator_stores_little_more_than_its_values():
    operator = cr.jacobian(lambda x: cr.convolve(x, KERNEL, padding=1), np.ones((8, 3, 16, 16)))
    assert operator.nbytes < 1.01 * operator.nnz * 8


# --- random compositions -------------------------------------------------------------------------

STEPS = {
    "sin": lambda x: x.sin(),
    "scale": lambda x: x * np.arange(1.0, x.shape[-1] + 1),
    "transpose": lambda x: x.mT,
    "flip": lambda x: cr.flip(x, axis=0),
    "difference": lambda x: cr.pad(x[1:] - x[:-1], [(1, 0), (0, 0)]),
    "stencil": lambda x: x + cr.roll(x, 1, axis=1),
    "two directions": lambda x: cr.roll(x, 1, axis=0) + cr.roll(x, 1, axis=1),
    "regroup": lambda x: x.reshape(x.shape[1], x.shape[0]),
    "merge": lambda x: x.reshape(1, -1),
    "split": lambda x: x.reshape(-1, 2) if x.size % 2 == 0 else x,
    "centre": lambda x: x - x.mean(axis=1, keepdims=True),
    "product": lambda x: x * cr.matmul(np.full((x.shape[0], x.shape[0]), 0.3), x),
    "pick": lambda x: cr.take(x, np.arange(x.shape[0]) // 2, axis=0),
    "triangle": lambda x: cr.tril(x),
    "running": lambda x: cr.cumulative_sum(x, axis=0),
    "double": lambda x: cr.concat([x, x * x], axis=1)[:, ::2],
    "add transpose": lambda x: x + x.mT if x.shape[0] == x.shape[1] else x,
}


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_compositions(names, shape, seed):
    def f(x):
        for name in names:
            x = STEPS[name](x)
        return x

    check(f, np.random.default_rng(seed).standard_normal(shape))


# --- what f may be -------------------------------------------------------------------------------


def test_one_of_several_arguments():
    f = lambda x, y: x * y.sum(axis=0)
    x, y = np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]])
    assert cr.jacobian(f, x, y).structure == "diagonal"
    assert cr.jacobian(f, x, y, argnums=1).todense().tolist() == [[1, 0, 1, 0], [0, 2, 0, 2]]


def test_closed_over_leaves_get_no_gradient_and_integers_may_be_inside():
    weight = cr.tensor(W, requires_grad=True)

    def f(x):
        order = cr.argsort(x.detach(), axis=1)
        return cr.take_along_axis(x, order, axis=1) @ weight.mT

    x = GENERATOR.standard_normal((3, 4))
    operator = cr.jacobian(f, x)
    assert operator.structure == "block-diagonal"
    assert_allclose(operator.todense().value, dense_by_rows(f, x), atol=1e-12)
    assert weight.grad is None


def test_user_written_operations_are_dense_in_themselves():
    class Cube(cr.Op):
        def forward(self, x):
            return x**3

        def backward(self, g, x):
            return 3 * g * x * x

    operator, _ = check(Cube(), np.array([1.0, 2.0, 3.0]))
    assert operator.structure == "dense"


def test_several_results_of_one_operation():
    class Both(cr.Op):
        def forward(self, x):
            return x + 1, x * x

        def backward(self, g, x):
            return sum(
                part for part in (g[0], None if g[1] is None else 2 * g[1] * x) if part is not None
            )

    check(lambda x: Both()(x)[1].sin(), np.array([1.0, 2.0]))


def test_it_works_under_no_grad():
    with cr.no_grad():
        assert cr.jacobian(cr.relu, [1.0, -1.0]).values.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_floating_types(dtype):
    x = cr.tensor([0.5, 2.0, -1.0], dtype=dtype)
    operator = cr.jacobian(lambda v: v * v, x)
    assert_allclose(operator.todense().value, np.diag([1.0, 4.0, -2.0]))
    assert operator.values.dtype is (cr.float64 if dtype == "float64" else cr.float32)


# --- the operator --------------------------------------------------------------------------------


def test_vectors_are_flat_or_shaped():
    operator = cr.jacobian(lambda x: x.sum(axis=1), np.ones((2, 3)))
    assert operator.matvec(np.ones((2, 3))).tolist() == [3.0, 3.0]
    assert operator.matvec(np.ones(6)).tolist() == [3.0, 3.0]
    assert operator.rmatvec([1.0, 2.0]).shape == (2, 3)
    with pytest.raises(errors.ShapeError, match=r"matvec: requires shape \(2, 3\) or \(6,\)"):
        operator.matvec(np.ones(5))


def test_matrix_products():
    operator = cr.jacobian(lambda x: x.sum(axis=1), np.ones((2, 3)))
    columns = GENERATOR.standard_normal((6, 4))
    assert_allclose((operator @ columns).value, operator.todense().value @ columns)


def test_repr_tells_structure_and_sizes():
    text = repr(cr.jacobian(cr.relu, np.ones((2, 3), np.float32)))
    assert text == (
        "<Jacobian 6 x 6, diagonal, 6 values in 24 bytes, y (2, 3) by x (2, 3), 1 sweep>"
    )


def test_blocks_side_by_side_become_block_sparse_rows():
    from scipy import sparse

    blocks = cr.jacobian(lambda x: x @ W.T, np.ones((3, 4))).tosparse()
    assert isinstance(blocks, sparse.bsr_array)
    assert blocks.blocksize == (5, 4)
    assert isinstance(cr.jacobian(cr.relu, np.ones(3)).tosparse(), sparse.csr_array)


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy", None)
    with pytest.raises(errors.MissingDependencyError, match=r"pip install 'chainrule\[sparse\]'"):
        cr.jacobian(cr.relu, [1.0]).tosparse()


# --- memory --------------------------------------------------------------------------------------


def test_a_dense_request_beyond_memory_says_how_many_bytes_and_what_to_use():
    operator = cr.jacobian(cr.relu, np.ones((16, 4096), np.float32), memory_limit=2**30)
    with pytest.raises(errors.MemoryLimitError) as info:
        operator.todense()
    text = str(info.value)
    assert "requires at most 1 GiB" in text
    assert "takes 17179869184 bytes (16 GiB)" in text
    assert "use matvec and rmatvec, or tosparse() for its 65536 values (256 KiB)" in text


def test_values_beyond_memory():
    f = lambda x: x * x.sum()
    with pytest.raises(errors.MemoryLimitError, match=r"chainrule.jvp gives J v and chainrule.vjp"):
        cr.jacobian(f, np.ones(1000, np.float32), memory_limit=3_999_999)
    assert cr.jacobian(f, np.ones(10, np.float32), memory_limit=400).structure == "dense"


def test_a_sparse_request_beyond_memory():
    operator = cr.jacobian(cr.relu, np.ones(1000), memory_limit=10_000)
    with pytest.raises(errors.MemoryLimitError, match=r"tosparse: .* use matvec and rmatvec"):
        operator.tosparse()


def test_available_memory_is_that_of_the_container(monkeypatch, tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 5 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    assert memory.available_bytes() == 4096
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("100\n")
    assert memory.available_bytes() == 4096
    (tmp_path / "memory.max").write_text("1100\n")
    assert memory.available_bytes() == 800


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [lambda x: (x, x), lambda x: x > 0, lambda x: 1.0])
def test_f_returns_one_floating_tensor(f):
    with pytest.raises(errors.GradientError, match=r"jacobian: requires a function that returns"):
        cr.jacobian(f, [1.0, 2.0])


def test_x_is_floating_and_concrete():
    with pytest.raises(errors.GradientError, match=r"floating type; received int64"):
        cr.jacobian(cr.relu, [1, 2])
    with pytest.raises(errors.GraphError, match=r"jacobian: requires a concrete tensor"):
        cr.jacobian(cr.relu, cr.input("x", shape=(2,)))
    with pytest.raises(errors.ArgumentError, match=r"argnums among the 1 arguments"):
        cr.jacobian(cr.relu, [1.0], argnums=1)


def test_a_wrong_index_notation_is_noticed_and_the_numbers_are_right_all_the_same():
    from chainrule.graph import PRIMITIVES, primitive

    @primitive(
        vjp=(lambda g, y, x: cr.flip(g),),
        notation=lambda x: "out[i0] = x[i0]",  # a lie: it reads x[n - 1 - i0]
    )
    def reversed_(x):
        return x[::-1]

    try:
        with pytest.warns(RuntimeWarning, match="wrong index notation"):
            operator = cr.jacobian(lambda x: reversed_(x), [1.0, 2.0, 3.0])
    finally:
        del PRIMITIVES["reversed"]
    assert operator.todense().tolist() == np.eye(3)[::-1].tolist()
