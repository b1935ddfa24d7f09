"""w2v: train word vectors from the command line, with the mathematics proved."""

__version__ = "0.1.0"
