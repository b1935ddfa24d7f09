"""Work on threads: results in the order of the items, one item a worker, errors in their turn."""

import threading
import time

import pytest

from w2v_cli.text.threads import ordered_map


def test_results_come_in_the_order_of_the_items_whatever_each_takes():
    def work(worker: int, item: int) -> int:
        time.sleep(0.002 * (item % 3 == 0))
        return item * item

    assert list(ordered_map(work, range(3), range(20))) == [i * i for i in range(20)]
    assert list(ordered_map(work, range(3), [])) == []


def test_a_worker_does_one_item_at_a_time():
    locks = [threading.Lock() for _ in range(3)]

    def work(lock: threading.Lock, item: int) -> bool:
        alone = lock.acquire(blocking=False)
        time.sleep(0.001)
        lock.release()
        return alone

    assert all(ordered_map(work, locks, range(30)))


def test_an_error_comes_after_the_results_before_it():
    def items():
        yield from range(5)
        raise OSError("the source ended")

    def work(worker: int, item: int) -> int:
        if item == 3:
            raise ValueError("item 3")
        return item

    for most, error in ((5, "item 3"), (3, "the source ended")):
        found = []
        with pytest.raises((ValueError, OSError), match=error):
            for result in ordered_map(work, range(2), (i for i in items() if i < most)):
                found.append(result)
        assert found == [0, 1, 2]


def test_items_are_taken_a_few_at_a_time_and_no_more_once_nobody_listens():
    taken = []

    def items():
        for i in range(100):
            taken.append(i)
            yield i

    results = ordered_map(lambda worker, item: item, range(2), items())
    assert next(results) == 0
    results.close()
    assert len(taken) <= 6
