"""chainrule's side: node by node with NumPy, the whole step compiled, many steps in one call.

Mode ``loop`` is for training only: 100 steps in one native call, or as many as the workload times,
each on the same batch, which native code gathers by an array of indices. A step's time is the
call's over their number, so Python's part in a step is gone, which the other modes include.
"""
# ruff: noqa: E402  (threads are limited before the framework is imported)

from __future__ import annotations

import common

args = common.parse_args("chainrule", ["eager", "compile", "loop"])

import chainrule_nets as nets

import chainrule as cr
import models

if args.mode != "eager" and not hasattr(cr, "compile"):
    raise SystemExit("this version of chainrule has no compile")


def wrap(function):
    return function if args.mode == "eager" else cr.compile(function)


if args.mode == "loop" and args.workload not in models.TRAIN:
    raise SystemExit("mode loop is for training")


def build_net(args, w, init, x, y):
    return nets.build(
        w, init, x, y, use_dropout=not args.no_dropout, wrap=wrap, loop=args.mode == "loop"
    )


def build_scalar(args):
    if args.mode != "eager":
        xs = [cr.tensor(v) for v in (1.0, -3.0, 4.0)]
        run = cr.compile(cr.value_and_grad(lambda x, y, z: (x + y) * z, argnums=(0, 1, 2)))
        return lambda: run(*xs)
    x, y, z = (cr.tensor(v, requires_grad=True) for v in (1.0, -3.0, 4.0))

    def run():
        x.grad = y.grad = z.grad = None
        f = (x + y) * z
        f.backward()
        return f, (x.grad, y.grad, z.grad)

    return run


def build_relu_jac(args, x, g):
    x, g = cr.asarray(x), cr.asarray(g)

    def both(x, g):
        y, pullback = cr.vjp(cr.relu, x)
        return y, *pullback(g)

    both = wrap(both)
    return lambda: both(x, g)


common.main(args, build_net, build_scalar, build_relu_jac)
