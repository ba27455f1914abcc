"""Torch7's reductions, functions of single elements, and constants."""

from __future__ import annotations

from ..row import Row

REDUCED = "dim=1 → axis; nInputDims → none; `keepdims=True` keeps the axis"
SHARED = "the axis counts from 0; at a tie the gradient is shared, there the first gets it"

ROWS = (
    Row(
        "Max",
        formula="Largest entry along an axis, which disappears.",
        here="cr.max",
        arguments=REDUCED,
        differences=SHARED,
        code="cr.max(cr.tensor([[1.0, 5.0], [3.0, 2.0]]), axis=1)",
        gives=[5.0, 3.0],
    ),
    Row(
        "Min",
        formula="Smallest entry along an axis, which disappears.",
        here="cr.min",
        arguments=REDUCED,
        differences=SHARED,
        code="cr.min(cr.tensor([[1.0, 5.0], [3.0, 2.0]]), axis=1)",
        gives=[1.0, 2.0],
    ),
    Row(
        "Mean",
        formula="Mean along an axis.",
        here="cr.mean",
        arguments=REDUCED,
        differences="the axis counts from 0; without one the mean of all",
        code="cr.mean(cr.tensor([[1.0, 5.0], [3.0, 2.0]]), axis=1)",
        gives=[3.0, 2.5],
    ),
    Row(
        "Sum",
        formula="Sum along an axis.",
        here="cr.sum",
        arguments="dim=1 → axis; sizeAverage=true → `cr.mean`; squeeze=false → keepdims=True; "
        "nInputDims → none",
        differences="the axis counts from 0; without one the sum of all",
        code="cr.sum(cr.tensor([[1.0, 5.0], [3.0, 2.0]]), axis=1)",
        gives=[6.0, 5.0],
    ),
    Row(
        "Exp",
        formula="y = e^x.",
        here="cr.exp",
        arguments="none",
        differences="a function; as a module `nn.Lambda(cr.exp)`, as for all others here",
        code="cr.exp(cr.tensor([0.0, 1.0]))",
        gives=[1.0, 2.7183],
    ),
    Row(
        "Log",
        formula="y = ln(x).",
        here="cr.log",
        arguments="none",
        differences="none",
        code="cr.log(cr.tensor([1.0, 10.0]))",
        gives=[0.0, 2.3026],
    ),
    Row(
        "Abs",
        formula="y = |x|.",
        here="cr.abs",
        arguments="none",
        differences="the derivative at 0 is 0; there it is 1",
        code="cr.grad(lambda x: cr.abs(x).sum())(cr.tensor([-2.0, 0.0, 3.0]))",
        gives=[-1.0, 0.0, 1.0],
    ),
    Row(
        "Power",
        formula="y = x^p.",
        here="x**p",
        arguments="p → p",
        differences="none",
        code="cr.tensor([2.0, 3.0]) ** 3",
        gives=[8.0, 27.0],
    ),
    Row(
        "Square",
        formula="y = x^2.",
        here="cr.square",
        arguments="none",
        differences="none",
        code="cr.square(cr.tensor([-3.0]))",
        gives=[9.0],
    ),
    Row(
        "Sqrt",
        formula="y = √x.",
        here="cr.sqrt",
        arguments="eps → none; it was ignored",
        differences="the derivative at 0 is infinite, as in mathematics; there it is 0",
        code="cr.sqrt(cr.tensor([9.0]))",
        gives=[3.0],
    ),
    Row(
        "AddConstant",
        formula="y = x + c.",
        here="x + c",
        arguments="constant_scalar → c, a number or a tensor",
        differences="none",
        code="cr.tensor([1.0]) + 2.5",
        gives=[3.5],
    ),
    Row(
        "MulConstant",
        formula="y = c x.",
        here="x * c",
        arguments="constant_scalar → c, a number or a tensor",
        differences="none",
        code="cr.tensor([2.0]) * 2.5",
        gives=[5.0],
    ),
    Row(
        "Constant",
        formula="y = c, whatever x is.",
        here="nn.Lambda(lambda x: cr.broadcast_to(c, (x.shape[0], *c.shape)))",
        arguments="value → c; nInputDim → one c for each of the batch, as here; or c alone",
        differences="x gets no gradient; there zeros",
        code="""
c = cr.tensor([1.0, 2.0])
nn.Lambda(lambda x: cr.broadcast_to(c, (x.shape[0], *c.shape)))(cr.ones((3, 5)))
""",
        gives=[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]],
    ),
    Row(
        "OneHot",
        formula="Vectors with a 1 at the index and zeros elsewhere.",
        here="cr.one_hot",
        arguments="outputSize → num_classes",
        differences="indices count from 0, and are integers; any number of axes",
        code="cr.one_hot(cr.tensor([2, 0]), 3)",
        gives=[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]],
    ),
)
