"""A fault at every file operation of a run: nothing is lost, and the same bits come out.

The whole storm: python -m pytest -m slow -s tests/faults
Only each fifth operation of it: STORM_EVERY=5 python -m pytest -m slow -s tests/faults
"""

import os
import shutil

import pytest
from faults.faulty_disk import FAULTS, Fault, FaultyDisk, Killed
from faults.power_cut import POLICIES, PowerCutDisk
from faults.storm import (
    BASE,
    HOLDOUT,
    RUNS,
    attempt,
    begin,
    check_readable,
    finish,
    outcome,
    write_text,
)

from w2v_cli.settings.config import Config
from w2v_cli.storage import files
from w2v_cli.text import shared_cache

#: A lock that is forgotten after its process was "killed" cannot remove its file.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr("w2v_cli.engines.reference.engine.BLOCK_TOKENS", 200)


@pytest.fixture
def corpus(tmp_path):
    path = write_text(tmp_path / "text.txt")
    os.utime(path, (1e9, 1e9))  # old enough for the cache of corpora
    return path


def calm_run(config, folder, monkeypatch):
    """What comes out without faults, and how many operations it takes."""
    with monkeypatch.context() as patch:
        disk = FaultyDisk().install(patch)
        begin(config, folder)
    return outcome(folder), disk.n


def storm(config, calm, n_operations, fault, folder, monkeypatch, every=1, first=1):
    """Plant a fault at each operation; returns how many."""
    n = 0
    for at in range(first, n_operations + 1, every):
        run = folder / "run"
        shutil.rmtree(folder / "user-cache", ignore_errors=True)
        with monkeypatch.context() as patch:
            FaultyDisk(Fault(at, **fault)).install(patch)
            ended = attempt(lambda run=run: begin(config, run), Killed)
        check_readable(run)
        if ended:
            assert outcome(run).files == calm.files, at
        finish(config, run)
        assert outcome(run) == calm, at
        shutil.rmtree(run)
        n += 1
    return n


def power_cuts(config, calm, n_operations, folder, monkeypatch, disks=PowerCutDisk, every=1):
    n = 0
    for at in range(1, n_operations + 2, every):
        for policy, seed in [("nothing", 0), ("names only", 0), ("anything", 1), ("anything", 2)]:
            assert policy in POLICIES
            before, after = folder / "before", folder / "after"
            before.mkdir()
            with monkeypatch.context() as patch:
                disk = disks(before, Fault(at)).install(patch)
                attempt(lambda run=before / "run": begin(config, run), Killed)
                disk.cut(after, policy, seed * 1000 + at)
            run, notices = after / "run", []
            check_readable(run)
            finish(config, run, notices)
            assert not [note for note in notices if "lost lines" in note], at
            assert outcome(run) == calm, (at, policy)
            shutil.rmtree(before)
            shutil.rmtree(after)
            n += 1
    return n


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_operation_loses_nothing(tmp_path, corpus, monkeypatch, fault):
    config = Config(**BASE, **RUNS["reference"], paths=corpus)
    calm, n = calm_run(config, tmp_path / "calm", monkeypatch)
    every = 3 if fault == "killed" else 11
    storm(config, calm, n, FAULTS[fault], tmp_path, monkeypatch, every)


@pytest.mark.parametrize("fault", ["killed", "EIO"])
def test_the_vectors_of_the_best_epoch_survive_every_fault(tmp_path, corpus, monkeypatch, fault):
    config = Config(**{**BASE, **RUNS["reference"], **HOLDOUT}, paths=corpus)
    calm, n = calm_run(config, tmp_path / "calm", monkeypatch)
    assert "kept.center" in str(read_names(tmp_path / "calm"))
    storm(config, calm, n, FAULTS[fault], tmp_path, monkeypatch, every=17)


