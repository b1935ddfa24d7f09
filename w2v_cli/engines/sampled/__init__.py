"""Negative sampling by drawing: compiled skip-gram, every step of it in kernels."""
