"""Work on several threads whose results come in the order of the items."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

Worker = TypeVar("Worker")
Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items taken but not yet yielded, for each worker: one in work, one waiting.
_IN_HAND = 2


def ordered_map(
    function: Callable[[Worker, Item], Result], workers: Sequence[Worker], items: Iterable[Item]
) -> Iterator[Result]:
    """Yield function(worker, item) for each item, in the order of the items.

    There is a thread for each worker. A worker does one item at a time; any worker may
    get any item. Items are taken on the caller's thread, a few ahead of the results.

    Raises what the function or the items raise, after the results that come before it.
    """
    free: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def work(item: Item) -> Result:
        worker = free.get()
        try:
            return function(worker, item)
        finally:
            free.put(worker)

    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(len(workers)) as pool:
        try:
            for future in _submitted(pool, work, items):
                waiting.append(future)
                if len(waiting) > _IN_HAND * len(workers):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _submitted(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Future[Result]]:
    """Submit each item; an error of the items becomes the last future, behind earlier results."""
    try:
        for item in items:
            yield pool.submit(work, item)
    except Exception as error:
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed
