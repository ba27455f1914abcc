"""chainrule's side: node by node with NumPy, or the whole step compiled."""
# ruff: noqa: E402  (threads are limited before the framework is imported)

from __future__ import annotations

import common

args = common.parse_args("chainrule", ["eager", "compile"])

import chainrule_nets as nets

import chainrule as cr

if args.mode == "compile" and not hasattr(cr, "compile"):
    raise SystemExit("this version of chainrule has no compile")


def wrap(function):
    return cr.compile(function) if args.mode == "compile" else function


def build_net(args, w, init, x, y):
    return nets.build(w, init, x, y, use_dropout=not args.no_dropout, wrap=wrap)


def build_scalar(args):
    if args.mode == "compile":
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
