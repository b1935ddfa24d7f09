"""A step on the CPU: tiles of scores that stay in a cache, and what each loss does with them.

The scores of a batch of centre words against all V outside words are cut into *tiles*, each of all
B centres and T outside words, (B, T). Threads take tiles in any order. For each tile a thread
computes a matrix product, the pass of the loss that turns scores into G = ∂J/∂s, and the two
products of the gradients,

    ∂J/∂v_c = Σ_w G[c, w] u_w,    ∂J/∂u_w = Σ_c G[c, w] v_c.
"""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.engines.exact import exact_kernels as kernels
from w2v_cli.engines.exact.optimizers import Matrix
from w2v_cli.engines.exact.problem import Problem
from w2v_cli.pairs.matrix import PairCounts

#: Scores in a tile: at most 0.5 MB of float32, so that they stay in a second-level cache of 1 MB
#: and a step over 12,000 words still has a dozen tiles for threads to take.
TILE_SCORES = 2**17


class Tiles:
    """How a step is cut into tiles, and its buffers.

    edges: tile t has the outside words edges[t] to edges[t + 1] − 1; the edges depend only on V and
    the batch. n: number of tiles. batch: the largest number of centre words, B.
    grad_center: ∂J/∂v_c by tile, (n, B, D).
    """

    def __init__(self, n_words: int, batch: int, dim: int, n_threads: int, dtype: Any) -> None:
        n = -(-n_words * batch // TILE_SCORES)
        n = min(n_words, -(-n // 4) * 4)  # equal shares for 2 and 4 threads
        self.n, self.batch, self.n_threads, self.dtype = n, batch, n_threads, dtype
        self.edges = [n_words * t // n for t in range(n + 1)]
        self.widest = -(-n_words // n)
        self.grad_center = np.empty((n, batch, dim), dtype)
        self._scaled = np.empty((n_threads, batch, dim), dtype)
        self._grad_outside = np.empty((n_threads, self.widest, dim), dtype)

    def scratch(self, worker: int, batch: int, width: int) -> tuple[Array, Array]:
        """Return a thread's own (batch, D) and (width, D) buffers."""
        return self._scaled[worker, :batch], self._grad_outside[worker, :width]


@dataclass(frozen=True)
class Step:
    """One step: the products of its centre words with any tile.

    centers: ids, (B,). vectors: v_c before the step, (B, D). n_pairs: n_c, scaled, float64, (B,).
    number: counts steps from 1.
    """

    centers: Array
    vectors: Array
    n_pairs: Array
    lr: float
    number: int
    tiles: Tiles
    outside: Matrix

    def range_of(self, t: int) -> tuple[int, int]:
        """Return the first outside word of tile t, and the first after it."""
        first, last = self.tiles.edges[t : t + 2]
        return first, last

    def score(self, t: int, out: Array) -> None:
        """Write the scores u·v of tile t, (B, T)."""
        first, last = self.range_of(t)
        np.matmul(self.vectors, self.outside.parameters[first:last].T, out=out)

    def descend(self, t: int, worker: int, errors: Array, factor: Array | None = None) -> None:
        """Take ∂J/∂scores of tile t, (B, T): store ∂J/∂v_c and move the outside vectors.

        factor: each row of `errors` must still be multiplied by it, (B,).
        """
        first, last = self.range_of(t)
        grad_center = self.tiles.grad_center[t, : len(self.centers)]
        scaled, grad_outside = self.tiles.scratch(worker, len(self.centers), last - first)
        np.matmul(errors, self.outside.parameters[first:last], out=grad_center)
        vectors = self.vectors
        if factor is not None:
            grad_center *= factor[:, None]
            vectors = np.multiply(vectors, factor[:, None], out=scaled)
        np.matmul(errors.T, vectors, out=grad_outside)
        self.outside.step(slice(first, last), grad_outside, self.lr, self.number)

    def grad_center(self) -> Array:
        """Return ∂J/∂v_c of all tiles together, (B, D)."""
        total: Array = self.tiles.grad_center[:, : len(self.centers)].sum(axis=0)
        return total


class TileLoss(Protocol):
    """What one loss does with tiles of scores."""

    def train(self, step: Step, team: "Team") -> None:
        """Turn each tile of scores into ∂J/∂scores and have the step descend along it."""
        ...

    def loss(self, step: Step, grad_center: Array) -> float:
        """Return the loss of the last step, at the parameters before it."""
        ...


class Team:
    """Runs a task for every tile on some threads, the calling one among them."""

    def __init__(self, n_threads: int) -> None:
        self._helpers = range(1, n_threads)
        self._pool = ThreadPoolExecutor(n_threads - 1) if n_threads > 1 else None

    def run(self, task: Callable[[int, int], None], n: int) -> None:
        """Call task(t, worker) for t in 0..n-1, each once; a worker is in one call at a time."""
        numbers = itertools.count()

        def work(worker: int) -> None:
            with np.errstate(over="ignore", invalid="ignore"):  # the loss shows it
                while (t := next(numbers)) < n:
                    task(t, worker)

        waiting = [self._pool.submit(work, i) for i in self._helpers] if self._pool else []
        try:
            work(0)
        finally:
            for future in waiting:
                future.result()

    def close(self) -> None:
        """Release the threads."""
        if self._pool:
            self._pool.shutdown()


# Naive softmax: two passes, since every row has a normaliser.
#
#     J = Σ_c ( n_c · log Σ_w exp s(c, w) − Σ_w X[c, w] · s(c, w) ),  s = u·v + b;
#     ∂J/∂s = n_c ŷ(c, w) − X[c, w].
#
# That is `equations.naive_softmax`, δ = ŷ − y, added up over the X[c, w] pairs of each c and w.


class NaiveSoftmaxTiles:
    """Exponentials of all tiles, then the normalisers, then the gradients tile by tile.

    The scores of a step are kept, one (B, T) array for each tile. The figures of the tiles' rows
    are (n_tiles, B), see `exact_kernels.combine`.
    """

    def __init__(self, problem: Problem, tiles: Tiles) -> None:
        self._problem, self._tiles = problem, tiles
        self._offset_sums = problem.pairs.row_sums(problem.offset.astype(np.float64))
        widths = [b - a for a, b in itertools.pairwise(tiles.edges)]
        self._scores = [np.empty((tiles.batch, width), tiles.dtype) for width in widths]
        shape = (tiles.n, tiles.batch)
        self._largest, self._sums, self._score_sums = np.empty((3, *shape), tiles.dtype)
        self._share, self._factor, self._ratio = np.empty((3, *shape), tiles.dtype)
        self._scaled_loss = 0.0

    def train(self, step: Step, team: Team) -> None:
        """See `TileLoss.train`."""
        B, n_tiles = len(step.centers), self._tiles.n
        X, offset = self._problem.X, self._problem.offset
        scores = [tile[:B] for tile in self._scores]
        largest, sums, score_sums = self._largest[:, :B], self._sums[:, :B], self._score_sums[:, :B]
        share, factor, ratio = self._share[:, :B], self._factor[:, :B], self._ratio[:, :B]

        def exponentiate(t: int, worker: int) -> None:
            first, last = step.range_of(t)
            step.score(t, scores[t])
            exponentials(scores[t], offset[first:last], largest[t], sums[t], score_sums[t])

        def descend(i: int, worker: int) -> None:
            t = n_tiles - 1 - i  # the last scores are still in the cache
            first, _ = step.range_of(t)
            kernels.subtract_counts(
                scores[t],
                X.row_start,
                X.columns,
                X.weights,
                step.centers,
                first,
                share[t],
                ratio[t],
            )
            step.descend(t, worker, scores[t], factor[t])

        team.run(exponentiate, n_tiles)
        self._scaled_loss = kernels.combine(
            largest, sums, score_sums, step.n_pairs, share, factor, ratio
        )
        team.run(descend, n_tiles)

    def loss(self, step: Step, grad_center: Array) -> float:
        """See `TileLoss.loss`: Σ X u·v follows from v · ∂J/∂v, without a pass over X."""
        scaled = self._scaled_loss + float((step.vectors.astype(np.float64) * grad_center).sum())
        return float(scaled / self._problem.scale - self._offset_sums[step.centers].sum())


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


# Negative sampling without sampling: one pass, since nothing is normalised.
#
# In expectation over the noise, a pair (c, o) has every other word w as a negative K·P(w) times. So
# the loss of all pairs depends on their counts X and n_c = Σ_w X[c, w] alone:
#
#     J = Σ_c Σ_w  X[c, w] · (−log σ(s))  +  K·P(w) · (n_c − X[c, w]) · (−log σ(−s)),
#
# where n_c − X[c, w] counts the pairs whose own outside word is not w: a negative that is the
# pair's outside word is left out. That is `equations.negative_sampling_counted`. With
# ∂(−log σ(s))/∂s = σ(s) − 1 and ∂(−log σ(−s))/∂s = σ(s),
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
# Hyvärinen 2010). From there, vectors learn what a *centre* changes. Without b they first have to
# learn how frequent words are, which takes many epochs and distorts them.


class NegativeSamplingTiles:
    """Turns scores into ∂J/∂scores, one tile at a time; each thread has a tile in its cache."""

    def __init__(self, problem: Problem, tiles: Tiles) -> None:
        self._problem = problem
        self._scores = np.empty((tiles.n_threads, tiles.batch * tiles.widest), tiles.dtype)
        self._losses = np.zeros(tiles.n)

    def train(self, step: Step, team: Team) -> None:
        """See `TileLoss.train`."""
        problem = self._problem

        def descend(t: int, worker: int) -> None:
            first, last = step.range_of(t)
            shape = len(step.centers), last - first
            tile = self._scores[worker, : shape[0] * shape[1]].reshape(shape)
            step.score(t, tile)
            self._losses[t] = score_errors(
                tile,
                problem.offset[first:last],
                problem.noise[first:last],
                step.n_pairs,
                problem.X,
                step.centers,
                first,
            )
            step.descend(t, worker, tile)

        team.run(descend, step.tiles.n)

    def loss(self, step: Step, grad_center: Array) -> float:
        """See `TileLoss.loss`."""
        return float(self._losses.sum() / self._problem.scale)


def score_errors(
    tile: Array,
    offset: Array,
    noise: Array,
    n_pairs: Array,
    X: PairCounts,
    centers: Array,
    first: int,
) -> float:
    """Turn u·v, (B, T), into ∂J/∂s; return J.

    offset: b, (T,). noise: K·P, (T,). n_pairs: n_c, (B,). X: times the same factor as n_pairs.
    The tile's columns are the words from `first` on; its rows are the words `centers`.
    """
    if tile.dtype == np.float32:
        loss: float = kernels.score_errors(
            tile, offset, noise, n_pairs, X.row_start, X.columns, X.weights, centers, first
        )
        return loss
    total = 0.0
    for row, n, center in zip(tile, n_pairs, centers, strict=True):
        score = row + offset
        below = np.logaddexp(0.0, score)  # −log σ(−s)
        row[:] = noise * n * np.exp(score - below)  # K·P n σ(s), as log σ(s) = s − L
        entries = slice(*X.row_start[center : center + 2])
        start, stop = np.searchsorted(X.columns[entries], (first, first + len(row)))
        entries = slice(entries.start + start, entries.start + stop)
        x, w = X.weights[entries], X.columns[entries].astype(np.int64) - first
        total += n * (noise * below).sum() + (x * ((1 - noise[w]) * below[w] - score[w])).sum()
        row[w] -= x * (1 - (1 - noise[w]) * np.exp(score[w] - below[w]))
    return float(total)
