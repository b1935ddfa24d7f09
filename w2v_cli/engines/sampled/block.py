"""One block, chunk after chunk: what the threads of the engine call, without the GIL."""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import overload

from w2v_cli.compiled import compiled, inlined
from w2v_cli.engines.sampled.buffers import (
    CbowModel,
    CbowScratch,
    Change,
    Corpus,
    Counters,
    Draws,
    Model,
    Scratch,
    Shape,
    Sums,
)
from w2v_cli.engines.sampled.cbow_step import apply_cbow, cbow_gradient
from w2v_cli.engines.sampled.draws import draw_noise, draw_tokens, keys_of
from w2v_cli.engines.sampled.lanes import count_of, count_up, let_others_run
from w2v_cli.engines.sampled.step import apply_skip_gram, n_chunks_of, skip_gram_gradient

# The gradient and the step of a chunk: of skip-gram or of CBOW, chosen when it is compiled.
#
# The type of the parameters says which: `Model` or `CbowModel`. So each compiled function holds the
# code of one model only.


_GRADIENTS: dict[type, Callable[..., tuple[float, int]]] = {
    Model: skip_gram_gradient,
    CbowModel: cbow_gradient,
}
_STEPS: dict[type, Callable[..., None]] = {Model: apply_skip_gram, CbowModel: apply_cbow}


def chunk_gradient(
    model: Model,
    shape: Shape,
    draws: Draws,
    n: int,
    chunk: int,
    scratch: Scratch | CbowScratch,
    change: Change,
) -> tuple[float, int]:
    """Fill `change` with the gradients of a chunk at its negatives; return J and its pairs."""
    return _GRADIENTS[type(model)](model, shape, draws, n, chunk, scratch, change)


def apply_change(
    model: Model,
    shape: Shape,
    draws: Draws,
    n: int,
    chunk: int,
    columns: tuple[int, int],
    lr: float,
    change: Change,
) -> None:
    """Move the parameters, in the columns from..to − 1, against the gradient of a chunk."""
    _STEPS[type(model)](model, shape, draws, n, chunk, columns, lr, change)


# What numba compiles in their places. Not strict: it would compare annotations, too.


@overload(chunk_gradient, strict=False)
def _(
    model: types.NamedTuple,
    shape: object,
    draws: object,
    n: object,
    chunk: object,
    scratch: object,
    change: object,
) -> Callable[..., Any]:
    of_model = _GRADIENTS[model.instance_class]
    return lambda model, shape, draws, n, chunk, scratch, change: of_model(  # noqa: PLW0108
        model, shape, draws, n, chunk, scratch, change
    )


@overload(apply_change, strict=False)
def _(
    model: types.NamedTuple,
    shape: object,
    draws: object,
    n: object,
    chunk: object,
    columns: object,
    lr: object,
    change: object,
) -> Callable[..., Any]:
    of_model = _STEPS[model.instance_class]
    return lambda model, shape, draws, n, chunk, columns, lr, change: of_model(  # noqa: PLW0108
        model, shape, draws, n, chunk, columns, lr, change
    )


# One block, chunk after chunk: what the threads of the engine call, without the GIL.


PART = 32
"""Columns of a part: what one thread moves at a time, in deterministic mode."""

Team = tuple[Counters, Counters, int, int]
"""(meeting, counters, n_threads, blocks done before), see `train_block_in_step`."""


@inlined
def row_of(changes: Change, i: int) -> Change:
    """Change number i of a round."""
    return Change(changes.center[i], changes.context[i], changes.noise[i], changes.noise_words[i])


@compiled(nogil=True)
def train_block(
    model: Model,
    corpus: Corpus,
    shape: Shape,
    span: tuple[int, int],
    unit: tuple[int, int, int],
    lr: float,
    draws: Draws,
    scratch: Scratch | CbowScratch,
    changes: Change,
) -> tuple[float, float]:
    """Train a block, the tokens span[0]..span[1] − 1, chunk after chunk; return loss and pairs.

    Args:
        model: shared with other threads, which may write at the same time
            (Hogwild: Recht, Ré, Wright, Niu 2011).
        unit: (seed, epoch, block), the key of the block's draws.
        draws, scratch: this thread's own memory.
        changes: room for one chunk's gradients.
    """
    change = row_of(changes, 0)
    columns = (0, shape.width)  # one thread moves whole rows
    key, noise_key = keys_of(unit)
    n = draw_tokens(corpus, span[0], span[1], shape, key, draws)
    loss, n_pairs = 0.0, 0
    for chunk in range(n_chunks_of(n, shape)):
        draw_noise(corpus, noise_key, chunk, change.noise_words)
        chunk_loss, chunk_pairs = chunk_gradient(model, shape, draws, n, chunk, scratch, change)
        apply_change(model, shape, draws, n, chunk, columns, lr, change)
        loss += chunk_loss
        n_pairs += chunk_pairs
    return loss, n_pairs


