"""What all learning-rate schedules share: arguments that can be compared, and a position."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from typing import Any, Literal

from ..errors import ArgumentError, CheckpointError
from .optimizer import Optimizer


@dataclass(eq=False)
class Schedule(ABC):
    """Base of all schedules.

    ``by`` tells a training loop when to call ``step``: after every epoch or after every update.
    """

    optimizer: Optimizer = field(repr=False)
    _: KW_ONLY
    by: Literal["epoch", "step"] = "epoch"

    def __post_init__(self) -> None:
        if self.by not in ("epoch", "step"):
            self.refuse("by='epoch' or by='step'")
        if not all("lr" in group for group in self.optimizer.param_groups):
            self.refuse("an optimizer with a learning rate")

    @abstractmethod
    def step(self, value: float | None = None) -> None:
        """Count one epoch (or step); ``value`` tells how it went, to those who want to know."""

    def get_last_lr(self) -> list[float]:
        """Return the present learning rate of each parameter group."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def config(self) -> dict[str, Any]:
        """Return the name and the arguments as JSON values."""
        values = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.init}
        values.pop("optimizer")
        return {"schedule": type(self).__name__, **values}

    def state_dict(self) -> dict[str, Any]:
        """Return the position as JSON values, with the arguments, to be compared on loading."""
        return {"config": self.config(), **self.position()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to a saved position; CheckpointError if the arguments were others."""
        saved = state.get("config")
        if saved != self.config():
            raise CheckpointError(
                "schedule", required=f"the saved one, {saved}", received=str(self.config()),
                hint="make the schedule with the same arguments",
            )  # fmt: skip
        position = {name: value for name, value in state.items() if name != "config"}
        if set(position) != set(self.position()):
            raise CheckpointError(
                "schedule", required=", ".join(self.position()), received=", ".join(position)
            )
        self.go_to(position)

    @abstractmethod
    def position(self) -> dict[str, Any]:
        """Return what changes with every count, as JSON values."""

    @abstractmethod
    def go_to(self, position: Mapping[str, Any]) -> None:
        """Take over a position."""

    def schedule_momentum(self) -> None:
        """Announce that the momentum will change; ArgumentError if the optimizer has none."""
        groups = self.optimizer.param_groups
        if not all({"momentum", "betas"} & set(group) for group in groups):
            self.refuse("an optimizer with momentum or betas, or cycle_momentum=False")
        self.optimizer.scheduled |= {"momentum", "betas"}

    def set_momentum(self, value: float) -> None:
        """Give every parameter group a momentum, or the first of its betas."""
        for group in self.optimizer.param_groups:
            if "betas" in group:
                group["betas"] = (value, *group["betas"][1:])
            else:
                group["momentum"] = value

    def refuse(self, required: str) -> None:
        """Raise ArgumentError: the arguments are not as required."""
        raise ArgumentError(type(self).__name__, required=required, received=repr(self))


@dataclass(eq=False)
class ClosedForm(Schedule):
    """A schedule whose rate depends on the count alone: a subclass defines ``learning_rate``.

    The rate that a parameter group had when its first schedule was made is its base rate; it is
    kept in ``param_groups[i]["initial_lr"]``.

    >>> class Halving(ClosedForm):
    ...     def learning_rate(self, t, base):
    ...         return base / 2**t
    >>> optimizer = optim.SGD([tensor(0.0, requires_grad=True)], lr=0.8)
    >>> schedule = Halving(optimizer)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.4]
    """

    count: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.apply()

    @abstractmethod
    def learning_rate(self, t: int, base: float) -> float:
        """Return the rate after t epochs (or steps) of a group with this base rate."""

    def step(self, value: float | None = None) -> None:
        """Count one epoch (or step) and set the rates, whatever the value."""
        self.count += 1
        self.apply()

    def apply(self) -> None:
        """Give every parameter group the rate of the present count."""
        for group in self.optimizer.param_groups:
            base = group.setdefault("initial_lr", group["lr"])
            group["lr"] = self.learning_rate(self.count, base)

    def position(self) -> dict[str, Any]:
        """Return the count."""
        return {"count": self.count}

    def go_to(self, position: Mapping[str, Any]) -> None:
        """Take over a count and set the rates."""
        self.count = int(position["count"])
        self.apply()


def _plain(value: Any) -> Any:
    if isinstance(value, Schedule):
        return value.config()
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return getattr(value, "__name__", "function") if callable(value) else value
