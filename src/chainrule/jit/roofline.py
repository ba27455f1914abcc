"""What this machine can do at most: multiply-adds of a loop without memory, bytes of a copy."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from string import Template

from .. import dtypes
from ..compiler.codegen.generate import generate
from ..compiler.ir import Buffer, Map, Place, Store
from ..compiler.ir.expr import read
from ..dtypes import Array
from ..runtime.executable import Executable
from ..runtime.host import host
from ..runtime.memory import aligned
from ..runtime.task import Task
from .compilation import target

_CHAINS = 12  # of multiply-adds that do not wait for each other: enough for two units of latency 4
_ROUNDS = 20_000
_UNITS = 16  # for each thread
_REPEATS = 8
_SMALLEST, _LARGEST = 32 << 20, 128 << 20  # bytes of the array that is copied

_LOOP = Template("""
define void @kernel(ptr %buffers, ptr %args, i64 %start, i64 %stop) {
entry:
  %out = load ptr, ptr %buffers
  %x = load $vector, ptr %out
  br label %unit
unit:
  %u = phi i64 [ %start, %entry ], [ %v, %done ]
  br label %loop
loop:
  %i = phi i64 [ 0, %unit ], [ %j, %loop ]
$chains
  %j = add i64 %i, 1
  %again = icmp ult i64 %j, $rounds
  br i1 %again, label %loop, label %done
done:
$sums
  %next = add i64 %u, 1
  %place = getelementptr $vector, ptr %out, i64 %next
  store $vector %s$last, ptr %place
  %v = add i64 %u, 1
  %more = icmp ult i64 %v, %stop
  br i1 %more, label %unit, label %end
end:
  ret void
}
""")


@dataclass(frozen=True)
class Roofline:
    """The most that a kernel can reach on a number of threads, as it was measured."""

    threads: int
    gflops: float  # float32; a multiply-add counts as two operations
    gbytes: float  # read and written, of memory; what lies in a cache may be faster

    def __str__(self) -> str:
        return f"{self.gflops:,.0f} GFLOP/s, {self.gbytes:,.1f} GB/s"

    def share(self, flops: int, nbytes: int, seconds: float) -> float:
        """Return the greater of the shares of both peaks that a kernel reaches."""
        reached = max(flops / self.gflops, nbytes / self.gbytes) * 1e-9
        return reached / seconds if seconds else 0.0


@cache
def roofline(threads: int) -> Roofline:
    """Measure the machine (about half a second, once in a process); the best repeat counts.

    >>> roofline(1).gflops > 1
    True
    """
    return Roofline(threads, _peak(threads), _bandwidth(threads))


def _peak(threads: int) -> float:
    lanes = host().vector_bytes // 4
    kind, units = f"<{lanes} x float>", _UNITS * threads
    result = aligned((units + 1, lanes), dtypes.float32.storage)
    code, declaration = _multiply_adds(kind, lanes)
    task = Task(code, [declaration], [(0, 0)], units)
    return 2 * units * _ROUNDS * _CHAINS * lanes / _best(task, [result], threads) * 1e-9


def _multiply_adds(vector: str, lanes: int) -> tuple[str, str]:
    name = f"@llvm.fmuladd.v{lanes}f32"
    chains = [
        line
        for n in range(_CHAINS)
        for line in (
            f"  %a{n} = phi {vector} [ %x, %unit ], [ %b{n}, %loop ]",
            f"  %b{n} = call {vector} {name}({vector} %a{n}, {vector} %x, {vector} %x)",
        )
    ]
    chains.sort(key=lambda line: " phi " not in line)  # these come first in a block
    sums = [f"  %s1 = fadd {vector} %b0, %b1"]
    sums += [f"  %s{n} = fadd {vector} %s{n - 1}, %b{n}" for n in range(2, _CHAINS)]
    code = _LOOP.substitute(
        vector=vector, rounds=_ROUNDS, last=_CHAINS - 1, chains="\n".join(chains),
        sums="\n".join(sums),
    )  # fmt: skip
    return code, f"declare {vector} {name}({vector}, {vector}, {vector})"


def _bandwidth(threads: int) -> float:
    nbytes = min(max(2 * host().l3_bytes, _SMALLEST), _LARGEST)
    size = nbytes // 4
    source, copy = (Buffer(name, dtypes.float32, size) for name in ("source", "copy"))
    along = Place(0, (1,))
    code = generate(Map((size,), [Store(copy, along, read(source, along))]), target())
    slots = {id(source): 0, id(copy): 1}
    arguments = [(slots[id(buffer)], offset) for buffer, offset in code.arguments]
    arrays = [aligned((size,), dtypes.float32.storage) for _ in slots]
    arrays[0][:] = 1.0  # pages that nobody wrote to are all the same one
    task = Task(code.text, code.declarations, arguments, code.units)
    return 2 * nbytes / _best(task, arrays, threads) * 1e-9


def _best(task: Task, arrays: list[Array], threads: int) -> float:
    """Return the seconds of the fastest of some runs; the first warms up."""
    executable = Executable([task], len(arrays), threads)
    executable.table[:] = [array.ctypes.data for array in arrays]
    seconds = []
    for _ in range(1 + _REPEATS):
        began = time.perf_counter()
        executable.run()
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])
