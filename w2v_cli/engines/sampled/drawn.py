"""What a block draws, for the checks: the kernels' own functions, callable from Python.

Inlined functions have no machine code of their own to keep; called from Python each would be
compiled in every program anew.
"""

import numpy as np

from w2v_cli.compiled import compiled
from w2v_cli.engines.sampled.buffers import Corpus, Draws, Ids, Shape, Span
from w2v_cli.engines.sampled.chunks import n_chunks_of as inlined_n_chunks
from w2v_cli.engines.sampled.chunks import span_of as inlined_span
from w2v_cli.engines.sampled.draws import draw_noise, draw_tokens, keys_of


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
