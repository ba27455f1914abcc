"""Torch7's containers and decorators."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "Sequential",
        formula="y = f_n(... f_1(x)).",
        here="nn.Sequential",
        arguments="add(module) → the modules as arguments, or append; insert, remove → slices and "
        "[i] = module",
        differences="counted from 0",
        code="nn.Sequential(nn.ReLU(), nn.Lambda(cr.exp))(cr.tensor([-1.0]))",
        gives=[1.0],
    ),
    Row(
        "Parallel",
        formula="Module i gets slice i of x along one axis; outputs are joined along another.",
        here="nn.Parallel",
        arguments="inputDimension → input_axis=1; outputDimension → output_axis=1; add → the "
        "modules as arguments",
        differences="axes count from 0; the axis of the slices disappears in both",
        code="""
net = nn.Parallel(nn.ReLU(), nn.Identity(), input_axis=0, output_axis=0)
net(cr.tensor([[-1.0], [-2.0]]))
""",
        gives=[0.0, -2.0],
    ),
    Row(
        "Concat",
        formula="Every module gets x; the outputs are joined along an axis.",
        here="nn.Concat",
        arguments="dim → axis=1; add → the modules as arguments",
        differences="the axis counts from 0",
        code="nn.Concat(nn.ReLU(), nn.Identity(), axis=0)(cr.tensor([-1.0]))",
        gives=[0.0, -1.0],
    ),
    Row(
        "DepthConcat",
        formula="Concat; outputs that are smaller along other axes get zeros around them.",
        here="nn.DepthConcat",
        arguments="dim → axis=1; add → the modules as arguments",
        differences="the axis counts from 0; floor((max - n) / 2) zeros before, as there",
        code="""
parts = nn.Identity(), nn.Lambda(lambda x: x[:, :, :1])
nn.DepthConcat(*parts)(cr.tensor([[[1.0, 2.0, 3.0]]]))
""",
        gives=[[[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]],
    ),
    Row(
        "ConcatTable",
        formula="y = (f_1(x), ... f_n(x)).",
        here="nn.ConcatTable",
        arguments="add → the modules as arguments",
        differences="returns a tuple; x may be a tuple",
        code="nn.ConcatTable(nn.ReLU(), nn.Identity())(cr.tensor([-1.0]))",
        gives=([0.0], [-1.0]),
    ),
    Row(
        "ParallelTable",
        formula="y = (f_1(x_1), ... f_n(x_n)).",
        here="nn.ParallelTable",
        arguments="add → the modules as arguments",
        differences="a tuple with another number of entries than modules is an error",
        code="nn.ParallelTable(nn.ReLU(), nn.Identity())((cr.tensor(-1.0), cr.tensor(-2.0)))",
        gives=(0.0, -2.0),
    ),
    Row(
        "MapTable",
        formula="y = (f(x_1), ... f(x_n)), one module for all entries.",
        here="nn.MapTable",
        arguments="module → module; shared=true → always; shared=false → ParallelTable of copies",
        differences="no clones: the module itself is called again, so everything is shared",
        code="nn.MapTable(nn.ReLU())((cr.tensor(-1.0), cr.tensor(2.0)))",
        gives=(0.0, 2.0),
    ),
    Row(
        "Bottle",
        formula="Merge the first axes so that the module sees nInputDim axes; split them after.",
        here="nn.Bottle",
        arguments="module → module; nInputDim=2 → input_dims=2; nOutputDim → not needed",
        differences="nn.Linear and others that work on the last axis need no Bottle",
        code="nn.Bottle(nn.Conv2d(1, 4, 3), input_dims=4)(cr.ones((2, 5, 1, 6, 6))).shape",
        gives=(2, 5, 4, 4, 4),
    ),
    Row(
        "Convert",
        formula="Another order of axes, given by letters: bchw → bhwc.",
        here='cr.einsum("bchw->bhwc", x)',
        arguments="inputShape, outputShape → the two sides of the arrow",
        differences="merging axes is `nn.Flatten`, 'bt' to one-hot vectors is `cr.one_hot`",
        code='cr.einsum("bchw->bhwc", cr.ones((2, 3, 4, 5))).shape',
        gives=(2, 4, 5, 3),
    ),
    Row(
        "WeightNorm",
        formula="The module with weight = g v / |v|, one norm for each output.",
        here="nn.weight_norm",
        arguments="module → module; outputDim=1 → dim=0",
        differences="nothing is added under the root (there 1e-4); v starts as the module's own "
        "weight and g as its norms, so that nothing changes at first; gradients accumulate",
        code="""
layer = nn.Linear(2, 1, bias=False)
layer.weight.assign([[3.0, 4.0]])
nn.weight_norm(layer)(cr.tensor([[1.0, 1.0]]))
""",
        gives=[[7.0]],
    ),
    Row(
        "DontCast",
        formula="The module keeps its type when the model around it is converted.",
        absent="nothing converts a whole model: each layer is made in its type (`dtype=`), and "
        "`x.astype` in a forward converts between two types.",
    ),
    Row(
        "GPU",
        formula="Run the module on another device, and copy the output to a device.",
        absent="there are no devices to choose: everything runs on the processor's cores, and "
        "`cr.compile` shares the work among them.",
    ),
    Row(
        "NaN",
        formula="An error as soon as a NaN appears, which says where.",
        here="cr.detect_anomalies",
        arguments="module → the block of code; id → the error names the node and its line",
        differences="for a block of code, not for one module; new infinities are found, too",
        code="""
found = ""
try:
    with cr.detect_anomalies():
        cr.log(cr.tensor([-1.0]))
except cr.errors.AnomalyError as error:
    found = str(error)
found[:17]
""",
        gives="log: produced 1 N",
    ),
    Row(
        "Profile",
        formula="Time of the forward and backward calls of the module.",
        here="cr.compile(step).report()",
        arguments="print_interval, name → none",
        differences="of a compiled step every kernel with its layer, time and share of the peak; "
        "`chainrule time MODEL` prints a table of the layers",
        code="""
step = cr.compile(lambda x: cr.exp(x))
step(cr.ones(3))
"kernel" in str(step.report())
""",
        gives=True,
    ),
    Row(
        "CriterionTable",
        formula="A loss as a module of one pair (x, target).",
        here="nn.Lambda(lambda pair: loss(*pair))",
        arguments="criterion → any loss",
        differences="gradients flow back from later results, too",
        code="""
pair = cr.tensor([3.0]), cr.tensor([1.0])
nn.Lambda(lambda pair: F.mse_loss(*pair))(pair)
""",
        gives=4.0,
    ),
)
