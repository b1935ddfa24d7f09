"""Units handed to threads, and their figures handed back."""

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue

from w2v_cli.engines.base import Stats, Unit

NOTICE_AFTER_SECONDS = 1.0
"""A compilation that takes longer is worth a notice."""

Result = tuple[Unit, Stats]


class Source:
    """Units pulled one by one by several threads."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = iter(units)
        self._pulled: list[Unit | None] = []
        self._lock = threading.Lock()
        self._closed = False

    def take(self) -> Unit | None:
        """Pull the next unit; None at the end."""
        with self._lock:
            return None if self._closed else next(self._units, None)

    def at(self, i: int) -> Unit | None:
        """Unit number i, the same for every thread; None at the end. `i` rises by one."""
        with self._lock:
            if i == len(self._pulled):
                self._pulled.append(None)
                if not self._closed:
                    self._pulled[i] = next(self._units, None)
            return self._pulled[i]

    def close(self) -> None:
        """Let the units end here."""
        self._closed = True


def in_threads(
    work: Callable[[int, Source], Iterator[Result]], source: Source, n_threads: int
) -> Iterator[Result]:
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


def compile_with_notice(warm_up: Callable[[], None], notice: Callable[[str], None]) -> None:
    """Run `warm_up`; where it takes long, because nothing is cached yet, say what is going on."""
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
        notice("compiling, once (about ten seconds)")
    failure = done.get()
    if failure is not None:
        raise failure
