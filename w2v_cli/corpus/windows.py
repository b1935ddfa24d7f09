"""Draw the windows of one unit of work for the NumPy engine."""

from dataclasses import dataclass

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.sampling import draw_radii, window_pairs

#: Random windows come from documents; longer ones are taken as several of this many tokens.
LONGEST_DOCUMENT = 1000


@dataclass(frozen=True)
class Windows:
    """W windows and their P pairs.

    centers: the centre word of each window, shape (W,).
    which, outsides: the window and the outside word of each pair, shape (P,), in window order.
    """

    centers: Array
    which: Array
    outsides: Array


def block_windows(
    corpus: EncodedCorpus,
    start: int,
    stop: int,
    keep: Array,
    radii: tuple[int, int],
    rng: np.random.Generator,
) -> Windows:
    """Return all windows of the tokens [start, stop) after subsampling, in shuffled order.

    radii: the smallest and the largest radius; each window's is drawn.
    """
    tokens = corpus.tokens[start:stop].astype(np.int64)
    kept = rng.random(len(tokens)) < keep[tokens]
    tokens = tokens[kept]
    document = corpus.document_of(start, stop)[kept]
    positions = rng.permutation(len(tokens))
    drawn = draw_radii(len(tokens), radii, rng)
    which, outsides = window_pairs(tokens, document, drawn, positions)
    return Windows(tokens[positions], which, outsides)


class RandomWindows:
    """Windows as CS224n draws them: a random document, a random word in it, a random radius."""

    def __init__(self, corpus: EncodedCorpus, keep: Array, radii: tuple[int, int]) -> None:
        ends = corpus.document_ends
        starts = np.concatenate([[0], ends[:-1]])
        cuts = [np.arange(a, b, LONGEST_DOCUMENT) for a, b in zip(starts, ends, strict=True)]
        self._starts = np.concatenate(cuts)
        self._lengths = np.diff(np.append(self._starts, len(corpus.tokens)))
        self._tokens = corpus.tokens
        self._keep = keep
        self._radii = radii

    def draw(self, n: int, rng: np.random.Generator) -> Windows:
        """Draw n windows with at least one pair each.

        A document is subsampled afresh each time it is drawn. Windows without a pair are drawn
        again; when the corpus has none at all, fewer windows come back.
        """
        parts: list[Windows] = []
        missing = n
        for _ in range(100):
            found = self._attempt(missing + missing // 4 + 8, missing, rng)
            parts.append(found)
            missing -= len(found.centers)
            if missing == 0:
                break
        return _joined(parts)

    def _attempt(self, n: int, wanted: int, rng: np.random.Generator) -> Windows:
        chosen = rng.integers(0, len(self._starts), size=n)
        lengths = self._lengths[chosen]
        firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        document = np.repeat(np.arange(n), lengths)
        place = np.arange(len(document)) + np.repeat(self._starts[chosen] - firsts, lengths)
        tokens = self._tokens[place].astype(np.int64)
        kept = rng.random(len(tokens)) < self._keep[tokens]
        tokens, document = tokens[kept], document[kept]
        lengths = np.bincount(document, minlength=n)
        firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        positions = firsts + (rng.random(n) * lengths).astype(np.int64)
        radii = draw_radii(n, self._radii, rng)
        useful = np.flatnonzero(lengths >= 2)[:wanted]
        which, outsides = window_pairs(tokens, document, radii[useful], positions[useful])
        return Windows(tokens[positions[useful]], which, outsides)


def _joined(parts: list[Windows]) -> Windows:
    shifts = np.cumsum([0] + [len(part.centers) for part in parts[:-1]])
    return Windows(
        np.concatenate([part.centers for part in parts]),
        np.concatenate([part.which + s for part, s in zip(parts, shifts, strict=True)]),
        np.concatenate([part.outsides for part in parts]),
    )
