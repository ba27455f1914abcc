"""Call a module with other tensors in place of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError
from ..graph import Tensor
from .module import Module


def functional_call(
    module: Module, replacements: Mapping[str, Tensor], *inputs: Any, **options: Any
) -> Any:
    """Return ``module(*inputs)``, computed with ``replacements[path]`` as the parameters.

    The module is a function of its parameters then: differentiate it with ``chainrule.grad``, or
    compute it in another data type. A shared parameter is replaced at all its places. The module
    itself stays as it was. Raises ArgumentError for a path that is none of its parameters or
    buffers.

    >>> layer = nn.Linear(2, 1)
    >>> weight, bias = tensor([[1.0, 2.0]]), tensor([0.5])
    >>> nn.functional_call(layer, {"weight": weight, "bias": bias}, tensor([[1.0, 1.0]]))
    tensor([[3.5]])
    """
    held = {**dict(module.named_parameters(remove_duplicate=False)),
            **dict(module.named_buffers(remove_duplicate=False))}  # fmt: skip
    unknown = sorted(set(replacements) - set(held))
    if unknown:
        raise ArgumentError(
            "functional_call", required=f"paths among {', '.join(held)}",
            received=", ".join(unknown),
        )  # fmt: skip
    new = {id(held[path]): tensor for path, tensor in replacements.items()}
    places = [
        (vars(m), name, value)
        for m in module.modules() for name, value in vars(m).items() if id(value) in new
    ]  # fmt: skip
    try:
        for attributes, name, value in places:
            attributes[name] = new[id(value)]
        return module(*inputs, **options)
    finally:
        for attributes, name, value in places:
            attributes[name] = value
