"""What runs the tasks: threads, processes of this machine, or Dask workers on other machines.

A task returns only the name of its file, so hardly anything moves between machines, and a worker
that dies loses only its current task. There are no actors and no state in workers. Threads and
processes open no port. Dask needs the extra `cluster`; a scheduler is trusted like this program.
"""

import logging
import multiprocessing
import os
import platform
import secrets
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from w2v_cli.errors import MissingExtraError, RunError, UsageError, shown_error
from w2v_cli.pairs.tasks import Job, Part
from w2v_cli.storage import files
from w2v_cli.version import package_version

if TYPE_CHECKING:
    from distributed import Client

#: A signal may reach a thread that is working; the main thread notices it at its next look.
_SECONDS_TO_LOOK = 0.2
_LOCAL, _MOST_PROCESSES = "local:", 1024
#: A task is given up after so many workers died with it. Dask's own limit of 3 would end a count
#: that loses many workers for other reasons.
_MOST_LOSSES = 1000
_SECONDS_TO_CONNECT = 30
#: A count is given up after its processes died so many times without finishing a task in between.
_MOST_DEATHS = 5


class Workers(Protocol):
    """Runs independent jobs.

    n_beside: how many of them share one process and its `--memory`.
    """

    n_beside: int

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Part]]:
        """Run all jobs and yield (place in the list, part) as they are done.

        Raises what a job raises; jobs that have not begun are then given up, and threads have
        ended.
        """
        ...

    def close(self) -> None:
        """Release the workers."""
        ...


