"""What chance gives: random deals of each word's bundles, and more for words that look moved."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.equations.change_of_meaning import adjusted, p_value
from w2v_cli.meaning import meaning_kernels as kernels
from w2v_cli.meaning.deals import Sums
from w2v_cli.text.plan import Progress
from w2v_cli.text.threads import ordered_map
from w2v_cli.text.windows import generator

#: Words are flagged at this share of false ones among them.
FALSE_SHARE = 0.05
#: Deals of every word.
N_DEALS = 2000
#: A word goes on to more deals while fewer than this many score at most what it scored.
FEW = 20
#: Each stage has so many times the deals of the one before.
_GROWTH = 8
#: The last stage has so many times the deals that one flagged word needs.
_SPARE = 2
#: Deals drawn at once.
_BLOCK = 2000
#: Words of a task for a thread, at least; tasks for each thread, if there are as many words.
_LEAST_WORDS, _TASKS = 8, 4
#: Words whose bundles are as many, rounded up to a multiple of this, share their deals.
_ALIKE = 16
#: Rounding of float32 is no difference: scores so close to the real one count as low as it.
_ROUNDING = 1e-5
#: Key of random draws, apart from those of training and of `deals`.
_KEY = 1 << 21


def enough_deals(n_words: int) -> float:
    """Return how many deals must exist, so that one of n words can be flagged."""
    return n_words / FALSE_SHARE


def stages(n_words: int) -> list[int]:
    """Return how many deals the words of each stage have had at its end.

    They go as far as the correction needs: with m deals no p is below 1 / (1 + m), and the lowest
    of n words is flagged at n p ≤ 5 %.
    """
    found = [N_DEALS]
    most = math.ceil(_SPARE * enough_deals(n_words))
    while found[-1] < most:
        found.append(min(found[-1] * _GROWTH, most))
    return found


@dataclass
class Verdict:
    """How T words compare with chance.

    cosine: the score of the slices as they are, (T,). mean, spread: of the first deals, (T,). p:
    of each word alone; adjusted: for all of them. n_deals: of each word. pairs: for each two
    slices, in the order (0, 1), (0, 2), …: cosine, mean and spread of the first deals, (T, pairs,
    3).
    """

    cosine: NDArray[np.float64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    p: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    n_deals: NDArray[np.int64]
    pairs: NDArray[np.float64]

    @property
    def deviations(self) -> NDArray[np.float64]:
        """By how many spreads each word scored below chance, negative, (T,)."""
        return (self.cosine - self.mean) / np.maximum(self.spread, 1e-12)


def judge(
    sums: Sums,
    tested: NDArray[np.int64],
    *,
    seed: int,
    n_threads: int,
    progress: Progress,
) -> Verdict:
    """Compare the slices of some words with random deals.

    tested: places of T words among those of `sums`. The result does not depend on n_threads.
    progress: is called with "dealing documents" and words.
    """
    n_slices = sums.n_tokens.shape[1]
    found = np.zeros((len(tested), n_slices * (n_slices - 1) // 2 + 1, 3))
    as_low, n_deals = np.zeros((2, len(tested)), np.int64)
    here = np.arange(len(tested))
    done = 0
    for number, until in enumerate(stages(len(tested))):
        blocks = range(done // _BLOCK, -(-until // _BLOCK))
        task = _Deals(sums, tested, seed, blocks, until)
        for words, low, moments in task.all(here, n_threads, progress):
            as_low[words] += low
            n_deals[words] = until
            if number == 0:
                found[words] = moments
        done = until
        here = here[as_low[here] < FEW]
    p = p_value(as_low, n_deals)
    cosine, mean, spread = found[:, -1].T
    return Verdict(cosine, mean, spread, p, adjusted(p), n_deals, found[:, :-1])


@dataclass(frozen=True)
class _Deals:
    """Some blocks of deals, as far as deal number `until`."""

    sums: Sums
    tested: NDArray[np.int64]
    seed: int
    blocks: range
    until: int

    def all(
        self, words: NDArray[np.int64], n_threads: int, progress: Progress
    ) -> "list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]":
        """Return words with how many deals scored as low, and the moments of their scores."""
        n_bundles = np.diff(self.sums.layout.start)[self.tested[words]]
        widths = -(-n_bundles // _ALIKE) * _ALIKE
        tasks: list[tuple[int, NDArray[np.int64]]] = []
        for width in np.unique(widths).tolist():
            alike = words[widths == width]
            step = max(_LEAST_WORDS, -(-len(alike) // (_TASKS * n_threads)))
            tasks += [(width, alike[i : i + step]) for i in range(0, len(alike), step)]
        found, done = [], 0
        for part in ordered_map(self._task, range(n_threads), tasks):
            done += len(part[0])
            progress("dealing documents", done, len(words))
            found.append(part)
        return found

    def _task(
        self, _: int, task: tuple[int, NDArray[np.int64]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        width, words = task
        own = [self._word(w) for w in words.tolist()]
        as_it_is = np.arange(width, dtype=np.uint32)[None]
        real = np.concatenate([self._scores(word, as_it_is) for word in own])
        low = np.zeros(len(words), np.int64)
        total = np.zeros((2, *real.shape))
        n = 0
        for block in self.blocks:
            orders = _orders(self.seed, width, block, min(_BLOCK, self.until - block * _BLOCK))
            n += len(orders)
            for i, word in enumerate(own):
                scores = self._scores(word, orders)
                low[i] += (scores[:, -1] <= real[i, -1] + _ROUNDING).sum()
                total[:, i] += scores.sum(axis=0), np.square(scores).sum(axis=0)
        mean = total[0] / n
        spread = np.sqrt(np.maximum(total[1] / n - mean**2, 0))
        return words, low, np.stack([real, mean, spread], axis=2)

    def _scores(self, word: kernels.Word, orders: Array) -> NDArray[np.float64]:
        """Return the cosines of the pairs of slices and their mean, (deals, pairs + 1)."""
        n_slices = len(word.norms)
        scores = np.empty((len(orders), n_slices * (n_slices - 1) // 2 + 1))
        kernels.score_deals(word, orders, scores)
        return scores

    def _word(self, w: int) -> kernels.Word:
        layout, place = self.sums.layout, int(self.tested[w])
        own = slice(int(layout.start[place]), int(layout.start[place + 1]))
        sides, strata = layout.sides[own], layout.strata[own]
        n_slices, dim = self.sums.n_tokens.shape[1], self.sums.sums.shape[1]
        first_of = np.zeros(int(strata.max()) + 1, np.int64)
        known, first = np.unique(strata, return_index=True)
        first_of[known] = first
        n_each = np.bincount(sides, minlength=n_slices)
        return kernels.Word(
            self.sums.sums[own],
            sides,
            strata,
            first_of,
            np.concatenate([[0], np.cumsum(n_each)]),
            int(n_each.argmax()),
            np.empty_like(first_of),
            np.empty(n_slices + 1, np.int64),
            np.empty(len(sides) + 1, np.uint32),
            np.empty((n_slices + 1, dim), np.float32),
            np.empty(n_slices),
        )


def _orders(seed: int, width: int, block: int, n: int) -> NDArray[np.uint32]:
    """Return n random orders of 0, …, width − 1, (n, width); block: number of the draw."""
    orders = np.tile(np.arange(width, dtype=np.uint32), (n, 1))
    return generator(seed, _KEY + width, block).permuted(orders, axis=1, out=orders)
