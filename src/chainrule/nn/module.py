"""Module: parameters, and what is computed with them; a tree of them is a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Self, TypeVar

from ..dtypes import Array, DTypeLike, float32
from ..errors import ArgumentError, DTypeError
from ..graph import MODES, Tensor, TensorLike, active_trace, tensor
from .calls import OBSERVING, Call, path_of_calls, tell_where
from .parameter import Parameter
from .state import Mismatch, load
from .summary import summarize

T = TypeVar("T", bound=Tensor)


class Module:
    """Base of all layers and models: assign parameters and modules to ``self``, define ``forward``.

    Whatever is assigned to an attribute is found by looking at the attributes: a ``Parameter`` is
    trained, a tensor named by ``register_buffer`` is saved but not trained, a ``Module`` is a
    child. Calling the module calls ``forward``; an error inside names the path to the module.
    Calling ``super().__init__()`` is allowed, but there is nothing that it needs to do.

    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         self.factor = nn.Parameter(2.0)
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> layer = Scale()
    >>> layer(tensor([1.0, 2.0])).tolist()
    [2.0, 4.0]
    >>> [name for name, _ in layer.named_parameters()]
    ['factor']
    """

    training: bool = True
    _buffer_names: frozenset[str] = frozenset()

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; every layer and model defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, ...)")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Call ``forward``."""
        trace = active_trace()
        call = MODES.call = Call(self, MODES.call)
        try:
            if trace is None:
                output = self.forward(*inputs, **options)
            else:
                trace.rely(partial(getattr, self, "training"))
                with trace.within(path_of_calls()):
                    output = self.forward(*inputs, **options)
            if OBSERVING.observer is not None:
                OBSERVING.observer(self, output)
            return output
        except Exception as error:
            tell_where(error)
            raise
        finally:
            MODES.call = call.outer

    # --- attributes ------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        held = vars(self).get(name)
        if isinstance(held, Parameter) and not isinstance(value, Parameter | None):
            raise DTypeError(
                f"{type(self).__name__}.{name}", required="a Parameter, since it holds one",
                received=type(value).__name__,
                hint=f"change its value with .{name}.assign(value), or wrap it in nn.Parameter",
            )  # fmt: skip
        if name in self._buffer_names:
            value = None if value is None else _leaf(value)
        if isinstance(value, Parameter) and value.name is None:
            value.name = name  # what drawings and errors call the node
        object.__setattr__(self, name, value)

    def register_buffer(self, name: str, value: TensorLike) -> None:
        """Hold a tensor that is saved with the parameters but not trained.

        It is a leaf; update it with ``self.name.assign(...)``. ArgumentError if the name is taken.
        """
        if name in vars(self) or not name.isidentifier():
            raise ArgumentError(
                f"{type(self).__name__}.register_buffer", required="an attribute name not yet used",
                received=repr(name),
            )  # fmt: skip
        self._buffer_names |= {name}
        setattr(self, name, value)

    # --- the tree --------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules held directly, each once, with their names."""
        seen: set[int] = set()
        for name, value in vars(self).items():
            if isinstance(value, Module) and id(value) not in seen:
                seen.add(id(value))
                yield name, value

    def children(self) -> Iterator[Module]:
        """Yield the modules held directly, each once."""
        for _, module in self.named_children():
            yield module

    def named_modules(
        self, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it with their paths (``"encoder.0"``), parents first."""
        return _walk(self, prefix, remove_duplicate, set())

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it, each once, parents first."""
        for _, module in self.named_modules():
            yield module

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters with their paths (``"encoder.0.weight"``); shared ones once."""
        held = self._tensors(prefix, recurse)
        found = ((path, value) for path, value in held if isinstance(value, Parameter))
        return _once(found) if remove_duplicate else found

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters; one that is shared comes once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers with their paths; shared ones once."""
        held = self._tensors(prefix, recurse)
        found = ((path, value) for path, value in held if not isinstance(value, Parameter))
        return _once(found) if remove_duplicate else found

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers; one that is shared comes once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _tensors(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Yield parameters and buffers; a shared one under each of its paths."""
        holders = self.named_modules(prefix, False) if recurse else iter([(prefix, self)])
        for path, module in holders:
            for name, value in vars(module).items():
                if isinstance(value, Parameter) or (
                    isinstance(value, Tensor) and name in module._buffer_names
                ):
                    yield _join(path, name), value

    def get_submodule(self, path: str) -> Module:
        """Return the module below this one with a path; ArgumentError if there is none.

        >>> nn.Sequential(nn.ReLU(), nn.Residual(nn.Tanh())).get_submodule("1.body")
        Tanh()
        """
        found = self if not path else None
        for name, module in self.named_modules(remove_duplicate=False):
            found = module if name == path else found
        if found is None:
            raise ArgumentError(
                f"{type(self).__name__}.get_submodule", required="the path of a module, as "
                "named_modules() yields it", received=repr(path),
            )  # fmt: skip
        return found

    # --- what is done to all ---------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all below it to training (or not); return the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation: dropout passes, normalisation uses its running statistics."""
        return self.train(False)

    def requires_grad_(self, flag: bool = True) -> Self:
        """Say whether the parameters want gradients (False freezes them); return the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(flag)
        return self

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def apply(self, function: Callable[[Module], object]) -> Self:
        """Call ``function(module)`` for the modules below, then for this one; return the module."""
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def replace(self, function: Callable[[Module], Module]) -> Module:
        """Put ``function(module)`` in the place of every module below; return that of this one.

        Modules below come first; one that is held at several places is replaced by one other.

        >>> net = nn.Sequential(nn.ReLU(), nn.Residual(nn.ReLU()))
        >>> net.replace(lambda m: nn.Tanh() if isinstance(m, nn.ReLU) else m)[1].body
        Tanh()
        """
        return _replaced(self, function, {})

    # --- state -----------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all parameters and buffers by path.

        A tensor that is shared appears under each of its paths, as one and the same array.
        """
        copies: dict[int, Array] = {}
        return {
            path: copies.setdefault(id(value), value.numpy()) for path, value in self._tensors()
        }

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Mismatch:
        """Give parameters and buffers the values that ``state`` has under their paths.

        Returns the paths that were missing and unexpected; with ``strict`` these are an error, as
        wrong shapes always are: CheckpointError lists them all, and nothing has changed. For shared
        tensors one of the paths suffices.

        >>> layer = nn.Linear(2, 1)
        >>> layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [0.5]})
        Mismatch(missing=[], unexpected=[])
        >>> layer(tensor([[1.0, 1.0]])).tolist()
        [[3.5]]
        """
        return load(type(self).__name__, dict(self._tensors()), state, strict)

    # --- description -----------------------------------------------------------------------

    def num_parameters(self, trainable_only: bool = False) -> int:
        """Return the number of elements of all parameters; shared ones count once."""
        return sum(p.size for p in self.parameters() if p.requires_grad or not trainable_only)

    def summary(self, *input_shapes: tuple[int, ...], dtype: DTypeLike = float32) -> str:
        """Return a table of the layers, with output shapes, parameters and multiply-adds.

        The shapes are of the inputs, batch axis included; zeros are sent through, in evaluation.
        Multiply-adds are those of matrix products and convolutions, products with padding included.

        >>> print(nn.Sequential(nn.Linear(4, 3), nn.ReLU()).summary((1, 4)))
        layer  type    output shape  parameters  multiply-adds
        0      Linear  (1, 3)                15             12
        1      ReLU    (1, 3)                 0              0
        total: 15 parameters (15 trainable, 60 bytes), 12 multiply-adds
        """
        return summarize(self, input_shapes, dtype)

    def extra_repr(self) -> str:
        """Return what stands in the parentheses of ``repr``."""
        return ""

    def __repr__(self) -> str:
        children = [(n, v) for n, v in vars(self).items() if isinstance(v, Module)]
        lines = [f"({name}): {module!r}".replace("\n", "\n  ") for name, module in children]
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        body = "\n  ".join([extra, *lines] if extra else lines)
        return f"{type(self).__name__}(\n  {body}\n)"


def _leaf(value: TensorLike) -> Tensor:
    made = value if isinstance(value, Tensor) else tensor(value)
    return made if made.op is None else made.detach()


def _walk(
    module: Module, path: str, remove_duplicate: bool, seen: set[int]
) -> Iterator[tuple[str, Module]]:
    """Visit a tree of modules; ``seen`` also guards against a module that holds itself."""
    if id(module) in seen:
        return
    seen.add(id(module))
    yield path, module
    for name, value in vars(module).items():
        if isinstance(value, Module):
            yield from _walk(value, _join(path, name), remove_duplicate, seen)
    if not remove_duplicate:
        seen.discard(id(module))


def _replaced(
    module: Module, function: Callable[[Module], Module], done: dict[int, Module]
) -> Module:
    if id(module) not in done:
        done[id(module)] = module  # guards against a module that holds itself
        for name, value in list(vars(module).items()):
            if isinstance(value, Module):
                setattr(module, name, _replaced(value, function, done))
        done[id(module)] = function(module)
    return done[id(module)]


def _once(found: Iterator[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    seen: set[int] = set()
    for path, value in found:
        if id(value) not in seen:
            seen.add(id(value))
            yield path, value


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
