"""Compiled loops over two hash tables: of words, and of pairs of words.

A table of words is two arrays of uint64:

    slots    a hash table, a power of two long: 0, or the upper half of a word's hash and 1 + the
             place of its record
    arena    one record after the other: number · length in bytes, count, the word's bytes in
             pieces of eight (the last one filled up with zeros)

`word_table.WordTable` owns them and makes them grow. Words are hashed and compared by pieces.
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined, prefetch

# Not from `w2v_cli.arrays`: compiled code takes nothing from outside its folder.
N_WORDS, ARENA_USED = range(2)
"""The places of a table's state, int64: how many words and how much of the arena."""
STATE_SIZE = 2

NO_RECORD, NO_ROOM = -1, -2
RECORD_HEAD = 2

_u64 = np.uint64
_ZERO, _ONE, _BYTE, _PIECE = _u64(0), _u64(1), _u64(8), _u64(64)
_DELIMITER = _u64(ord("_"))
_LOW, _HALF = _u64(0xFFFFFFFF), _u64(32)
_SEED, _STEP, _MIX = _u64(0x9E3779B97F4A7C15), _u64(0xD6E8FEB86659FD93), _u64(0xFF51AFD7ED558CCD)
_SHIFT = _u64(29)


@inlined
def hash_of(pieces: Array, n_pieces: int, length: int) -> np.uint64:
    """Mix the pieces of a word into 64 bits."""
    # The length tells words apart that differ by NULs at the end.
    h = _u64(length) * _STEP ^ _SEED
    for k in range(n_pieces):
        h = (h ^ pieces[k]) * _STEP
        h ^= h >> _HALF
    h *= _MIX
    return h ^ (h >> _SHIFT)


@inlined
def _find(
    slots: Array, arena: Array, pieces: Array, n_pieces: int, length: int, h: np.uint64
) -> int:
    """Return the slot of a word; it is empty when the word is new."""
    mask = slots.size - 1
    slot = np.int64(h & _u64(mask))
    while slots[slot] != _ZERO:
        # The upper half of the hash is in the slot: few other words get as far as their record.
        if slots[slot] >> _HALF == h >> _HALF:
            record = np.int64(slots[slot] & _LOW) - 1
            if arena[record] & _LOW == _u64(length):
                same = True
                for k in range(n_pieces):
                    same &= arena[record + RECORD_HEAD + k] == pieces[k]
                if same:
                    return slot
        # Taken by another word: the next one.
        slot = (slot + 1) & mask
    return slot


@inlined
def prefetch_record(slots: Array, arena: Array, h: np.uint64) -> None:
    """Prefetch the record of a word, if it is in the first slot of its hash."""
    slot = slots[np.int64(h & _u64(slots.size - 1))]
    if slot != _ZERO:
        prefetch(arena, np.int64(slot & _LOW) - 1)


@inlined
def record_of(
    slots: Array,
    arena: Array,
    pieces: Array,
    n_pieces: int,
    length: int,
    frozen: bool,
    state: Array,
) -> int:
    """Return the record of a word; NO_RECORD if it is new and frozen, NO_ROOM if the table is full.

    Unless frozen, a new word is added, and `state` counts it.
    """
    h = hash_of(pieces, n_pieces, length)
    return record_at(slots, arena, pieces, n_pieces, length, h, frozen, state)


@inlined
def record_at(
    slots: Array,
    arena: Array,
    pieces: Array,
    n_pieces: int,
    length: int,
    h: np.uint64,
    frozen: bool,
    state: Array,
) -> int:
    """Do what `record_of` does, for a word whose hash is known."""
    slot = _find(slots, arena, pieces, n_pieces, length, h)
    if slots[slot] != _ZERO:
        return np.int64(slots[slot] & _LOW) - 1
    if frozen:
        return NO_RECORD
    # A new word. Half of the slots stay empty, so that searches end soon.
    record = state[ARENA_USED]
    end = record + RECORD_HEAD + n_pieces
    if 2 * state[N_WORDS] >= slots.size or end > arena.size:
        return NO_ROOM
    slots[slot] = (h >> _HALF << _HALF) | _u64(record + 1)
    # Its record: number and length, no occurrence yet, letters.
    arena[record] = _u64(state[N_WORDS]) << _HALF | _u64(length)
    arena[record + 1] = _ZERO
    for k in range(n_pieces):
        arena[record + RECORD_HEAD + k] = pieces[k]
    state[ARENA_USED] = end
    state[N_WORDS] += 1
    return record


@compiled(nogil=True, makes_arrays=False)
def add_words(slots: Array, arena: Array, others: Array, numbers: Array, state: Array) -> None:
    """Add the words and counts of another arena to a table with room for them.

    numbers: filled with the number here of each word there. state: as in `scan`.
    """
    other = 0
    for i in range(numbers.size):
        length = np.int64(others[other] & _LOW)
        n_pieces = (length + 7) // 8
        pieces = others[other + RECORD_HEAD : other + RECORD_HEAD + n_pieces]
        record = record_of(slots, arena, pieces, n_pieces, length, False, state)
        arena[record + 1] += others[other + 1]
        numbers[i] = arena[record] >> _HALF
        other += RECORD_HEAD + n_pieces


