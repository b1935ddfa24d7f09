"""Vectors in use, against gensim on the same machine: `python tests/bench/vectors.py`.

Neighbour queries and loading at 400,000 × 300; 19,544 analogy questions on 42,000 × 100.
The two tools take turns; each figure is the median of the rounds. Needs gensim; minutes.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from gensim.models import KeyedVectors

from w2v_cli.engines.base import Embeddings
from w2v_cli.vectors.run_vectors import write_run_vectors
from w2v_cli.vectors.scores.datasets import AnalogyData, read_dataset
from w2v_cli.vectors.scores.scoring import score_analogies
from w2v_cli.vectors.word_vectors import WordVectors, load

ROUNDS = 5
GENSIM_QUERIES = 50  # of 1,000; the loop's time grows with their number


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(
    name: str, ours: Callable[[], object], theirs: Callable[[], object], scale: float = 1
) -> None:
    """Time both in turn, after one round to warm up; print medians and their ratio."""
    times = [(seconds(ours), seconds(theirs) * scale) for _ in range(ROUNDS + 1)][1:]
    mine, other = (median(column) for column in zip(*times, strict=True))
    print(f"{name:46} {mine:8.3f} s  gensim {other:8.3f} s  {other / mine:6.1f} ×", flush=True)


def random_vectors(n_words: int, dim: int) -> WordVectors:
    """Make vectors of words of a usual length."""
    matrix = np.random.default_rng(0).standard_normal((n_words, dim), dtype=np.float32)
    return WordVectors([f"word{i:06d}" for i in range(n_words)], matrix)


def bench_loading(folder: Path) -> None:
    """Loading word2vec's binary format, and our own, memory-mapped."""
    vectors = random_vectors(400_000, 300)
    vectors.save(folder / "v.bin")
    counts = np.ones(len(vectors), dtype=np.int64)
    embeddings = Embeddings(vectors.matrix, vectors.matrix)
    write_run_vectors(folder / "vectors.safetensors", vectors.words, counts, embeddings)

    def theirs() -> object:
        return KeyedVectors.load_word2vec_format(str(folder / "v.bin"), binary=True)

    compare("load 400,000 × 300, word2vec binary", lambda: load(folder / "v.bin"), theirs)
    compare("load 400,000 × 300 twice, a run, checksummed", lambda: load(folder), theirs)


def bench_neighbors() -> None:
    """1,000 neighbour queries: one call of ours, a loop of gensim's most_similar."""
    vectors = random_vectors(400_000, 300)
    keyed = vectors.to_gensim()
    words = vectors.words[::400]
    keyed.most_similar(words[0])  # both with their norms ready
    vectors.neighbors(words[0])
    compare(
        "1,000 neighbour queries on 400,000 × 300",
        lambda: vectors.neighbors_of(words, 10),
        lambda: [keyed.most_similar(word, topn=10) for word in words[:GENSIM_QUERIES]],
        scale=len(words) / GENSIM_QUERIES,
    )


def bench_analogies(folder: Path) -> None:
    """19,544 questions over about 900 words: those of word2vec where they are at hand."""
    vectors = random_vectors(42_000, 100)
    path = Path(__file__).parents[3] / "shared" / "eval" / "questions-words.txt"
    if path.exists():
        data = read_dataset(path)
        assert isinstance(data, AnalogyData)
        used = sorted({w.lower() for part in data.sections.values() for q in part for w in q})
        vectors = WordVectors([*used, *vectors.words[len(used) :]], vectors.matrix)
    else:
        path = folder / "questions.txt"
        draws = np.random.default_rng(1).integers(0, 900, (19_544, 4))
        rows = (" ".join(vectors.words[i] for i in question) for question in draws)
        path.write_text(": all\n" + "\n".join(rows) + "\n")
        data = read_dataset(path)
        assert isinstance(data, AnalogyData)
    keyed = vectors.to_gensim()
    compare(
        "19,544 analogy questions on 42,000 × 100",
        lambda: score_analogies(vectors, data),
        lambda: keyed.evaluate_word_analogies(str(path), restrict_vocab=len(keyed)),
    )


def main() -> None:
    """Run what is named (loading, neighbors, analogies), or all."""
    chosen = sys.argv[1:] or ["loading", "neighbors", "analogies"]
    print(f"{len(os.sched_getaffinity(0))} cores, numpy {np.__version__}")
    with tempfile.TemporaryDirectory() as name:
        if "loading" in chosen:
            bench_loading(Path(name))
        if "neighbors" in chosen:
            bench_neighbors()
        if "analogies" in chosen:
            bench_analogies(Path(name))


if __name__ == "__main__":
    main()
