"""PyTorch's side: eager, channels-last memory and torch.compile, with fused optimizers."""
# ruff: noqa: E402  (threads are limited before the framework is imported)

from __future__ import annotations

import common

MODES = ["eager", "channels_last", "compile", "compile_channels_last", "compile_freezing"]
args = common.parse_args("torch", MODES)

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(args.threads)
torch.set_num_interop_threads(1)
torch.manual_seed(0)


class Net(nn.Module):
    """A workload's model; also the operator object that the model is written against."""

    def __init__(self, w, init, use_dropout):
        super().__init__()
        self.model, self.use_dropout = w.model, use_dropout
        for name, a in init.items():
            self.register_parameter(name, nn.Parameter(torch.from_numpy(a.copy())))
        for name, c in w.describe().stats.items():
            self.register_buffer(name + "_mean", torch.zeros(c))
            self.register_buffer(name + "_var", torch.ones(c))
        self.train(not w.infer)

    def forward(self, x):
        return self.model(self, x)

    def _weights(self, name, *suffixes):
        return [getattr(self, name + suffix) for suffix in suffixes]

    def conv(self, x, name, cout, k, stride=1, pad=0, bias=True):
        weight, offset = getattr(self, name + "_w"), getattr(self, name + "_b", None)
        return F.conv2d(x, weight, offset, stride, pad)

    def linear(self, x, name, n, std=None):
        return F.linear(x, *self._weights(name, "_w", "_b"))

    def bn(self, x, name):
        weights = self._weights(name, "_mean", "_var", "_w", "_b")
        return F.batch_norm(x, *weights, self.training, common.NORM_MOMENTUM, common.NORM_EPS)

    def layernorm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], *self._weights(name, "_w", "_b"), common.NORM_EPS)

    def maxpool(self, x, k, stride, pad=0, ceil=False):
        return F.max_pool2d(x, k, stride, pad, ceil_mode=ceil)

    def embed(self, x, name, n, d):
        return F.embedding(x, getattr(self, name + "_w"))

    def add_pos(self, x, name):
        return x + getattr(self, name + "_w")

    def attention(self, qkv, heads):
        b, t, d = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
        q, k, v = qkv.view(b, t, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return y.transpose(1, 2).reshape(b, t, d)

    def lstm(self, x, name, hidden):
        h = x.new_zeros(1, x.shape[0], hidden)
        flat = self._weights(name, "_wi", "_wh", "_bi", "_bh")
        # What nn.LSTM calls.
        out, _, _ = torch.lstm(x, (h, h), flat, True, 1, 0.0, self.training, False, True)
        return out[:, -1]

    def flatten(self, x):
        return x.flatten(1)

    def concat(self, xs):
        return torch.cat(xs, 1)

    def global_avgpool(self, x):
        return x.mean((2, 3))

    def relu(self, x):
        return F.relu(x)

    def gelu(self, x):
        return F.gelu(x, approximate="tanh")

    def lrn(self, x, size, alpha, beta, k):
        return F.local_response_norm(x, size, alpha, beta, k)

    def dropout(self, x, rate):
        return F.dropout(x, rate, self.training and self.use_dropout)

    def add(self, a, b):
        return a + b


class Train:
    """Steps of training."""

    def __init__(self, net, optimizer, x, y, compiled):
        def loss_fn(x, y):
            logits = net(x)
            return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))

        self.loss_fn = torch.compile(loss_fn) if compiled else loss_fn
        self.optimizer, self.x, self.y = optimizer, x, y

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss_fn(self.x, self.y)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def loss(self, handle):
        return handle.item()


class Infer:
    """Forward passes."""

    def __init__(self, net, x, compiled, freezing):
        options = {"freezing": True} if freezing else None
        self.net, self.x = torch.compile(net, options=options) if compiled else net, x

    def step(self):
        with torch.no_grad():
            return self.net(self.x)

    def loss(self, handle):
        return handle.float().pow(2).mean().item()


def make_optimizer(w, net):
    if w.optimizer == "sgd":
        return torch.optim.SGD(net.parameters(), common.LR, common.MOMENTUM, fused=True)
    a = common.ADAMW
    betas = (a["b1"], a["b2"])
    return torch.optim.AdamW(net.parameters(), a["lr"], betas, a["eps"], a["wd"], fused=True)


def build_net(args, w, init, x, y):
    freezing = args.mode == "compile_freezing"
    if freezing and not w.infer:
        raise SystemExit("compile_freezing is for inference")
    net = Net(w, init, not args.no_dropout)
    x, y = torch.from_numpy(x.copy()), torch.from_numpy(y).long()
    if w.tokens:
        x = x.long()
    if "channels_last" in args.mode or (freezing and w.conv):
        net = net.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    compiled = args.mode.startswith("compile")
    if w.infer:
        return Infer(net, x, compiled, freezing)
    return Train(net, make_optimizer(w, net), x, y, compiled)


def build_scalar(args):
    x, y, z = (torch.tensor(v, requires_grad=True) for v in (1.0, -3.0, 4.0))

    def forward(x, y, z):
        return (x + y) * z

    if args.mode.startswith("compile"):
        forward = torch.compile(forward)

    def run():
        x.grad = y.grad = z.grad = None
        f = forward(x, y, z)
        f.backward()
        return f, (x.grad, y.grad, z.grad)

    return run


def build_relu_jac(args, x, g):
    x, g = torch.from_numpy(x).requires_grad_(), torch.from_numpy(g)
    forward = torch.compile(F.relu) if args.mode.startswith("compile") else F.relu

    def run():
        y = forward(x)
        (dx,) = torch.autograd.grad(y, x, g)
        return y.detach(), dx

    return run


common.main(args, build_net, build_scalar, build_relu_jac)
