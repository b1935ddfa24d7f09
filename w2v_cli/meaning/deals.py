"""Bundles of documents for each word, the sums of its contexts in them, and how they may be dealt.

`equations.change_of_meaning` says what a deal is. A word has 64 bundles or more, each of equally
many of the units that use it: with unequal bundles, a slice with few large ones would differ from
chance for every word. What is left over at the end is left out. Where a slice uses a word rarely,
the bundles are more and smaller, so that there are enough ways to deal them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import gammaln

from w2v_cli.arrays import Array
from w2v_cli.meaning import meaning_kernels as kernels
from w2v_cli.memory import ask_for
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.threads import ordered_map
from w2v_cli.text.windows import generator

#: Bundles of a word; more only where a slice would have too few. A word that fewer units use has
#: one for each.
_N_BUNDLES = (*range(64, 129), 160, 192, 256, 384, 512, 768, 1024)
#: Too few ways to deal weigh as much as leaving out this share of a slice.
_TOO_FEW = 10.0
#: A bundle more weighs as much as leaving out this share.
_ONE_MORE = 1e-4
#: Key of random draws, apart from those of training.
_SHUFFLE = 1 << 20


@dataclass(frozen=True)
class Documents:
    """The documents of a corpus that belong to a slice.

    slices: of each document of the corpus, (n_documents,). units: what it belongs to and changes
    sides with; None: each document is a unit.
    """

    corpus: EncodedCorpus
    slices: NDArray[np.int64]
    n_slices: int
    units: NDArray[np.int64] | None = None

    def shuffled(self, seed: int) -> kernels.Texts:
        """Return units in random order, and the documents of each in random order."""
        n = len(self.slices)
        order = generator(seed, _SHUFFLE, 0).permutation(n)
        ends = np.arange(1, n + 1)
        if self.units is not None:
            _, first, unit = np.unique(self.units[order], return_index=True, return_inverse=True)
            sorted_by_unit = np.argsort(first[unit], kind="stable")
            ends = np.append(np.flatnonzero(np.diff(first[unit][sorted_by_unit])) + 1, n)
            order = order[sorted_by_unit]
        bounds = np.concatenate([[0], self.corpus.document_ends])
        return kernels.Texts(ends, order, self.corpus.tokens, bounds, self.slices)


@dataclass(frozen=True)
class Layout:
    """The bundles of T words, one word's after the other's.

    start: the first bundle of each word, and how many there are in all, (T + 1,). dealt,
    group_start: see `kernels.Bundles`. sides: the slice of each bundle; strata: within which it may
    be dealt, from 0 for each word. n_deals: the logarithm of how many ways there are, (T,).
    """

    start: NDArray[np.int64]
    dealt: NDArray[np.int64]
    group_start: NDArray[np.int64]
    sides: NDArray[np.int64]
    strata: NDArray[np.int64]
    n_deals: NDArray[np.float64]


def _ways(n_bundles: Array) -> Array:
    """Return the logarithm of the ways to deal (…, S) bundles, with as many for each slice."""
    ways = gammaln(n_bundles.sum(axis=-1) + 1) - gammaln(n_bundles + 1).sum(axis=-1)
    return np.asarray(ways, dtype=np.float64)


def split(n_units: Array, enough: float) -> tuple[Array, Array]:
    """Choose for each word how many bundles each slice has, (T, S), and how many units each, (T,).

    n_units: free units that use the word, (T, S). enough: the logarithm of the ways to deal that
    are needed. Of some numbers of bundles, the one that leaves out least; where it must be, one
    with enough ways to deal.
    """
    total = n_units.sum(axis=1)
    best = np.full(len(n_units), np.inf)
    chosen = np.zeros_like(n_units)
    sizes = np.ones(len(n_units), np.int64)
    for n in _N_BUNDLES:
        size = np.maximum(1, total // n)
        bundles = n_units // size[:, None]
        lost = 1 - bundles * size[:, None] / np.maximum(n_units, 1)
        lost = np.where(n_units > 0, lost, 0).max(axis=1)
        cost = lost + _TOO_FEW * (_ways(bundles) < enough) + _ONE_MORE * bundles.sum(axis=1)
        better = cost < best
        best[better], chosen[better], sizes[better] = cost[better], bundles[better], size[better]
    return chosen, sizes


def lay_out(n_free: Array, groups: Array, enough: float) -> Layout:
    """Choose the bundles of T words.

    n_free: see `split`. groups: the slices of each group of units, as bits, (T, MOST_GROUPS).
    """
    n_words, n_slices = n_free.shape
    in_group = (groups[:, :, None] >> np.arange(n_slices)) & 1  # (T, MOST_GROUPS, S)
    ways_of_groups = gammaln(in_group.sum(axis=2) + 1).sum(axis=1)
    chosen, sizes = split(n_free, enough)
    n_bundles = np.concatenate([chosen, in_group.sum(axis=2)], axis=1)
    start = np.concatenate([[0], np.cumsum(n_bundles.sum(axis=1))])
    firsts = start[:-1, None] + np.cumsum(n_bundles, axis=1) - n_bundles
    dealt = np.stack([firsts[:, :n_slices], chosen, np.repeat(sizes[:, None], n_slices, 1)], 2)
    # The bundles of a word are those of its slices, in order, then those of its groups.
    n_each = np.concatenate([chosen[:, None], in_group], axis=1).reshape(-1, n_slices)
    sides = np.repeat(np.tile(np.arange(n_slices), len(n_each)), n_each.ravel())
    strata = np.repeat(np.tile(np.arange(1 + in_group.shape[1]), n_words), n_each.sum(axis=1))
    ways = _ways(chosen) + ways_of_groups - gammaln(n_slices + 1)
    return Layout(start, dealt, firsts[:, n_slices:], sides, strata, ways)


@dataclass(frozen=True)
class Sums:
    """What is known of T words: the sums of the contexts in their bundles, (n_bundles, D) float32.

    n_tokens: that went into them, by slice, (T, S).
    """

    layout: Layout
    sums: NDArray[np.float32]
    n_tokens: NDArray[np.int64]

    def of_slices(self) -> NDArray[np.float64]:
        """Return the sums of the slices as they are, (T, S, D)."""
        n_words, n_slices = self.n_tokens.shape
        word = np.repeat(np.arange(n_words), np.diff(self.layout.start))
        cell, bundle = word * n_slices + self.layout.sides, np.arange(len(word))
        shape = (n_words * n_slices, len(word))
        adds = csr_array((np.ones(len(word)), (cell, bundle)), shape)
        return np.asarray(adds @ self.sums).reshape(n_words, n_slices, -1)


def sum_up(
    documents: Documents,
    words: NDArray[np.int64],
    context: NDArray[np.float32],
    weights: NDArray[np.float32],
    *,
    enough: float,
    seed: int,
    n_threads: int = 1,
) -> Sums:
    """Deal the documents into bundles for each word, and add up its contexts in each.

    words: ids of T words. context: x_o of all words, (V, D). weights: of the distances from 1 on.
    enough: the logarithm of the deals that are needed.

    Raises DataError where there is no memory for the sums.
    """
    texts, n_words, dim = documents.shuffled(seed), len(words), context.shape[1]
    workers = range(max(1, min(n_threads, n_words)))
    shape = (n_words, documents.n_slices)
    groups = (n_words, kernels.MOST_GROUPS)
    users = kernels.Users(
        mine=np.full(len(context), kernels.NONE),
        seen=np.full(n_words, kernels.NONE),
        in_unit=np.zeros(shape, np.int64),
        touched=np.empty(n_words, np.int64),
        n_free=np.zeros(shape, np.int64),
        groups=np.zeros(groups, np.int64),
        n_joined=np.zeros(groups, np.int64),
    )
    # Threads share what is numbered by words: each has words of its own.
    each = [
        users._replace(mine=_numbered(words, i, len(workers), len(context)), touched=own)
        for i, own in zip(workers, np.empty((len(workers), n_words), np.int64), strict=True)
    ]
    list(ordered_map(lambda i, mine: kernels.count_units(texts, mine), workers, each))
    layout = lay_out(users.n_free, users.groups, enough)
    n_bundles = int(layout.start[-1])
    ask_for(
        4 * dim * n_bundles,
        f"{n_bundles:,} bundles of {n_words:,} words with {dim:,} dimensions",
        "lower --top or --dim, or give slices that differ less in size",
    )
    bundles = kernels.Bundles(
        layout.dealt,
        layout.group_start,
        np.full(shape, kernels.NONE),
        np.zeros(shape, np.int64),
        np.zeros((n_bundles, dim), np.float32),
        np.zeros(shape, np.int64),
    )
    for counter in (users.n_free, users.groups, users.n_joined):
        counter[:] = 0
    users.seen[:] = kernels.NONE
    scratch = np.empty((len(workers), dim), np.float32)

    def add(thread: int, mine: kernels.Users) -> None:
        kernels.add_contexts(texts, mine, bundles, context, weights, scratch[thread])

    list(ordered_map(add, workers, each))
    return Sums(layout, bundles.sums, bundles.n_tokens)


def _numbered(words: NDArray[np.int64], first: int, step: int, n: int) -> NDArray[np.int64]:
    """Return the number of each of n words of the vocabulary among the T, of every step-th one."""
    mine = np.full(n, kernels.NONE)
    mine[words[first::step]] = np.arange(first, len(words), step)
    return mine
