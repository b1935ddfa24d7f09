import json

import pytest

QUICK = ["--seconds", "0.01", "--dim", "4", "--max-words", "500", "--min-count", "1"]


@pytest.fixture
def no_gensim(monkeypatch):
    monkeypatch.setattr("w2v_cli.benchmark.all_parts.gensim_is_here", lambda: False)


def test_json_and_picture(w2v, text, tmp_path, no_gensim):
    picture = tmp_path / "costs.svg"
    result = w2v("bench", text, *QUICK, "--n-threads", 1, "--plot", picture, "--json")
    assert result.code == 0, result.err
    content = json.loads(result.out)
    assert content["corpus"] == {"n_tokens": 4000, "n_words": 60}
    assert [row["engine"] for row in content["speed"]] == [
        "sampled",
        "sampled",
        "sampled",
        "exact",
        "reference",
    ]
    assert {row["n_words"] for row in content["growth"]} == {500}
    assert "same_job" not in content
    assert "naive-softmax, reference" in picture.read_text()


def test_tables(w2v, text, monkeypatch):
    pytest.importorskip("gensim")
    result = w2v("bench", text, *QUICK, "--n-threads", 2, "--epochs", 1)
    assert result.code == 0, result.err
    assert "4,000 words, 60 distinct" in result.out
    assert "sampled --deterministic" in result.out
    assert "V = 500" in result.out
    assert "gensim" in result.out


def test_a_wrong_picture_name(w2v, text):
    result = w2v("bench", text, "--plot", "costs.bmp")
    assert result.code == 2
    assert "must end in .png" in result.err


def test_the_sample_corpus_is_found_or_asked_for(w2v, monkeypatch, no_gensim):
    from w2v_cli.text import places as sample

    monkeypatch.setattr(sample, "__file__", "/nowhere/w2v_cli/corpus/sample.py")
    monkeypatch.setattr(sample, "_installed_files", list)
    result = w2v("bench", *QUICK)
    assert result.code == 2
    assert "name a CORPUS" in result.err
