"""Compiled loops of the reader: from UTF-8 bytes to numbered words.

`scan`, the last but one function, is the loop; the others are its steps, in order: decode a
character, take eight ASCII bytes at once, fold a word into pieces of eight bytes, find some tokens
ahead. `table_kernels` finds the record of each word.
"""

from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import config as numba_config
from numba import types
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined, prefetch
from w2v_cli.text.table_kernels import (
    NO_ROOM,
    STATE_SIZE,
    hash_of,
    prefetch_record,
    record_at,
)
from w2v_cli.text.unicode_table import (
    CASED,
    DROPPED,
    IGNORABLE,
    INNER,
    JOINER,
    LETTER,
    LONE,
    MARK,
    SEPARATOR,
    STARTS_WORD,
)

# UTF-8, by the rules of Python's decoder: is text valid, and which character starts at a byte?


_STRIDE = 64  # bytes that are looked at together


@compiled(nogil=True, makes_arrays=False)
def is_utf8(text: Array) -> bool:
    """Tell whether bytes are valid UTF-8, by the rules of Python's decoder."""
    i = 0
    while i < text.size:
        stop = min(text.size, i + _STRIDE)
        if stop == i + _STRIDE:  # a stride of ASCII is valid: one test for all of it
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
    # Not a first byte: a continuation, an overlong form of ASCII, or beyond the last code point.
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
    # Any further bytes are plain continuations.
    for j in range(i + 2, i + width):
        if text[j] & 0xC0 != 0x80:
            return 0
    return width


@inlined
def decode(text: Array, i: int) -> tuple[np.int64, int]:
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


# ASCII text, eight bytes at a time, in a number of 64 bits: the first byte is the lowest.
#
# Each byte's highest bit serves as its flag. What is added to a byte below 0x80 never carries into
# the next one, so one addition compares eight bytes at once.


_u64 = np.uint64
_ONES, _TOP_BITS = _u64(0x0101010101010101), _u64(0x8080808080808080)
_ONE_BIT, _TWO, _SEVEN, _TOP, _EIGHT = _u64(1), _u64(2), _u64(7), _u64(56), _u64(8)
_CASE = _u64(0x2020202020202020)  # what a small letter has and its capital has not

#: The sets of ASCII characters that `plain_letters` can find.
NO_LETTERS, ALL_BUT_SPACE, LETTERS_AND_DIGITS = range(3)


