"""Which tokens are kept, how far a window reaches, which words serve as noise.

Pure NumPy. Randomness comes in as a generator made by `generator`, which is keyed by what it is
for; nothing here has state.
"""

import numpy as np
from numpy.typing import NDArray


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


#: Powers up to this of any count are finite.
_LARGE_POWER = 10.0


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
