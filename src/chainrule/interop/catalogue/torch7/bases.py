"""Torch7's abstract classes."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "Module",
        formula="What holds parameters and computes an output; base of all layers.",
        here="nn.Module",
        arguments="none; methods are listed below, under the methods of Module",
        differences="one method forward(x), and no backward: gradients come from the graph. "
        "`output` and `gradInput` are not kept in the module",
        code="""
class Square(nn.Module):
    def forward(self, x):
        return x * x
Square()(cr.tensor([3.0]))
""",
        gives=[9.0],
    ),
    Row(
        "Container",
        formula="A module that holds modules, and does to all of them what is done to it.",
        here="nn.ModuleList",
        arguments="add(module) → append(module); get(i) → [i]; size() → len()",
        differences="counted from 0; any module may hold others as attributes. An error inside "
        "names the path: `in Sequential.1.body (Linear)`",
        code="len(nn.ModuleList([nn.ReLU()]).append(nn.Tanh()))",
        gives=2,
    ),
    Row(
        "Decorator",
        formula="A module around one other, to which it forwards all calls.",
        here="nn.Module",
        arguments="module → an attribute of your class",
        differences="no class of its own: hold the module as an attribute and call it in forward",
        code="""
class Doubled(nn.Module):
    def __init__(self, body):
        self.body = body
    def forward(self, x):
        return 2 * self.body(x)
Doubled(nn.ReLU())(cr.tensor([-1.0, 3.0]))
""",
        gives=[0.0, 6.0],
    ),
    Row(
        "Criterion",
        formula="A loss: a number from a prediction and a target; base of all losses.",
        here="nn.FunctionLayer",
        arguments='sizeAverage=true → reduction="mean"; false → reduction="sum"',
        differences="a loss is a module like others and returns a tensor; its gradient starts "
        "from any later result, not from an implicit 1",
        code='nn.MSELoss(reduction="sum")(cr.tensor([1.0, 2.0]), cr.tensor([0.0, 0.0]))',
        gives=5.0,
    ),
)
