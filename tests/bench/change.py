"""`w2v change` on reviews: power where words were swapped, calibration where nothing was.

    python tests/bench/change.py swaps REVIEWS        five pairs of words swapped in one half
    python tests/bench/change.py nulls REVIEWS        halves at random, nothing swapped
    python tests/bench/change.py power REVIEWS        a third of a word's uses replaced
    python tests/bench/change.py rarer REVIEWS        words that one half uses a fifth as often

--draws N (10) says how often, --shares 9,1 or 1,1,1 what slices nothing moves between (`nulls`).
REVIEWS: a text with one document a line; the first 10,000 are used. Each draw prints a line; the
last line has the means. On two idle threads a draw takes about ten seconds.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from w2v_cli.meaning.slices import Labels
from w2v_cli.meaning.study import Listener, Question, measure
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.text.tokenizers import Tokenizer

N_DOCUMENTS = 10_000
LEAST, MOST = 100, 5000


def measured(lines, slices, names, folder, **settings):
    """Measure change of meaning between slices of some lines."""
    path = Path(folder) / "text.txt"
    path.write_text("\n".join(lines) + "\n")
    chosen = resolve(Config(engine="spectral", paths=(str(path),), **settings))
    labels = Labels(tuple(names), np.asarray(slices, np.int64))
    return measure(chosen, labels, Question(), Listener())


def halves(rng, shares):
    """Return a random slice for each document, in these shares."""
    n = (np.array(shares) / sum(shares) * N_DOCUMENTS).astype(int)
    slices = np.repeat(np.arange(len(shares)), n)
    return rng.permutation(np.append(slices, np.zeros(N_DOCUMENTS - len(slices), int)))


def replaced(line, swap, rng=None, share=1.0):
    """Replace a share of the words of `swap` by others."""
    return " ".join(
        swap[word] if word in swap and (rng is None or rng.random() < share) else word
        for word in line.split()
    )


def frequent(lines):
    """Return the words of LEAST to MOST tokens."""
    words, counts = np.unique(" ".join(lines).split(), return_counts=True)
    return words[(counts >= LEAST) & (counts <= MOST)], dict(zip(words, counts, strict=True))


def swaps(lines, draws, shares):
    """Five pairs of words change places in the last slice."""
    del shares
    words, _ = frequent(lines)
    shares_flagged, medians = [], []
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        chosen = rng.choice(words, 10, replace=False).tolist()
        swap = dict(zip(chosen, chosen[5:] + chosen[:5], strict=True))
        slices = halves(rng, (1, 1))
        texts = [replaced(x, swap) if s else x for x, s in zip(lines, slices, strict=True)]
        with tempfile.TemporaryDirectory() as folder:
            found = measured(texts, slices, "ab", folder)
        tested = found.tested_words
        ranks = {word: rank for rank, word in enumerate((tested[i] for i in found.order), 1)}
        of_swapped = [ranks.get(word, len(tested)) for word in chosen]
        flagged = sum(word in found.flagged for word in chosen)
        shares_flagged.append(flagged / 10)
        medians.append(np.median(of_swapped))
        others = [word for word in found.flagged if word not in chosen]
        print(draw, "flagged", flagged, "ranks", sorted(of_swapped), "others", others, flush=True)
    print(f"flagged {np.mean(shares_flagged):.1%}, median rank {np.mean(medians):.1f}")


def nulls(lines, draws, shares):
    """Nothing is swapped."""
    rows = []
    for draw in range(draws):
        slices = halves(np.random.default_rng(1000 + draw), shares)
        with tempfile.TemporaryDirectory() as folder:
            found = measured(lines, slices, [str(i) for i in range(len(shares))], folder)
        p, n = found.verdict.p, len(found.places)
        by_frequency = [(p[i : i + n // 3] <= 0.05).mean() for i in (0, n // 3, 2 * (n // 3))]
        rows.append([(p <= 0.05).mean(), (p <= 0.001).mean(), *by_frequency, len(found.flagged)])
        print(draw, *(f"{x:.4f}" for x in rows[-1]), found.flagged, flush=True)
    mean = np.mean(rows, axis=0)
    print(
        f"p <= 0.05: {mean[0]:.2%} (frequent {mean[2]:.2%}, middle {mean[3]:.2%}, rare"
        f" {mean[4]:.2%}); p <= 0.001: {mean[1]:.3%}; draws with a flagged word:"
        f" {sum(row[-1] > 0 for row in rows)} of {draws}"
    )


def power(lines, draws, shares):
    """In one half, a third of a word's uses become another word of like frequency, and back."""
    del shares
    words, counts = frequent(lines)
    edges = [100, 200, 400, 800, 1600, 5000]
    hits = {i: [] for i in range(len(edges) - 1)}
    for draw in range(draws):
        rng = np.random.default_rng(2000 + draw)
        chosen = {}
        for i in hits:
            fitting = [w for w in words if edges[i] <= counts[w] < edges[i + 1]]
            a, b, c, d = rng.choice(fitting, 4, replace=False).tolist()
            chosen |= {a: (b, i), b: (a, i), c: (d, i), d: (c, i)}
        swap = {word: other for word, (other, _) in chosen.items()}
        slices = halves(rng, (1, 1))
        texts = [
            replaced(x, swap, rng, 1 / 3) if s else x for x, s in zip(lines, slices, strict=True)
        ]
        with tempfile.TemporaryDirectory() as folder:
            found = measured(texts, slices, "ab", folder)
        for word, (_, i) in chosen.items():
            hits[i].append(word in found.flagged)
        print(draw, {edges[i]: np.mean(hits[i]).round(2) for i in hits}, flush=True)
    for i, found in hits.items():
        print(f"{edges[i]} to {edges[i + 1]} tokens: {np.mean(found):.0%} of {len(found)} flagged")


def rarer(lines, draws, shares):
    """One half loses four of five documents' uses of some words: their meaning stays."""
    del shares
    words, _ = frequent(lines)
    low, flagged = [], []
    for draw in range(draws):
        rng = np.random.default_rng(3000 + draw)
        chosen = rng.choice(words, 20, replace=False).tolist()
        swap = dict.fromkeys(chosen, "")
        slices = halves(rng, (1, 1))
        texts = []
        for line, s in zip(lines, slices, strict=True):
            dropped = {w: "" for w in swap if s and rng.random() < 0.8}
            texts.append(replaced(line, dropped))
        with tempfile.TemporaryDirectory() as folder:
            found = measured(texts, slices, "ab", folder)
        p = dict(zip(found.tested_words, found.verdict.p.tolist(), strict=True))
        low += [p[w] <= 0.05 for w in chosen if w in p]
        flagged += [w for w in found.flagged if w in chosen]
        print(
            draw,
            f"p <= 0.05 for {np.mean(low):.2%} of the rarer words; flagged",
            flagged,
            flush=True,
        )


def main():
    """Run the measurement that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    kinds = {"swaps": swaps, "nulls": nulls, "power": power, "rarer": rarer}
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("reviews", type=Path)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--shares", default="1,1")
    options = parser.parse_args()
    tokenizer = Tokenizer("words", True)
    texts = options.reviews.read_text(encoding="utf-8").split("\n")[:N_DOCUMENTS]
    lines = [" ".join(tokenizer(text)) for text in texts]
    began = time.time()
    kinds[options.kind](lines, options.draws, [float(x) for x in options.shares.split(",")])
    print(f"{time.time() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
