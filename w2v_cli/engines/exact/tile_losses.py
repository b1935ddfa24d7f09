"""Naive softmax over tiles of scores: two passes, since every row has a normaliser.

J = Σ_c ( n_c · log Σ_w exp s(c, w) − Σ_w X[c, w] · s(c, w) ),  s = u·v + log P(w), the prior;
∂J/∂s = n_c ŷ(c, w) − X[c, w].
"""

import itertools

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact import exact_kernels as kernels
from w2v_cli.engines.exact.cpu import Counts, Step, Team, Tiles
from w2v_cli.engines.exact.offer import ExactSettings
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.text.windows import noise_distribution

#: The log of a prior of zero: far enough down that exp gives 0, and finite.
NEVER = -1e30


def log_prior(n_pairs: Array, prior: str) -> Array:
    """What is added to every score, (V,): log P(o), P the word's share of all pairs, or zero.

    A word that is in no pair has the probability zero; its vectors stay as they are.
    """
    if prior == "none":
        return np.zeros(len(n_pairs))
    total = max(float(n_pairs.sum()), 1e-300)
    return np.log(n_pairs / total, out=np.full(len(n_pairs), NEVER), where=n_pairs > 0)


def softmax_offset(settings: EngineSettings, counts: Counts) -> Array:
    """What is added to every score, (V,), in the precision of the counts."""
    prior = log_prior(counts.n_pairs, settings.own_as(ExactSettings).prior)
    return np.asarray(prior.astype(counts.weights.dtype))


class NaiveSoftmaxTiles:
    """Exponentials of all tiles, then the normalisers, then the gradients tile by tile.

    The scores of a step are kept, one (B, T) array for each tile. What is known of the tiles'
    rows is (n_tiles, B), see `naive_softmax_kernels`.
    """

    def __init__(self, settings: EngineSettings, counts: Counts, tiles: Tiles) -> None:
        self._counts, self._tiles = counts, tiles
        self.offset = softmax_offset(settings, counts)
        self._offset_sums = counts.sum_rows(self.offset.astype(np.float64))
        widths = [b - a for a, b in itertools.pairwise(tiles.edges)]
        self._scores = [np.empty((tiles.batch, width), tiles.dtype) for width in widths]
        shape = (tiles.n, tiles.batch)
        self._largest, self._sums, self._score_sums = np.empty((3, *shape), tiles.dtype)
        self._share, self._factor, self._ratio = np.empty((3, *shape), tiles.dtype)
        self._scaled_loss = 0.0

    def train(self, step: Step, team: Team) -> None:
        """See `TileLoss.train`."""
        B, counts, n_tiles = len(step.centers), self._counts, self._tiles.n
        scores = [tile[:B] for tile in self._scores]
        largest, sums, score_sums = self._largest[:, :B], self._sums[:, :B], self._score_sums[:, :B]
        share, factor, ratio = self._share[:, :B], self._factor[:, :B], self._ratio[:, :B]

        def exponentiate(t: int, worker: int) -> None:
            first, last = step.range_of(t)
            step.score(t, scores[t])
            exponentials(scores[t], self.offset[first:last], largest[t], sums[t], score_sums[t])

        def descend(i: int, worker: int) -> None:
            t = n_tiles - 1 - i  # the last scores are in the cache still
            kernels.subtract_counts(
                scores[t],
                counts.row_start,
                counts.columns,
                counts.weights,
                step.centers,
                step.range_of(t)[0],
                share[t],
                ratio[t],
            )
            step.descend(t, worker, scores[t], factor[t])

        team.run(exponentiate, n_tiles)
        n_pairs = counts.scale * counts.n_pairs[step.centers]
        self._scaled_loss = kernels.combine(
            largest, sums, score_sums, n_pairs, share, factor, ratio
        )
        team.run(descend, n_tiles)

    def loss(self, step: Step, grad_center: Array) -> float:
        """See `TileLoss.loss`."""
        scaled = self._scaled_loss + float((step.vectors.astype(np.float64) * grad_center).sum())
        return float(scaled / self._counts.scale - self._offset_sums[step.centers].sum())


def exponentials(
    scores: Array, prior: Array, largest: Array, sums: Array, score_sums: Array
) -> None:
    """Turn scores u·v, (B, T), into e = exp(u·v + prior − m).

    Filled, (B,): largest, m; sums, Σ e; score_sums, Σ e · (u·v).
    """
    if scores.dtype == np.float32:
        kernels.exponentials(scores, prior, largest, sums, score_sums)
        return
    shifted = scores + prior
    largest[:] = shifted.max(axis=1)
    e = np.exp(shifted - largest[:, None])
    sums[:] = e.sum(axis=1)
    score_sums[:] = (e * scores).sum(axis=1)
    scores[:] = e


