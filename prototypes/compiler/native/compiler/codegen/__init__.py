"""Kernels to LLVM IR: text in its final form, vectors written out."""
