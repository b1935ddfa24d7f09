"""The threads of the engine: they race, or they train every block together in step."""

import threading
from collections.abc import Callable, Generator, Iterable
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from w2v_cli.engines.base import Notice, Unit
from w2v_cli.engines.sampled.block import train_block, train_block_in_step
from w2v_cli.engines.sampled.buffers import (
    Block,
    CbowScratch,
    Memory,
    Scratch,
    Shape,
    Training,
    new_cbow_scratch,
    new_changes,
    new_draws,
    new_scratch,
    new_team,
)

NOTICE_AFTER_SECONDS = 1.0
"""A compilation that takes longer is worth a notice."""


class Task(NamedTuple):
    """A unit of work, and its block."""

    unit: Unit
    block: Block


_NOTHING = Block(0, 0, 0, 0, 0)
"""An empty block: to train it makes numba compile the kernels for our types."""

Result = tuple[Unit, float, float]
"""A unit, its loss and its number of pairs."""
Results = Generator[Result, None, None]


class Crew(Protocol):
    """Threads that train units."""

    def start(self, training: Training) -> None:
        """Set what `work` trains; forget the units of an earlier training."""
        ...

    def work(self, rank: int, source: "Source") -> Results:
        """Train units, as thread number `rank`, until the source ends."""
        ...

    def warm_up(self, training: Training) -> None:
        """Compile the kernel, or load its compiled code."""
        ...


class RacingCrew:
    """Threads that each train blocks of their own, on the same matrices."""

    _training: Training

    def __init__(self, shape: Shape, block_tokens: int, n_threads: int, is_cbow: bool) -> None:
        self._memory = [
            Memory(new_draws(block_tokens), _scratch(shape, is_cbow), new_changes(shape, 1))
            for _ in range(n_threads)
        ]

    def start(self, training: Training) -> None:
        """See `Crew.start`."""
        self._training = training

    def work(self, rank: int, source: "Source") -> Results:
        """See `Crew.work`."""
        while (task := source.take()) is not None:
            lr = float(task.unit.lr)
            yield task.unit, *train_block(self._training, task.block, lr, self._memory[rank])

    def warm_up(self, training: Training) -> None:
        """See `Crew.warm_up`."""
        train_block(training, _NOTHING, 0.0, self._memory[0])


class StepCrew:
    """Threads that train every block together, in step.

    round_chunks: chunks whose gradients are computed before any is applied.
    """

    _training: Training

    def __init__(
        self, shape: Shape, block_tokens: int, n_threads: int, is_cbow: bool, round_chunks: int
    ) -> None:
        changes = new_changes(shape, round_chunks)
        self._memory = [
            Memory(new_draws(block_tokens), _scratch(shape, is_cbow), changes)
            for _ in range(n_threads)
        ]
        self._team = new_team(-(-block_tokens // shape.span_tokens), n_threads)

    def start(self, training: Training) -> None:
        """See `Crew.start`."""
        self._training = training
        self._team.meeting[:] = 0

    def work(self, rank: int, source: "Source") -> Results:
        """See `Crew.work`. All threads get the same results, and the first one yields them."""
        i = 0
        while (task := source.at(i)) is not None:
            team = self._team._replace(n_before=i)
            lr = float(task.unit.lr)
            figures = train_block_in_step(self._training, task.block, lr, self._memory[rank], team)
            if rank == 0:
                yield task.unit, *figures
            i += 1

    def warm_up(self, training: Training) -> None:
        """See `Crew.warm_up`."""
        alone = self._team._replace(n_threads=1)
        train_block_in_step(training, _NOTHING, 0.0, self._memory[0], alone)


def _scratch(shape: Shape, is_cbow: bool) -> Scratch | CbowScratch:
    return new_cbow_scratch(shape) if is_cbow else new_scratch(shape)


# How threads get tasks and return results.


class Source:
    """Tasks that several threads take one by one."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks = iter(tasks)
        self._pulled: list[Task | None] = []
        self._lock = threading.Lock()
        self._closed = False

    def take(self) -> Task | None:
        """Take the next task; None at the end."""
        with self._lock:
            return None if self._closed else next(self._tasks, None)

    def at(self, i: int) -> Task | None:
        """Task number i, the same for every thread; None at the end. `i` rises by one."""
        with self._lock:
            if i == len(self._pulled):
                self._pulled.append(None)
                if not self._closed:
                    self._pulled[i] = next(self._tasks, None)
            return self._pulled[i]

    def close(self) -> None:
        """Hand out no further tasks."""
        self._closed = True


def in_threads(work: Callable[[int, Source], Results], source: Source, n_threads: int) -> Results:
    """Run work(rank, source) in threads and yield what they yield, as it comes.

    An exception in one of them closes the source and is raised when all have ended.
    """
    results: SimpleQueue[Result | BaseException | None] = SimpleQueue()

    def run(rank: int) -> None:
        try:
            for result in work(rank, source):
                results.put(result)
        except BaseException as error:
            source.close()
            results.put(error)
        finally:
            results.put(None)

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(n_threads)]
    for thread in threads:
        thread.start()
    try:
        running, failure = n_threads, None
        while running:
            result = results.get()
            if result is None:
                running -= 1
            elif isinstance(result, BaseException):
                failure = failure or result
            else:
                yield result
        if failure is not None:
            raise failure
    finally:
        source.close()
        for thread in threads:
            thread.join()


def compile_with_notice(warm_up: Callable[[], None], notice: Notice) -> None:
    """Run `warm_up`. If it takes long, because nothing is cached yet, notify the user."""
    done: SimpleQueue[BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            warm_up()
            done.put(None)
        except BaseException as error:
            done.put(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(NOTICE_AFTER_SECONDS)
    if thread.is_alive():
        notice("compiling the engine, only once (about ten seconds)")
    failure = done.get()
    if failure is not None:
        raise failure
