"""Threads that count."""

import threading
import time
from types import SimpleNamespace

import pytest

from w2v_cli.pairs.workers import Threads


def test_when_a_job_fails_no_other_is_at_work_any_more():
    """It would write into a folder whose lock has gone to the next process."""
    begun, ended = threading.Event(), threading.Event()

    def fails():
        begun.wait(10)
        raise OSError("the disk is full")

    def works():
        begun.set()
        time.sleep(0.3)
        ended.set()

    threads = Threads(2)
    with pytest.raises(OSError, match="the disk is full"):
        list(threads.run([SimpleNamespace(run=fails), SimpleNamespace(run=works)]))
    assert ended.is_set()
    threads.close()
