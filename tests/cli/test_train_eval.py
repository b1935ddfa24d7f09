"""`w2v train --eval FILE`: scores after each epoch."""

import json

import pytest

import w2v_cli


@pytest.fixture
def sets(tmp_path):
    (tmp_path / "pairs.tsv").write_text("w1\tw2\t8\nw1\tw50\t1\nw3\tw4\t7\nw3\tnone\t7\n")
    (tmp_path / "questions.txt").write_text(": a\nw1 w2 w3 w4\n: gram\nw1 w2 w3 w5\n")
    (tmp_path / "strange.tsv").write_text("x\ty\t1\nz\ty\t2\n")
    return [tmp_path / name for name in ("pairs.tsv", "questions.txt", "strange.tsv")]


def epochs(run):
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [m for m in map(json.loads, lines) if m["event"] == "epoch"]


def train(w2v, text, run, *options):
    return w2v("train", text, "--out", run, "--engine", "reference", "--dim", 6, *options)


def test_scores_stand_in_the_metrics_of_each_epoch_and_on_the_terminal(w2v, text, tmp_path, sets):
    options = [part for path in sets for part in ("--eval", path)]
    result = train(w2v, text, tmp_path / "run", "--epochs", 2, *options)
    assert result.code == 0
    scores = [epoch["eval"] for epoch in epochs(tmp_path / "run")]
    assert len(scores) == 2
    for score in scores:
        assert set(score) == {
            "pairs",
            "questions",
            "questions semantic",
            "questions syntactic",
            "strange",
        }
        assert -1 <= score["pairs"] <= 1
        assert score["strange"] is None
    assert f"pairs {scores[-1]['pairs']:.3f}" in result.err
    evaluated = json.loads(w2v("evaluate", tmp_path / "run", sets[0], "--json").out)
    assert evaluated["scores"][0]["spearman"] == pytest.approx(scores[-1]["pairs"])
    w2v("export", tmp_path / "run", tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text()
    assert f"| pairs | {scores[-1]['pairs']:.3f} |" in card
    assert str(tmp_path) not in card


def test_scoring_does_not_change_the_vectors(w2v, text, tmp_path, sets):
    train(w2v, text, tmp_path / "1", "--epochs", 2, "--eval", sets[0])
    train(w2v, text, tmp_path / "2", "--epochs", 2)
    one, two = (w2v_cli.load(tmp_path / name).matrix.tolist() for name in "12")
    assert one == two


def test_a_resume_may_change_what_is_scored(w2v, text, tmp_path, sets):
    train(w2v, text, tmp_path / "run", "--epochs", 1)
    result = w2v("train", "--resume", "--out", tmp_path / "run", "--eval", sets[0])
    assert result.code == 0


def test_a_bad_file_is_noticed_before_anything_is_written(w2v, text, tmp_path, sets):
    (tmp_path / "bad.tsv").write_text("a b 1\nc d\n")
    for extra in (["--eval", tmp_path / "bad.tsv"], ["--eval", tmp_path / "none"]):
        result = train(w2v, text, tmp_path / "run", *extra)
        assert result.code == 1
        assert "bad.tsv: line 2" in result.err or "none" in result.err
        assert not (tmp_path / "run").exists()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pairs.tsv").write_text("a b 1\n")
    twice = ["--eval", sets[0], "--eval", tmp_path / "sub" / "pairs.tsv"]
    assert "rename one" in train(w2v, text, tmp_path / "run", *twice).err


def test_from_python_and_from_a_file(text, tmp_path, sets):
    run = w2v_cli.train(
        paths=text, out=tmp_path / "run", engine="reference", dim=4, epochs=1, eval_files=[sets[0]]
    )
    assert "pairs" in run.metrics[-1]["eval"]
    (tmp_path / "c.toml").write_text(
        '[corpus]\npaths = ["text.txt"]\n'
        '[training]\nengine = "reference"\nepochs = 1\n[watch]\neval_files = ["pairs.tsv"]\n'
    )
    run = w2v_cli.train(tmp_path / "c.toml", out=tmp_path / "run2", dim=4)
    assert run.settings.watch.eval_files == (str(sets[0]),)
    assert "pairs" in run.metrics[-1]["eval"]
