"""The draws of a block (kept tokens, radii, negatives), and its chunks.

Draw number i of a generator is `key + i·golden`, scrambled (SplitMix64). So any thread can make any
draw at any time, and no state has to be saved.
"""

import numpy as np

from w2v_cli.compiled import compiled, inlined
from w2v_cli.engines.sampled.buffers import Block, Corpus, Draws, Ids, Shape, Span, Training

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
def keys_of(block: Block) -> tuple[np.uint64, np.uint64]:
    """Return the keys of two generators: for a block's tokens, and for its negatives.

    The same (seed, epoch, number) gives the same draws, whatever was drawn before.
    """
    key = mix(mix(mix(_u64(block.seed) + _GOLDEN) + _u64(block.epoch)) + _u64(block.number))
    return key, mix(key ^ _u64(0xD1B54A32D192ED03))


@inlined
def draw_tokens(corpus: Corpus, block: Block, shape: Shape, key: np.uint64, draws: Draws) -> int:
    """Subsample a block's tokens and draw a radius for each one kept; return their number.

    Windows end at the edges of documents and of the block.
    """
    smallest, n_radii = shape.smallest_radius, shape.window - shape.smallest_radius + 1
    n, first = 0, 0
    document = np.searchsorted(corpus.document_ends, block.start, side="right")
    for place in range(block.start, block.stop):
        # A document ends here, and so do the windows of its tokens. Skip empty documents.
        if place == corpus.document_ends[document]:
            clip_windows(draws, first, n)
            first = n
            while corpus.document_ends[document] <= place:
                document += 1
        word = np.int64(corpus.tokens[place])
        bits = bits_at(key, place - block.start)
        # The high 32 bits subsample, the low 32 bits draw the radius.
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
    """Clip the windows of the tokens first..end − 1, one document, at its edges."""
    for i in range(first, end):
        draws.left[i] = max(draws.left[i], first)
        draws.right[i] = min(draws.right[i], end)


@inlined
def draw_noise(corpus: Corpus, key: np.uint64, chunk: int, words: Ids) -> None:
    """Draw the negatives of a chunk by the alias method."""
    for s in range(len(words)):
        bits = bits_at(key, chunk * len(words) + s)
        # The low bits choose an entry of the table, the high bits its own word or its alias.
        word = below(bits, len(corpus.noise_alias))
        if (bits >> _32) > _u64(corpus.noise_limit[word]):
            word = np.int64(corpus.noise_alias[word])
        words[s] = word


# The chunks of a block.


@inlined
def n_chunks_of(n: int, shape: Shape) -> int:
    """Return the number of chunks in a block of n kept tokens."""
    length = (n + shape.n_spans - 1) // shape.n_spans
    return (length + shape.span_tokens - 1) // shape.span_tokens


@inlined
def span_of(chunk: int, stretch: int, n: int, shape: Shape) -> Span:
    """Return the span that a chunk takes from a stretch of a block; it may be empty.

    n: kept tokens of the block. Stretch p has the places p·length to (p + 1)·length − 1. The last
    stretch may be shorter, or empty if the block has few tokens.
    """
    length = (n + shape.n_spans - 1) // shape.n_spans
    first, stop, row = 0, 0, 0  # row: the chunk's centres in the stretches before
    for p in range(stretch + 1):
        row += stop - first
        end = min(n, (p + 1) * length)
        first = min(end, p * length + chunk * shape.span_tokens)
        stop = min(end, first + shape.span_tokens)
    return Span(first, stop, max(0, first - shape.window), min(n, stop + shape.window), row)


# For the checks.


@compiled(nogil=True)
def draws_of_block(
    training: Training, block: Block, draws: Draws, centers: Ids, negatives: Ids
) -> tuple[int, int]:
    """Draw what training a block draws; return its numbers of kept tokens and of chunks.

    This is one compiled function, because every process would compile inlined ones that Python
    calls again. Fills centers, (chunks, n_spans, 2), with the places [first, stop) of each span,
    and negatives, (chunks, S).
    """
    shape = training.shape
    key, noise_key = keys_of(block)
    n = draw_tokens(training.corpus, block, shape, key, draws)
    n_chunks = n_chunks_of(n, shape)
    for chunk in range(n_chunks):
        draw_noise(training.corpus, noise_key, chunk, negatives[chunk])
        for stretch in range(shape.n_spans):
            span = span_of(chunk, stretch, n, shape)
            centers[chunk, stretch, 0] = span.first
            centers[chunk, stretch, 1] = span.stop
    return n, n_chunks
