"""From a graph to machine code: programs of kernels in index notation, passes, code generation."""
