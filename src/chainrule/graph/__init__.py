"""What a computation is: nodes, operations, order, evaluation. It knows no particular op."""

from .apply import PICK, apply
from .computational_graph import ComputationalGraph
from .modes import MODES, detect_anomalies, enable_grad, grad_mode, no_grad
from .op import Op
from .operation import Operation
from .order import topological_order
from .primitive import (
    PRIMITIVES,
    Each,
    NotDifferentiable,
    Opaque,
    Primitive,
    primitive,
    same_dtype,
    same_shape,
)
from .registry import FUNCTIONS, function
from .tensor import Tensor, TensorLike, as_tensor, constant, input, tensor
from .trace import Trace, active_trace, tracing
from .types import Shape, TensorType

__all__ = [
    "FUNCTIONS",
    "MODES",
    "PICK",
    "PRIMITIVES",
    "ComputationalGraph",
    "Each",
    "NotDifferentiable",
    "Op",
    "Opaque",
    "Operation",
    "Primitive",
    "Shape",
    "Tensor",
    "TensorLike",
    "TensorType",
    "Trace",
    "active_trace",
    "apply",
    "as_tensor",
    "constant",
    "detect_anomalies",
    "enable_grad",
    "function",
    "grad_mode",
    "input",
    "no_grad",
    "primitive",
    "same_dtype",
    "same_shape",
    "tensor",
    "topological_order",
    "tracing",
]
