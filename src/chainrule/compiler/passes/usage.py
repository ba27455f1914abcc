"""Who reads and who writes each buffer, by kernel number."""

from __future__ import annotations

from collections.abc import Iterable

from ..ir.expr import Buffer
from ..ir.kernels import Kernel
from ..ir.program import Program, reads_of, writes_of


class Usage:
    """The kernels of a program while a pass changes it: removed ones leave a gap."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.kernels: list[Kernel | None] = list(program.kernels)
        self.lasting = {id(b) for b in surviving(program)}
        self._reads: list[set[int]] = []
        self._writes: list[set[int]] = []
        self._readers: dict[int, set[int]] = {}
        self._writers: dict[int, set[int]] = {}
        for number in range(len(self.kernels)):
            self._reads.append(set())
            self._writes.append(set())
            self._note(number)

    def _note(self, number: int) -> None:
        kernel = self.kernels[number]
        self._reads[number] = {id(b) for b in reads_of(kernel)} if kernel is not None else set()
        self._writes[number] = {id(b) for b in writes_of(kernel)} if kernel is not None else set()
        for buffer in self._reads[number]:
            self._readers.setdefault(buffer, set()).add(number)
        for buffer in self._writes[number]:
            self._writers.setdefault(buffer, set()).add(number)

    def put(self, number: int, kernel: Kernel | None) -> None:
        """Replace a kernel, note that it has changed, or remove it."""
        for buffer in self._reads[number]:
            self._readers[buffer].discard(number)
        for buffer in self._writes[number]:
            self._writers[buffer].discard(number)
        self.kernels[number] = kernel
        self._note(number)

    def finish(self) -> None:
        """Give the program the kernels that are left."""
        self.program.kernels = [k for k in self.kernels if k is not None]

    def readers(self, buffer: Buffer) -> list[int]:
        """Return the numbers of the kernels that read a buffer, in order."""
        return sorted(self._readers.get(id(buffer), ()))

    def writers(self, buffer: Buffer) -> list[int]:
        """Return the numbers of the kernels that write a buffer, in order."""
        return sorted(self._writers.get(id(buffer), ()))

    def touching(self, buffer: Buffer) -> list[int]:
        """Return the numbers of the kernels that read or write a buffer, in order."""
        return sorted({*self.readers(buffer), *self.writers(buffer)})

    def reads(self, number: int) -> set[int]:
        """Return what a kernel reads (ids of buffers)."""
        return self._reads[number]

    def writes(self, number: int) -> set[int]:
        """Return what a kernel writes (ids of buffers)."""
        return self._writes[number]

    def movable(self, number: int, past: Iterable[int]) -> bool:
        """Whether a kernel may change places with all of the others."""
        reads, writes = self._reads[number], self._writes[number]
        return not any(
            writes & self._reads[k] or writes & self._writes[k] or reads & self._writes[k]
            for k in past
        )


def surviving(program: Program) -> list[Buffer]:
    """Return the buffers whose contents outlive the run: outputs, state, flags of checks."""
    return [
        *program.states, *[a.buffer for a in program.outputs], *[c.flag for c in program.checks]
    ]  # fmt: skip
