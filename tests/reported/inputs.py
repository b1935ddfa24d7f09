"""Small inputs that several modules of reported cases share, and a way to start the command."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np

VECTORS = "4 2\nking 1 0\nqueen 0.9 0.1\nman 0 1\nwoman 0.1 0.9\n"
WORDS = ["king", "queen", "man", "woman"]
MATRIX = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], np.float32)
PAIRS = "king queen 9.1\nman woman 8.3\nking woman 2.0\n"
TEXT = "the king and the queen\nthe man and the woman\ntea with milk for the king\n" * 10

#: A training that takes no time: plain NumPy, one pass.
QUICK = (
    "--dim 4 --epochs 1 --min-count 1 --subsample-threshold 0 --engine reference --lr 0.01".split()
)
SETTINGS = {
    "dim": 4, "epochs": 1, "min_count": 1, "subsample_threshold": 0, "engine": "reference",
    "lr": 0.01,
}  # fmt: skip


def start(*arguments, seconds=60, **options):
    """Run the command in a process of its own; return what it left, text decoded."""
    command = [sys.executable, "-m", "w2v_cli", *map(str, arguments)]
    options = {"capture_output": True, "timeout": seconds, "errors": "replace"} | options
    return subprocess.run(command, check=False, **options)


def environment(**changes):
    """Return the environment with changes; None removes a name."""
    names = os.environ | changes
    return {name: value for name, value in names.items() if value is not None}


def in_pipe(data: bytes) -> str:
    """Return the name of a pipe that holds the data, as a shell's <(…) does."""
    reader, writer = os.pipe()
    threading.Thread(target=_feed, args=(writer, data), daemon=True).start()
    return f"/dev/fd/{reader}"


def _feed(writer: int, data: bytes) -> None:
    with os.fdopen(writer, "wb") as file:
        file.write(data)


def in_fifo(path: Path, data: bytes) -> Path:
    """Make a named pipe that gives the data once, to the first reader."""
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=(data,), daemon=True).start()
    return path


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def with_words(words, path) -> Path:
    """Write vectors of these words as .npz, which holds every word."""
    from w2v_cli import WordVectors

    matrix = np.random.default_rng(1).standard_normal((len(words), 3)).astype(np.float32)
    WordVectors(list(words), matrix, np.arange(len(words), 0, -1)).save(path)
    return path


def at_spaces(text: str) -> list[str]:
    """Cut at spaces alone: a tokenizer of a user's own."""
    return text.strip().split(" ")
