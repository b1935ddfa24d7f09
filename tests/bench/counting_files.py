"""Files of the tasks of `w2v count`: their sizes against a model, and the time to merge.

    python tests/bench/counting_files.py model TEXT [--shards 4 16 64]
    python tests/bench/counting_files.py merges TEXT [--shards 4 8 16 32 64 128] [--mb 0.5]
    python tests/bench/counting_files.py plan

TEXT: plain, one document a line. `model` cuts the same text into so many shards. `merges` takes so
many shards of --mb MB each from the front of the text (repeated where it is too short), counts and
times the merges alone, in seconds of the processor. `plan` prints what the model says for large
texts, from the figures of film reviews below: arithmetic, not a measurement.

The model on paper, for a text of n words with vocabulary V, cut into s shards:

    words of a shard    d(n/s) · R            d(n) = k n^b distinct words (Heaps), R bytes a record:
                                              16 and its letters, filled up to a multiple of 8
    pairs of a shard    e(n/s) · 12 + 16 V    e(n) = K n^B pairs of words, each once: a column (4),
                                              a weight (8); row starts and occurrences (8 V each)
    a merge             the same for 8 times the words; levels until one file is left
    the whole matrix    2 e(n) · 12 + 16 V: the counts, which no task writes

k, b, K, B are fitted to the files of single shards alone (the smallest and the largest cut) by the
script; all merged files are then predicted. What moves between tasks is the pickled task and its
answer, which are measured, too.
"""

import argparse
import math
import pickle
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from counting import count

from w2v_cli.pairs.stages import FAN_IN
from w2v_cli.pairs.workers import Threads

HEAD = 16
#: What `model` printed for film reviews: bytes of text a word, k and b of the files.
REVIEWS = {"bytes": 5.64, "words": (550, 0.546), "pairs": (629, 0.768)}


class Recorder(Threads):
    """Runs jobs one after the other and keeps what they were and wrote."""

    def __init__(self) -> None:
        super().__init__(1)
        self.done: list[tuple[str, int, dict, float]] = []
        self.moved = 0

    def run(self, jobs):
        """See `Workers.run`."""
        for place, job in enumerate(jobs):
            start = time.process_time()
            part = job.run()
            taken = time.process_time() - start
            self.done.append((job.task.__name__, part.n_bytes, dict(part.figures), taken))
            self.moved += len(pickle.dumps(job)) + len(pickle.dumps(part))
            yield place, part

    def bytes_of(self, task: str) -> list[int]:
        """Sizes of the files of a task."""
        return [size for name, size, _, _ in self.done if name == task]

    def seconds_of(self, *tasks: str) -> float:
        """Seconds of the processor that some tasks took."""
        return sum(taken for name, _, _, taken in self.done if name in tasks)


def counted(text: Path, folder: Path, n_bytes: int) -> tuple[Recorder, object, int]:
    """Count with shards of so many bytes; return what was done, the manifest and V."""
    recorder = Recorder()
    manifest, _, _ = count(text, folder / "counts", lambda parts: recorder, n_bytes)
    n_words = len((folder / "counts" / "vocab.tsv").read_text("utf-8").splitlines())
    return recorder, manifest, n_words


def levels(n_shards: int) -> list[int]:
    """Return how many shards are in each merged file, for all levels."""
    sizes, found = [1] * n_shards, []
    while len(sizes) > 1:
        groups = [sizes[i : i + FAN_IN] for i in range(0, len(sizes), FAN_IN)]
        found += [sum(group) for group in groups if len(group) > 1]
        sizes = [sum(group) for group in groups]
    return found


