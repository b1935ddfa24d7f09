"""Naive softmax over tiles of scores: two passes, since every row has a normaliser.

J = Σ_c ( n_c · log Σ_w exp s(c, w) − Σ_w X[c, w] · s(c, w) ),  s = u·v + log P(w), the prior;
∂J/∂s = n_c ŷ(c, w) − X[c, w].
"""

import itertools

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact import naive_softmax_kernels as kernels
from w2v_cli.engines.exact.offer import ExactSettings
from w2v_cli.engines.exact.tiles import Counts, Step, Team, Tiles
from w2v_cli.engines.settings import EngineSettings

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
