"""Counting on Dask workers: the same bytes, whatever happens to them."""

import os
import signal
import threading
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("distributed")

from w2v_cli.errors import RunError, UsageError
from w2v_cli.pairs import workers as workers_module
from w2v_cli.pairs.stages import CountPlan, count_into
from w2v_cli.pairs.tasks import PARTS
from w2v_cli.pairs.workers import Cluster, Threads
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


def test_two_processes_give_the_bytes_of_one(text, tmp_path, expected):
    count(text, tmp_path / "counts", lambda parts: Cluster("local:2", parts))
    assert content(tmp_path / "counts") == expected


def test_a_killed_worker_changes_nothing(text, tmp_path, expected):
    """The first tasks of each stage lose their worker."""
    clusters, killed = [], []

    def workers(parts):
        clusters.append(Cluster("local:2", parts))
        return clusters[0]

    def kill(phase, done, total):
        if done > 0 and phase not in killed:
            killed.append(phase)
            pids = clusters[0]._client.run(os.getpid)
            os.kill(next(iter(pids.values())), signal.SIGKILL)

    count(text, tmp_path / "counts", workers, kill)
    assert {"counting words", "counting pairs"} <= set(killed)
    assert content(tmp_path / "counts") == expected


def test_local_workers_that_are_gone_for_good_are_noticed(monkeypatch):
    monkeypatch.setattr(workers_module, "_SECONDS_BETWEEN_LOOKS", 0.01)
    team, done = Cluster.__new__(Cluster), SimpleQueue()
    scaled = []
    team._n_local = 3
    team._local = SimpleNamespace(scheduler_info={"workers": {"tcp://a": {}}}, scale=scaled.append)

    def later(action, *arguments):
        threading.Timer(0.3, action, arguments).start()

    later(done.put, "future")
    assert team._next(done) == "future"  # with a worker it waits for ever
    team._local.scheduler_info["workers"].clear()
    with pytest.raises(RunError, match="all local workers have died"):
        team._next(done)
    assert set(scaled) == {3}


def test_a_lost_scheduler_is_named_and_the_same_command_goes_on(text, tmp_path, expected):
    clusters = []

    def workers(parts):
        clusters.append(Cluster("local:1", parts))
        return clusters[-1]

    def lose(phase, done, total):
        if phase == "counting pairs" and done > 0 and len(clusters) == 1:
            clusters[0]._local.close(timeout=20)

    with pytest.raises(RunError, match="run the same command again"):
        count(text, tmp_path / "counts", workers, lose)
    done = {path.name for path in (tmp_path / "counts" / PARTS).glob("count-pairs-*")}
    assert done
    count(text, tmp_path / "counts", workers, lose)
    assert content(tmp_path / "counts") == expected


def test_a_full_disk_of_a_worker_is_named_and_the_same_command_goes_on(text, tmp_path, expected):
    """A limit on the size of files stands for the disk: its writes fail in the middle."""
    resource = pytest.importorskip("resource")

    def workers(parts):
        team = Cluster("local:1", parts)
        team._client.run(resource.setrlimit, resource.RLIMIT_FSIZE, (60_000, 60_000))
        return team

    with pytest.raises(RunError, match=r"cannot write to .*parts on .*File too large.*continues"):
        count(text, tmp_path / "counts", workers)
    left = {path.name for path in (tmp_path / "counts" / PARTS).iterdir()}
    assert all(name.startswith(("count-words-", "merge-words-", "vocab-")) for name in left)
    assert left
    count(text, tmp_path / "counts", lambda parts: Threads(1))
    assert content(tmp_path / "counts") == expected


@pytest.mark.parametrize("address", ["local:0", "local:x", "local:"])
def test_a_local_cluster_needs_a_number_of_processes(address, tmp_path):
    with pytest.raises(UsageError, match="as in local:2"):
        Cluster(address, tmp_path)


def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch):
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
