"""Loops in time: the step is lowered once for each turn; equal kernels share their code."""

from __future__ import annotations

from collections.abc import Sequence

from ...graph import Tensor
from ...ops.step import Step
from ..ir.kernels import Array
from .elements import Element
from .lowering import Lowering, filled, lowers
from .scan_products import products
from .turns import lower_node, row_of, store_row
from .value import Value, of_array, whole


@lowers("scan")
def scan(
    low: Lowering, node: Tensor, *inputs: Value, step: Step, length: int, reverse: bool
) -> list[Value]:
    """Run the step ``length`` times; results are the last carry, stacked ys, and sums."""
    return _Scan(low, step, inputs, length).run(reverse)


class _Scan:
    def __init__(self, low: Lowering, step: Step, inputs: Sequence[Value], length: int) -> None:
        self.low, self.step, self.length = low, step, length
        n, m = len(step.carry), len(step.carry) + len(step.xs)
        self.carry = [low.stored(v) for v in inputs[:n]]
        self.xs = [low.stored(v) for v in inputs[n:m]]
        self.captured = [v if _is_number(v) else low.stored(v) for v in inputs[m:]]
        low.count_uses(step.nodes, step.outputs)
        self.products = products(step, length)
        later = {id(node) for product in self.products.values() for node in product.nodes}
        self.nodes = [node for node in step.nodes if id(node) not in later]
        self.stacks = self._new_stacks()
        self.sums = {
            number: filled(node.shape, 0, node.dtype)
            for number, node in enumerate(step.sums)
            if number not in self.products
        }

    def _new_stacks(self) -> dict[int, Array]:
        """Return an array for every turn's value of each y, and of what products are made of."""
        xs = {id(x) for x in self.step.xs}
        roots = [root for product in self.products.values() for root in product.roots]
        stacked = [*self.step.ys, *[root for root in roots if id(root) not in xs]]
        unique = {id(node): node for node in stacked}
        return {
            key: self.low.array((self.length, *node.shape), node.dtype)
            for key, node in unique.items()
        }

    def run(self, reverse: bool) -> list[Value]:
        for t in range(self.length - 1, -1, -1) if reverse else range(self.length):
            self._turn(t)
        stacked = [of_array(self.stacks[id(y)]) for y in self.step.ys]
        return [*self.carry, *stacked, *map(self._sum, range(len(self.step.sums)))]

    def _turn(self, t: int) -> None:
        low, step = self.low, self.step
        slices = [row_of(low, x, t) for x in self.xs]
        for node, value in zip(step.inputs, [*self.carry, *slices, *self.captured], strict=True):
            low.values[id(node)] = value
        with low.turning():
            for node in self.nodes:
                lower_node(low, node)
        for key, stack in self.stacks.items():
            store_row(low, stack, t, low.values[key])
        self.carry = [low.stored(low.values[id(c)]) for c in step.next_carry]
        for number, total in self.sums.items():
            more = low.values[id(step.sums[number])]
            self.sums[number] = low.stored(_added(total, more))

    def _sum(self, number: int) -> Value:
        product = self.products.get(number)
        if product is None:
            return self.sums[number]
        return product.lower(self.low, [self._turns_of(root) for root in product.roots])

    def _turns_of(self, root: Tensor) -> Array:
        """Return the array of every turn's value of a node."""
        if id(root) in self.stacks:
            return self.stacks[id(root)]
        (at,) = [k for k, x in enumerate(self.step.xs) if x is root]
        array = self.xs[at].array
        assert array is not None
        return array


def _is_number(value: Value) -> bool:
    return value.whole and value.expr.kind == "const"


def _added(total: Value, more: Value) -> Value:
    return whole(total.shape, (Element(total.expr) + Element(more.expr)).expr)
