"""`w2v explain`: one page from a text, or from none."""

import json
import re


def text_of(path):
    data = re.search(r'id="page-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[1]
    return json.loads(data)["text"]


def test_without_a_text_the_page_has_sentences_of_its_own(w2v, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = w2v("explain")
    assert (result.code, result.out) == (0, "word2vec.html\n")
    assert text_of(tmp_path / "word2vec.html").startswith("The king drinks tea\n")


def test_a_text_gives_its_first_words_and_keeps_its_lines(w2v, tmp_path):
    (tmp_path / "a.txt").write_text("One <b>two</b>, three.\n\nFour\n" + "five six seven\n" * 400)
    result = w2v("explain", tmp_path / "a.txt", "--out", tmp_path / "a.html")
    assert (result.code, result.out) == (0, f"{tmp_path / 'a.html'}\n")
    lines = text_of(tmp_path / "a.html").splitlines()
    assert lines[:3] == ["one b two b three", "four", "five six seven"]
    assert sum(len(line.split()) for line in lines) == 300


def test_a_text_that_cannot_be_used_leaves_no_page(w2v, tmp_path):
    (tmp_path / "a.txt").write_text("hello\n")
    for name, reason in (("a.txt", "at least two"), ("none.txt", "no such file")):
        result = w2v("explain", tmp_path / name, "--out", tmp_path / "a.html")
        assert result.code == 1
        assert reason in result.err
    assert not (tmp_path / "a.html").exists()
