"""Compiled: who uses which word, the sums of their contexts, and the scores of random deals.

Each loop does some of the words and never looks at another's numbers, so any number of threads
gives the same bits.

A *unit* is what changes sides as a whole: a document, or all documents of an author. Units come in
random order. One that uses a word in a single slice is *free* for that word: free units are dealt
round robin into the bundles of their slice. One that uses it in several slices exchanges these
slices within itself: it gives equally many documents from each to a *group* of such units, which
has a bundle for each of its slices.
"""

import math
from typing import NamedTuple

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined

#: Sums may be reordered and multiply-adds fused.
_FAST = {"reassoc", "nsz", "contract"}
#: Groups of units that a word has at most; any more join those of the same slices.
MOST_GROUPS = 32
#: A bundle that does not exist: what it would hold is left out.
NONE = -1


class Texts(NamedTuple):
    """Documents, dealt with unit after unit.

    unit_ends: places in `documents` after each unit, (n_units,). documents: their numbers, unit
    after unit. tokens: word ids. bounds: places in `tokens` where documents start and end. slices:
    of each document.
    """

    unit_ends: Array
    documents: Array
    tokens: Array
    bounds: Array
    slices: Array


class Users(NamedTuple):
    """Who uses each of T words; a thread's own.

    mine: the number among the T of each word of the vocabulary, NONE for those of other threads.
    seen: the last document that had the word, (T,). in_unit: documents of the unit at hand, by
    slice, (T, S). touched: the words that it has, (T,). n_free: free units so far, by slice, (T,
    S). groups: the slices of each group as bits, 0 where there is none yet, (T, MOST_GROUPS);
    n_joined: its units so far.
    """

    mine: Array
    seen: Array
    in_unit: Array
    touched: Array
    n_free: Array
    groups: Array
    n_joined: Array


class Bundles(NamedTuple):
    """Where the contexts of T words go.

    dealt: first bundle of the free units of each slice, how many bundles, and how many units each
    holds, (T, S, 3). group_start: the first bundle of each group, (T, MOST_GROUPS). target, left:
    scratch, (T, S). sums: of all bundles, float32 (n_bundles, D). n_tokens: how many went into the
    bundles of each slice, (T, S).
    """

    dealt: Array
    group_start: Array
    target: Array
    left: Array
    sums: Array
    n_tokens: Array


@inlined
def _look_at(unit: Array, texts: Texts, users: Users) -> int:
    """Count the documents of a unit that have each word; return how many words it has."""
    n = 0
    for d in unit:
        for i in range(texts.bounds[d], texts.bounds[d + 1]):
            w = users.mine[texts.tokens[i]]
            if w >= 0 and users.seen[w] != d:
                users.seen[w] = d
                if not users.in_unit[w].any():
                    users.touched[n] = w
                    n += 1
                users.in_unit[w, texts.slices[d]] += 1
    return n


@inlined
def _slices_of(users: Array) -> int:
    """Return the slices with users as bits."""
    found = 0
    for s in range(users.size):
        if users[s] > 0:
            found |= 1 << s
    return found


@inlined
def _group(slices: int, groups: Array, n_joined: Array) -> int:
    """Return the group that a unit of these slices joins; NONE if there is no room for it.

    groups: slices of each group of a word, 0: not used yet. n_joined: units of each.
    """
    best = NONE
    for g in range(MOST_GROUPS):
        if groups[g] == 0:
            groups[g] = slices
            best = g
            break
        if groups[g] == slices and (best == NONE or n_joined[g] < n_joined[best]):
            best = g
    if best != NONE:
        n_joined[best] += 1
    return best


@compiled(nogil=True, error_model="numpy", makes_arrays=False)
def count_units(texts: Texts, users: Users) -> None:
    """Count the free units of each word by slice, and list its groups."""
    start = 0
    for stop in texts.unit_ends:
        n = _look_at(texts.documents[start:stop], texts, users)
        for k in range(n):
            w = users.touched[k]
            found = _slices_of(users.in_unit[w])
            if found & (found - 1) == 0:
                for s in range(users.in_unit.shape[1]):
                    users.n_free[w, s] += users.in_unit[w, s] > 0
            else:
                _group(found, users.groups[w], users.n_joined[w])
            users.in_unit[w] = 0
        start = stop


@inlined
def _place(w: int, users: Users, bundles: Bundles) -> int:
    """Choose the bundles of a unit's documents with a word, by slice.

    Returns how many documents of a slice are taken.
    """
    in_unit, target = users.in_unit[w], bundles.target[w]
    found = _slices_of(in_unit)
    most = 0
    if found & (found - 1) == 0:
        for s in range(in_unit.size):
            if in_unit[s] > 0:
                first, n, size = bundles.dealt[w, s]
                rank = users.n_free[w, s]
                users.n_free[w, s] += 1
                target[s] = first + rank % n if rank < n * size else NONE
                most = in_unit[s]
        return most
    g = _group(found, users.groups[w], users.n_joined[w])
    k = 0
    for s in range(in_unit.size):
        if in_unit[s] > 0:
            target[s] = bundles.group_start[w, g] + k if g != NONE else NONE
            most = in_unit[s] if k == 0 else min(most, in_unit[s])
            k += 1
    return most


