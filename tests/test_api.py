"""Training and loading from Python."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

import w2v_cli
from w2v_cli.errors import RunError, UsageError


def test_train_load_and_ask(text, tmp_path):
    reports = []
    run = w2v_cli.train(
        paths=text,
        out=tmp_path / "run",
        engine="reference",
        epochs=2,
        dim=6,
        on_report=reports.append,
    )
    assert run.path == tmp_path / "run"
    assert run.settings.model.dim == 6
    assert len(run.vectors) == 60
    assert run.vectors.neighbors("w1", n=3) == w2v_cli.load(run.path).neighbors("w1", n=3)
    assert run.metrics == reports
    assert [entry["epoch"] for entry in reports if entry["event"] == "epoch"] == [1, 2]


def test_a_config_a_file_and_keywords_give_the_same_run(text, tmp_path, w2v):
    config = w2v_cli.Config(paths=(str(text),), engine="reference", epochs=1, dim=4)
    first = w2v_cli.train(config, out=tmp_path / "1")
    second = w2v_cli.train(first.path / "config.toml", out=tmp_path / "2")
    third = w2v_cli.train(paths=[text], out=tmp_path / "3", engine="reference", epochs=1, dim=4)
    w2v("train", text, "--out", tmp_path / "4", "--engine", "reference", "--epochs", 1, "--dim", 4)
    for other in (second.path, third.path, tmp_path / "4"):
        np.testing.assert_array_equal(w2v_cli.load(other).matrix, first.vectors.matrix)


def test_resume_of_a_finished_run_changes_nothing(text, tmp_path):
    run = w2v_cli.train(paths=text, out=tmp_path / "run", engine="reference", epochs=1, dim=4)
    before = run.vectors.matrix.copy()
    again = w2v_cli.train(out=tmp_path / "run", resume=True)
    np.testing.assert_array_equal(again.vectors.matrix, before)


def test_mistakes(text, tmp_path):
    with pytest.raises(UsageError, match="vector_size"):
        w2v_cli.train(paths=text, out=tmp_path / "run", vector_size=3)
    with pytest.raises(UsageError, match="no corpus"):
        w2v_cli.train(out=tmp_path / "run")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine").touch()
    with pytest.raises(RunError):
        w2v_cli.train(paths=text, out=tmp_path / "used")
    assert issubclass(RunError, w2v_cli.W2VError)
    with pytest.raises(AttributeError, match="nothing"):
        _ = w2v_cli.nothing
    assert {"train", "load", "WordVectors"} <= set(dir(w2v_cli))


def test_the_package_itself_imports_nothing_heavy():
    code = "import sys, w2v_cli; assert 'numpy' not in sys.modules; w2v_cli.load; w2v_cli.train"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("config", ["data/sample.txt", [["a", "list", "of"], ["sentences"]]])
def test_what_is_no_configuration_is_named(config, tmp_path):
    """Review §5.7: "not valid TOML", and a TypeError."""
    with pytest.raises(UsageError, match="paths="):
        w2v_cli.train(config, out=tmp_path / "run")


@pytest.mark.parametrize("paths", ["", [""]])
def test_an_empty_name_is_refused(paths, tmp_path):
    """Review D7: it was taken for the current folder."""
    with pytest.raises(UsageError, match="empty name"):
        w2v_cli.train(paths=paths, out=tmp_path / "run")
    with pytest.raises(UsageError, match="empty name"):
        w2v_cli.Config(paths=paths)
