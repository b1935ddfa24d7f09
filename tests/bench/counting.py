"""Counting on threads and on Dask workers: speed and bytes.

    python tests/bench/counting.py TEXT [--times 9] [--rounds 3]

TEXT: plain or .gz, one document a line; it is written out `times` times over. Compares two threads
with two local workers, and prints bytes per word of all files of the tasks.
See also `counting_files.py` and `counting_kills.py`.
"""

import argparse
import gzip
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from w2v_cli.pairs.stages import CountPlan, count_into
from w2v_cli.pairs.tasks import PARTS
from w2v_cli.pairs.workers import Processes, Threads
from w2v_cli.text.settings import CorpusSettings


def written_out(source: Path, target: Path, times: int) -> Path:
    """Write the text `times` times over."""
    opener = gzip.open if source.suffix == ".gz" else open
    with opener(source, "rb") as file:
        text = file.read()
    with target.open("wb") as file:
        for _ in range(times):
            file.write(text)
    return target


def count(text: Path, out: Path, workers, shard_bytes: int | None = None, progress=None, anew=True):
    """Count and return (manifest, seconds, bytes of the parts at the end)."""
    if anew:
        shutil.rmtree(out, ignore_errors=True)
    plan = CountPlan(CorpusSettings(paths=(str(text),), lowercase=True), 5, 1e-3)
    size = [0]

    def watch(phase: str, done: int, total: int) -> None:
        if progress:
            progress(phase, done, total)
        size[0] = sum(path.stat().st_size for path in (out / PARTS).glob("*.safetensors"))

    start = time.perf_counter()
    manifest = count_into(out, plan, workers, watch, shard_bytes)
    return manifest, time.perf_counter() - start, size[0]


def content(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def speed(text: Path, folder: Path, rounds: int) -> None:
    """Compare two threads with two local workers, in turn."""
    seconds: dict[str, list[float]] = {"threads": [], "workers": []}
    for _ in range(rounds):
        for name, make in (("threads", lambda parts: Threads(2)), ("workers", local_workers)):
            start = time.perf_counter()
            manifest, taken, size = count(text, folder / name, make)
            seconds[name].append(taken)
            print(f"{name}: {taken:.1f} s ({time.perf_counter() - start:.1f} s with the end)")
    assert content(folder / "threads") == content(folder / "workers")
    n, ratio = manifest.n_tokens, median(seconds["threads"]) / median(seconds["workers"])
    print(f"{n / 1e6:.0f} M words: {n / 1e6 / median(seconds['threads']):.2f} M words/s on threads")
    print(f"workers have {ratio:.0%} of that speed; the bytes are equal")
    print(f"files of the tasks: {size / n:.1f} bytes a word, text {text.stat().st_size / n:.1f}")


def local_workers(parts: Path) -> Processes:
    """Start two processes, and say how long that takes."""
    start = time.perf_counter()
    cluster = Processes(2)
    print(f"two workers started in {time.perf_counter() - start:.1f} s")
    return cluster


def main() -> None:
    """See the docstring of this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = written_out(chosen.text, folder / "text.txt", chosen.times)
        speed(text, folder, chosen.rounds)


if __name__ == "__main__":
    sys.exit(main())