@inlined
def wait_for(counters: Counters, index: int, goal: int) -> None:
    """Return once counters[index] has come to `goal`."""
    turns = 0
    while count_of(counters, index) < goal:
        turns += 1
        if turns > 2000:
            let_others_run()


@inlined
def gradients_of_round(
    model: Model,
    corpus: Corpus,
    shape: Shape,
    draws: Draws,
    n: int,
    noise_key: int,
    start: int,
    stop: int,
    scratch: Scratch | CbowScratch,
    changes: Change,
    sums: Sums,
    counters: Counters,
    at: int,
) -> None:
    """First step of a round: compute the gradients of its chunks. Nobody writes parameters."""
    chunk = start + count_up(counters, at)
    while chunk < stop:
        change = row_of(changes, chunk - start)
        draw_noise(corpus, noise_key, chunk, change.noise_words)
        loss, n_pairs = chunk_gradient(model, shape, draws, n, chunk, scratch, change)
        sums[0, chunk] = loss
        sums[1, chunk] = n_pairs
        count_up(counters, at + 1)
        chunk = start + count_up(counters, at)


@inlined
def apply_round(
    model: Model,
    shape: Shape,
    draws: Draws,
    n: int,
    start: int,
    stop: int,
    lr: float,
    changes: Change,
    counters: Counters,
    at: int,
) -> None:
    """Second step: apply all changes, part after part. Nobody reads a part that another moves."""
    part = count_up(counters, at + 2)
    while part * PART < shape.width:
        columns = (part * PART, min(shape.width, (part + 1) * PART))
        for chunk in range(start, stop):
            change = row_of(changes, chunk - start)
            apply_change(model, shape, draws, n, chunk, columns, lr, change)
        count_up(counters, at + 3)
        part = count_up(counters, at + 2)


@compiled(nogil=True)
def train_block_in_step(
    model: Model,
    corpus: Corpus,
    shape: Shape,
    span: tuple[int, int],
    unit: tuple[int, int, int],
    lr: float,
    draws: Draws,
    scratch: Scratch | CbowScratch,
    changes: Change,
    sums: Sums,
    team: Team,
) -> tuple[float, float]:
    """Train a block like `train_block`, the same bits for every number of threads.

    All threads of the team call this for the same block. A round is as many chunks as `changes`
    has rows. First the gradients of all of them are computed, at the parameters the round began
    with; then all are applied, in order, to one part of the columns after the other. Whichever
    thread is free takes the next chunk or part, so that a thread which the system holds up does
    not hold up the others.

    Why the bits are the same: a gradient depends on the parameters before the round and on the
    chunk alone, whoever computes it; and each column gets the changes of the round in the order of
    the chunks, whoever adds them. Both waits keep the two steps apart.

    Args:
        sums: filled with loss and pairs of each chunk, (2, chunks).
        team: (meeting, counters, n_threads, blocks done before). meeting, (2,): threads that have
            come, blocks that have begun. counters, four a round: chunks taken, chunks done, parts
            taken, parts done.
    """
    meeting, counters, n_threads, n_before = team
    key, noise_key = keys_of(unit)
    n = draw_tokens(corpus, span[0], span[1], shape, key, draws)
    n_slots, n_chunks = len(changes.center), n_chunks_of(n, shape)
    # Meet: nobody is in the block before any more; the last to come clears the counters.
    if count_up(meeting, 0) == n_threads * (n_before + 1) - 1:
        counters[:] = 0
        count_up(meeting, 1)
    wait_for(meeting, 1, n_before + 1)
    for start in range(0, n_chunks, n_slots):
        stop, at = min(n_chunks, start + n_slots), 4 * (start // n_slots)
        gradients_of_round(
            model, corpus, shape, draws, n, noise_key, start, stop, scratch, changes, sums,
            counters, at,
        )  # fmt: skip
        wait_for(counters, at + 1, stop - start)
        apply_round(model, shape, draws, n, start, stop, lr, changes, counters, at)
        wait_for(counters, at + 3, (shape.width + PART - 1) // PART)
    return sums[0, :n_chunks].sum(), sums[1, :n_chunks].sum()
