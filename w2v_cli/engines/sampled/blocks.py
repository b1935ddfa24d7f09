"""One block, chunk after chunk: what the threads of the engine call, without the GIL."""

from w2v_cli.compiled import compiled, inlined
from w2v_cli.engines.sampled.buffers import (
    CbowScratch,
    Change,
    Corpus,
    Counters,
    Draws,
    Scratch,
    Shape,
    Sums,
)
from w2v_cli.engines.sampled.chunks import n_chunks_of
from w2v_cli.engines.sampled.draws import draw_noise, draw_tokens, keys_of
from w2v_cli.engines.sampled.gradient import apply_change, chunk_gradient
from w2v_cli.engines.sampled.lanes import count_of, count_up, let_others_run
from w2v_cli.engines.sampled.model import Model

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
