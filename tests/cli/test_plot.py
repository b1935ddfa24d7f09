import numpy as np
import pytest

from w2v_cli.engines.parameters import Embeddings
from w2v_cli.vectors.run_vectors import write_run_vectors

WORDS = ["the", "king", "queen", "rain", "snow"]


@pytest.fixture
def run(tmp_path):
    rng = np.random.default_rng(2)
    matrices = Embeddings(*rng.normal(size=(2, 5, 4)).astype(np.float32))
    (tmp_path / "run").mkdir()
    write_run_vectors(
        tmp_path / "run" / "vectors.safetensors", WORDS, np.arange(5, 0, -1), matrices
    )
    return tmp_path / "run"


def svg(w2v, run, tmp_path, *arguments):
    result = w2v("plot", run, "--out", tmp_path / "p.svg", *arguments)
    assert result.code == 0, result.err
    content = (tmp_path / "p.svg").read_text()
    return [word for word in WORDS if f">{word}<" in content], result.err


def test_the_words_of_cs224n_are_the_default(w2v, run, tmp_path):
    shown, err = svg(w2v, run, tmp_path)
    assert shown == ["king", "queen", "rain", "snow"]
    assert "not in the vocabulary: great cool" in err


def test_words_come_from_options_files_or_the_top(w2v, run, tmp_path):
    assert svg(w2v, run, tmp_path, "--words", "king,snow")[0] == ["king", "snow"]
    assert svg(w2v, run, tmp_path, "--top", 2)[0] == ["king", "queen"]
    assert svg(w2v, run, tmp_path, "--top", 2, "--keep-stop-words")[0] == ["the", "king"]
    (tmp_path / "words.txt").write_text("rain\nqueen rain\n")
    assert svg(w2v, run, tmp_path, "--words-file", tmp_path / "words.txt")[0] == ["queen", "rain"]


def test_the_default_file_is_a_png_in_the_run(w2v, run):
    assert w2v("plot", run).out == f"{run / 'plot.png'}\n"
    assert (run / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--out", "p.gif"], 2, "must end in .png, .svg or .pdf"),
        (["--words", "a", "--top", "2"], 2, "not several"),
        (["--words", "xyzzy"], 1, "knows none of the words"),
        (["--words-file", "none.txt"], 1, "none.txt"),
        (["--top", "0"], 2, "0 is not in the range"),
    ],
)
def test_wrong_calls(w2v, run, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    result = w2v("plot", run, *arguments)
    assert (result.code, message in result.err) == (code, True), result.err
    assert not (run / "plot.png").exists()


def test_a_missing_run_is_named(w2v, tmp_path):
    result = w2v("plot", tmp_path / "nothing")
    assert result.code == 1
    assert "nothing" in result.err


def test_a_file_of_vectors_and_the_choice_of_vectors(w2v, run, tmp_path):
    assert w2v("export", run, tmp_path / "v.bin").code == 0
    result = w2v("plot", tmp_path / "v.bin", "--top", 5)
    assert result.out.strip() == str(tmp_path / "plot.png")
    for which in ("outside", "sum"):
        assert w2v("plot", run, "--top", 5, "--vectors", which).code == 0
    assert w2v("plot", tmp_path / "v.bin", "--top", 5, "--vectors", "sum").code == 2
