"""What Caffe's files say besides layers: of inputs, parameters, losses, phases and solvers."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "transform_param",
        formula="(x - mean) * scale, of a crop of the image, perhaps mirrored",
        here="cr.data.Compose of cr.data.Normalize, cr.data.RandomCrop, cr.data.CenterCrop, "
        "cr.data.RandomHorizontalFlip",
        arguments="mean_value → mean, scale=1 → 1 / std of Normalize with scale=1; mean_file → "
        "`cr.data.Lambda`; crop_size=0 → size; mirror=false → RandomHorizontalFlip; force_color, "
        "force_gray → mode of the reader",
        differences="what is random is given to the loader of the training data, so that "
        "evaluation is not random; there mirror flips in TEST too. Any data set can be transformed",
        code="rng = np.random.default_rng(0)\n"
        "crop, scale = cr.data.CenterCrop(1), cr.data.Normalize(4.0, 0.5, scale=1.0)\n"
        "cr.data.Compose([crop, scale])(np.arange(1.0, 10.0).reshape(1, 1, 3, 3), rng)",
        gives=[[[[2.0]]]],
    ),
    Row(
        "include, exclude (phase, level, stage)",
        formula="which layers a net has in TRAIN and in TEST",
        here="model.train(), model.eval(), and if self.training",
        arguments="phase → training; level, stage → arguments of your function",
        differences="one model for both; what differs is Python",
        code="model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(2))\n"
        "_ = model.eval()\n"
        "[layer.training for layer in model]",
        gives=[False, False],
    ),
    Row(
        "loss_weight",
        formula="the loss of a net is the sum of loss_weight times each output",
        here="a * first + b * second",
        arguments="loss_weight=1 (0 for layers that are no losses) → factors",
        differences="none",
        code="def loss(x):\n"
        "    return x.sum() + 0.3 * (x * x).sum()  # a second head with weight 0.3\n"
        "cr.grad(loss)(cr.tensor([1.0, 5.0]))",
        gives=[1.6, 4.0],
    ),
    Row(
        "param (lr_mult, decay_mult)",
        formula="factors of the rate and of the weight decay of one parameter",
        here="parameter groups of an optimizer",
        arguments="lr_mult=1 → lr of the group; decay_mult=1 → weight_decay of the group; "
        "lr_mult=0 → requires_grad_(False)",
        differences="values in place of factors; a schedule multiplies the rate of each group. "
        "Biases are decayed like weights, as there, unless their group says 0",
        code="layer = nn.Linear(1, 1)\n"
        "solver = optim.SGD([\n"
        "    {'params': [layer.weight], 'lr': 0.1, 'weight_decay': 0.5},\n"
        "    {'params': [layer.bias], 'lr': 0.2},\n"
        "])\n"
        "[(group['lr'], group['weight_decay']) for group in solver.param_groups]",
        gives=[(0.1, 0.5), (0.2, 0.0)],
    ),
    Row(
        "param (name, share_mode)",
        formula="layers that name the same parameter share it; gradients of all are summed",
        here="call one module twice",
        arguments="name → the module's name in Python",
        differences="shapes are those of the module, so that there is nothing to be compared",
        code="layer = nn.Linear(1, 1, bias=False)\n"
        "(layer(cr.tensor([[2.0]])) + layer(cr.tensor([[3.0]]))).sum().backward()\n"
        "layer.weight.grad",
        gives=[[5.0]],
    ),
    Row(
        "propagate_down, force_backward",
        formula="whether gradients flow to an input of a layer, or to the inputs of the net",
        here="cr.stop_gradient(x), x.requires_grad_()",
        arguments="propagate_down=false → stop_gradient; force_backward=true → requires_grad_",
        differences="none",
        code="cr.grad(lambda x: (x * cr.stop_gradient(x)).sum())(cr.tensor([3.0]))",
        gives=[3.0],
    ),
    Row(
        "iter_size, clip_gradients",
        formula="g = sum of the gradients of iter_size batches, * min(1, c / norm), / iter_size",
        here="optim.GradientAccumulation(optimizer, max_norm=c, clip='sum')",
        arguments="iter_size=1 → add() so often before step(); clip_gradients=-1 → max_norm=None",
        differences="none with clip='sum', which sees the sum; 'mean' limits what the optimizer "
        "gets. Running statistics of batch norm move with each of the batches, as there",
        code="w = cr.tensor([0.0, 0.0], requires_grad=True)\n"
        "sums = optim.GradientAccumulation(optim.SGD([w], lr=1.0), max_norm=1.0, clip='sum')\n"
        "for x in ([3.0, 0.0], [0.0, 4.0]):\n"
        "    (w * cr.tensor(x)).sum().backward()\n"
        "    sums.add()\n"
        "norm = sums.step()  # g = (3, 4) / 5 / 2\n"
        "norm, w",
        gives=(5.0, [-0.3, -0.4]),
    ),
    Row(
        "weight_decay, regularization_type",
        formula="L2: g + weight_decay * w; L1: g + weight_decay * sign(w)",
        here="weight_decay, l1_decay of an optimizer",
        arguments="weight_decay=0 → weight_decay=0, or l1_decay=0 for L1",
        differences="both can be used at once. Neither is limited by clip_gradients, in both",
        code="w = cr.tensor([2.0, -2.0], requires_grad=True)\n"
        "solver = optim.SGD([w], lr=1.0, l1_decay=0.5)\n"
        "(0 * w).sum().backward()\n"
        "solver.step()\n"
        "w",
        gives=[1.5, -1.5],
    ),
    Row(
        "snapshot, solverstate",
        formula="weights, iteration and histories of the solver in files",
        here="checkpoint and resume of cr.Trainer; state_dict of every part",
        arguments="snapshot=0 → `cr.train.Checkpoints`; snapshot_prefix → the folder; "
        "snapshot_format → none",
        differences="checkpoints are safetensors and JSON. Training goes on bit for bit, with the "
        "order of the data and the random numbers, which there are not restored",
        code="w = cr.tensor([1.0], requires_grad=True)\n"
        "solver = optim.SGD([w], 0.1, 0.9)\n"
        "(w * w).sum().backward()\n"
        "solver.step()\n"
        "other = optim.SGD([cr.tensor([0.8], requires_grad=True)], 0.1, 0.9)\n"
        "other.load_state_dict(solver.state_dict())\n"
        "other.state_dict()['slots']['0.momentum']",
        gives=[2.0],
    ),
    Row(
        "max_iter, test_iter, test_interval, display, average_loss",
        formula="how long a solver trains, how often it tests, and how often it prints",
        here="cr.Trainer(...).fit(train, epochs, validation, log_every=50)",
        arguments="max_iter → epochs; test_interval → after every epoch; test_iter → the whole "
        "validation set; display → log_every; average_loss=1 → none",
        differences="a test is over all samples, each counted once; there it is the plain average "
        "of test_iter batches",
        code="layer = nn.Linear(1, 1)\n"
        "trainer = cr.Trainer(layer, F.mse_loss, optim.SGD(layer.parameters(), 0.5), metrics=[])\n"
        "x = np.array([[-1.0], [1.0]], np.float32)\n"
        "_ = trainer.fit((x, 2 * x), epochs=20, progress=False)\n"
        "round(trainer.evaluate((x, 2 * x))['loss'], 3)",
        gives=0.0,
    ),
    Row(
        "random_seed",
        formula="where random numbers start",
        here="cr.manual_seed",
        arguments="random_seed=-1 → the seed",
        differences="without one numbers differ from run to run, in both",
        code="cr.manual_seed(7)\n"
        "a = cr.random.normal((2,))\n"
        "cr.manual_seed(7)\n"
        "bool((a == cr.random.normal((2,))).all())",
        gives=True,
    ),
    Row(
        "debug_info",
        formula="print the mean of each blob, parameter and gradient in each iteration",
        here="cr.detect_anomalies",
        arguments="debug_info=false → a `with` block",
        differences="it stops at the first value that is not finite, and says which line made it",
        code="try:\n"
        "    with cr.detect_anomalies():\n"
        "        cr.log(cr.tensor([-1.0]))\n"
        "except cr.errors.AnomalyError as error:\n"
        "    message = str(error)\n"
        "'log' in message",
        gives=True,
    ),
)

CLOSING = """
## What surprised Caffe's users

