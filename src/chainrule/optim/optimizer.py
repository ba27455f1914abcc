"""Optimizer: what all update rules share; a rule itself is two small methods.

A rule says which slots (running averages, counters) a parameter has, and computes the new
parameter and the new slots from the old ones and the gradient. It is written with tensor
operations, so the same text runs eagerly and can be traced by a compiler.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any, ClassVar

from ..dtypes import DType
from ..errors import ArgumentError, CheckpointError, GradientError, ShapeError
from ..graph import Tensor, no_grad
from ..graph.trace import active_trace
from .options import as_groups, check_options, live, restored
from .slots import Options, Slots, fill

Parameters = Iterable[Tensor] | Iterable[dict[str, Any]]


class Optimizer(ABC):
    """Base of all optimizers: groups of parameters, each with its options, and slots.

    ``parameters`` is an iterable of leaf tensors, or of dicts ``{"params": [...], "lr": ...}``
    whose options replace the defaults for those parameters. ``param_groups`` is the list of these
    dicts; an option may be changed there at any time. Raises ArgumentError for options out of
    range and for a list without parameters, GradientError for what is no leaf.

    A rule defines ``init_slots`` and ``update``:

    >>> class SignDescent(Optimizer):
    ...     def init_slots(self, parameter, options):
    ...         return {}
    ...     def update(self, parameter, gradient, slots, options):
    ...         return parameter - options["lr"] * cr.sign(gradient), {}
    >>> w = tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SignDescent([w], {"lr": 0.5})
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.5, -1.5], requires_grad=True)
    """

    checked_by_itself: ClassVar[Set[str]] = frozenset()  # options that are no numbers from 0 on

    def __init__(self, parameters: Parameters, defaults: Options) -> None:
        self.defaults = dict(defaults)
        self.param_groups: list[dict[str, Any]] = []
        self.scheduled = {"lr"}  # options that schedules change
        self._slots: dict[int, Slots] = {}  # by id(parameter), made at the first step
        if isinstance(parameters, Tensor):
            raise ArgumentError(
                type(self).__name__, required="an iterable of parameters", received="one tensor",
                hint="put it into a list",
            )  # fmt: skip
        for group in as_groups(list(parameters), type(self).__name__):
            self.add_param_group(group)

    @abstractmethod
    def init_slots(self, parameter: Tensor, options: Options) -> Slots:
        """Return the slots of a parameter before the first step, as new tensors."""

    @abstractmethod
    def update(
        self, parameter: Tensor, gradient: Tensor, slots: Slots, options: Options
    ) -> tuple[Tensor, Slots]:
        """Return the new parameter and the new slots; only tensor operations, nothing in place."""

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        A ``closure``, which computes the gradients and returns the loss, is called first, and its
        result is returned.
        """
        loss = None if closure is None else closure()
        with no_grad():
            for group in self.param_groups:
                check_options(type(self).__name__, group, self.checked_by_itself)
                options: dict[DType, Options] = {}
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        kind = parameter.dtype
                        if kind not in options:
                            options[kind] = live(group, self.scheduled, kind)
                        self._update_one(parameter, parameter.grad, options[kind])
        return loss

    def _update_one(self, parameter: Tensor, gradient: Tensor, options: Options) -> None:
        if gradient.shape != parameter.shape:
            raise ShapeError(
                f"{type(self).__name__}.step: gradient of {parameter.label!r}",
                required=f"shape {parameter.shape}", received=f"shape {gradient.shape}",
            )  # fmt: skip
        slots = self.slots(parameter)
        trace = active_trace()
        if trace is None:
            value, changed = self.update(parameter, gradient, slots, options)
        else:
            with trace.within(trace.owners.get(id(parameter), ""), "update"):
                value, changed = self.update(parameter, gradient, slots, options)
        parameter.assign(value)
        for name, slot in changed.items():
            slots[name].assign(slot)

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters():
            parameter.grad = None

    def parameters(self) -> Iterator[Tensor]:
        """Iterate over the parameters of all groups, in order."""
        for group in self.param_groups:
            yield from group["params"]

    def slots(self, parameter: Tensor) -> Slots:
        """Return the slots of one of the parameters; they are made when first asked for."""
        found = self._slots.get(id(parameter))
        if found is None:
            found = self.init_slots(parameter, self._group_of(parameter))
            self._slots[id(parameter)] = found
        return found

    def _group_of(self, parameter: Tensor) -> dict[str, Any]:
        for group in self.param_groups:
            if any(p is parameter for p in group["params"]):
                return group
        raise ArgumentError(
            f"{type(self).__name__}.slots", required="a parameter of this optimizer",
            received=parameter.label,
        )  # fmt: skip

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Add parameters with options of their own: ``{"params": [...], "lr": ...}``."""
        what = type(self).__name__
        unknown = sorted(set(group) - set(self.defaults) - {"params", "initial_lr"})
        if "params" not in group or unknown:
            raise ArgumentError(
                f"{what}: parameter group",
                required=f"'params' and options among {', '.join(self.defaults)}",
                received=", ".join(map(repr, unknown or group)) or "an empty group",
            )
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        self._check_new(params)
        made = {**self.defaults, **group, "params": params}
        check_options(what, made, self.checked_by_itself)
        self._check_together(made)
        self.param_groups.append(made)

    def _check_together(self, options: Options) -> None:
        """Raise ArgumentError for options that do not fit together, in a rule that has such."""
        del options

    def _check_new(self, params: list[Tensor]) -> None:
        seen = {id(p) for p in self.parameters()}
        for position, parameter in enumerate(params):
            if not isinstance(parameter, Tensor) or not parameter.is_leaf or parameter.symbolic:
                received = (
                    parameter.where if isinstance(parameter, Tensor) else type(parameter).__name__
                )
                raise GradientError(
                    f"{type(self).__name__}: parameter {position}",
                    required="a concrete leaf tensor", received=received,
                )  # fmt: skip
            if id(parameter) in seen:
                raise ArgumentError(
                    f"{type(self).__name__}: parameter {position} ({parameter.label})",
                    required="every parameter once", received="it a second time",
                )  # fmt: skip
            seen.add(id(parameter))

    # --- state -----------------------------------------------------------------------------

    def named_slots(self) -> Iterator[tuple[str, Tensor]]:
        """Iterate over the slots made so far as ``("3.momentum", tensor)``: position, name."""
        for position, parameter in enumerate(self.parameters()):
            for name, slot in self._slots.get(id(parameter), {}).items():
                yield f"{position}.{name}", slot

    def state_dict(self) -> dict[str, Any]:
        """Return slots and options: ``{"slots": {"0.momentum": array}, "param_groups": [...]}``.

        In the groups, ``params`` is the list of the parameters' positions.
        """
        return {
            "slots": {name: slot.numpy() for name, slot in self.named_slots()},
            "param_groups": self.group_options(),
        }

    def group_options(self) -> list[dict[str, Any]]:
        """Return the groups with the parameters' positions in place of the parameters."""
        groups, start = [], 0
        for group in self.param_groups:
            stop = start + len(group["params"])
            groups.append({**group, "params": list(range(start, stop))})
            start = stop
        return groups

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put slots and options back; nothing changes if they do not fit (CheckpointError)."""
        groups = self._checked_groups(state)
        slots = self._checked_slots(state["slots"])
        for mine, saved in zip(self.param_groups, groups, strict=True):
            mine.update(saved)
        for parameter in self.parameters():
            self._replace_slots(parameter, slots.get(id(parameter)))

    def _replace_slots(self, parameter: Tensor, saved: Slots | None) -> None:
        """Give slots that are there already new values: programs may be compiled for them."""
        held = self._slots.get(id(parameter))
        if held is None and saved is None:
            return
        new = saved if saved is not None else self.init_slots(parameter, self._group_of(parameter))
        if held is None or set(held) != set(new):
            self._slots[id(parameter)] = new
            return
        for name, slot in held.items():
            slot.assign(new[name])

    def _checked_groups(self, state: Mapping[str, Any]) -> list[dict[str, Any]]:
        what = f"state of {type(self).__name__}"
        mine = self.group_options()
        try:
            saved = [dict(group) for group in state["param_groups"]]
            positions = [list(group.pop("params")) for group in saved]
            state["slots"].items()
        except (KeyError, TypeError, ValueError, AttributeError):
            raise CheckpointError(
                what, required="'slots' and 'param_groups'", received="something else"
            ) from None
        if positions != [group["params"] for group in mine]:
            raise CheckpointError(
                what, required=f"groups of {[len(g['params']) for g in mine]} parameters",
                received=str([len(p) for p in positions]),
            )  # fmt: skip
        made = [restored(group, self.defaults, what) for group in saved]
        for group in made:
            check_options(what, group, self.checked_by_itself)
            self._check_together(group)
        return made

    def _checked_slots(self, saved: Mapping[str, Any]) -> dict[int, Slots]:
        by_position: dict[str, dict[str, Any]] = {}
        for key, value in saved.items():
            position, _, name = key.partition(".")
            by_position.setdefault(position, {})[name] = value
        parameters = {str(i): parameter for i, parameter in enumerate(self.parameters())}
        what = f"state of {type(self).__name__}"
        made: dict[int, Slots] = {}
        for position, values in by_position.items():
            parameter = parameters.get(position)
            if parameter is None:
                raise CheckpointError(
                    what, required=f"slots of parameters 0 to {len(parameters) - 1}",
                    received=f"slots of {position!r}",
                )  # fmt: skip
            slots = self.init_slots(parameter, self._group_of(parameter))
            fill(slots, values, f"{what}, parameter {position}")
            made[id(parameter)] = slots
        return made

    def __repr__(self) -> str:
        groups = [
            ", ".join(f"{k}={v!r}" for k, v in group.items() if k not in ("params", "initial_lr"))
            for group in self.param_groups
        ]
        return f"{type(self).__name__}({'; '.join(groups)})"
