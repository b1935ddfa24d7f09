"""Who runs the tasks: threads of this process, or (`cluster`) processes and machines elsewhere."""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Protocol

from w2v_cli.corpus.counts.parts import Job, Part

#: The system may give a signal to a thread that is at work; the main thread sees it when it looks.
_SECONDS_TO_LOOK = 0.2


class Workers(Protocol):
    """Runs independent jobs.

    n_beside: how many of them share one process, and so its `--memory`.
    """

    n_beside: int

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Part]]:
        """Run all jobs and yield (place in the list, part) as they are done.

        Raises what a job raises; jobs that have not begun are then given up, and threads that are
        at work have ended.
        """
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


class Threads:
    """Runs jobs on threads of this process; the compiled loops let others run."""

    def __init__(self, n: int) -> None:
        self.n_beside = n
        self._pool = ThreadPoolExecutor(n)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Part]]:
        """See `Workers.run`."""
        futures = {self._pool.submit(job.run): place for place, job in enumerate(jobs)}
        try:
            waiting = set(futures)
            while waiting:
                done, waiting = wait(waiting, _SECONDS_TO_LOOK, FIRST_COMPLETED)
                for future in done:
                    if future.exception() is not None:
                        self._pool.shutdown(cancel_futures=True)  # the folder is let go of next
                    yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()

    def close(self) -> None:
        """See `Workers.close`; a job that has begun goes on to its end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
