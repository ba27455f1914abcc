"""An operation of one's own, its gradient check, and a mistake that the check finds.

python examples/custom_op.py
"""

import chainrule as cr


class MulNode(cr.Op):
    """z = x * y; dz/dx = y, dz/dy = x."""

    def forward(self, x, y):
        return x * y

    def backward(self, dz, x, y):
        return y * dz, x * dz


class WrongNode(MulNode):
    """The same, with the two gradients exchanged."""

    def backward(self, dz, x, y):
        return x * dz, y * dz


inputs = [cr.tensor([1.0, 2.0]), cr.tensor([3.0, 4.0])]
cr.check_gradients(MulNode(), inputs)
print("MulNode: first and second derivatives agree with finite differences")
try:
    cr.check_gradients(WrongNode(), inputs)
except cr.errors.GradientCheckError as error:
    print("WrongNode:", error)
