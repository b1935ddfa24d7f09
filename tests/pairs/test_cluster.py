"""Counting in processes and on Dask workers: the same bytes, whatever happens to them."""

import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from w2v_cli.errors import MissingExtraError, RunError, UsageError
from w2v_cli.pairs import workers as workers_module
from w2v_cli.pairs.stages import CountPlan, count_into
from w2v_cli.pairs.tasks import PARTS
from w2v_cli.pairs.workers import Cluster, Processes, Threads, workers_at
from w2v_cli.storage.folders import is_leftover
from w2v_cli.text.plan import no_progress
from w2v_cli.text.settings import CorpusSettings


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    rng = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("text") / "text.txt"
    words = [f"w{i}" for i in rng.zipf(1.3, 40_000) % 900]
    path.write_text("\n".join(" ".join(words[i : i + 20]) for i in range(0, len(words), 20)))
    return path


def count(path, out, workers, progress=no_progress):
    settings = CorpusSettings(paths=(str(path),), lowercase=True)
    return count_into(out, CountPlan(settings, 4, 1e-2), workers, progress, shard_bytes=20_000)


@pytest.fixture(scope="module")
def expected(text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected") / "counts"
    count(text, folder, lambda parts: Threads(1))
    return content(folder)


# Processes of this machine.


def test_two_processes_give_the_bytes_of_one(text, tmp_path, expected):
    count(text, tmp_path / "counts", lambda parts: workers_at("local:2", parts))
    assert content(tmp_path / "counts") == expected


def test_a_killed_process_changes_nothing(text, tmp_path, expected):
    """The first tasks of each stage lose their process."""
    teams, killed = [Processes(2)], []

    def kill(phase, done, total):
        if done > 0 and phase not in killed:
            killed.append(phase)
            os.kill(next(iter(teams[0]._pool._processes)), signal.SIGKILL)

    count(text, tmp_path / "counts", lambda parts: teams[0], kill)
    assert {"counting words", "counting pairs"} <= set(killed)
    assert content(tmp_path / "counts") == expected


class Deadly:
    """A job that ends its process."""

    def run(self):
        os._exit(9)


def test_processes_that_always_die_are_given_up():
    team = Processes(1)
    with pytest.raises(RunError, match=r"died 5 times in a row; .*Lower --memory"):
        list(team.run([Deadly()]))
    team.close()


def test_processes_end_with_their_parent(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from w2v_cli.pairs.workers import Processes\n"
        "team = Processes(2)\n"
        "team._pool.submit(os.getpid).result()\n"
        "print(*team._pool._processes, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False
    )
    pids = [int(pid) for pid in done.stdout.split()]
    assert pids
    until = time.monotonic() + 30
    while any(map(_runs, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(_runs, pids))


def _runs(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_an_error_can_be_sent_between_processes():
    error = MissingExtraError("reading a table", "parquet")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


# Workers of a Dask scheduler.


@pytest.fixture
def dask_of_one():
    """A scheduler with one worker, for a test that limits what it may write."""
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
        memory_limit=0, silence_logs=logging.CRITICAL,
    )  # fmt: skip
    yield cluster
    cluster.close(timeout=20)


@pytest.fixture
def dask():
    """A scheduler with two workers: Dask does not replace one that dies while it starts."""
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
        memory_limit=0, silence_logs=logging.CRITICAL,
    )  # fmt: skip
    yield cluster
    cluster.close(timeout=20)


def test_a_killed_worker_changes_nothing(dask, text, tmp_path, expected):
    """The first tasks of each stage lose their worker."""
    clusters, killed = [], []

    def workers(parts):
        clusters.append(Cluster(dask.scheduler_address, parts))
        return clusters[0]

    def kill(phase, done, total):
        if done > 0 and phase not in killed:
            killed.append(phase)
            pids = clusters[0]._client.run(os.getpid)
            os.kill(next(iter(pids.values())), signal.SIGKILL)

    count(text, tmp_path / "counts", workers, kill)
    assert {"counting words", "counting pairs"} <= set(killed)
    assert content(tmp_path / "counts") == expected


def test_a_lost_scheduler_is_named_and_the_same_command_goes_on(dask, text, tmp_path, expected):
    def lose(phase, done, total):
        if phase == "counting pairs" and done > 0:
            dask.close(timeout=20)

    with pytest.raises(RunError, match="run the same command again"):
        count(text, tmp_path / "counts", lambda p: Cluster(dask.scheduler_address, p), lose)
    done = {path.name for path in (tmp_path / "counts" / PARTS).glob("count-pairs-*")}
    assert done
    count(text, tmp_path / "counts", lambda parts: Threads(1))
    assert content(tmp_path / "counts") == expected


def test_a_full_disk_of_a_worker_is_named_and_the_same_command_goes_on(
    dask_of_one, text, tmp_path, expected
):
    """A limit on the size of files stands for the disk: its writes fail in the middle."""
    resource = pytest.importorskip("resource")

    def workers(parts):
        team = Cluster(dask_of_one.scheduler_address, parts)
        team._client.wait_for_workers(1, timeout=60)  # one that joins later would have no limit
        team._client.run(resource.setrlimit, resource.RLIMIT_FSIZE, (60_000, 60_000))
        return team

    with pytest.raises(RunError, match=r"cannot write to .*parts on .*File too large.*continues"):
        count(text, tmp_path / "counts", workers)
    parts, end = tmp_path / "counts" / PARTS, time.monotonic() + 60
    while any(is_leftover(path.name) for path in parts.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)  # a task that has begun runs to its end
    left = {path.name for path in parts.iterdir()}
    tasks = (
        "count-words-",
        "merge-words-",
        "vocab-",
        "count-pairs-",
    )  # a small one may have fitted
    assert all(name.startswith(tasks) for name in left)
    assert left
    count(text, tmp_path / "counts", lambda parts: Threads(1))
    assert content(tmp_path / "counts") == expected


@pytest.mark.parametrize("address", ["local:0", "local:x", "local:", "local:99999999999"])
def test_a_local_cluster_needs_a_number_of_processes(address, tmp_path):
    with pytest.raises(UsageError, match="as in local:2"):
        workers_at(address, tmp_path)


def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(workers_module, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(RunError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        Cluster("tcp://127.0.0.1:9", tmp_path)


@pytest.mark.parametrize(
    ("about", "message"),
    [
        (("0.0.1", "3.11.7", True), "has w2v 0.0.1"),
        ((None, "2.7.0", True), "has Python 2.7.0"),
        ((None, None, False), "does not see"),
        (ImportError("no module w2v_cli"), "cannot run w2v"),
    ],
)
def test_a_worker_that_cannot_take_part_is_named(tmp_path, about, message):
    class Client:
        def wait_for_workers(self, n, timeout):
            pass

        def run(self, function, folder, probe, on_error):
            mine = function(folder, probe)
            if isinstance(about, Exception):
                return {"tcp://there": about}
            return {
                "tcp://there": tuple(
                    b if a is None else a for a, b in zip(about, mine, strict=True)
                )
            }

    with pytest.raises(RunError, match=message):
        workers_module._check_workers(Client(), Path(tmp_path))
    assert list(tmp_path.iterdir()) == []
