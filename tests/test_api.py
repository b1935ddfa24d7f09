"""Training and loading from Python."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

import w2v_cli
from w2v_cli.errors import DataError, RunError, UsageError


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


REFERENCE = {
    **{"engine": "reference", "epochs": 1, "dim": 4, "min_count": 1},
    "subsample_threshold": 0,
}


def test_a_text_file_can_be_named_first(text, tmp_path):
    """Review §5.7: "not valid TOML"."""
    first = w2v_cli.train(str(text), out=tmp_path / "1", **REFERENCE)
    second = w2v_cli.train(paths=text, out=tmp_path / "2", **REFERENCE)
    assert first.config == second.config
    with pytest.raises(DataError, match="no such file or folder"):
        w2v_cli.train("some words", out=tmp_path / "3")


def test_sentences_train_as_a_file_of_them_does(text, tmp_path):
    """Review §5.7: a TypeError."""
    lines = text.read_text().splitlines()
    expected = w2v_cli.train(text, out=tmp_path / "file", **REFERENCE).vectors
    tokens = [line.split() for line in lines]
    for name, sentences in {
        "texts": lines,
        "tokens": tokens,
        "once": iter(tokens),
        "file": text.open(),
    }.items():
        run = w2v_cli.train(sentences, out=tmp_path / f"run-{name}", **REFERENCE)
        assert run.vectors.words == expected.words
        np.testing.assert_array_equal(run.vectors.matrix, expected.matrix)
        assert run.settings.corpus.paths == ()


def test_random_walks_over_nodes(tmp_path, w2v):
    walks = np.random.default_rng(3).integers(0, 30, (200, 12))
    run = w2v_cli.train(walks, out=tmp_path / "run", **REFERENCE)
    assert set(run.vectors.words) == {str(node) for node in range(30)}
    assert (run.settings.corpus.tokenizer, run.settings.corpus.lowercase) == ("whitespace", False)
    assert "sentences from Python" in w2v("info", run.path).out


def test_a_run_of_sentences_resumes_from_its_encoded_corpus(tmp_path):
    tokens = [["a", "B"], ["B", "a", "c"]] * 9
    run = w2v_cli.train(tokens, out=tmp_path / "run", **REFERENCE)
    longer = w2v_cli.train(out=run.path, resume=True, epochs=2)
    again = w2v_cli.train(tokens, out=tmp_path / "again", **REFERENCE)
    shutil.rmtree(again.path / "cache")
    with pytest.raises(RunError, match="encoded corpus is missing; resume with the same ones"):
        w2v_cli.train(out=again.path, resume=True, epochs=2)
    with pytest.raises(RunError, match="another corpus"):
        w2v_cli.train(tokens[1:], out=again.path, resume=True, epochs=2)
    shutil.rmtree(again.path / "cache")
    w2v_cli.train(tokens, out=again.path, resume=True, epochs=2)
    np.testing.assert_array_equal(longer.vectors.matrix, again.vectors.matrix)


def test_sentences_go_with_a_configuration_but_not_with_files(text, tmp_path):
    tokens = [["a", "b"], ["b", "a", "c"]] * 9
    config = w2v_cli.Config(paths="elsewhere.txt", tokenizer="words", **REFERENCE)
    run = w2v_cli.train(tokens, config=config, out=tmp_path / "run")
    assert run.settings.model.dim == 4
    with pytest.raises(UsageError, match="two corpora"):
        w2v_cli.train(tokens, paths=text, out=tmp_path / "other")
    with pytest.raises(UsageError, match="two corpora"):
        w2v_cli.train(text, paths=text, out=tmp_path / "other")
    with pytest.raises(UsageError, match="two configurations"):
        w2v_cli.train(config, config=config, out=tmp_path / "other")
    with pytest.raises(UsageError, match="lowercase, tokenizer has no effect on lists of tokens"):
        w2v_cli.train(tokens, tokenizer="words", lowercase=True, out=tmp_path / "other")
    with pytest.raises(UsageError, match=r"not a Config or a \.toml file"):
        w2v_cli.train(tokens, config="settings.json", out=tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_an_error_of_the_users_own_generator_leaves_nothing_behind(tmp_path):
    def sentences():
        yield ["a", "b"]
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        w2v_cli.train(sentences(), out=tmp_path / "run", **REFERENCE)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("paths", ["", [""]])
def test_an_empty_name_is_refused(paths, tmp_path):
    """Review D7: it was taken for the current folder."""
    with pytest.raises(UsageError, match="empty name"):
        w2v_cli.train(paths=paths, out=tmp_path / "run")
    with pytest.raises(UsageError, match="empty name"):
        w2v_cli.Config(paths=paths)
