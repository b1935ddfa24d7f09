"""`w2v vector` and `w2v embed`, as typed."""

import gzip
import io
import json

import numpy as np
import pytest

import w2v_cli


@pytest.fixture
def run(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("Tea coffee tea rain\nking queen king tea\n" * 20)
    given = {"dim": 4, "engine": "reference", "min_count": 1, "epochs": 1}
    given["subsample_threshold"] = 0
    return w2v_cli.train(paths=text, out=tmp_path / "run", **given)


@pytest.fixture
def stdin(monkeypatch):
    def give(content):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return give


def numbers(text):
    return np.array([line.split("\t") for line in text.splitlines()], dtype=np.float32)


def test_vector_prints_numbers_that_read_back(w2v, run):
    result = w2v("vector", run.path, "tea", "king")
    word, *values = result.out.splitlines()[0].split(" ")
    assert word == "tea"
    assert (np.array(values, np.float32) == run.vectors["tea"]).all()
    content = json.loads(w2v("vector", run.path, "king", "--json").out)
    assert content["word"] == "king"
    assert (np.array(content["vector"], np.float32) == run.vectors["king"]).all()


def test_vector_normalizes_and_names_unknown_words(w2v, run):
    result = w2v("vector", run.path, "tea", "teaa", "--normalize")
    assert result.code == 1
    assert "unknown word 'teaa'; did you mean tea?" in result.err
    assert np.linalg.norm(np.array(result.out.split()[1:], float)) == pytest.approx(1, abs=1e-6)


def test_embed_has_a_row_for_each_line(w2v, run, stdin):
    stdin(b"Tea, coffee!\n\nzzz\r\nking")
    result = w2v("embed", run.path)
    rows = numbers(result.out)
    vectors = run.vectors
    np.testing.assert_allclose(rows[0], (vectors["tea"] + vectors["coffee"]) / 2, rtol=1e-6)
    assert not rows[1:3].any()
    assert (rows[3] == vectors["king"]).all()
    assert "4 lines, 4 dimensions; 2 without a known word are zero" in result.err


@pytest.mark.parametrize("weights", ["mean", "sif"])
@pytest.mark.parametrize("name", ["rows.npy", "rows.tsv"])
def test_a_file_has_what_is_printed(w2v, run, tmp_path, weights, name):
    text = tmp_path / "lines.txt.gz"
    text.write_bytes(gzip.compress(b"tea king\nrain\n\nqueen tea coffee\n" * 3000))
    given = ["embed", run.path, text, "--weights", weights]
    printed = numbers(w2v(*given).out)
    out = tmp_path / name
    assert w2v(*given, "--out", out).code == 0
    found = np.load(out) if name == "rows.npy" else np.loadtxt(out, dtype=np.float32)
    assert found.shape == (12_000, 4)
    assert (found == printed).all()
    assert w2v(*given, "--out", out).code == 2
    assert w2v(*given, "--out", out, "--force").code == 0


def test_text_is_read_as_in_the_training_unless_told_otherwise(w2v, run, stdin):
    for given, known in ([], True), (["--no-lowercase"], False), (["--tokenizer", "words"], True):
        stdin(b"TEA\n")
        assert numbers(w2v("embed", run.path, *given).out).any() == known


def test_records_are_read_and_nothing_is_nothing(w2v, run, tmp_path, stdin):
    records = tmp_path / "texts.jsonl"
    records.write_text('{"text": "tea\\nking"}\n{"text": "rain"}\n')
    assert len(numbers(w2v("embed", run.path, records).out)) == 2
    stdin(b"")
    result = w2v("embed", run.path, "--weights", "sif")
    assert (result.code, result.out) == (0, "")
    assert "0 lines" in result.err


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (["{run}", "nothing.txt"], 1, "no such file"),
        (["nothing", "{text}"], 1, "no such file or folder; give a run"),
        (["{run}", "{text}", "--out", "rows.csv"], 2, "end it in .npy or .tsv"),
        (["{run}", "{text}", "--weights", "tfidf"], 2, "'mean', 'sif'"),
        (["{vectors}", "{text}", "--weights", "sif"], 1, "no counts, which SIF needs"),
    ],
)
def test_embed_called_wrongly(w2v, run, tmp_path, given, code, message):
    run.vectors.save(tmp_path / "v.txt")
    places = {"run": run.path, "vectors": tmp_path / "v.txt", "text": tmp_path / "text.txt"}
    result = w2v("embed", *(each.format(**places) for each in given))
    assert result.code == code
    assert message in result.err
