"""Code for other processors: it assembles, uses their registers, and is right where it runs."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import llvmlite.binding as llvm
import numpy as np
import pytest
from tests.compiler.codegen import elements, native
from tests.compiler.codegen.contractions import matmul, operands, result, sums

from chainrule import dtypes
from chainrule.compiler.codegen.elementary import ELEMENTARY
from chainrule.compiler.codegen.generate import generate
from chainrule.compiler.codegen.target import Target
from chainrule.compiler.ir import Contract, Kernel, parse_program

llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()

X86, ARM = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
TARGETS = {
    "SSE2": Target(X86, "x86-64", "", 16, 16),
    "AVX2": Target(X86, "haswell", "+avx2,+fma,+sse4.1,+f16c", 32, 16),
    "AVX-512": Target(X86, "skylake-avx512", "+avx512f,+avx512vl,+avx512bw,+avx512dq,+avx2,+fma,"
                      "+sse4.1,+f16c,+evex512", 64, 32),
    "NEON": Target(ARM, "cortex-a72", "+neon", 16, 32),
}  # fmt: skip
MULTIPLIES = {
    "SSE2": r"\bmulps\s.*%xmm", "AVX2": r"\bvfmadd\w+ps\s.*%ymm",
    "AVX-512": r"\bvfmadd\w+ps\s.*%zmm",
    "NEON": r"\bfmla\s+v\d+\.4s",
}  # fmt: skip
KERNELS = """
input x: float32[4096]
input d: float64[4096]
input h: bfloat16[4096]
input n: int64[4096]
state s: float32[4096]
output y: float32[4096]
output z: float64[4096]
output g: bfloat16[4096]
map i0<63, i1<65
    y[65*i0 + i1] = add(exp(x[65*i0 + i1]), tanh(x[i0 + 63*i1]))
map i0<4095
    z[i0] = mul(d[i0], d[i0 + 1])
map i0<4095
    g[i0] = add(h[i0], x[i0 - 1 | 0 <= i0 - 1 < 4000])
map i0<4095
    y[i0] = x[0; 1*n[i0]]
reduce i0<61 | k0<67
    acc0 = sum(mul(x[67*i0 + k0], x[67*i0 + k0]))
    acc1 = argmax(x[67*i0 + k0])
    y[i0] = add(acc0, float32(acc1))
fill 1.5
    i0<4096: y[i0]
scatter i0<64 | k0<64
    s[64*i0; 1*n[k0]] += x[k0]
""".replace("add(h[i0], ", "add(h[i0], bfloat16(").replace("< 4000])", "< 4000]))")


@cache
def machine(name: str) -> llvm.TargetMachine:
    target = TARGETS[name]
    found = llvm.Target.from_triple(target.triple)
    return found.create_target_machine(cpu=target.cpu, features=target.features, opt=2)


def assembly(kernel: Kernel, name: str) -> str:
    code = generate(kernel, TARGETS[name])
    module = llvm.parse_assembly("\n".join([*code.declarations, code.text]))
    module.triple = TARGETS[name].triple
    module.verify()
    assert machine(name).emit_object(module)
    return str(machine(name).emit_assembly(module))


def product(dtype: dtypes.DType = dtypes.float32) -> Contract:
    return matmul(96, 256, 128, dtype=dtype)


@pytest.mark.parametrize("name", TARGETS)
def test_kernels_of_every_kind_assemble(name: str) -> None:
    for kernel in parse_program(KERNELS.strip()).kernels:
        assert "kernel" in assembly(kernel, name)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("function", ELEMENTARY)
def test_functions_assemble(name: str, function: str) -> None:
    kernel = parse_program(
        "input x: float32[99]\noutput y: float32[99]\nmap i0<99\n    y[i0] = "
        + (f"{function}(x[i0], x[0])" if function in ("pow", "atan2") else f"{function}(x[i0])")
    ).kernels[0]
    assert "kernel" in assembly(kernel, name)


@pytest.mark.parametrize("name", TARGETS)
def test_products_multiply_in_the_widest_registers(name: str) -> None:
    assert len(re.findall(MULTIPLIES[name], assembly(product(), name))) >= 8


@pytest.mark.parametrize("name", ["AVX2", "AVX-512"])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 96])
def test_sums_of_products_stay_in_registers(rows: int, name: str) -> None:
    """Between two multiplications of the innermost loop no vector goes to the stack."""
    lines = assembly(matmul(rows, 256, 128), name).splitlines()
    at = [k for k, line in enumerate(lines) if "vfmadd" in line]
    spilled = [
        line for line in lines[at[0] : at[-1]] if re.search(r"%[yz]mm\d+, -?\d*\(%r[sb]p\)", line)
    ]
    assert spilled == []


@pytest.mark.parametrize("target", [elements.AVX2, elements.SSE2], ids=["AVX2", "SSE2"])
@pytest.mark.skipif(not llvm.get_host_cpu_features().get("avx2"), reason="needs AVX2")
def test_narrower_processors_compute_the_same(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = replace(target, registers=16)
    monkeypatch.setattr(native, "HOST", narrow)
    for kernel in (matmul(17, 37, 19), matmul(9, 20, 7, tb=True, dtype=dtypes.bfloat16)):
        arrays = operands(kernel)
        native.run(generate(kernel, narrow), arrays)
        found = result(kernel, kernel.stores[0], arrays)
        np.testing.assert_array_equal(found, sums(kernel, arrays))


@pytest.mark.parametrize("target", [elements.AVX2, elements.SSE2], ids=["AVX2", "SSE2"])
@pytest.mark.skipif(not llvm.get_host_cpu_features().get("avx2"), reason="needs AVX2")
@pytest.mark.parametrize("function", [f for f in ELEMENTARY if f not in ("pow", "atan2")])
def test_functions_on_narrower_processors(function: str, target: Target) -> None:
    x = np.linspace(-3, 3, 1001, dtype=np.float32)
    found, wide = (elements.evaluate(function, x, target=t) for t in (target, elements.HOST))
    np.testing.assert_allclose(found, wide, rtol=1e-6, atol=1e-7)