# Negative sampling without sampling, over tiles of scores: one pass, since nothing is normalised.
#
# In expectation over the noise, a pair (c, o) has every other word w as a negative K·P(w) times. So
# the loss of all pairs depends on their counts X and n_c = Σ_w X[c, w] alone:
#
#     J = Σ_c Σ_w  X[c, w] · (−log σ(s))  +  K·P(w) · (n_c − X[c, w]) · (−log σ(−s)),
#
# where n_c − X[c, w] counts the pairs whose own outside word is not w: a negative that is the
# pair's outside word is left out. With ∂(−log σ(s))/∂s = σ(s) − 1 and ∂(−log σ(−s))/∂s = σ(s),
#
#     ∂J/∂s = K·P(w) · n_c · σ(s)  −  X[c, w] · (1 − (1 − K·P(w)) · σ(s)).
#
# The first term is dense and needs nothing but the score; the second changes a tile only where X
# has an entry. The loss likewise, with L = −log σ(−s) = log(1 + exp s) and −log σ(s) = L − s:
#
#     J = Σ K·P(w) · n_c · L  +  X[c, w] · ((1 − K·P(w)) · L − s).
#
# The score is s = u·v + b_w. Where the vectors are zero, the best constant is about b_w =
# log(P_data(w) / (K·P(w))): then σ(s) is the chance that a word is data and not noise (Gutmann and
# Hyvärinen 2010). From there vectors learn what a *centre* changes; without it they first have to
# learn how frequent words are, which takes many epochs and bends them.


#: Noise rarer than this counts as this: its logarithm and its inverse stay finite in float32.
_RAREST = 1e-30


def expected_noise(word_counts: Array, objective: NegativeSampling) -> Array:
    """K·P(w): how often each word is expected as a negative of one pair, (V,)."""
    noise = objective.n_negatives * noise_distribution(word_counts, objective.noise_power)
    return np.maximum(noise, _RAREST)


def sampling_offset(settings: EngineSettings, counts: Counts) -> tuple[Array, Array]:
    """Return b and K·P, (V,) each, in the precision of the counts.

    A word that is in no pair is never noise either.
    """
    kind, dtype = settings.own_as(ExactSettings).prior, counts.weights.dtype
    noise = expected_noise(counts.word_counts, settings.objective_as(NegativeSampling))
    prior = log_prior(counts.n_pairs, kind)
    is_never = prior == NEVER
    if kind != "none":
        prior = np.where(is_never, NEVER, prior - np.log(noise))
    return prior.astype(dtype), np.where(is_never, 0.0, noise).astype(dtype)


class NegativeSamplingTiles:
    """Turns scores into ∂J/∂scores, each tile at once; a thread has one tile in its cache."""

    def __init__(self, settings: EngineSettings, counts: Counts, tiles: Tiles) -> None:
        self._counts = counts
        self.offset, self._noise = sampling_offset(settings, counts)
        self._scores = np.empty((tiles.n_threads, tiles.batch * tiles.widest), tiles.dtype)
        self._losses = np.zeros(tiles.n)

    def train(self, step: Step, team: Team) -> None:
        """See `TileLoss.train`."""
        counts = self._counts
        n_pairs = counts.scale * counts.n_pairs[step.centers]

        def descend(t: int, worker: int) -> None:
            first, last = step.range_of(t)
            shape = len(step.centers), last - first
            tile = self._scores[worker, : shape[0] * shape[1]].reshape(shape)
            step.score(t, tile)
            self._losses[t] = score_errors(
                tile,
                self.offset[first:last],
                self._noise[first:last],
                n_pairs,
                counts.row_start,
                counts.columns,
                counts.weights,
                step.centers,
                first,
            )
            step.descend(t, worker, tile)

        team.run(descend, step.tiles.n)

    def loss(self, step: Step, grad_center: Array) -> float:
        """See `TileLoss.loss`."""
        return float(self._losses.sum() / self._counts.scale)


def score_errors(
    tile: Array,
    offset: Array,
    noise: Array,
    n_pairs: Array,
    row_start: Array,
    columns: Array,
    weights: Array,
    centers: Array,
    first: int,
) -> float:
    """Turn u·v, (B, T), into ∂J/∂s; return J.

    offset: b, (T,). noise: K·P, (T,). n_pairs: n_c, (B,). row_start, columns, weights: X by rows.
    The tile's columns are the words from `first` on; its rows are the words `centers`.
    """
    if tile.dtype == np.float32:
        loss: float = kernels.score_errors(
            tile, offset, noise, n_pairs, row_start, columns, weights, centers, first
        )
        return loss
    total = 0.0
    for row, n, center in zip(tile, n_pairs, centers, strict=True):
        score = row + offset
        below = np.logaddexp(0.0, score)  # −log σ(−s)
        row[:] = noise * n * np.exp(score - below)
        entries = slice(*row_start[center : center + 2])
        start, stop = np.searchsorted(columns[entries], (first, first + len(row)))
        entries = slice(entries.start + start, entries.start + stop)
        x, w = weights[entries], columns[entries].astype(np.int64) - first
        total += n * (noise * below).sum() + (x * ((1 - noise[w]) * below[w] - score[w])).sum()
        row[w] -= x * (1 - (1 - noise[w]) * np.exp(score[w] - below[w]))
    return float(total)
