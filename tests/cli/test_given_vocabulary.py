"""`w2v train --vocab FILE` and `--phrases N`, as a user gives them."""

import pytest

TEXT = "the cat saw the dog in new york\n" * 30 + "".join(f"x{i} of the y{i}\n" for i in range(200))
LIGHT = ["--engine", "reference", "--epochs", "1", "--dim", "2"]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


def words_of(run):
    return [line.split("\t")[0] for line in (run / "vocab.tsv").read_text().splitlines()]


def test_only_the_given_words_are_trained_and_absent_ones_are_stated(w2v, corpus, tmp_path):
    given, run = tmp_path / "words.tsv", tmp_path / "run"
    given.write_text("Dog\t9\ncat\nx7\nunicorn\nzebra\n")
    result = w2v("train", corpus, "--vocab", given, "--out", run, *LIGHT)
    assert words_of(run) == ["cat", "dog", "x7"]
    assert "do not occur in the corpus and get no vector: 2 (unicorn, zebra)" in result.err


def test_a_vocabulary_of_a_run_gives_the_same_words(w2v, corpus, tmp_path):
    w2v("train", corpus, "--min-count", "30", "--out", tmp_path / "a", *LIGHT)
    given = tmp_path / "a" / "vocab.tsv"
    result = w2v("train", corpus, "--vocab", given, "--out", tmp_path / "b", *LIGHT)
    assert result.code == 0, result.err
    assert (tmp_path / "b" / "vocab.tsv").read_bytes() == given.read_bytes()
    assert "do not occur" not in result.err


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("unicorn\ncat\n", [], "only 1 of the 2 words of --vocab occur in the corpus"),
        ("", [], "has no words"),
        ("a cat\n", [], "line 1: expected one word"),
        (
            "cat\ndog\n",
            ["--min-count", "3"],
            "--vocab already gives the words that --min-count would",
        ),
    ],
)
def test_what_cannot_be_a_vocabulary_is_refused(w2v, corpus, tmp_path, content, options, message):
    given, run = tmp_path / "words.txt", tmp_path / "run"
    given.write_text(content)
    result = w2v("train", corpus, "--vocab", given, "--out", run, *options, *LIGHT)
    assert result.code in (1, 2)
    assert message in result.err
    assert not run.exists() or not list(run.iterdir())


def test_phrases_are_words_of_the_run(w2v, corpus, tmp_path):
    w2v("train", corpus, "--phrases", "1", "--out", tmp_path / "run", *LIGHT)
    words = words_of(tmp_path / "run")
    assert "new_york" in words
    assert "york" not in words
    assert "phrases = 1" in (tmp_path / "run" / "config.toml").read_text()
