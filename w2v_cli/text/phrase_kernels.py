"""Compiled loops behind `phrases`: count pairs of neighbours, join some of them.

A table of pairs is one array of uint64, two places a slot, a power of two of slots: the key of a
pair (a, b), 1 + a · 2³² + b, and its value; a key of 0 is an empty slot. A pair that hashes to a
taken slot goes to the next free one.

Numbers of words come in blocks, ids with their ends, as `reader_kernels.scan` leaves them.
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined
from w2v_cli.text.word_table_kernels import RECORD_HEAD

NONE = -1
"""In the place of a word: there is none before, in this document."""

POSITION, END, PENDING, N_PAIRS = range(4)
"""The places of the state, int64: where in the block, its ends so far, the word before, pairs."""
STATE_SIZE = 4

_u64 = np.uint64
_ZERO, _ONE, _HALF, _BYTE = _u64(0), _u64(1), _u64(32), _u64(8)
_LOW = _u64(0xFFFFFFFF)
_DELIMITER = _u64(ord("_"))


@inlined
def _slot_of(pairs: Array, key: np.uint64) -> np.int64:
    """Return the slot of a key; it is empty where the pair is new."""
    mask = _u64(pairs.size // 2 - 1)
    h = key * _u64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> _HALF)) * _u64(0xD6E8FEB86659FD93)
    slot = (h ^ (h >> _HALF)) & mask
    while pairs[2 * slot] != _ZERO and pairs[2 * slot] != key:
        slot = (slot + _ONE) & mask
    return np.int64(slot)


@inlined
def _key(a: np.int64, b: np.int64) -> np.uint64:
    return ((_u64(a) << _HALF) | _u64(b)) + _ONE


@compiled(nogil=True, makes_arrays=False)
def count_neighbours(ids: Array, ends: Array, pairs: Array, state: Array) -> bool:
    """Count the pairs of neighbours in a block, from `state` on.

    Returns whether there was room for all; if not, call again with a larger table.
    """
    before, end = state[PENDING], state[END]
    for i in range(state[POSITION], ids.size):
        while end < ends.size and ends[end] <= i:
            before = NONE
            end += 1
        word = np.int64(ids[i])
        if before != NONE:
            key = _key(before, word)
            slot = _slot_of(pairs, key)
            if pairs[2 * slot] == _ZERO:
                if 4 * state[N_PAIRS] >= pairs.size:
                    state[POSITION], state[END], state[PENDING] = i, end, before
                    return False
                pairs[2 * slot] = key
                state[N_PAIRS] += 1
            pairs[2 * slot + 1] += _ONE
        before = word
    if end < ends.size:  # the block's last document ends with it
        before = NONE
    state[POSITION], state[END], state[PENDING] = 0, 0, before
    return True


@compiled(nogil=True, makes_arrays=False)
def refill(old: Array, new: Array) -> None:
    """Enter the pairs of a table into an empty one."""
    for slot in range(old.size // 2):
        key = old[2 * slot]
        if key != _ZERO:
            place = _slot_of(new, key)
            new[2 * place] = key
            new[2 * place + 1] = old[2 * slot + 1]


@compiled(nogil=True, makes_arrays=False)
def list_pairs(pairs: Array, first: Array, second: Array, counts: Array) -> None:
    """Fill in the two words and the value of every pair of a table."""
    n = 0
    for slot in range(pairs.size // 2):
        key = pairs[2 * slot]
        if key != _ZERO:
            first[n], second[n] = (key - _ONE) >> _HALF, (key - _ONE) & _LOW
            counts[n] = pairs[2 * slot + 1]
            n += 1


@compiled(nogil=True, makes_arrays=False)
def enter_pairs(first: Array, second: Array, values: Array, pairs: Array) -> None:
    """Enter distinct pairs with their values into an empty table."""
    for i in range(first.size):
        key = _key(first[i], second[i])
        slot = _slot_of(pairs, key)
        pairs[2 * slot] = key
        pairs[2 * slot + 1] = values[i]


@compiled(nogil=True, makes_arrays=False)
def join_neighbours(
    ids: Array,
    ends: Array,
    pairs: Array,
    out_ids: Array,
    out_ends: Array,
    counts: Array,
    n_joined: Array,
    state: Array,
) -> tuple[int, int]:
    """Join neighbours from left to right where their pair is in the table, by its value.

    A word that was joined starts no other pair. The last word of an unfinished document waits in
    `state`. counts: of each word written. n_joined: how often each came from a pair.
    Returns (ids, ends) written.
    """
    waiting, end = state[PENDING], 0
    n = n_ends = 0
    for i in range(ids.size + 1):
        while end < ends.size and ends[end] <= i:
            if waiting != NONE:
                out_ids[n] = waiting
                counts[waiting] += 1
                n += 1
                waiting = NONE
            out_ends[n_ends] = n
            n_ends += 1
            end += 1
        if i == ids.size:
            break
        word = np.int64(ids[i])
        if waiting != NONE:
            slot = _slot_of(pairs, _key(waiting, word))
            if pairs[2 * slot] != _ZERO:
                waiting = np.int64(pairs[2 * slot + 1])
                n_joined[waiting] += 1
                word = np.int64(NONE)
            out_ids[n] = waiting
            counts[waiting] += 1
            n += 1
        waiting = word
    state[PENDING] = waiting
    return n, n_ends


@compiled(nogil=True, makes_arrays=False)
def count_delimiters(arena: Array, records: Array, found: Array) -> None:
    """Fill in how many delimiters are in each word."""
    for w in range(records.size):
        found[w] = 0
        n_pieces = (np.int64(arena[records[w]] & _LOW) + 7) // 8
        for k in range(n_pieces):
            piece = arena[records[w] + RECORD_HEAD + k]
            while piece != _ZERO:
                found[w] += (piece & _u64(0xFF)) == _DELIMITER
                piece >>= _BYTE