def fit(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return k, b of y = k n^b through the first and the last point."""
    (n1, y1), (n2, y2) = points[0], points[-1]
    b = math.log(y2 / y1) / math.log(n2 / n1)
    return y1 / n1**b, b


def model(text: Path, folder: Path, shards: list[int]) -> None:
    """Print sizes against the model."""
    size = text.stat().st_size
    runs = {s: counted(text, folder, -(-size // s)) for s in sorted(shards)}
    n = next(iter(runs.values()))[1].n_tokens
    found = {s: run[0] for s, run in runs.items()}
    n_words = next(iter(runs.values()))[2]
    lots = [(n / s, s) for s in sorted(found, reverse=True)]
    words = fit([(m, float(np.mean(found[s].bytes_of("count_words")))) for m, s in lots])
    fixed = HEAD * n_words
    pairs = fit([(m, float(np.mean(found[s].bytes_of("count_pairs"))) - fixed) for m, s in lots])
    print(f"{n:,} words, V {n_words:,}; words files {words[0]:.3g} n^{words[1]:.3f} bytes, "
          f"pairs {pairs[0]:.3g} n^{pairs[1]:.3f} + 16 V")  # fmt: skip

    def of_words(m: float) -> float:
        return words[0] * m ** words[1]

    def of_pairs(m: float) -> float:
        return pairs[0] * m ** pairs[1] + fixed

    print("| shards | file | files | model, bytes a word | measured | measured / model |")
    print("| --- | --- | --- | --- | --- | --- |")
    for s, recorder in found.items():
        merged = [n / s * k for k in levels(s)]
        rows = {
            "count_words": [of_words(n / s)] * s,
            "merge_words": [of_words(m) for m in merged],
            "count_pairs": [of_pairs(n / s)] * s,
            "merge_pairs": [of_pairs(m) for m in merged],
        }
        total, whole = 0.0, 0
        for task, sizes in rows.items():
            real = recorder.bytes_of(task)
            assert len(real) == len(sizes), (task, len(real), len(sizes))
            total, whole = total + sum(sizes), whole + sum(real)
            print(f"| {s} | {task.replace('_', ' ')} | {len(real)} | {sum(sizes) / n:.2f} | "
                  f"{sum(real) / n:.2f} | {sum(real) / sum(sizes):.2f} |")  # fmt: skip
        print(f"| {s} | **all** | | {total / n:.2f} | {whole / n:.2f} | {whole / total:.2f} |")
        print(f"  moved between machines: {recorder.moved / len(recorder.done):.0f} bytes a task,"
              f" {recorder.moved / n:.6f} a word", flush=True)  # fmt: skip


def merges(text: Path, folder: Path, shards: list[int], mb: float) -> None:
    """Print how long merging takes for several numbers of shards of the same size."""
    n_bytes, some = int(mb * 1e6), folder / "some.txt"
    data, points = text.read_bytes(), []
    print("| shards | words | merging, CPU s | of it words | per shard, ms | ÷ (s ln s), ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    for s in shards:
        repeated = data * (s * n_bytes // len(data) + 1)
        some.write_bytes(repeated[: s * n_bytes])
        recorder, manifest, _ = counted(some, folder, n_bytes)
        of_words = recorder.seconds_of("merge_words")
        taken = of_words + recorder.seconds_of("merge_pairs")
        points.append((s, taken))
        each = 1e3 * taken / s
        print(f"| {s} | {manifest.n_tokens:,} | {taken:.2f} | {of_words:.2f} | {each:.0f}"
              f" | {each / math.log(s):.0f} |", flush=True)  # fmt: skip
    exponent = np.polyfit(np.log([s for s, _ in points]), np.log([t for _, t in points]), 1)[0]
    print(f"fitted: time ~ shards^{exponent:.2f}")


def plan() -> None:
    """Print what counts of large texts would take on disk."""
    print("| words | V | shards | words, GB | pairs of shards, GB | merges, GB | whole, GB | all |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for n in (1e9, 1e10, 1e12):
        size = n * REVIEWS["bytes"]
        s = math.ceil(size / min(1 << 30, max(1 << 26, size / 256)))
        k, b = REVIEWS["words"]
        words = sum(k * (n / s * m) ** b for m in [*[1] * s, *levels(s)])
        for n_words in (1e5, 1e6):

            def of_pairs(m: float, most: float = 6 * n_words**2, fixed: float = HEAD * n_words):
                k, b = REVIEWS["pairs"]
                return min(k * m**b, most) + fixed  # no more than all pairs

            each, merged = s * of_pairs(n / s), sum(of_pairs(n / s * m) for m in levels(s))
            whole = 2 * of_pairs(n)
            total = words + each + merged + whole
            figures = " | ".join(f"{x / 1e9:,.3g}" for x in (words, each, merged, whole))
            print(f"| {n:.0e} | {n_words:.0e} | {s:,} | {figures} | {total / n:.1f} bytes a word |")


def main() -> None:
    """See the docstring of this file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["model", "merges", "plan"])
    parser.add_argument("text", type=Path, nargs="?")
    parser.add_argument("--shards", type=int, nargs="+")
    parser.add_argument("--mb", type=float, default=0.5)
    chosen = parser.parse_args()
    if chosen.what == "plan":
        plan()
        return
    with tempfile.TemporaryDirectory() as name:
        if chosen.what == "model":
            model(chosen.text, Path(name), chosen.shards or [4, 16, 64])
        else:
            shards = chosen.shards or [4, 8, 16, 32, 64, 128]
            merges(chosen.text, Path(name), shards, chosen.mb)


if __name__ == "__main__":
    sys.exit(main())