class Threads:
    """Runs jobs on threads of this process; compiled loops do not hold the interpreter's lock."""

    def __init__(self, n: int) -> None:
        self.n_beside = n
        self._pool = ThreadPoolExecutor(n)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Part]]:
        """See `Workers.run`."""
        yield from _run_in(self._pool, dict(enumerate(jobs)))

    def close(self) -> None:
        """See `Workers.close`; a job that has begun runs to its end."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Processes:
    """Runs jobs in processes of this machine, joined to this one by pipes: nobody else can join."""

    n_beside = 1

    def __init__(self, n: int) -> None:
        self._n = n
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        # Not forked: threads of this process may hold locks.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._n, context, initializer=_begin_process)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Part]]:
        """See `Workers.run`. When a process dies, all are replaced; their jobs start again."""
        left, n_deaths = dict(enumerate(jobs)), 0
        while left:
            try:
                for place, part in _run_in(self._pool, left):
                    del left[place]
                    n_deaths = 0
                    yield place, part
            except BrokenProcessPool as error:
                n_deaths += 1
                if n_deaths == _MOST_DEATHS:
                    raise RunError(
                        f"processes died {n_deaths} times in a row; does each have enough memory?"
                        " Lower --memory, then run the same command again: it continues where it"
                        " stopped"
                    ) from error
                self._pool = self._started()

    def close(self) -> None:
        """See `Workers.close`; a job that has begun runs to its end, or ends with this process."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _begin_process() -> None:
    """Leave Ctrl-C to the parent, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _run_in(pool: Executor, jobs: Mapping[int, Job]) -> Iterator[tuple[int, Part]]:
    """Run jobs, by their places, in a pool; see `Workers.run`."""
    futures = {pool.submit(job.run): place for place, job in jobs.items()}
    try:
        waiting = set(futures)
        while waiting:
            done, waiting = wait_for(waiting, _SECONDS_TO_LOOK, FIRST_COMPLETED)
            for future in done:
                if future.exception() is not None:
                    pool.shutdown(cancel_futures=True)  # the lock of the folder is released next
                yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def workers_at(address: str, folder: Path) -> Workers:
    """Return the workers that `--cluster` names.

    address: "local:N" for N processes of this machine; else see `Cluster`.

    Raises UsageError for an N that is not a positive number, and see `Cluster`.
    """
    if not address.startswith(_LOCAL):
        return Cluster(address, folder)
    n = address.removeprefix(_LOCAL)
    if not (n.isascii() and n.isdigit() and 1 <= int(n[:9]) <= _MOST_PROCESSES):
        raise UsageError(
            f"--cluster {address}: give a number of processes, up to {_MOST_PROCESSES}, as in"
            " local:2"
        )
    return Processes(int(n))


class Cluster:
    """Runs jobs on the workers of a Dask scheduler."""

    def __init__(self, address: str, folder: Path) -> None:
        """Connect, and check that all workers can take part.

        address: of a scheduler, or a scheduler file.
        folder: where tasks write; every worker has to see it.

        Raises UsageError or RunError if the extra is missing, no scheduler answers, or a worker has
        another version or does not see the folder.
        """
        self._client = _connect(address)
        try:
            _check_workers(self._client, folder)
        except BaseException:
            self.close()
            raise
        self.n_beside = max(self._client.nthreads().values(), default=1)

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Part]]:
        """See `Workers.run`."""
        keys = [f"{job.name}-{secrets.token_hex(4)}" for job in jobs]
        futures = self._client.map(_run, jobs, key=keys, retries=0)
        places = {future.key: place for place, future in enumerate(futures)}
        done: SimpleQueue[Any] = SimpleQueue()
        for future in futures:
            future.add_done_callback(done.put)
        try:
            for _ in futures:
                future = done.get()  # no time limit: a scheduler elsewhere may get more workers
                yield places[future.key], _result(future, jobs[places[future.key]])
        finally:
            with suppress(Exception):  # the scheduler may be gone
                self._client.cancel(futures)

    def close(self) -> None:
        """See `Workers.close`."""
        with suppress(Exception):
            self._client.close()


def _run(job: Job) -> Part:
    return job.run()


def _result(future: Any, job: Job) -> Part:
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    try:
        part: Part = future.result()
        return part
    except KilledWorker as error:
        raise RunError(
            f"{_MOST_LOSSES} workers were lost with the task {job.name}; does each worker have"
            " enough memory? Lower --memory, then run the same command again"
        ) from error
    except (FutureCancelledError, OSError) as error:
        raise RunError(
            f"the scheduler no longer answers ({error}); start one, then run the same"
            " command again: it continues where it stopped"
        ) from error


def _connect(address: str) -> "Client":
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError("a scheduler at --cluster", "cluster") from error
    dask.config.set({"distributed.scheduler.allowed-failures": _MOST_LOSSES})
    for name in ("client", "core"):  # what matters is raised
        logging.getLogger(f"distributed.{name}").setLevel(logging.CRITICAL)
    try:
        if Path(address).is_file():
            return Client(scheduler_file=address, timeout=_SECONDS_TO_CONNECT)
        return Client(address, timeout=_SECONDS_TO_CONNECT)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(
            f"no Dask scheduler answers at {address} ({error}); start one with `dask scheduler`,"
            " or count on this machine: --cluster local:2"
        ) from error


def _about_worker(folder: str, probe: str) -> tuple[str, str, bool]:
    """Return a worker's versions of w2v and Python, and whether it sees a file of the client."""
    return package_version(), platform.python_version(), (Path(folder) / probe).is_file()


def _check_workers(client: "Client", folder: Path) -> None:
    probe = f"probe-{secrets.token_hex(6)}"
    files.write_bytes(folder / probe, b"")
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
        answers = client.run(_about_worker, str(folder), probe, on_error="return")
    except TimeoutError as error:
        raise RunError(
            "the scheduler has no workers; start some with `dask worker`, then try again"
        ) from error
    finally:
        files.unlink(folder / probe)
    mine = package_version(), platform.python_version()
    for worker, answer in answers.items():
        if isinstance(answer, BaseException):
            raise RunError(
                f"worker {worker} cannot run w2v ({shown_error(answer)});"
                f" install w2v {mine[0]} there"
            )
        for name, here, there in zip(("w2v", "Python"), mine, answer, strict=False):
            if here != there:
                raise RunError(
                    f"worker {worker} has {name} {there}, here it is {here}; install the same"
                    " version on all machines"
                )
        if not answer[2]:
            raise RunError(
                f"worker {worker} does not see {folder}; choose a folder for --out that all"
                " machines share"
            )