| Caffe | here |
|---|---|
| Equal scores count against the right class in Accuracy | a choice: `TopAccuracy(k, ties="lose")` |
| SoftmaxWithLoss stops at 87.3365 = -log(FLT_MIN) and trains on | the logarithm is exact; \
a loss that is not finite stops training |
| Pooling rounds lengths up, Convolution down | both round down; `ceil_mode=True` rounds up |
| AVE pooling counts the zeros of the padding | the default too; `count_include_pad=False` |
| BatchNorm has no scale and no shift; its averages are sums divided by a third blob | \
`affine=True`, and the averages themselves |
| EuclideanLoss has a half and is divided by N only | `nn.EuclideanLoss` has, `nn.MSELoss` not |
| ContrastiveLoss had another formula once: legacy_version | `legacy=True` |
| Reshape: 0 copies a length, -1 is found out | only -1 |
| Eltwise MAX: of two equal inputs the second has the gradient, of more the first | each has half |
| weight_decay decays biases too | as there; parameter groups change it |
| iter_size averages the loss, and not the statistics of batch norm | as there |
| `caffe test` mirrors images at random | only the loader of the training data does |
| transform_param of HDF5Data is fatal | every data set can be transformed |
| Filter changes the size of the batch | as `cr.boolean_mask` does, which is not compiled |
| alpha of LRN is divided by the size | as there |
| A failed check ends the process, in Python and Matlab too | an error is an exception that says \
what was required, what was received, and what to do |
| Labels are floats, cut to integers; one out of range reads beyond the scores | labels are \
integers; DataError names the wrong one and its place |
| At its limits Clip passes the gradient, Torch7's HardTanh does not | `cr.clip` passes it, \
`nn.Hardtanh` does not |
| Weights without a filler are 0, from which nothing is learned | every layer starts at random |

## Commands

| there | here |
|---|---|
| `caffe train -solver F` | `chainrule train`, or `cr.Trainer` |
| `caffe train -snapshot F` | `chainrule train ... --resume` |
| `caffe train -weights F` | `model.load_state_dict` |
| `caffe test` | `chainrule eval` |
| `caffe time` | `chainrule time` |
| `caffe device_query` | `chainrule doctor` |
| `draw_net.py` | `chainrule graph` |
| `classify.py`, `cpp_classification` | `chainrule predict` |
| Ctrl-C: stop after the iteration, with a snapshot | the same |
| `convert_imageset`, `compute_image_mean` | `cr.data.image_list`, `cr.data.Normalize.fit` |
"""
