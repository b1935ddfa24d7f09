"""What Python knows about every Unicode character, as arrays for compiled code.

All of it comes from Python's own `re`, `str` and `unicodedata`, so compiled code and Python agree
on the interpreter's version of Unicode. It is computed once per process, in 0.1 to 0.3 s; nothing
is kept on disk that could become stale.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

N_CHARACTERS = 0x110000
UNICODE_VERSION = unicodedata.unidata_version

#: What a character is to a tokenizer. A word starts with a LETTER and continues with LETTERs
#: and MARKs; one JOINER may be between two LETTERs, or a MARK and a LETTER. A LONE letter is a word
#: of its own, with the MARKs after it.
SEPARATOR, LETTER, MARK, LONE, JOINER = range(5)
#: INNER ones are like JOINERs, but a MARK may follow, and of several in a row the first is kept; a
#: DROPPED character is passed over, inside words and between them.
INNER, DROPPED = 6, 8
STARTS_WORD = 1  # the bit that LETTER and LONE have

#: What a character is to the final sigma: Σ becomes ς after a CASED character and before none,
#: IGNORABLE ones between them aside.
OTHER, CASED, IGNORABLE = range(3)

#: The one character whose lower case is two characters; a test watches for others.
_DOTTED_I = 0x130
_CAPITAL_SIGMA = 0x3A3
_PROBE_CHARACTERS = 3


@cache
def every_character() -> str:
    """Return all code points in order, surrogates included: the index is the code point."""
    return np.arange(N_CHARACTERS, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")


def ranges(pattern: str) -> Iterator[slice]:
    """Yield the ranges of code points that match a pattern such as `[^\\W_]+`."""
    return (slice(*match.span()) for match in re.finditer(pattern, every_character()))


@cache
def marks() -> NDArray[np.int64]:
    """Return the combining marks (Mn and Mc), rising; they are in planes 0, 1 and 14 only."""
    candidates = np.ones(N_CHARACTERS, bool)
    for letters in ranges(r"[^\W_]+"):
        candidates[letters] = False
    candidates[0xD800:0xF900] = candidates[0x20000:0xE0000] = candidates[0xF0000:] = False
    places = np.flatnonzero(candidates)
    characters = places.astype("<u4").tobytes().decode("utf-32-le")
    is_mark = [category in {"Mn", "Mc"} for category in map(unicodedata.category, characters)]
    return places[is_mark]


@cache
def mark_class() -> str:
    """Return the combining marks as a class of a regular expression, `[…]`."""
    places = marks()
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return "[" + "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs) + "]"


@cache
def decimals() -> tuple[int, ...]:
    """Return the decimal digits of all scripts, rising."""
    return tuple(i for i, c in enumerate(every_character()) if c.isdecimal())


def pack_characters(
    kinds: NDArray[np.uint8], replacements: Mapping[str, str], lowercase: bool
) -> NDArray[np.uint64]:
    """Return for each character, (0x110000,), what it becomes, for `scan_kernels.scan`.

    kinds: the kind of each character, (0x110000,). replacements: made after lower-casing.
    Bits 0 to 31 hold the UTF-8 bytes it becomes, first byte lowest; bits 32 to 39 how many bits
    these are; bits 40 to 47 the kind of what it becomes.
    """
    becomes = np.arange(N_CHARACTERS)
    if lowercase:
        becomes = _lower()
    new = np.arange(N_CHARACTERS)
    new[[ord(old) for old in replacements]] = [ord(c) for c in replacements.values()]
    becomes = new[becomes]
    packed = _utf8()[becomes]
    if lowercase:
        two = chr(_DOTTED_I).lower().encode()
        packed[_DOTTED_I] = int.from_bytes(two, "little") | 8 * len(two) << 32
    return packed | kinds[becomes].astype(np.uint64) << np.uint64(40)


def _lower() -> NDArray[np.int64]:
    """Return the first character of each one's lower case; Σ's is the one inside a word."""
    text = every_character().replace(chr(_DOTTED_I), "i").replace(chr(_CAPITAL_SIGMA), "σ").lower()
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)


@cache
def _utf8() -> NDArray[np.uint64]:
    """Return for each character its UTF-8 bytes, first byte lowest, and above these their bits."""
    packed = np.empty(N_CHARACTERS, np.uint64)
    starts = [0, 0x80, 0x800, 0x10000, N_CHARACTERS]
    for n_bytes, (start, stop) in enumerate(pairwise(starts), 1):
        c = np.arange(start, stop, dtype=np.uint64)
        first = 0 if n_bytes == 1 else 0xFF00 >> n_bytes & 0xFF
        part = c >> np.uint64(6 * (n_bytes - 1)) | np.uint64(first)
        for i in range(1, n_bytes):
            tail = c >> np.uint64(6 * (n_bytes - 1 - i)) & np.uint64(0x3F) | np.uint64(0x80)
            part |= tail << np.uint64(8 * i)
        packed[start:stop] = part | np.uint64(8 * n_bytes << 32)
    return packed


@cache
def sigma_contexts() -> NDArray[np.uint8]:
    """Return what each character is to a Σ beside it: OTHER, CASED or IGNORABLE, (0x110000,).

    Python does not expose this, so `cΣ` and `acΣ` are lower-cased for every character c. The first
    ends in ς after a cased character, the second after an ignorable one too.
    """
    contexts = np.zeros(N_CHARACTERS, np.uint8)
    contexts[_is_final(before="a")] = IGNORABLE
    contexts[_is_final(before="\n")] = CASED
    return contexts


def _is_final(before: str) -> NDArray[np.bool_]:
    """Tell for every character c whether Σ is a final one in `before` c Σ newline."""
    probes = np.empty((N_CHARACTERS, _PROBE_CHARACTERS + 1), "<u4")
    probes[:] = [ord(before), 0, _CAPITAL_SIGMA, ord("\n")]
    probes[:, 1] = np.arange(N_CHARACTERS)
    probes[_DOTTED_I, 1] = ord("I")  # cased like it, and stays one character
    text = probes.tobytes().decode("utf-32-le", "surrogatepass").lower()
    lowered = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    return np.asarray(lowered.reshape(probes.shape)[:, 2] == ord("ς"))
