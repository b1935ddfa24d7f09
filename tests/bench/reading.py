"""How fast text becomes ids and pair counts: python tests/bench/reading.py reading|pairs TEXT.gz

What is compared runs in turn, in rounds. Seconds are medians of a clock on the wall; where other
jobs share the machine, the seconds of the processor (all threads together) say more.
"""

import argparse
import gzip
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from w2v_cli.pairs.cooccurrence import count_pairs
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.settings import CorpusSettings, folds_by_default
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.text.windows import keep_prob

LATIN = "abcdefghijklmnopqrstuvwxyz"
SCRIPTS = {
    "Cyrillic": dict(zip(LATIN, "абцдефгхийклмнопярстувшызж", strict=True)),
    "Greek": dict(zip(LATIN, "αβψδεφγηιξκλμνοπχρστθωςύάζ", strict=True)),
}
WORDS, WHITESPACE = "words", "whitespace"


def main() -> None:
    """Measure one of the two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["reading", "pairs"])
    parser.add_argument("text", type=Path, help="a gzipped text, one document a line")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.txt"
        with gzip.open(options.text) as packed, plain.open("wb") as file:
            shutil.copyfileobj(packed, file)
        if options.what == "reading":
            jobs = reading_jobs(options.text, plain, options.threads)
        else:
            jobs = pair_jobs(plain, options.threads)
        compare(jobs, options.rounds)


def reading_jobs(packed: Path, plain: Path, threads: int) -> dict[str, Callable[[], int]]:
    """Return what reads the text in each form, and gensim's scan of the same text tokenised."""
    text = plain.read_text()
    jobs = {
        "words": lambda: read(plain, WORDS, threads),
        "words, one thread": lambda: read(plain, WORDS, 1),
        "whitespace": lambda: read(plain, WHITESPACE, threads),
        "words from .gz": lambda: read(packed, WORDS, threads),
    }
    for name, letters in SCRIPTS.items():
        capitals = {low.upper(): letter.upper() for low, letter in letters.items()}
        path = plain.with_name(f"{name}.txt")
        path.write_text(text.translate(str.maketrans(letters | capitals)))
        jobs[f"words, {name}"] = lambda path=path: read(path, WORDS, threads)
    tokenised = plain.with_name("tokenised.txt")
    tokenised.write_text(
        "\n".join(" ".join(Tokenizer(WORDS, True)(line)) for line in text.split("\n"))
    )
    jobs["gensim, corpus_file"] = lambda: scan_with_gensim(tokenised, threads)
    return jobs


def read(path: Path, tokenizer: str, threads: int) -> int:
    """Read a text into a new folder; return its words."""
    with tempfile.TemporaryDirectory() as folder:
        return prepare_corpus(
            settings_of(path, tokenizer), Path(folder), n_threads=threads
        ).n_tokens


def settings_of(path: Path, tokenizer: str) -> CorpusSettings:
    """Return how the text of a file is read."""
    return CorpusSettings(
        paths=(str(path),), tokenizer=tokenizer, lowercase=folds_by_default(tokenizer)
    )


def scan_with_gensim(path: Path, threads: int) -> int:
    """Let gensim count the words of a text."""
    from gensim.models import Word2Vec

    model = Word2Vec(vector_size=1, min_count=5, workers=threads)
    model.build_vocab(corpus_file=str(path))
    return int(model.corpus_total_words)


def pair_jobs(plain: Path, threads: int) -> dict[str, Callable[[], int]]:
    """Return what counts the pairs, on one thread and on several."""
    folder = plain.with_name("corpus")
    folder.mkdir()
    prepare_corpus(settings_of(plain, WORDS), folder, n_threads=threads)
    corpus = open_corpus(folder)
    keep = keep_prob(corpus.vocabulary.counts, 1e-3)

    def count(n_threads: int) -> int:
        with tempfile.TemporaryDirectory() as out:
            count_pairs(corpus, keep, 5, folder=Path(out), n_threads=n_threads)
        return corpus.n_tokens

    return {f"pairs, {n} threads": lambda n=n: count(n) for n in sorted({1, threads})}


def compare(jobs: dict[str, Callable[[], int]], rounds: int) -> None:
    """Run the jobs in turn and print words per second."""
    for job in jobs.values():
        job()  # compiles, and fills the system's cache of files
    walls: dict[str, list[float]] = {name: [] for name in jobs}
    processors: dict[str, list[float]] = {name: [] for name in jobs}
    n_words = {}
    for _ in range(rounds):
        for name, job in jobs.items():
            wall, processor = time.perf_counter(), time.process_time()
            n_words[name] = job()
            walls[name].append(time.perf_counter() - wall)
            processors[name].append(time.process_time() - processor)
    print(f"{'':24} {'s':>7} {'M words/s':>10} {'core-s':>7} {'M words/core-s':>15}")
    for name, words in n_words.items():
        wall, processor = median(walls[name]), median(processors[name])
        print(
            f"{name:24} {wall:7.2f} {words / wall / 1e6:10.2f} {processor:7.2f}"
            f" {words / processor / 1e6:15.2f}"
        )


if __name__ == "__main__":
    main()
