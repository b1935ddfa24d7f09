"""Compiled loops of the reader: from UTF-8 bytes to numbered words.

A table of words is two arrays of uint64 (`word_table.WordTable` makes them grow):

    slots    a hash table, a power of two long: 0, or the upper half of a word's hash and 1 + the
             place of its record
    arena    one record after the other: number · length in bytes, count, the word's bytes in
             pieces of eight (the last one filled up with zeros)

`scan` folds the characters of a word into such pieces as it meets them, so that hashing and
comparing take eight bytes at a time.
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined
from w2v_cli.corpus.characters import CASED, IGNORABLE, JOINER, LETTER, MARK

DONE, FULL, LIMIT = range(3)
"""Why `scan` returned: at the end of the text, the table must grow, enough words."""

POSITION, N_IDS, N_ENDS, N_TOKENS, N_WORDS, ARENA_USED, LIMIT_AT, STATE_SIZE = range(8)
"""The places of the state that `scan` takes up and leaves, int64."""

NO_RECORD, NO_ROOM = -1, -2
RECORD_HEAD = 2
UNKNOWN = np.uint32(0xFFFFFFFF)

_u64 = np.uint64
_ZERO, _ONE, _BYTE, _PIECE = _u64(0), _u64(1), _u64(8), _u64(64)
_HALF = _u64(32)
_LOW = _u64(0xFFFFFFFF)
_KIND_AT = _u64(40)
_BITS_MASK = _u64(0xFF)
_SEED, _STEP, _MIX = _u64(0x9E3779B97F4A7C15), _u64(0xD6E8FEB86659FD93), _u64(0xFF51AFD7ED558CCD)
_SHIFT, _THREE = _u64(29), _u64(3)
_STRIDE = 64
_NEWLINE = 10
_CAPITAL_SIGMA = 0x3A3
_SMALL_SIGMA, _FINAL_SIGMA = _u64(0x83CF), _u64(0x82CF)  # their UTF-8 bytes, first byte lowest


@compiled(nogil=True, makes_arrays=False)
def is_utf8(text: Array) -> bool:
    """Tell whether bytes are valid UTF-8, by the rules of Python's decoder."""
    i = 0
    while i < text.size:
        stop = min(text.size, i + _STRIDE)
        if stop == i + _STRIDE:
            high = np.uint8(0)
            for j in range(i, i + _STRIDE):
                high |= text[j]
            if high < 0x80:
                i = stop
                continue
        while i < stop:
            width = _valid_width(text, i)
            if width == 0:
                return False
            i += width
    return True


@inlined
def _valid_width(text: Array, i: int) -> int:
    """Return how many bytes the character at byte i has, 0 where it is not valid."""
    b = text[i]
    if b < 0x80:
        return 1
    if b < 0xC2 or b > 0xF4:
        return 0
    width = 2 + (b >= 0xE0) + (b >= 0xF0)
    if i + width > text.size:
        return 0
    # These four have a smaller range of second bytes: no overlong forms, no surrogates, no end.
    low = 0xA0 if b == 0xE0 else 0x90 if b == 0xF0 else 0x80
    top = 0x9F if b == 0xED else 0x8F if b == 0xF4 else 0xBF
    if text[i + 1] < low or text[i + 1] > top:
        return 0
    for j in range(i + 2, i + width):
        if text[j] & 0xC0 != 0x80:
            return 0
    return width


@inlined
def _decode(text: Array, i: int) -> tuple[int, int]:
    """Return the character that starts at byte i of valid UTF-8, and its bytes."""
    b = np.int64(text[i])
    if b < 0x80:
        return b, 1
    if b < 0xE0:
        return (b & 0x1F) << 6 | (np.int64(text[i + 1]) & 0x3F), 2
    c = np.int64(text[i + 1]) & 0x3F
    if b < 0xF0:
        return (b & 0x0F) << 12 | c << 6 | (np.int64(text[i + 2]) & 0x3F), 3
    c = c << 6 | (np.int64(text[i + 2]) & 0x3F)
    return (b & 0x07) << 18 | c << 6 | (np.int64(text[i + 3]) & 0x3F), 4


@inlined
def _is_final_sigma(text: Array, i: int, contexts: Array) -> bool:
    """Tell whether the Σ at byte i ends a word, as `str.lower` sees it."""
    before = i - 1
    while before >= 0:
        while text[before] & 0xC0 == 0x80:
            before -= 1
        context = contexts[_decode(text, before)[0]]
        if context != IGNORABLE:
            if context != CASED:
                return False
            break
        before -= 1
    if before < 0:
        return False
    after = i + 2
    while after < text.size:
        c, width = _decode(text, after)
        if contexts[c] != IGNORABLE:
            return contexts[c] != CASED
        after += width
    return True


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
def _hash(pieces: Array, n_pieces: int, length: int) -> np.uint64:
    h = _u64(length) * _STEP ^ _SEED
    for k in range(n_pieces):
        h = (h ^ pieces[k]) * _STEP
        h ^= h >> _HALF
    h *= _MIX
    return h ^ (h >> _SHIFT)


