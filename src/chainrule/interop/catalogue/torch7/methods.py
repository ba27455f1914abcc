"""The methods of Torch7's Module and Container."""

from __future__ import annotations

from ..row import Row

LAYER = """
layer = nn.Linear(1, 1)
layer.load_state_dict({"weight": [[2.0]], "bias": [1.0]})
x = cr.tensor([[3.0]], requires_grad=True)
"""

ROWS = (
    Row(
        "Module:forward",
        formula="The output for an input; also updateOutput.",
        here="module(x)",
        arguments="input → x, several inputs → several arguments",
        differences="the output is returned, and not kept in the module",
        code=f"{LAYER}layer(x)",
        gives=[[7.0]],
    ),
    Row(
        "Module:backward",
        formula="Gradients of input and parameters from that of the output.",
        here="y.backward(gradient)",
        arguments="input → none; gradOutput → gradient, 1 for a number; scale=1 → multiply it",
        differences="a method of any result, for the whole graph behind it; gradients add up in "
        "`.grad`",
        code=f"{LAYER}layer(x).backward(cr.tensor([[10.0]]))\nx.grad, layer.weight.grad",
        gives=([[20.0]], [[30.0]]),
    ),
    Row(
        "Module:updateGradInput",
        formula="The gradient of the input alone.",
        here="cr.vjp(module, x)",
        arguments="input → x; gradOutput → what the second result is called with",
        differences="returned, and not kept in the module",
        code=f"{LAYER}y, pullback = cr.vjp(layer, x)\npullback(cr.tensor([[10.0]]))[0]",
        gives=[[20.0]],
    ),
    Row(
        "Module:accGradParameters",
        formula="Add scale times the gradients of the parameters.",
        here="y.backward(gradient)",
        arguments="input → none; gradOutput → gradient; scale=1 → multiply it",
        differences="together with that of the input; `x.detach()` cuts that one off",
        code=f"{LAYER}layer(x).backward()\nlayer(x).backward()\nlayer.weight.grad",
        gives=[[6.0]],
    ),
    Row(
        "Module:accUpdateGradParameters",
        formula="A step of plain descent; also backwardUpdate.",
        here="optim.SGD",
        arguments="lr → lr",
        differences="three lines: zero_grad, backward, step. Compiled, no gradient is stored",
        code=f"{LAYER}optimizer = optim.SGD(layer.parameters(), lr=0.5)\n"
        "layer(x).backward()\noptimizer.step()\nlayer.weight",
        gives=[[0.5]],
    ),
    Row(
        "Module:zeroGradParameters",
        formula="Gradients become 0.",
        here="module.zero_grad()",
        arguments="none",
        differences="they become None, which costs nothing",
        code=f"{LAYER}layer(x).backward()\nlayer.zero_grad()\nlayer.weight.grad",
        gives=None,
    ),
    Row(
        "Module:updateParameters",
        formula="w ← w - lr gradient.",
        here="optim.SGD(module.parameters(), lr).step()",
        arguments="learningRate → lr",
        differences="a method of the optimizer, which may be another one",
        code=f"{LAYER}layer(x).backward()\noptim.SGD(layer.parameters(), lr=0.5).step()\n"
        "layer.weight",
        gives=[[0.5]],
    ),
    Row(
        "Module:parameters",
        formula="The parameters and their gradients.",
        here="module.parameters()",
        arguments="none",
        differences="one sequence of tensors, of which each has its `.grad`; "
        "`named_parameters()` gives paths",
        code="[name for name, _ in nn.Sequential(nn.Linear(1, 1)).named_parameters()]",
        gives=["0.weight", "0.bias"],
    ),
    Row(
        "Module:getParameters",
        formula="All parameters in one vector, all gradients in another.",
        here="nn.parameters_to_vector",
        arguments="none → module.parameters()",
        differences="a copy: nothing is moved in memory and no alias can break. "
        "`nn.vector_to_parameters` writes it back",
        code=f"{LAYER}nn.vector_to_parameters([5.0, 6.0], layer.parameters())\n"
        "nn.parameters_to_vector(layer.parameters())",
        gives=[5.0, 6.0],
    ),
    Row(
        "Module:training",
        formula="Dropout drops, statistics move.",
        here="module.train()",
        arguments="none",
        differences="the attribute is `training`; true at first, as there",
        code="nn.Sequential(nn.Dropout()).train()[0].training",
        gives=True,
    ),
    Row(
        "Module:evaluate",
        formula="Dropout passes, statistics are used.",
        here="module.eval()",
        arguments="none",
        differences="none",
        code="nn.Sequential(nn.Dropout()).eval()[0].training",
        gives=False,
    ),
    Row(
        "Module:share",
        formula="Parameters of another module in this one.",
        here="other.weight = module.weight",
        arguments="module, names → assignments",
        differences="an assignment of the Parameter itself: it is trained and saved once",
        code="""
one, other = nn.Linear(1, 1), nn.Linear(1, 1)
other.weight = one.weight
nn.ModuleList([one, other]).num_parameters()
""",
        gives=3,
    ),
    Row(
        "Module:clone",
        formula="A copy, with parameters of its own.",
        here="copy.deepcopy(module)",
        arguments="names that stay shared → assign them again",
        differences="of Python's standard library",
        code="""
import copy
first = nn.Linear(1, 1)
copy.deepcopy(first).weight is first.weight
""",
        gives=False,
    ),
    Row(
        "Module:type",
        formula="All tensors in another type; also float(), double(), cuda().",
        absent="the type is given when a layer is made (`dtype=`); `load_state_dict` takes "
        "values of any type. There are no devices to move to.",
    ),
    Row(
        "Module:reset",
        formula="Parameters at random again.",
        here="layer.weight.assign(nn.init.normal(layer.weight.shape))",
        arguments="stdv → std",
        differences="any of `nn.init`, or a new layer",
        code="""
layer = nn.Linear(1, 1)
layer.weight.assign(nn.init.constant(layer.weight.shape, 7.0))
layer.weight
""",
        gives=[[7.0]],
    ),
    Row(
        "Module:clearState",
        formula="Forget outputs and buffers of memory.",
        absent="modules keep none: what a graph holds goes when nobody holds the graph.",
    ),
    Row(
        "Module:apply",
        formula="Call a function with every module of the tree.",
        here="module.apply(function)",
        arguments="function → function",
        differences="those below come first",
        code="""
seen = []
nn.Sequential(nn.ReLU()).apply(lambda module: seen.append(type(module).__name__))
seen
""",
        gives=["ReLU", "Sequential"],
    ),
    Row(
        "Module:replace",
        formula="Put other modules into the places of those of the tree.",
        here="module.replace(function)",
        arguments="function → function",
        differences="those below come first",
        code="""
net = nn.Sequential(nn.ReLU(), nn.Linear(1, 1))
net.replace(lambda m: nn.Tanh() if isinstance(m, nn.ReLU) else m)
type(net[0]).__name__
""",
        gives="Tanh",
    ),
    Row(
        "Module:findModules",
        formula="All modules of a class.",
        here="[m for m in module.modules() if isinstance(m, kind)]",
        arguments="type, a name → kind, a class",
        differences="`named_modules()` gives their paths instead of their containers",
        code="""
net = nn.Sequential(nn.ReLU(), nn.Sequential(nn.ReLU()))
[path for path, m in net.named_modules(remove_duplicate=False) if isinstance(m, nn.ReLU)]
""",
        gives=["0", "1.0"],
    ),
    Row(
        "Module:listModules",
        formula="All modules of the tree, this one first.",
        here="module.modules()",
        arguments="none",
        differences="a module that is held twice comes once",
        code="[type(m).__name__ for m in nn.Sequential(nn.ReLU()).modules()]",
        gives=["Sequential", "ReLU"],
    ),
    Row(
        "Module:read",
        formula="Write a module to a file, and read it; also write.",
        here="module.load_state_dict(state)",
        arguments="file → state_dict() saved, as safetensors by `cr.train.Checkpoints`",
        differences="values only: a file contains no code",
        code="""
one, other = nn.Linear(1, 1), nn.Linear(1, 1)
other.load_state_dict(one.state_dict())
other.weight.item() == one.weight.item()
""",
        gives=True,
    ),
    Row(
        "Module:__call__",
        formula="forward, with gradOutput backward too; nngraph makes nodes of it.",
        here="module(x)",
        arguments="input → x; gradOutput → y.backward(gradient)",
        differences="a call always makes nodes",
        code=f"{LAYER}layer(x)",
        gives=[[7.0]],
    ),
)
