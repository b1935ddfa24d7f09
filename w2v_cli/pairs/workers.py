"""What runs the tasks: threads of this process, or Dask workers in other processes and machines.

A task returns only the name of its file, so hardly anything moves between machines, and a worker
that dies loses only its current task. There are no actors and no state in workers. Dask needs the
extra `cluster`.
"""

import logging
import platform
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

from w2v_cli.errors import RunError, UsageError, shown_error
from w2v_cli.pairs.tasks import Job, Part
from w2v_cli.storage import files
from w2v_cli.version import package_version

if TYPE_CHECKING:
    from distributed import Client

#: A signal may reach a thread that is working; the main thread notices it at its next look.
_SECONDS_TO_LOOK = 0.2
_LOCAL = "local:"
#: A task is given up after so many workers died with it. Dask's own limit of 3 would end a count
#: that loses many workers for other reasons.
_MOST_LOSSES = 1000
_SECONDS_TO_CONNECT = 30
#: After so many looks without a local worker, the count is given up.
_SECONDS_BETWEEN_LOOKS, _LOOKS = 5, 24
_INSTALL = "in a clone of w2v, pip install '.[cluster]'"


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
        futures = {self._pool.submit(job.run): place for place, job in enumerate(jobs)}
        try:
            waiting = set(futures)
            while waiting:
                done, waiting = wait(waiting, _SECONDS_TO_LOOK, FIRST_COMPLETED)
                for future in done:
                    if future.exception() is not None:
                        self._pool.shutdown(
                            cancel_futures=True
                        )  # the lock of the folder is released next
                    yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()

    def close(self) -> None:
        """See `Workers.close`; a job that has begun runs to its end."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Cluster:
    """Runs jobs on the workers of a Dask scheduler."""

    def __init__(self, address: str, folder: Path) -> None:
        """Connect, and check that all workers can take part.

        address: of a scheduler, a scheduler file, or "local:N" for N processes on this machine.
        folder: where tasks write; every worker has to see it.

        Raises UsageError or RunError if the extra is missing, no scheduler answers, or a worker has
        another version or does not see the folder.
        """
        self._local, self._client = _connect(address)
        self._n_local = len(self._local.worker_spec) if self._local is not None else 0
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
                future = self._next(done)
                yield places[future.key], _result(future, jobs[places[future.key]])
        finally:
            with suppress(Exception):  # the scheduler may be gone
                self._client.cancel(futures)

    def _next(self, done: "SimpleQueue[Any]") -> Any:
        """Wait for a future. A scheduler elsewhere may get more workers, so wait for them."""
        looks_without_workers = 0
        while True:
            try:
                return done.get(timeout=_SECONDS_BETWEEN_LOOKS)
            except Empty:
                if self._local is None or self._local.scheduler_info["workers"]:
                    looks_without_workers = 0
                    continue
            looks_without_workers += 1
            self._local.scale(self._n_local)  # one that dies while it starts is replaced only here
            if looks_without_workers == _LOOKS:
                raise RunError(
                    "all local workers have died, and no new one starts; run the same command"
                    " again: it continues where it stopped"
                )

    def close(self) -> None:
        """See `Workers.close`."""
        for part in (self._client, self._local):
            if part is not None:
                with suppress(Exception):
                    part.close()


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


def _connect(address: str) -> "tuple[Any, Client]":
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UsageError(f"--cluster needs Dask ({error}); install it: {_INSTALL}") from None
    dask.config.set({"distributed.scheduler.allowed-failures": _MOST_LOSSES})
    for name in ("client", "core", "nanny", "scheduler", "worker"):  # what matters is raised
        logging.getLogger(f"distributed.{name}").setLevel(logging.CRITICAL)
    if address.startswith(_LOCAL):
        n = address.removeprefix(_LOCAL)
        if not n.isdigit() or int(n) < 1:
            raise UsageError(f"--cluster {address}: give a number of processes, as in local:2")
        local = LocalCluster(
            n_workers=int(n),
            threads_per_worker=1,
            dashboard_address=":0",  # any port
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )
        return local, Client(local)
    try:
        if Path(address).is_file():
            return None, Client(scheduler_file=address, timeout=_SECONDS_TO_CONNECT)
        return None, Client(address, timeout=_SECONDS_TO_CONNECT)
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