@inlined
def _record_of(
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
    h = _hash(pieces, n_pieces, length)
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


@inlined
def _fold_word(
    text: Array, i: int, characters: Array, contexts: Array, pieces: Array
) -> tuple[int, int, int]:
    """Fold the word that starts at byte i into pieces.

    Returns (the byte where it ends, its pieces, its length in bytes); a joiner that joins nothing
    comes before that end and is not in the pieces.
    """
    n_pieces, piece, bits = 0, _ZERO, _ZERO  # whole pieces, the next one, how many bits it has
    joiner = _ZERO
    while i < text.size:
        c, width = _decode(text, i)
        becomes = characters[c]
        kind = becomes >> _KIND_AT
        if kind == LETTER or (kind == MARK and joiner == _ZERO):
            letter, letter_bits = becomes & _LOW, becomes >> _HALF & _BITS_MASK
            if c == _CAPITAL_SIGMA and contexts.size:
                letter = _FINAL_SIGMA if _is_final_sigma(text, i, contexts) else _SMALL_SIGMA
            if joiner != _ZERO:
                letter, letter_bits = letter << _BYTE | joiner, letter_bits + _BYTE
                joiner = _ZERO
            piece |= letter << bits
            bits += letter_bits
            if bits >= _PIECE:
                pieces[n_pieces] = piece
                n_pieces += 1
                bits -= _PIECE
                piece = letter >> (letter_bits - bits)
        elif kind == JOINER and joiner == _ZERO:
            joiner = becomes & _LOW
        else:
            break
        i += width
    length = 8 * n_pieces + np.int64(bits >> _THREE)
    if bits != _ZERO:
        pieces[n_pieces] = piece
        n_pieces += 1
    return i, n_pieces, length


@compiled(nogil=True, makes_arrays=False)
def scan(
    text: Array,
    characters: Array,
    contexts: Array,
    slots: Array,
    arena: Array,
    frozen: bool,
    pieces: Array,
    ids: Array,
    ends: Array,
    state: Array,
) -> int:
    """Number the words of valid UTF-8 text, from `state` on; return DONE, FULL or LIMIT.

    characters: what each character becomes, see `pack_characters`. contexts: see `sigma_contexts`,
    empty where Σ stays. frozen: words that are not in the table get no id and no record.
    pieces: room for the longest word. ids: the words' numbers, uint32. ends: how many ids there
    were at each end of a line, int64. After FULL, call again with a larger table.
    """
    i, n_ids, n_ends, n_tokens = state[POSITION], state[N_IDS], state[N_ENDS], state[N_TOKENS]
    status = DONE
    while i < text.size:
        c, width = _decode(text, i)
        if characters[c] >> _KIND_AT != LETTER:
            if c == _NEWLINE:
                ends[n_ends] = n_ids
                n_ends += 1
            i += width
            continue
        end, n_pieces, length = _fold_word(text, i, characters, contexts, pieces)
        record = _record_of(slots, arena, pieces, n_pieces, length, frozen, state)
        if record == NO_ROOM:
            status = FULL
            break
        if record >= 0:
            if not frozen:
                arena[record + 1] += _ONE
            ids[n_ids] = arena[record] >> _HALF
            n_ids += 1
        i = end
        n_tokens += 1
        if n_tokens == state[LIMIT_AT]:
            status = LIMIT
            break
    state[POSITION], state[N_IDS], state[N_ENDS], state[N_TOKENS] = i, n_ids, n_ends, n_tokens
    return status


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
        record = _record_of(slots, arena, pieces, n_pieces, length, False, state)
        arena[record + 1] += others[other + 1]
        numbers[i] = arena[record] >> _HALF
        other += RECORD_HEAD + n_pieces


@compiled(nogil=True, makes_arrays=False)
def fill_slots(slots: Array, arena: Array, used: int) -> None:
    """Enter every record of an arena into empty slots."""
    mask = slots.size - 1
    record = 0
    while record < used:
        length = np.int64(arena[record] & _LOW)
        n_pieces = (length + 7) // 8
        h = _hash(arena[record + RECORD_HEAD : record + RECORD_HEAD + n_pieces], n_pieces, length)
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


@compiled(nogil=True, makes_arrays=False)
def renumber(
    ids: Array, ends: Array, numbers: Array, n_before: int, last_end: int
) -> tuple[int, int]:
    """Give ids their final numbers in place; UNKNOWN ones are dropped.

    ends: counts of these ids; become places in the whole corpus, n_before ids on, without the
    documents that end where one has ended before (last_end). Returns (ids left, ends left).
    """
    n_kept = n_ends = i = 0
    for end in range(ends.size + 1):
        stop = ends[end] if end < ends.size else ids.size
        while i < stop:
            number = numbers[ids[i]]
            ids[n_kept] = number
            n_kept += number != UNKNOWN
            i += 1
        if end < ends.size and n_before + n_kept > last_end:
            last_end = n_before + n_kept
            ends[n_ends] = last_end
            n_ends += 1
    return n_kept, n_ends
