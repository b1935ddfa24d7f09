"""Compiled loops of the reader: from UTF-8 bytes to numbered words.

`scan` folds the characters of a word into pieces of eight bytes as it meets them, and asks
`word_table_kernels` for the record of these.
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined
from w2v_cli.corpus.characters import CASED, IGNORABLE, JOINER, LETTER, LONE, MARK, STARTS_WORD
from w2v_cli.corpus.word_table_kernels import NO_ROOM, STATE_SIZE, record_of

# Not from `w2v_cli.arrays`: compiled code takes nothing from outside its folder.
DONE, FULL, LIMIT = range(3)
"""Why `scan` returned: at the end of the text, the table must grow, enough words."""

POSITION, N_IDS, N_ENDS, N_TOKENS, LIMIT_AT = range(STATE_SIZE, STATE_SIZE + 5)
"""The places of the state that `scan` takes up and leaves, after those of the table."""
SCAN_STATE_SIZE = STATE_SIZE + 5

UNKNOWN = np.uint32(0xFFFFFFFF)

_u64 = np.uint64
_ZERO, _ONE, _THREE, _BYTE = _u64(0), _u64(1), _u64(3), _u64(8)
_PIECE = _u64(64)
_LOW, _HALF = _u64(0xFFFFFFFF), _u64(32)
_BITS_MASK, _KIND_AT = _u64(0xFF), _u64(40)
_STARTS_WORD = _u64(STARTS_WORD)
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
def _fold_word(
    text: Array, i: int, characters: Array, contexts: Array, pieces: Array
) -> tuple[int, int, int]:
    """Fold the word that starts at byte i into pieces.

    Returns (the byte where it ends, its pieces, its length in bytes); a joiner that joins nothing
    comes before that end and is not in the pieces.
    """
    n_pieces, piece, bits = 0, _ZERO, _ZERO  # whole pieces, the next one, how many bits it has
    joiner = _ZERO
    start = i
    while i < text.size:
        c, width = _decode(text, i)
        becomes = characters[c]
        kind = becomes >> _KIND_AT
        if kind == LETTER or (kind == MARK and joiner == _ZERO) or (kind == LONE and i == start):
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
        kind = characters[c] >> _KIND_AT
        if kind & _STARTS_WORD == _ZERO:
            if c == _NEWLINE:
                ends[n_ends] = n_ids
                n_ends += 1
            i += width
            continue
        end, n_pieces, length = _fold_word(text, i, characters, contexts, pieces)
        record = record_of(slots, arena, pieces, n_pieces, length, frozen, state)
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
