"""`w2v vocab` and `w2v phrases`."""

import json

import pytest

TEXT = "the cat saw the dog in new york city\n" * 40 + "".join(
    f"x{i} of the y{i}\n" for i in range(900)
)


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


def test_vocab_shows_words_coverage_and_zipf(w2v, corpus):
    result = w2v("vocab", corpus, "--top", "2")
    assert result.code == 0
    lines = [line.split() for line in result.out.splitlines()]
    assert result.out.startswith("3,960 words, 1,809 different ones, 1,800 of them (100%) occur")
    assert ["the", "1", "980", "24.75%", "24.7%"] in lines
    assert ["9", "40", "100", "54.55%"] not in lines
    assert ["9", "20", "54.55%"] in lines
    assert "Zipf's law: count ~ 1 / rank^" in result.out
    assert "reading" in result.err


def test_vocab_as_json_agrees_with_the_text(w2v, corpus):
    content = json.loads(w2v("vocab", corpus, "--json", "--top", "3").out)
    assert (content["n_tokens"], content["n_words"], content["occur_once"]) == (3960, 1809, 1800)
    assert content["top"][0] == {"word": "the", "count": 980, "share": 980 / 3960}
    assert {"min_count": 20, "n_words": 9, "share": 2160 / 3960} in content["by_min_count"]
    assert content["by_size"][-1] == {"min_count": 1, "n_words": 1809, "share": 1.0}


def test_what_vocab_writes_is_what_a_training_has_and_takes(w2v, corpus, tmp_path):
    w2v("vocab", corpus, "--min-count", "40", "--out", tmp_path / "words.tsv")
    light = ["--engine", "reference", "--epochs", "1", "--dim", "2"]
    w2v("train", corpus, "--min-count", "40", "--out", tmp_path / "run", *light)
    assert (tmp_path / "words.tsv").read_bytes() == (tmp_path / "run" / "vocab.tsv").read_bytes()
    result = w2v("vocab", tmp_path / "run", "--top", "1")
    assert result.out.startswith("3,960 words, 9 different ones\n")
    assert "54.55%" in result.out
    result = w2v("vocab", tmp_path / "run", "--min-count", "3")
    assert result.code == 2
    assert "--min-count is for a corpus, and" in result.err


def test_phrases_shows_each_pass(w2v, corpus, tmp_path):
    result = w2v("phrases", corpus, "--phrases", "2", "--out", tmp_path / "p.tsv")
    assert result.code == 0
    assert "pass 1: " in result.out
    header, *rows = [line.split("\t") for line in (tmp_path / "p.tsv").read_text().splitlines()]
    assert header == ["pass", "phrase", "score", "neighbours", "joined"]
    assert ["1", "new_york"] in [row[:2] for row in rows] or ["1", "in_new"] in [
        row[:2] for row in rows
    ]
    content = json.loads(w2v("phrases", corpus, "--phrases", "2", "--json").out)
    assert [len(found) for found in content["passes"]] == [
        sum(row[0] == number for row in rows) for number in ("1", "2")
    ]


@pytest.mark.parametrize("command", ["vocab", "phrases"])
def test_bad_input_is_one_line(w2v, tmp_path, command):
    (tmp_path / "empty.txt").write_text("")
    for name, message in [("empty.txt", "the corpus is empty"), ("none.txt", "no such file")]:
        result = w2v(command, tmp_path / name)
        assert result.code == 1
        assert message in result.err
        assert result.out == ""
    assert w2v(command).code == 2


def test_a_text_without_phrases_says_so(w2v, tmp_path):
    (tmp_path / "a.txt").write_text("a b c\nd e f\n")
    result = w2v("phrases", tmp_path / "a.txt")
    assert result.code == 0
    assert result.out.endswith("pass 1: 0 phrases, 0 times joined\n")