@pytest.mark.parametrize("more", ["from", "cache"])
def test_a_start_from_vectors_and_a_shared_corpus_survive_faults(
    tmp_path, corpus, monkeypatch, more
):
    monkeypatch.setattr(shared_cache, "_SETTLED_SECONDS", -1.0)  # the text was written just now
    config = Config(**{**BASE, **RUNS["reference"], **chosen(more, tmp_path, monkeypatch)},
                    paths=corpus)  # fmt: skip
    calm, n = calm_run(config, tmp_path / "calm", monkeypatch)
    assert more != "cache" or list((tmp_path / "user-cache").rglob("corpus.ids"))
    storm(config, calm, n, FAULTS["killed"], tmp_path, monkeypatch, every=7)


def test_a_power_cut_at_any_operation_loses_nothing(tmp_path, corpus, monkeypatch):
    config = Config(**BASE, **RUNS["reference"], paths=corpus)
    calm, n = calm_run(config, tmp_path / "calm", monkeypatch)
    power_cuts(config, calm, n, tmp_path, monkeypatch, every=13)


@pytest.mark.parametrize("missing", ["sync", "sync_folder"])
def test_the_power_cut_notices_a_forgotten_sync(tmp_path, corpus, monkeypatch, missing):
    """A planted mistake: without the syncs a cut does lose something."""

    class Forgetful(PowerCutDisk):
        def did(self, name, *arguments):
            if name != missing:
                super().did(name, *arguments)

    config = Config(**BASE, **RUNS["reference"], paths=corpus)
    calm, n = calm_run(config, tmp_path / "calm", monkeypatch)
    with pytest.raises(BaseException):  # noqa: B017 - any failure will do
        power_cuts(config, calm, n, tmp_path, monkeypatch, Forgetful, every=5)


def test_every_kind_of_operation_is_among_those_of_a_run(tmp_path, corpus, monkeypatch):
    config = Config(**BASE, **RUNS["exact"], paths=corpus)
    disk = FaultyDisk().install(monkeypatch)
    begin(config, tmp_path / "run")
    assert {"open_binary", "write", "sync", "sync_folder", "replace", "unlink"} <= set(disk.seen)
    assert files.open_binary is not FaultyDisk  # still wrapped; nothing imported the bare name


def read_names(run):
    from w2v_cli.storage.tensors import read_tensors

    return [list(read_tensors(path)[0]) for path in (run / "checkpoints").iterdir()]


#: What a run of the storm has besides; see `chosen`.
MORE = ("", "holdout", "from", "cache")
EVERY = int(os.environ.get("STORM_EVERY", "1"))


def chosen(more, folder, monkeypatch):
    """The settings of a variant; its vectors to start from, or its cache of corpora, are made."""
    if more == "from":
        start = folder / "start.txt"
        start.write_text("12 4\n" + "".join(f"w{i} {i} 0.5 -1 {i}e-1\n" for i in range(12)))
        return {"start_from": str(start)}
    if more == "cache":
        monkeypatch.setenv("W2V_CACHE_DIR", str(folder / "user-cache"))
    return HOLDOUT if more == "holdout" else {}


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", RUNS)
def test_the_whole_storm(tmp_path, corpus, monkeypatch, name, fault):
    n = 0
    for i, more in enumerate(MORE):
        with monkeypatch.context() as patch:
            settings = chosen(more, tmp_path, patch)
            config = Config(**{**BASE, **RUNS[name], **settings}, paths=corpus)
            calm, n_operations = calm_run(config, tmp_path / f"calm{i}", patch)
            first = 1 + [*FAULTS].index(fault) % EVERY
            n += storm(config, calm, n_operations, FAULTS[fault], tmp_path, patch, EVERY, first)
    print(f"\n{name}, {fault}: {n} fault points, {n} survived")


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", RUNS)
def test_all_power_cuts(tmp_path, corpus, monkeypatch, name):
    n = 0
    for i, more in enumerate(({}, HOLDOUT)):
        config = Config(**{**BASE, **RUNS[name], **more}, paths=corpus)
        calm, n_operations = calm_run(config, tmp_path / f"calm{i}", monkeypatch)
        n += power_cuts(config, calm, n_operations, tmp_path, monkeypatch, every=EVERY)
    print(f"\n{name}: {n} power cuts, {n} survived")
