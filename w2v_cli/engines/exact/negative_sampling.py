"""Negative sampling without sampling, over tiles of scores: one pass, since nothing is normalised.

In expectation over the noise, a pair (c, o) has every other word w as a negative K·P(w) times. So
the loss of all pairs depends on their counts X and n_c = Σ_w X[c, w] alone:

    J = Σ_c Σ_w  X[c, w] · (−log σ(s))  +  K·P(w) · (n_c − X[c, w]) · (−log σ(−s)),

where n_c − X[c, w] counts the pairs whose own outside word is not w: a negative that is the pair's
outside word is left out. With ∂(−log σ(s))/∂s = σ(s) − 1 and ∂(−log σ(−s))/∂s = σ(s),

    ∂J/∂s = K·P(w) · n_c · σ(s)  −  X[c, w] · (1 − (1 − K·P(w)) · σ(s)).

The first term is dense and needs nothing but the score; the second changes a tile only where X has
an entry. The loss likewise, with L = −log σ(−s) = log(1 + exp s) and −log σ(s) = L − s:

    J = Σ K·P(w) · n_c · L  +  X[c, w] · ((1 − K·P(w)) · L − s).

The score is s = u·v + b_w. Where the vectors are zero, the best constant is about
b_w = log(P_data(w) / (K·P(w))): then σ(s) is the chance that a word is data and not noise (Gutmann
and Hyvärinen 2010). From there vectors learn what a *centre* changes; without it they first have
to learn how frequent words are, which takes many epochs and bends them.
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact import negative_sampling_kernels as kernels
from w2v_cli.engines.exact.naive_softmax import NEVER, log_prior
from w2v_cli.engines.exact.offer import ExactSettings
from w2v_cli.engines.exact.tiles import Counts, Step, Team, Tiles
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.text.windows import noise_distribution

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
