"""The language of Corral: every shape that crosses a wire is declared here once. No I/O, no dependencies."""
