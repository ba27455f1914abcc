"""Sums over a loop's turns of matrix products become one product, over turns and batch at once.

The gradient of a weight that every turn multiplies with is such a sum: of outer products. Turn by
turn it would be read and written each time; as one contraction its tiles stay in registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...graph import Tensor
from ...ops.step import Step
from ..ir.kernels import Array
from .contraction import sum_of_products
from .lowering import Lowering
from .value import Value, of_array

Nodes = tuple[Tensor, ...]


@dataclass(frozen=True)
class Product:
    """A matrix product that is summed over turns: of two roots, moved; and moves until the sum."""

    node: Tensor
    roots: tuple[Tensor, Tensor]
    before: tuple[Nodes, Nodes]  # moves from each root to its factor
    behind: Nodes

    @property
    def nodes(self) -> Nodes:
        """What turns need not compute."""
        return (self.node, *self.behind)

    def lower(self, low: Lowering, stacks: Sequence[Array]) -> Value:
        """Return the sum, given every turn's roots."""
        left, right = [
            _factor(low, *parts) for parts in zip(self.roots, self.before, stacks, strict=True)
        ]
        kind = self.node.dtype
        result = sum_of_products(low, left, right, ("tmk", "tkn"), "mn", kind)
        low.values[id(self.node)] = result
        for node in self.behind:
            low.lower(node, node.inputs)
        last: Value = low.values[id(self.nodes[-1])]
        return last


def products(step: Step, turns: int) -> dict[int, Product]:
    """Return those of a step's sums that are better done as one product (by their number)."""
    found = {}
    for number, node in enumerate(step.sums):
        product = _product(step, node)
        if product is not None and _pays(step, product, turns):
            found[number] = product
    return found


def _product(step: Step, node: Tensor) -> Product | None:
    varying = {id(n) for n in (*step.carry, *step.xs, *step.nodes)}
    uses: dict[int, int] = {}
    for user in step.nodes:
        for source in user.inputs:
            uses[id(source)] = uses.get(id(source), 0) + 1
    for end in step.outputs:
        uses[id(end)] = uses.get(id(end), 0) + 1
    node, behind = _unmoved(node, ("permute_dims", "reshape"))
    if node.op is None or node.op.name != "matmul" or any(len(x.shape) != 2 for x in node.inputs):
        return None
    if any(uses[id(n)] > 1 for n in (node, *behind)):
        return None
    (left, before), (right, ahead) = [_unmoved(x, ("permute_dims",)) for x in node.inputs]
    if id(left) not in varying or id(right) not in varying:
        return None
    return Product(node, (left, right), (before, ahead), behind)


def _unmoved(node: Tensor, names: Sequence[str]) -> tuple[Tensor, Nodes]:
    """Return what a node was before it was moved, and the moves in order."""
    moves: list[Tensor] = []
    while node.op is not None and node.op.name in names:
        moves.append(node)
        node = node.inputs[0]
    return node, tuple(reversed(moves))


def _pays(step: Step, product: Product, turns: int) -> bool:
    """Whether stacking the roots moves less memory than adding to the sum in every turn."""
    lying = {id(n) for n in (*step.xs, *step.ys)}
    more = sum(root.size for root in product.roots if id(root) not in lying)
    return turns > 1 and more <= 2 * product.node.size


def _factor(low: Lowering, root: Tensor, moves: Nodes, stack: Array) -> Value:
    """Return a factor of all turns: the stack, its axes but the first one moved as in a turn."""
    order = list(range(len(root.shape)))
    for node in moves:
        order = [order[axis] for axis in node.attributes["axes"]]
    axes = [0, *[axis + 1 for axis in order]]
    return of_array(
        Array(
            stack.buffer,
            tuple([stack.shape[k] for k in axes]),
            tuple([stack.strides[k] for k in axes]),
            stack.offset,
        )
    )
