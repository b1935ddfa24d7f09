"""Small states of a training, at places that depend on the work only."""

import pytest

from w2v_cli.settings.config import Config
from w2v_cli.training.assembly import resume, start
from w2v_cli.training.trainer import Ticked
from w2v_cli.vectors.run_vectors import read_run_vectors

BASE = {"engine": "reference", "min_count": 1, "dim": 4, "epochs": 3, "checkpoint_every": 0.0}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Several units an epoch."""
    monkeypatch.setattr("w2v_cli.engines.reference.engine.BLOCK_TOKENS", 700)


def train(run, stop_after=None):
    ticks = []
    for event in run.train(lambda: stop_after is not None and len(ticks) >= stop_after):
        if isinstance(event, Ticked):
            ticks.append(event)


def states(folder):
    files = sorted((folder / "snapshots").glob("*.safetensors"))
    return {float(read_run_vectors(file).metadata["progress"]): file.read_bytes() for file in files}


def test_states_are_kept_from_the_start_to_the_end(text, tmp_path):
    run = start(Config(paths=text, snapshots=4, **BASE), tmp_path / "run")
    total = run.trainer.total
    train(run)
    places = [total * i // 4 / total for i in range(5)]
    assert list(states(tmp_path / "run")) == pytest.approx(places)
    last = sorted((tmp_path / "run" / "snapshots").iterdir())[-1]
    found, whole = read_run_vectors(last), read_run_vectors(tmp_path / "run")
    assert (found.matrix() == whole.matrix()).all()


def test_snapshots_change_nothing_and_a_resumed_run_keeps_the_same(text, tmp_path):
    train(start(Config(paths=text, **BASE), tmp_path / "without"))
    train(start(Config(paths=text, snapshots=5, **BASE), tmp_path / "whole"))
    train(start(Config(paths=text, snapshots=5, **BASE), tmp_path / "stopped"), stop_after=7)
    train(resume(Config(), tmp_path / "stopped"))
    assert states(tmp_path / "stopped") == states(tmp_path / "whole")
    names = ("without", "whole", "stopped")
    matrices = [read_run_vectors(tmp_path / name).matrix() for name in names]
    assert all((matrix == matrices[0]).all() for matrix in matrices)
    assert not (tmp_path / "without" / "snapshots").exists()
