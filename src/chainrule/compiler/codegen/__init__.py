"""Code generation: each kernel becomes the text of one LLVM function."""
