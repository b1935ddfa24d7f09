"""What learning rate suits a training that starts from vectors? For docs/moving.md.

python tests/bench/continuing.py REVIEWS.txt.gz SET... [--engine exact]

Trains on the reviews without those of one subject (martial arts, vampires, zombies, ...), goes on
with the reviews of that subject, and prints for several learning rates: the scores before and
after, how far known words moved, and how well new words were learned. For that the nearest ten
known words of each new word are compared with those of a training on all reviews at once.
"""

import argparse
import gzip
import re
import tempfile
from pathlib import Path

import numpy as np

import w2v_cli
from w2v_cli.vectors.scores.scoring import score_maker

SUBJECT = re.compile(
    r"\b(anime|manga|samurai|ninja|kung|karate|martial|vampires?|zombies?|werewol\w+)\b", re.I
)
SHARES = (0.125, 0.25, 0.5, 1.0, 2.0)


def split(reviews: Path, folder: Path) -> tuple[Path, Path]:
    """Write the reviews of the subject and all others to two files."""
    others, subject = folder / "others.txt", folder / "subject.txt"
    with gzip.open(reviews, "rt") as lines, others.open("w") as a, subject.open("w") as b:
        for line in lines:
            (b if SUBJECT.search(line) else a).write(line)
    return others, subject


def near(vectors: w2v_cli.WordVectors, words: list[str], known: set[str]) -> list[set[str]]:
    """Return the ten nearest known words of each word."""
    answers = vectors.neighbors_of(words, 200)
    return [{n.word for n in [n for n in near if n.word in known][:10]} for near in answers]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("reviews", type=Path)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--engine", default="sampled")
    parser.add_argument("--epochs", type=int, help="of the text that comes later")
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    others, subject = split(given.reviews, folder)
    chosen = {"engine": given.engine, "min_count": given.min_count}
    score = score_maker(tuple(given.sets))
    assert score is not None

    def show(name: str, run: w2v_cli.Run, learned: float | None = None) -> None:
        vectors = run.vectors
        scores = score(vectors.words, vectors.matrix)
        cosine = run.metrics[-1].get("start_cosine")
        cells = [f"{100 * value:6.1f}" for value in scores.values() if value is not None]
        cells += [f"{value:6.3f}" for value in (cosine, learned) if value is not None]
        print(f"{name:24}", *cells, flush=True)

    base = w2v_cli.train(paths=others, out=folder / "base", **chosen)
    whole = w2v_cli.train(paths=[others, subject], out=folder / "whole", **chosen)
    known = set(base.vectors.words) & set(whole.vectors.words)
    usual = base.settings.training.lr
    show("before", base)
    show("all at once", whole)
    for freeze, shares in (("none", given.shares), ("known", (0.5, 1.0, 2.0))):
        for share in shares:
            name = f"{freeze}-{share}"
            run = w2v_cli.train(
                paths=subject, out=folder / name, start_from=base, lr=usual * share,
                freeze=freeze, min_count=given.min_count, epochs=given.epochs,
            )  # fmt: skip
            new = [w for w in run.vectors.words if w not in known and w in whole.vectors]
            pairs = zip(near(run.vectors, new, known), near(whole.vectors, new, known), strict=True)
            learned = float(np.mean([len(a & b) / 10 for a, b in pairs]))
            show(f"{freeze}, lr × {share} ({len(new)} new)", run, learned)


if __name__ == "__main__":
    main()