@compiled(nogil=True, makes_arrays=False)
def find_words(slots: Array, arena: Array, others: Array, numbers: Array, state: Array) -> None:
    """Fill in the number here of each word of another arena, −1 where it is not here."""
    other = 0
    for i in range(numbers.size):
        length = np.int64(others[other] & _LOW)
        n_pieces = (length + 7) // 8
        pieces = others[other + RECORD_HEAD : other + RECORD_HEAD + n_pieces]
        record = record_of(slots, arena, pieces, n_pieces, length, True, state)
        numbers[i] = -1 if record == NO_RECORD else np.int64(arena[record] >> _HALF)
        other += RECORD_HEAD + n_pieces


@compiled(nogil=True, makes_arrays=False)
def fill_slots(slots: Array, arena: Array, used: int) -> None:
    """Enter every record of an arena into empty slots."""
    mask = slots.size - 1
    record = 0
    while record < used:
        length = np.int64(arena[record] & _LOW)
        n_pieces = (length + 7) // 8
        h = hash_of(arena[record + RECORD_HEAD : record + RECORD_HEAD + n_pieces], n_pieces, length)
        slot = np.int64(h & _u64(mask))
        while slots[slot] != _ZERO:
            slot = (slot + 1) & mask
        slots[slot] = (h >> _HALF << _HALF) | _u64(record + 1)
        record += RECORD_HEAD + n_pieces


@compiled(nogil=True, makes_arrays=False)
def list_records(arena: Array, used: int, records: Array) -> None:
    """Fill in where the record of each word starts, in the order of their numbers."""
    record = 0
    i = 0
    while record < used:
        records[i] = record
        i += 1
        record += RECORD_HEAD + (np.int64(arena[record] & _LOW) + 7) // 8


@inlined
def _append(
    pieces: Array, at: tuple[int, np.uint64, np.uint64], more: np.uint64, n_bits: np.uint64
) -> tuple[int, np.uint64, np.uint64]:
    """Append bytes to a word; at: its whole pieces, the next one, and how many bits that has."""
    n, piece, bits = at
    piece |= more << bits
    if bits + n_bits < _PIECE:
        return n, piece, bits + n_bits
    # The piece is full; what did not fit starts the next one.
    pieces[n] = piece
    rest = bits + n_bits - _PIECE
    return n + 1, (more >> (n_bits - rest) if rest != _ZERO else _ZERO), rest


@inlined
def _append_word(
    pieces: Array, at: tuple[int, np.uint64, np.uint64], arena: Array, record: int
) -> tuple[int, np.uint64, np.uint64]:
    n_bits = (arena[record] & _LOW) * _BYTE
    k = record + RECORD_HEAD
    while n_bits > _ZERO:
        part = min(n_bits, _PIECE)
        at = _append(pieces, at, arena[k], part)
        n_bits -= part
        k += 1
    return at


@compiled(nogil=True, makes_arrays=False)
def join_words(
    words: Array,
    first: Array,
    second: Array,
    slots: Array,
    arena: Array,
    pieces: Array,
    numbers: Array,
    state: Array,
) -> None:
    """Add the words `first_second`, as phrases are written, to a table with room for them.

    numbers: filled with their numbers in the table.
    words: the arena of the parts; first, second: their records there. pieces: room for the longest
    word. state: of the table.
    """
    for i in range(first.size):
        # The text of both, with the delimiter between them.
        at = _append_word(pieces, (0, _ZERO, _ZERO), words, first[i])
        at = _append(pieces, at, _DELIMITER, _BYTE)
        n, piece, bits = _append_word(pieces, at, words, second[i])
        length = 8 * n + np.int64(bits // _BYTE)
        if bits != _ZERO:
            pieces[n] = piece
            n += 1
        record = record_of(slots, arena, pieces, n, length, False, state)
        numbers[i] = arena[record] >> _HALF


# A table of pairs of words, for `phrases`, is one array of uint64: a power of two of slots with two
# places each. The first holds the key of a pair (a, b), 1 + a · 2³² + b, the second its value. A
# key of 0 is an empty slot; a pair that hashes to a taken slot goes to the next free one.
#
# Numbers of words come in blocks, ids with their ends, as `scan_kernels.scan` leaves them.


NONE = -1
"""Instead of a word: there is none before, in this document."""

AT, END, PENDING, N_PAIRS = range(4)
"""The places of the state, int64: where in the block, its ends so far, the word before, pairs."""
PAIRS_STATE_SIZE = 4


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
    for i in range(state[AT], ids.size):
        # No pair goes across the end of a document.
        while end < ends.size and ends[end] <= i:
            before = NONE
            end += 1
        word = np.int64(ids[i])
        if before != NONE:
            key = _key(before, word)
            slot = _slot_of(pairs, key)
            # A new pair, if there is room: half of the slots stay empty.
            if pairs[2 * slot] == _ZERO:
                if 4 * state[N_PAIRS] >= pairs.size:
                    state[AT], state[END], state[PENDING] = i, end, before
                    return False
                pairs[2 * slot] = key
                state[N_PAIRS] += 1
            pairs[2 * slot + 1] += _ONE
        before = word
    if end < ends.size:  # the block's last document ends with it
        before = NONE
    state[AT], state[END], state[PENDING] = 0, 0, before
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
        # A document ends before this word: write what waits, and the end.
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
        # Join this word to the one that waits, or let it wait instead; then write that one.
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
            # Byte by byte, until only zeros are left.
            piece = arena[records[w] + RECORD_HEAD + k]
            while piece != _ZERO:
                found[w] += (piece & _u64(0xFF)) == _DELIMITER
                piece >>= _BYTE
