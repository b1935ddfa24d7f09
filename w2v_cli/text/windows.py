"""Draw from an encoded corpus: windows, subsampling, noise words.

Pure NumPy. Randomness comes from a `generator`, keyed by its purpose.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.text.encoded import EncodedCorpus

#: Powers up to this of any count are finite.
_LARGE_POWER = 10.0


def generator(seed: int, epoch: int, block: int) -> np.random.Generator:
    """Counter-based generator (Philox 4x64) of one block: same key, same draws, in any order."""
    key = np.array([seed, (epoch << 40) | block], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def keep_prob(counts: NDArray[np.int64], threshold: float) -> NDArray[np.float64]:
    """Probability, shape (V,), that a token of each word survives subsampling.

    word2vec.c's rule with f the word's share of the corpus: min(1, sqrt(t/f) + t/f).
    A threshold of 0 keeps everything.
    """
    if threshold == 0:
        return np.ones(len(counts))
    share = counts / counts.sum()
    ratio = threshold / share
    return np.asarray(np.minimum(1.0, np.sqrt(ratio) + ratio))


def noise_distribution(counts: NDArray[np.int64], power: float) -> NDArray[np.float64]:
    """P(w) ∝ count(w)^power, shape (V,) (Mikolov et al. 2013b, section 2.2)."""
    weights = np.asarray(counts, dtype=np.float64)
    if power > _LARGE_POWER:
        weights /= weights.max()  # else the powers of large counts overflow
    weights = weights**power
    return np.asarray(weights / weights.sum())


def alias_table(p: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Vose's alias table of a distribution p, shape (V,): draw i uniformly, u in [0, 1);
    the word is i if u < threshold[i], else alias[i].
    """
    n = len(p)
    scaled = p * n
    threshold = np.ones(n)
    alias = np.arange(n, dtype=np.int32)
    small = [i for i in range(n) if scaled[i] < 1.0]
    large = [i for i in range(n) if scaled[i] >= 1.0]
    scaled = scaled.tolist()
    while small and large:
        low, high = small.pop(), large.pop()
        threshold[low] = scaled[low]
        alias[low] = high
        scaled[high] -= 1.0 - scaled[low]
        (small if scaled[high] < 1.0 else large).append(high)
    return threshold, alias


def draw_noise(
    table: tuple[NDArray[np.float64], NDArray[np.int32]],
    shape: tuple[int, ...],
    rng: np.random.Generator,
) -> NDArray[np.int32]:
    """Draw word ids of the given shape from an alias table."""
    threshold, alias = table
    place = rng.integers(0, len(alias), size=shape, dtype=np.int32)
    return np.where(rng.random(shape) < threshold[place], place, alias[place])


def draw_radii(n: int, radii: tuple[int, int], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a radius, uniform from radii[0] to radii[1], for each of n centre tokens."""
    return rng.integers(radii[0], radii[1] + 1, size=n)


def window_pairs(
    tokens: NDArray[np.integer],
    document: NDArray[np.integer],
    radii: NDArray[np.integer],
    centers: NDArray[np.integer],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List all (window, outside word) pairs of the windows round the positions `centers`.

    tokens, document: shape (n,), the word ids and the document each one stands in.
    radii: shape (len(centers),). A window ends at its document's edge.
    Returns (which, outside): the index into `centers` and the outside word id of each pair,
    ordered by window.
    """
    reach = int(radii.max()) if len(radii) else 0
    offsets = np.concatenate([np.arange(-reach, 0), np.arange(1, reach + 1)])
    place = centers[:, None] + offsets[None, :]
    inside = (place >= 0) & (place < len(tokens)) & (np.abs(offsets)[None, :] <= radii[:, None])
    place = np.where(inside, place, 0)
    inside &= document[place] == document[centers][:, None]
    which, column = np.nonzero(inside)
    return which, tokens[place[which, column]].astype(np.int64)


# The windows of one unit of work.


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