@compiled(nogil=True, fastmath=_FAST, error_model="numpy", makes_arrays=False)
def add_contexts(
    texts: Texts, users: Users, bundles: Bundles, context: Array, weights: Array, total: Array
) -> None:
    """Add the contexts of each token to the sum of its bundle.

    users: counters start at zero again, groups are chosen again. context: x_o, float32 (V, D).
    weights: of the distances from 1 on, float32. total: scratch, float32 (D,).
    """
    dim, window = context.shape[1], weights.size
    seen, left, target = users.seen, bundles.left, bundles.target
    start = 0
    for stop in texts.unit_ends:
        unit = texts.documents[start:stop]
        n = _look_at(unit, texts, users)
        for k in range(n):
            w = users.touched[k]
            left[w] = _place(w, users, bundles)
            users.in_unit[w] = 0
        for d in unit:
            s = texts.slices[d]
            first, last = texts.bounds[d], texts.bounds[d + 1]
            for i in range(first, last):
                w = users.mine[texts.tokens[i]]
                if w < 0 or target[w, s] == NONE:
                    continue
                if seen[w] != d:  # the next document of this unit and slice
                    if left[w, s] == 0:
                        continue
                    left[w, s] -= 1
                    seen[w] = d
                for x in range(dim):
                    total[x] = 0
                for j in range(max(first, i - window), min(last, i + window + 1)):
                    if j != i:
                        weight, o = weights[abs(i - j) - 1], texts.tokens[j]
                        for x in range(dim):
                            total[x] += weight * context[o, x]
                b = target[w, s]
                for x in range(dim):
                    bundles.sums[b, x] += total[x]
                bundles.n_tokens[w, s] += 1
        start = stop


class Word(NamedTuple):
    """The bundles of a word, and scratch.

    sums: (K, D). sides: their slices. strata: within which they may be dealt; first_of: the first
    bundle of each. share: how many bundles come before those of each slice if all are listed slice
    by slice, (S + 1,). largest: the slice whose sum is what the others leave of the whole. next_of,
    n_dealt, dealt (K + 1,), totals (S + 1, D), norms: scratch.
    """

    sums: Array
    sides: Array
    strata: Array
    first_of: Array
    share: Array
    largest: int
    next_of: Array
    n_dealt: Array
    dealt: Array
    totals: Array
    norms: Array


@inlined
def _copy(source: Array, target: Array) -> None:
    for x in range(source.size):
        target[x] = source[x]


@inlined
def _deal(word: Word, order: Array) -> None:
    """List the bundles that each slice gets: a stratum's sides are handed out in this order."""
    n = 0
    if word.first_of.size == 1:  # the slices take turns: the order is the list
        for k in range(order.size):
            word.dealt[n] = order[k]
            n += order[k] < word.sides.size
        return
    _copy(word.first_of, word.next_of)
    _copy(word.share, word.n_dealt)
    for k in range(order.size):
        b = order[k]
        if b < word.sides.size:
            g = word.strata[b]
            s = word.sides[word.next_of[g]]
            word.next_of[g] += 1
            word.dealt[word.n_dealt[s]] = b
            word.n_dealt[s] += 1


@inlined
def _add_up(sums: Array, members: Array, total: Array) -> None:
    """Write the sum of some bundles to total, four at a time: that reads and writes it once."""
    total[:] = 0
    k, n = 0, members.size
    while k + 4 <= n:
        a, b, c, d = members[k], members[k + 1], members[k + 2], members[k + 3]
        for x in range(total.size):
            total[x] += (sums[a, x] + sums[b, x]) + (sums[c, x] + sums[d, x])
        k += 4
    while k < n:
        a = members[k]
        for x in range(total.size):
            total[x] += sums[a, x]
        k += 1


@compiled(nogil=True, fastmath=_FAST, error_model="numpy", makes_arrays=False)
def score_deals(word: Word, orders: Array, cosines: Array) -> None:
    """Write the cosines of all pairs of slices, and last their mean, for each deal of a word.

    orders: a permutation for each deal, (m, K or more); numbers from K on are passed over. cosines:
    (m, pairs + 1), float64.
    """
    totals, norms, n_slices = word.totals, word.norms, word.norms.size
    share = word.share
    _deal(word, orders[0])
    _add_up(word.sums, word.dealt[: word.sides.size], totals[n_slices])
    for deal in range(orders.shape[0]):
        _deal(word, orders[deal])
        rest = totals[word.largest]
        _copy(totals[n_slices], rest)
        for s in range(n_slices):
            if s != word.largest:
                _add_up(word.sums, word.dealt[share[s] : share[s + 1]], totals[s])
                for x in range(rest.size):
                    rest[x] -= totals[s, x]
        # Written out: a function of its own would not be allowed to reorder its sum.
        for s in range(n_slices):
            square = np.float32(0)
            for x in range(rest.size):
                square += totals[s, x] * totals[s, x]
            norms[s] = math.sqrt(square)
        pair, mean = 0, 0.0
        for s in range(n_slices):
            for t in range(s + 1, n_slices):
                dot = np.float32(0)
                for x in range(rest.size):
                    dot += totals[s, x] * totals[t, x]
                length = norms[s] * norms[t]
                cosines[deal, pair] = dot / length if length > 0 else 0.0
                mean += cosines[deal, pair]
                pair += 1
        cosines[deal, pair] = mean / pair
