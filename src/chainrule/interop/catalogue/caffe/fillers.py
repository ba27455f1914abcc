"""Caffe's weight fillers."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "constant filler",
        formula="value everywhere",
        here="nn.init.constant",
        arguments="value=0 → value",
        differences="it is Caffe's default; layers here start with random weights",
        code="nn.init.constant((2,), 0.5)",
        gives=[0.5, 0.5],
    ),
    Row(
        "uniform filler",
        formula="U(min, max)",
        here="nn.init.uniform",
        arguments="min=0 → low=0; max=1 → high=1",
        differences="none",
        code="w = nn.init.uniform((1000,), 2.0, 3.0).numpy()\n"
        "bool(w.min() >= 2 and w.max() < 3), round(float(w.mean()), 1)",
        gives=(True, 2.5),
    ),
    Row(
        "gaussian filler",
        formula="N(mean, std**2); with sparse >= 0 each element is kept with probability "
        "sparse / shape[0]",
        here="nn.init.normal, nn.init.sparse_normal",
        arguments="mean=0 → mean=0; std=1 → std=1; sparse=-1 → nonzero of `nn.init.sparse_normal`",
        differences="none",
        code="w = nn.init.sparse_normal((100, 1000), nonzero=10, mean=5.0).numpy()\n"
        "round(float((w != 0).mean()), 2), nn.init.normal((2, 3), std=0.01).shape",
        gives=(0.1, (2, 3)),
    ),
    Row(
        "positive_unitball filler",
        formula="U(0, 1), each row (the first axis) divided by its sum",
        here="nn.init.positive_unitball",
        arguments="none",
        differences="none",
        code="w = nn.init.positive_unitball((2, 3, 4))\nbool((w > 0).all()), w.sum((1, 2))",
        gives=(True, [1.0, 1.0]),
    ),
    Row(
        "xavier filler",
        formula="U(-b, b), b = sqrt(3 / n); n = count / shape[0] (FAN_IN), count / shape[1] "
        "(FAN_OUT) or their mean (AVERAGE)",
        here="nn.init.kaiming_uniform(shape, nonlinearity='linear')",
        arguments="variance_norm=FAN_IN → mode='fan_in'; FAN_OUT → mode='fan_out'; AVERAGE → "
        "`nn.init.xavier_uniform`",
        differences="`nn.init.xavier_uniform` takes both fans, as Glorot and Bengio do; Caffe's "
        "default takes one",
        code="shape = 4, 3, 10, 10  # fan_in 300, fan_out 400\n"
        "draws = [\n"
        "    nn.init.kaiming_uniform(shape, nonlinearity='linear'),\n"
        "    nn.init.kaiming_uniform(shape, nonlinearity='linear', mode='fan_out'),\n"
        "    nn.init.xavier_uniform(shape),\n"
        "]\n"
        "[round(float(abs(w).max()), 2) for w in draws]",
        gives=[0.1, 0.09, 0.09],
    ),
    Row(
        "msra filler",
        formula="N(0, 2 / n), n as of xavier",
        here="nn.init.kaiming_normal",
        arguments="variance_norm=FAN_IN → mode='fan_in'; FAN_OUT → mode='fan_out'; AVERAGE → "
        "`nn.init.xavier_normal` with gain=2**0.5",
        differences="none",
        code="shape = 40, 20, 10, 10  # fan_in 2000, fan_out 4000\n"
        "draws = [\n"
        "    nn.init.kaiming_normal(shape),\n"
        "    nn.init.kaiming_normal(shape, mode='fan_out'),\n"
        "    nn.init.xavier_normal(shape, 2**0.5),\n"
        "]\n"
        "[round(float(w.numpy().std()), 3) for w in draws]",
        gives=[0.032, 0.022, 0.026],
    ),
    Row(
        "bilinear filler",
        formula="(1 - abs(x / f - c)) * (1 - abs(y / f - c)), f = ceil(K / 2), "
        "c = (K - 1) / (2 * f), in every plane of (*, *, K, K)",
        here="nn.init.bilinear",
        arguments="none",
        differences="none; lr_mult 0 is `weight.requires_grad_(False)`",
        code="grow = nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1, bias=False)\n"
        "grow.weight.assign(nn.init.bilinear((1, 1, 4, 4)))\n"
        "grow(cr.tensor([[[[0.0, 4.0, 8.0]] * 3]]))[0, 0, 2]",
        gives=[0.0, 1.0, 3.0, 5.0, 7.0, 6.0],
    ),
)
