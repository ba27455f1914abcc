"""``chainrule time``: every layer once, all kernels in one of them, bad input in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
FEW = ("--repeats", "1", "--threads", "1", "--batch-size", "4")


@pytest.mark.parametrize("model", ["linear", "svm", "mlp", "lenet"])
def test_models_by_name(cli: Cli, model: str) -> None:
    code, out, err = cli("time", model, *FEW)
    assert (code, err) == (0, "")
    for word in ("forward", "backward", "update", "Linear", "all kernels", "one step"):
        assert word in out


def test_the_figures_as_json(cli: Cli) -> None:
    code, out, _ = cli("time", "lenet", *FEW, "--json")
    assert code == 0
    found = json.loads(out)
    layers = {layer["name"]: layer for layer in found["layers"]}
    assert {"0 Conv2d", "1 MaxPool2d", "2 Conv2d", "5 Linear", "7 Linear", "(loss)"} <= set(layers)
    assert layers["0 Conv2d"]["parameters"] == 20 * 25 + 20
    assert found["batch_size"] == 4
    assert found["threads"] == 1
    for layer in ("0 Conv2d", "2 Conv2d", "5 Linear"):
        assert layers[layer]["seconds"]["forward"] > 0
        assert layers[layer]["seconds"]["backward"] > 0
    for layer in layers.values():
        seconds = sum(layer["seconds"].values())
        assert layer["gflops"] * seconds * 1e9 == pytest.approx(layer["flops"])
        assert layer["gbytes"] * seconds * 1e9 == pytest.approx(layer["bytes"])
        reached = max(
            layer["gflops"] / found["peak_gflops"], layer["gbytes"] / found["peak_gbytes"]
        )
        assert layer["of_peak"] == pytest.approx(reached)
    assert found["notes"][0].startswith("convolve (4, 1, 28, 28) by (20, 1, 5, 5): direct")
    total = found["total"]
    assert total["flops"] == sum(kernel["flops"] for kernel in found["kernels"])
    assert total["parameters"] == 431_080
    assert sum(total["seconds"].values()) == pytest.approx(
        sum(kernel["seconds"] for kernel in found["kernels"])
    )


def test_a_users_file_with_numbers_as_targets(cli: Cli) -> None:
    Path("net.py").write_text(
        "from chainrule import functional as F, nn, optim\n"
        "model = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2)))\n"
        "loss = F.mse_loss\n"
        "def optimizer(parameters):\n    return optim.Adam(parameters, lr=0.01)\n"
    )
    code, out, err = cli("time", "net.py", "--shape", "3", "--classes", "2", "--regression", *FEW)
    assert (code, err) == (0, "")
    assert "0 Linear" in out
    assert "1.1 Linear" in out


def test_no_column_is_cut_for_long_names(cli: Cli) -> None:
    name = "a_layer_with_quite_a_long_name"
    Path("net.py").write_text(
        "from chainrule import nn\n"
        "class Network(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        f"        self.{name} = nn.Sequential(nn.Linear(784, 10))\n"
        "    def forward(self, x):\n"
        f"        return self.{name}(x.reshape(-1, 784))\n"
        "model = Network()\n"
    )
    code, out, _ = cli("time", "net.py", *FEW)
    assert code == 0
    assert f"{name}.0 Linear" in out
    assert "of peak" in out
    assert "\N{HORIZONTAL ELLIPSIS}" not in out


def test_bad_input(refused: Refused) -> None:
    assert "lenet" in refused("time", "lanet")
    assert "no such file" in refused("time", "none.py")
    assert "--shape" in refused("time", "linear", "--shape", "abc")
    assert "--repeats" in refused("time", "linear", "--repeats", "0")
    assert "--batch-size" in refused("time", "linear", "--batch-size", "0")
    assert "--threads" in refused("time", "linear", "--threads", "0")
    assert "16 x 16" in refused("time", "lenet", "--shape", "1,5,5")
    assert "Missing argument" in refused("time")
