"""What training draws: kept tokens, radii and negatives, from counters.

Draw number i of a generator is a scrambled `key + i·golden` (SplitMix64), so any draw can be made
at any time by any thread, and nothing has to be saved.
"""

import numpy as np

from w2v_cli.compiled import compiled, inlined
from w2v_cli.engines.sampled.buffers import Corpus, Draws, Ids, Shape, Span
from w2v_cli.engines.sampled.step import n_chunks_of as inlined_n_chunks
from w2v_cli.engines.sampled.step import span_of as inlined_span

_u64 = np.uint64
_GOLDEN = _u64(0x9E3779B97F4A7C15)
_LOW_32 = _u64(0xFFFFFFFF)
_32 = _u64(32)


@inlined
def mix(x: np.uint64) -> np.uint64:
    """Scramble 64 bits (the finaliser of SplitMix64; Steele, Lea, Flood 2014)."""
    x = (x ^ (x >> _u64(30))) * _u64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> _u64(27))) * _u64(0x94D049BB133111EB)
    return x ^ (x >> _u64(31))


@inlined
def bits_at(key: np.uint64, counter: int) -> np.uint64:
    """64 random bits: draw number `counter` of the generator `key`."""
    return mix(_u64(key) + _u64(counter) * _GOLDEN)


@inlined
def below(bits: np.uint64, n: int) -> np.int64:
    """Turn the low 32 random bits into a whole number in 0..n − 1."""
    return np.int64(((bits & _LOW_32) * _u64(n)) >> _32)


@inlined
def keys_of(unit: tuple[int, int, int]) -> tuple[np.uint64, np.uint64]:
    """The generators of a block's tokens and of its noise.

    unit: (seed, epoch, block); the same unit has the same draws, whatever was drawn before.
    """
    key = mix(mix(mix(_u64(unit[0]) + _GOLDEN) + _u64(unit[1])) + _u64(unit[2]))
    return key, mix(key ^ _u64(0xD1B54A32D192ED03))


@inlined
def draw_tokens(
    corpus: Corpus, start: int, stop: int, shape: Shape, key: np.uint64, draws: Draws
) -> int:
    """Thin out the tokens start..stop − 1, draw a radius for each one kept; return their number.

    Windows end at the edges of documents and of the block.
    """
    smallest, n_radii = shape.smallest_radius, shape.window - shape.smallest_radius + 1
    n, first = 0, 0
    document = np.searchsorted(corpus.document_ends, start, side="right")
    for place in range(start, stop):
        if place == corpus.document_ends[document]:
            clip_windows(draws, first, n)
            first = n
            while corpus.document_ends[document] <= place:
                document += 1
        word = np.int64(corpus.tokens[place])
        bits = bits_at(key, place - start)
        if (bits >> _32) <= _u64(corpus.keep_limit[word]):
            radius = smallest + below(bits, n_radii)
            draws.words[n] = word
            draws.left[n] = n - radius
            draws.right[n] = n + radius + 1
            n += 1
    clip_windows(draws, first, n)
    return n


@inlined
def clip_windows(draws: Draws, first: int, end: int) -> None:
    """Let the windows of the tokens first..end − 1, one document, end at its edges."""
    for i in range(first, end):
        draws.left[i] = max(draws.left[i], first)
        draws.right[i] = min(draws.right[i], end)


@inlined
def draw_noise(corpus: Corpus, key: np.uint64, chunk: int, words: Ids) -> None:
    """Draw the negatives of a chunk by the alias method."""
    for s in range(len(words)):
        bits = bits_at(key, chunk * len(words) + s)
        word = below(bits, len(corpus.noise_alias))
        if (bits >> _32) > _u64(corpus.noise_limit[word]):
            word = np.int64(corpus.noise_alias[word])
        words[s] = word


# What a block draws, for the checks: the kernels' own functions, callable from Python.
#
# Inlined functions have no machine code of their own to keep; called from Python each would be
# compiled in every program anew.


@compiled(nogil=True)
def tokens_of_block(
    corpus: Corpus, start: int, stop: int, shape: Shape, unit: tuple[int, int, int], drawn: Draws
) -> int:
    """Draw the tokens of a block and their windows; return how many are kept."""
    token_key, _ = keys_of(unit)
    return draw_tokens(corpus, start, stop, shape, token_key, drawn)


@compiled(nogil=True)
def noise_of_chunk(corpus: Corpus, unit: tuple[int, int, int], chunk: int, words: Ids) -> None:
    """Draw the negatives of a chunk of a block."""
    _, noise_key = keys_of(unit)
    draw_noise(corpus, np.uint64(noise_key), chunk, words)


@compiled(nogil=True)
def n_chunks_of(n: int, shape: Shape) -> int:
    """Chunks of a block of n kept tokens."""
    return inlined_n_chunks(n, shape)


@compiled(nogil=True)
def span_of(chunk: int, stretch: int, n: int, shape: Shape) -> Span:
    """The span that a chunk takes from a stretch of a block of n kept tokens."""
    return inlined_span(chunk, stretch, n, shape)
