"""Train one block, chunk after chunk: the engine's threads call this, without the GIL."""

from collections.abc import Callable
from typing import Any, NamedTuple

from numba import types
from numba.extending import overload

from w2v_cli.compiled import compiled, inlined
from w2v_cli.engines.sampled.buffers import (
    Block,
    CbowModel,
    Change,
    Counters,
    Draws,
    Memory,
    Model,
    Team,
    Training,
)
from w2v_cli.engines.sampled.cbow_step import apply_cbow, cbow_gradient
from w2v_cli.engines.sampled.draws import draw_noise, draw_tokens, keys_of, n_chunks_of
from w2v_cli.engines.sampled.lanes import count_of, count_up, let_others_run
from w2v_cli.engines.sampled.step import apply_skip_gram, skip_gram_gradient

PART = 32
"""Columns in a part, which one thread moves at a time in deterministic mode."""

Function = Callable[..., Any]


def by_model(functions: dict[type[Model], Function]) -> Function:
    """Return one function for several models: the type of its first argument selects the code.

    The choice is made at compilation, so each compiled function has the code of one model only.
    """

    def chosen(model: Model, *others: Any) -> Any:
        return functions[type(model)](model, *others)

    @overload(chosen, strict=False)  # strict would compare annotations, too
    def _(model: types.NamedTuple, *others: types.Type) -> Function:
        function = functions[model.instance_class]
        return lambda model, *others: function(model, *others)  # noqa: PLW0108 (numba compiles it)

    return chosen


chunk_gradient = by_model({Model: skip_gram_gradient, CbowModel: cbow_gradient})
apply_change = by_model({Model: apply_skip_gram, CbowModel: apply_cbow})


@compiled(nogil=True)
def train_block(training: Training, block: Block, lr: float, memory: Memory) -> tuple[float, float]:
    """Train a block, chunk after chunk; return its loss and its number of pairs.

    Other threads may move the same parameters at the same time (Hogwild: Recht, Ré, Wright,
    Niu 2011). Each thread has its own memory.
    """
    model, corpus, shape = training
    key, noise_key = keys_of(block)
    n = draw_tokens(corpus, block, shape, key, memory.draws)
    draws, change = first_of(memory.draws, n), row_of(memory.changes, 0)
    columns = (0, shape.width)  # one thread moves whole rows
    loss, n_pairs = 0.0, 0
    for chunk in range(n_chunks_of(n, shape)):
        draw_noise(corpus, noise_key, chunk, change.noise_words)
        chunk_loss, chunk_pairs = chunk_gradient(model, shape, draws, chunk, memory.scratch, change)
        apply_change(model, shape, draws, chunk, columns, lr, change)
        loss += chunk_loss
        n_pairs += chunk_pairs
    return loss, n_pairs


@compiled(nogil=True)
def train_block_in_step(
    training: Training, block: Block, lr: float, memory: Memory, team: Team
) -> tuple[float, float]:
    """Train a block like `train_block`, the same bits for every number of threads.

    All threads of the team call this for the same block. A round has as many chunks as `changes`
    has room for. In its first phase the threads compute the gradients of all its chunks, at the
    parameters that the round began with. In its second phase they apply these, in order, to one
    part of the columns after another. Any free thread takes the next chunk or part. With fixed
    shares and barriers one delayed thread delayed all, and on a busy machine the speed fell
    fiftyfold.

    Why the bits are the same: a gradient depends only on the chunk and on the parameters before
    the round, not on the thread that computes it. Each column gets the changes of the round in the
    order of the chunks, whichever thread adds them. The two waits keep the phases apart.
    """
    corpus, shape = training.corpus, training.shape
    key, noise_key = keys_of(block)
    n = draw_tokens(corpus, block, shape, key, memory.draws)
    draws = first_of(memory.draws, n)
    n_slots, n_chunks = len(memory.changes.center), n_chunks_of(n, shape)
    # Meet: every thread has left the block before; the last to arrive clears the counters.
    if count_up(team.meeting, 0) == team.n_threads * (team.n_before + 1) - 1:
        team.counters[:] = 0
        count_up(team.meeting, 1)
    wait_for(team.meeting, 1, team.n_before + 1)
    for start in range(0, n_chunks, n_slots):
        turn = Round(start, min(n_chunks, start + n_slots), 4 * (start // n_slots))
        gradients_of_round(training, draws, noise_key, turn, memory, team)
        wait_for(team.counters, turn.at + 1, turn.stop - turn.start)
        apply_round(training, draws, turn, lr, memory.changes, team)
        wait_for(team.counters, turn.at + 3, (shape.width + PART - 1) // PART)
    return team.sums[0, :n_chunks].sum(), team.sums[1, :n_chunks].sum()


class Round(NamedTuple):
    """The chunks start..stop − 1. at: where the round's four counters begin."""

    start: int
    stop: int
    at: int


@inlined
def gradients_of_round(
    training: Training,
    draws: Draws,
    noise_key: int,
    turn: Round,
    memory: Memory,
    team: Team,
) -> None:
    """First phase of a round: compute the gradients of its chunks. No thread writes parameters."""
    model, corpus, shape = training
    chunk = turn.start + count_up(team.counters, turn.at)
    while chunk < turn.stop:
        change = row_of(memory.changes, chunk - turn.start)
        draw_noise(corpus, noise_key, chunk, change.noise_words)
        loss, n_pairs = chunk_gradient(model, shape, draws, chunk, memory.scratch, change)
        team.sums[0, chunk] = loss
        team.sums[1, chunk] = n_pairs
        count_up(team.counters, turn.at + 1)
        chunk = turn.start + count_up(team.counters, turn.at)


@inlined
def apply_round(
    training: Training,
    draws: Draws,
    turn: Round,
    lr: float,
    changes: Change,
    team: Team,
) -> None:
    """Second phase: apply all changes, part by part. No thread reads a part that another moves."""
    model, shape = training.model, training.shape
    part = count_up(team.counters, turn.at + 2)
    while part * PART < shape.width:
        columns = (part * PART, min(shape.width, (part + 1) * PART))
        for chunk in range(turn.start, turn.stop):
            change = row_of(changes, chunk - turn.start)
            apply_change(model, shape, draws, chunk, columns, lr, change)
        count_up(team.counters, turn.at + 3)
        part = count_up(team.counters, turn.at + 2)


@inlined
def wait_for(counters: Counters, index: int, goal: int) -> None:
    """Return once counters[index] has reached `goal`: wait for work to be done, not for threads."""
    turns = 0
    while count_of(counters, index) < goal:
        turns += 1
        if turns > 2000:
            let_others_run()


@inlined
def first_of(draws: Draws, n: int) -> Draws:
    """Return the draws of the first n tokens."""
    return Draws(draws.words[:n], draws.left[:n], draws.right[:n])


@inlined
def row_of(changes: Change, i: int) -> Change:
    """Return change number i of a round."""
    return Change(changes.center[i], changes.context[i], changes.noise[i], changes.noise_words[i])
