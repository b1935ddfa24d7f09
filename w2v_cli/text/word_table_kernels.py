"""Compiled loops over a table of words, which is two arrays of uint64:

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
_ZERO, _BYTE, _PIECE = _u64(0), _u64(8), _u64(64)
_DELIMITER = _u64(ord("_"))
_LOW, _HALF = _u64(0xFFFFFFFF), _u64(32)
_SEED, _STEP, _MIX = _u64(0x9E3779B97F4A7C15), _u64(0xD6E8FEB86659FD93), _u64(0xFF51AFD7ED558CCD)
_SHIFT = _u64(29)


@inlined
def hash_of(pieces: Array, n_pieces: int, length: int) -> np.uint64:
    """Mix the pieces of a word into 64 bits."""
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
        if slots[slot] >> _HALF == h >> _HALF:
            record = np.int64(slots[slot] & _LOW) - 1
            if arena[record] & _LOW == _u64(length):
                same = True
                for k in range(n_pieces):
                    same &= arena[record + RECORD_HEAD + k] == pieces[k]
                if same:
                    return slot
        slot = (slot + 1) & mask
    return slot


@inlined
def prefetch_record(slots: Array, arena: Array, h: np.uint64) -> None:
    """Have the record of a word brought near; it is in the slot that its hash asks for first."""
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
    """Return the record of a word; NO_RECORD where it is new and frozen, NO_ROOM where it is full.

    Unless frozen, a new word is added: `state` says how many there are.
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
    record = state[ARENA_USED]
    end = record + RECORD_HEAD + n_pieces
    if 2 * state[N_WORDS] >= slots.size or end > arena.size:
        return NO_ROOM
    slots[slot] = (h >> _HALF << _HALF) | _u64(record + 1)
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
        at = _append_word(pieces, (0, _ZERO, _ZERO), words, first[i])
        at = _append(pieces, at, _DELIMITER, _BYTE)
        n, piece, bits = _append_word(pieces, at, words, second[i])
        length = 8 * n + np.int64(bits // _BYTE)
        if bits != _ZERO:
            pieces[n] = piece
            n += 1
        record = record_of(slots, arena, pieces, n, length, False, state)
        numbers[i] = arena[record] >> _HALF
