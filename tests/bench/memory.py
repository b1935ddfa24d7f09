"""How much memory reading takes, counting pairs, and factorising them (docs/scale.md).

python tests/bench/memory.py make FILE --gb 10 --words 5e6      a synthetic corpus
python tests/bench/memory.py read TEXT --memory 2               read a file or folder: peak memory
python tests/bench/memory.py pairs TEXT --memory 2              read it and count its pairs
python tests/bench/memory.py count TEXT --memory 2              the same as `w2v count` does
python tests/bench/memory.py curve FOLDER --memory 2            several numbers of distinct words
python tests/bench/memory.py make-counts FOLDER --words 2e5 --pairs 3e8    synthetic counts
python tests/bench/memory.py spectral FOLDER --memory 2         vectors from counts: peak memory

Words follow Zipf's law over the given number of distinct ones, so that with 10 GB each of 5 million
occurs. Peak memory is that of the whole process, the interpreter and all libraries included, less
what it takes before it reads (its libraries); both are printed. Of `spectral`, memory of its own
is printed apart from pages of mapped files, which the system takes back when it needs them.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

BLOCK_WORDS = 1 << 22
LINE_WORDS = 20
MIB = 2**20


def make(path: Path, n_bytes: float, n_words: int) -> None:
    """Write a corpus of about so many bytes and distinct words."""
    rng = np.random.default_rng(1)
    words = np.array([_word(i) for i in range(n_words)], dtype=object)
    chances = 1 / (np.arange(n_words) + 2.7)
    steps = np.cumsum(chances / chances.sum())
    done = 0
    with path.open("wb") as file:
        while done < n_bytes:
            ids = np.searchsorted(steps, rng.random(BLOCK_WORDS))
            tokens = words[np.minimum(ids, n_words - 1)].tolist()
            lines = [
                " ".join(tokens[i : i + LINE_WORDS]) for i in range(0, len(tokens), LINE_WORDS)
            ]
            done += file.write(("\n".join(lines) + "\n").encode())


def _word(i: int) -> str:
    """Return a word of letters for a number: longer for rare words."""
    letters = ""
    while True:
        i, letter = divmod(i, 26)
        letters += "etaoinshrdlcumwfgypbvkjxqz"[letter]
        if i == 0:
            return letters + "en" * (len(letters) > 3)
        i -= 1


def measure(what: str, path: Path, memory: float, n_threads: int, min_count: int) -> dict:
    """Do it in this process, and say what it took."""
    from w2v_cli.settings.config import Config
    from w2v_cli.settings.resolve import resolve
    from w2v_cli.text.prepare import prepare_corpus

    with tempfile.TemporaryDirectory() as warm:  # compiles, and makes the table of characters
        small = Path(warm) / "small.txt"
        small.write_text("a b a b\n" * 9)
        for name, little in (("one", 2.0), ("two", 1e-9)):
            (Path(warm) / name).mkdir()
            chosen = Config(paths=(str(small),), min_count=1, memory=little)
            prepare_corpus(resolve(chosen).corpus, Path(warm) / name)
            if what != "read":
                {"pairs": pairs, "count": count}[what](
                    resolve(chosen).corpus, Path(warm) / name, lambda *figures: None, 1
                )
    before = _resident()
    phases: dict[str, float] = {}

    def progress(phase: str, *figures: object) -> None:
        phases[phase] = max(phases.get(phase, 0.0), _resident())

    began, cpu = time.perf_counter(), time.process_time()
    settings = resolve(Config(paths=(str(path),), memory=memory, min_count=min_count))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        do = {"read": read, "pairs": pairs, "count": count}[what]
        found = do(settings.corpus, Path(folder), progress, n_threads)
    return {
        "bytes": sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file()),
        **found,
        "memory_mib": memory * 1024,
        "before_mib": round(before),
        "peak_mib": round(_peak()),
        "phases_mib": {name: round(value) for name, value in phases.items()},
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }


def read(settings, folder: Path, progress, n_threads: int) -> dict:
    """Prepare a corpus."""
    from w2v_cli.text.prepare import prepare_corpus

    found = prepare_corpus(settings, folder, progress, n_threads=n_threads)
    return {"tokens": found.n_tokens, "distinct": found.n_distinct, "vocabulary": found.n_words}


def pairs(settings, folder: Path, progress, n_threads: int) -> dict:
    """Prepare a corpus and count its pairs, as a training with the exact engine does."""
    from w2v_cli.pairs.cooccurrence import count_pairs
    from w2v_cli.text.prepare import open_corpus
    from w2v_cli.text.windows import keep_prob

    found = read(settings, folder, progress, n_threads)
    corpus = open_corpus(folder)
    keep = keep_prob(corpus.vocabulary.counts, 1e-3)
    counted = count_pairs(
        corpus,
        keep,
        5,
        folder=folder,
        memory=settings.memory,
        n_threads=n_threads,
        progress=progress,
    )
    return {**found, "entries": len(counted.columns)}


def count(settings, folder: Path, progress, n_threads: int) -> dict:
    """Count a corpus into a folder, as `w2v count` does."""
    from w2v_cli.pairs.stages import CountPlan, count_into
    from w2v_cli.pairs.workers import Threads

    plan = CountPlan(settings, 5, 1e-3)
    found = count_into(folder / "counts", plan, lambda parts: Threads(n_threads), progress)
    return {"tokens": found.n_tokens, "entries": found.n_entries}


def make_counts(folder: Path, n_words: int, n_pairs: int) -> None:
    """Write a COUNTS folder with about so many pairs; words of a topic stand together more often.

    A word's chance is its rank to the power -1/2, so that few pairs occur twice. Each run of random
    pairs is written both ways round, and the runs are merged as those of a text are.
    """
    from w2v_cli.pairs.counts_folder import FORMAT, Manifest, TextCounts, write_counts
    from w2v_cli.pairs.matrix import Runs, merge
    from w2v_cli.text.vocabulary import vocabulary_from_pairs

    rng, n_topics, at_once = np.random.default_rng(1), 200, 10_000_000
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        runs = Runs(Path(scratch), n_words)
        for _ in range(0, n_pairs // 2, at_once):
            a, b = (rng.random((2, at_once)) ** 2 * n_words).astype(np.int64)
            near = rng.random(at_once) < 0.7
            b[near] = np.minimum(b[near] - b[near] % n_topics + a[near] % n_topics, n_words - 1)
            for rows, others in ((a, b), (b, a)):
                keys, counts = np.unique(rows * n_words + others, return_counts=True)
                start = np.searchsorted(keys, np.arange(n_words + 1) * n_words)
                runs.write(start, (keys % n_words).astype(np.uint32), counts * (1 << 20))
        runs.close()
        pairs = merge(runs.matrices(), Path(scratch), 2**30, n_threads=2)
        occurrences = (pairs.row_sums() / (1 << 20)).astype(np.int64)
        words = ((f"w{i}", n_words - i) for i in range(n_words))
        about = Manifest(
            format=FORMAT, made_with={}, given_vocabulary=True, n_tokens=int(occurrences.sum()),
            n_kept=0, n_documents=1, n_invalid=0, fraction_bits=20,
        )  # fmt: skip
        write_counts(folder, about, vocabulary_from_pairs(words), TextCounts(pairs, occurrences))
    print(f"{len(pairs.columns):,} pairs of {n_words:,} words", flush=True)


def spectral(folder: Path, memory: float, n_threads: int) -> None:
    """Train spectral vectors from counts in another process, and watch its memory."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        command = [sys.executable, "-m", "w2v_cli", "train", str(folder), "--engine", "spectral"]
        command += ["--memory", str(memory), "--n-threads", str(n_threads), "--out", place + "/run"]
        began, most = time.perf_counter(), dict.fromkeys(("RssAnon", "RssFile", "VmHWM"), 0)
        process = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2])
        while process.poll() is None:
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                    name = line.partition(":")[0]
                    if name in most:
                        most[name] = max(most[name], int(line.split()[1]))
            time.sleep(0.2)
        found = {f"{name}_mib": kib // 1024 for name, kib in most.items()}
        seconds = round(time.perf_counter() - began, 1)
        print(json.dumps({"rc": process.returncode, "seconds": seconds, **found}), flush=True)


def _resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def curve(folder: Path, memory: float, n_threads: int, min_count: int) -> None:
    """Measure corpora of 10,000 to 10 million distinct words, 200 bytes for each."""
    for n_words in (10_000, 100_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000):
        path = folder / f"zipf-{n_words}.txt"
        make(path, 200.0 * n_words, n_words)
        command = [sys.executable, __file__, "read", str(path), "--memory", str(memory)]
        command += ["--threads", str(n_threads), "--min-count", str(min_count)]
        subprocess.run(command, check=True)
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[
        "make", "read", "pairs", "count", "curve", "make-counts", "spectral",
    ])  # fmt: skip
    parser.add_argument("path", type=Path)
    parser.add_argument("--gb", type=float, default=1.0)
    parser.add_argument("--words", type=float, default=1e6)
    parser.add_argument("--pairs", type=float, default=3e8)
    parser.add_argument("--memory", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--min-count", type=int, default=5)
    args = parser.parse_args()
    if args.what == "make":
        make(args.path, args.gb * 1e9, int(args.words))
    elif args.what == "make-counts":
        make_counts(args.path, int(args.words), int(args.pairs))
    elif args.what == "spectral":
        spectral(args.path, args.memory, args.threads)
    elif args.what == "curve":
        curve(args.path, args.memory, args.threads, args.min_count)
    else:
        found = measure(args.what, args.path, args.memory, args.threads, args.min_count)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