@intrinsic
def load_eight(
    _: object, text: types.Type, i: types.Type
) -> tuple[Signature, Callable[..., ir.Value]]:
    """text[i : i + 8], uint8, as one number; the caller makes sure that they are there."""

    def generate(
        context: BaseContext, builder: ir.IRBuilder, signature: Signature, args: list[ir.Value]
    ) -> ir.Value:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.gep(data, [args[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(text, types.intp), generate


@inlined
def _from(eight: np.uint64, c: np.uint64) -> np.uint64:
    """Flag the bytes, all below 0x80, that are at least c."""
    return (eight + (_u64(0x80) - c) * _ONES) & _TOP_BITS


@inlined
def plain_letters(eight: np.uint64, letters: int) -> np.uint64:
    """Flag the bytes that are ASCII letters of a kind."""
    ascii_part = eight & ~_TOP_BITS
    if letters == ALL_BUT_SPACE:
        found = _from(ascii_part, _u64(0x21))
    else:
        # Letters of either case in one comparison, then digits.
        small = ascii_part | _CASE
        found = _from(small, _u64(0x61)) & ~_from(small, _u64(0x7B))
        found |= _from(ascii_part, _u64(0x30)) & ~_from(ascii_part, _u64(0x3A))
    return found & ~eight & _TOP_BITS  # bytes from 0x80 on are not ASCII


@inlined
def lower(eight: np.uint64) -> np.uint64:
    """Turn A to Z into a to z, in ASCII."""
    capitals = _from(eight, _u64(0x41)) & ~_from(eight, _u64(0x5B))
    return eight | (capitals >> _TWO)  # a flag, 0x80, becomes the bit of small letters, 0x20


@inlined
def n_before_first(flags: np.uint64) -> np.int64:
    """Count the bytes before the first one that is flagged; there must be one."""
    first = flags & (~flags + _ONE_BIT)  # the lowest flag alone
    # All bits below it are set, so each byte up to its own gives a one; the product adds them up.
    return np.int64((((first - _ONE_BIT) & _ONES) * _ONES) >> _TOP) - 1


if numba_config.DISABLE_JIT:

    def load_eight(text, i):  # noqa: D103
        return _u64(int.from_bytes(text[i : i + 8].tobytes(), "little"))


# From bytes to numbered words.


# Not from `w2v_cli.arrays`: compiled code takes nothing from outside its folder.
DONE, FULL, LIMIT = range(3)
"""Why `scan` returned: at the end of the text, the table must grow, enough tokens."""

POSITION, N_IDS, N_ENDS, N_TOKENS, LIMIT_AT = range(STATE_SIZE, STATE_SIZE + 5)
"""Indices into the state that `scan` continues from and leaves, after those of the table."""
SCAN_STATE_SIZE = STATE_SIZE + 5

AHEAD = 32
"""Tokens that are found before the word of the first is looked up.

A look-up waits for two places far apart in memory, the slot and the record of the word. Finding and
hashing a word took 15 ns of 90, so 32 words are prefetched before the first is needed.
"""

START, STOP, PIECES, N_PIECES, LENGTH, HASH, LINES = range(7)
"""Columns of `ahead`: what is known of a token that was found ahead."""
N_FIELDS = 8

UNKNOWN = np.uint32(0xFFFFFFFF)

_ZERO, _ONE, _THREE, _BYTE = _u64(0), _u64(1), _u64(3), _u64(8)
_PIECE = _u64(64)
_FLAGS = _u64(0x8080808080808080)
_LOW, _HALF = _u64(0xFFFFFFFF), _u64(32)
_BITS_MASK, _KIND_AT = _u64(0xFF), _u64(40)
_STARTS_WORD = _u64(STARTS_WORD)
_NEWLINE = 10
_CAPITAL_SIGMA = 0x3A3
_SMALL_SIGMA, _FINAL_SIGMA = _u64(0x83CF), _u64(0x82CF)  # their UTF-8 bytes, first byte lowest


@inlined
def _is_final_sigma(text: Array, i: int, contexts: Array) -> bool:
    """Tell whether the Σ at byte i ends a word, as `str.lower` sees it."""
    # Before it, ignorable characters aside, there has to be a cased one.
    before = i - 1
    while before >= 0:
        while text[before] & 0xC0 == 0x80:
            before -= 1
        context = contexts[decode(text, before)[0]]
        if context != IGNORABLE:
            if context != CASED:
                return False
            break
        before -= 1
    if before < 0:
        return False
    # After it, ignorable characters aside, there may be no cased one.
    after = i + 2
    while after < text.size:
        c, width = decode(text, after)
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
    joiner, joiner_bits, before = _ZERO, _ZERO, SEPARATOR  # one that waits, and its kind
    start = i
    while i < text.size:
        c, width = decode(text, i)
        becomes = characters[c]
        kind = becomes >> _KIND_AT
        letter, letter_bits = becomes & _LOW, becomes >> _HALF & _BITS_MASK
        if kind == LETTER or (kind == MARK and before != JOINER) or (kind == LONE and i == start):
            # The one lower case that depends on the neighbours.
            if c == _CAPITAL_SIGMA and contexts.size:
                letter = _FINAL_SIGMA if _is_final_sigma(text, i, contexts) else _SMALL_SIGMA
            # A joiner waits until it is known to join: it comes before this letter.
            if joiner != _ZERO:
                letter, letter_bits = letter << joiner_bits | joiner, letter_bits + joiner_bits
                joiner, before = _ZERO, SEPARATOR
            piece |= letter << bits
            bits += letter_bits
            # The piece is full: what did not fit of the letter starts the next one.
            if bits >= _PIECE:
                pieces[n_pieces] = piece
                n_pieces += 1
                bits -= _PIECE
                piece = letter >> (letter_bits - bits)
        elif kind in (JOINER, INNER) and joiner == _ZERO:
            joiner, joiner_bits, before = letter, letter_bits, np.int64(kind)
        elif kind != DROPPED and (kind != INNER or before != INNER):
            break
        i += width
    length = 8 * n_pieces + np.int64(bits >> _THREE)
    if bits != _ZERO:  # the last piece, filled up with zeros
        pieces[n_pieces] = piece
        n_pieces += 1
    return i, n_pieces, length


@inlined
def _plain_word(
    text: Array, i: int, characters: Array, letters: int, fold: bool, pieces: Array
) -> tuple[int, int, int]:
    """Do what `_fold_word` does for a word of plain ASCII letters, eight bytes at a time.

    Returns a length of 0 where the word may have other characters: it is for `_fold_word` then.
    """
    n_pieces = 0
    start = i
    while i + 8 <= text.size:
        eight = load_eight(text, i)
        others = ~plain_letters(eight, letters) & _FLAGS
        if fold:
            # Only letters before the first other byte are kept, and these are ASCII.
            eight = lower(eight & ~_FLAGS)
        if others == _ZERO:  # eight letters: a whole piece
            pieces[n_pieces] = eight
            n_pieces += 1
            i += 8
            continue
        n = n_before_first(others)
        # The word may go on after this byte, with a joiner, a mark or another script: give up.
        if text[i + n] >= 0x80 or characters[text[i + n]] >> _KIND_AT != SEPARATOR:
            break
        if n:
            pieces[n_pieces] = eight & ((_ONE << _u64(8 * n)) - _ONE)
            n_pieces += 1
        return i + n, n_pieces, i + n - start
    return start, 0, 0


@inlined
def _read_ahead(
    text: Array,
    i: int,
    characters: Array,
    contexts: Array,
    letters: int,
    fold: bool,
    slots: Array,
    pieces: Array,
    ahead: Array,
) -> tuple[int, int]:
    """Find the next tokens, at most AHEAD; return how many there are, and the byte where they end.

    ahead: filled with where each word starts and ends, its pieces and their number, its length, its
    hash, and the ends of lines before it. Its slot is on its way when this returns.
    """
    n, at, n_lines = 0, 0, 0
    while i < text.size and n < AHEAD:
        c, width = decode(text, i)
        kind = characters[c] >> _KIND_AT
        # Between tokens: count the ends of lines.
        if kind & _STARTS_WORD == _ZERO:
            n_lines += c == _NEWLINE
            i += width
            continue
        # A word: eight bytes at a time if it is plain ASCII, else character by character.
        end, n_pieces, length = i, 0, 0
        if letters != NO_LETTERS:
            end, n_pieces, length = _plain_word(text, i, characters, letters, fold, pieces[at:])
        if length == 0:
            end, n_pieces, length = _fold_word(text, i, characters, contexts, pieces[at:])
        # Ask for its slot, and note what the look-up needs.
        h = hash_of(pieces[at:], n_pieces, length)
        prefetch(slots, np.int64(h & _u64(slots.size - 1)))
        ahead[n, START], ahead[n, STOP], ahead[n, PIECES] = i, end, at
        ahead[n, N_PIECES], ahead[n, LENGTH], ahead[n, LINES] = n_pieces, length, n_lines
        ahead[n, HASH] = h
        at += n_pieces
        i = end
        n_lines = 0
        n += 1
    ahead[n, LINES] = n_lines  # those after the last word
    return n, i


@compiled(nogil=True, makes_arrays=False)
def scan(
    text: Array,
    characters: Array,
    contexts: Array,
    letters: int,
    fold: bool,
    slots: Array,
    arena: Array,
    frozen: bool,
    pieces: Array,
    ahead: Array,
    ids: Array,
    ends: Array,
    state: Array,
) -> int:
    """Number the tokens of valid UTF-8 text, from `state` on; return DONE, FULL or LIMIT.

    Tokens are looked up in groups: their slots and records, far apart in memory, are prefetched.

    characters: what each character becomes, see `pack_characters`. contexts: see `sigma_contexts`,
    empty where Σ stays. letters: ASCII characters that are letters, see `eight_bytes`; fold: their
    capitals become small, the others stay. frozen: words that are not in the table get no id and no
    record. pieces: room for the longest word, and two more pieces for each word ahead. ahead:
    uint64, (AHEAD + 1, N_FIELDS). ids: the numbers, uint32. ends: how many ids there were
    at each end of a line, int64. After FULL, call again with a larger table.
    """
    i, n_ids, n_ends, n_tokens = state[POSITION], state[N_IDS], state[N_ENDS], state[N_TOKENS]
    status = DONE
    while i < text.size and status == DONE:
        n, i = _read_ahead(text, i, characters, contexts, letters, fold, slots, pieces, ahead)
        # The slots are here by now; they tell where the records are.
        for k in range(n):
            prefetch_record(slots, arena, ahead[k, HASH])
        for k in range(n + 1):
            # Lines that end before this word.
            for _ in range(np.int64(ahead[k, LINES])):
                ends[n_ends] = n_ids
                n_ends += 1
            if k == n:
                break
            # Look the word up, or add it.
            n_pieces, length = np.int64(ahead[k, N_PIECES]), np.int64(ahead[k, LENGTH])
            word = pieces[np.int64(ahead[k, PIECES]) :]
            record = record_at(slots, arena, word, n_pieces, length, ahead[k, HASH], frozen, state)
            if record == NO_ROOM:  # come back for this word
                status, i = FULL, np.int64(ahead[k, START])
                break
            # Count it, unless threads share the table, and write its number.
            if record >= 0:
                if not frozen:
                    arena[record + 1] += _ONE
                ids[n_ids] = arena[record] >> _HALF
                n_ids += 1
            n_tokens += 1
            if n_tokens == state[LIMIT_AT]:
                status, i = LIMIT, np.int64(ahead[k, STOP])
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
        # The tokens of one document. UNKNOWN is written too, and the next one written over it:
        # that saves a branch.
        while i < stop:
            number = numbers[ids[i]]
            ids[n_kept] = number
            n_kept += number != UNKNOWN
            i += 1
        # Its end, unless nothing is left of the document.
        if end < ends.size and n_before + n_kept > last_end:
            last_end = n_before + n_kept
            ends[n_ends] = last_end
            n_ends += 1
    return n_kept, n_ends
