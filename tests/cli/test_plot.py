import re

import numpy as np
import pytest

from w2v_cli.engines.base import Embeddings
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


def test_the_picture_is_described_in_two_sentences(w2v, run, tmp_path):
    out = w2v("plot", run, "--out", tmp_path / "p.svg", "--describe").out.splitlines()
    assert out[0] == str(tmp_path / "p.svg")
    assert re.fullmatch(
        r"PCA shows \d+% of the variance; the mean cosine of two of the 4 words is -?0\.\d\d\."
        r" In all 4 dimensions, the nearest of these words is of the same group for \d of 4 words"
        r" \(by chance: 1\.3\)\.",
        out[1],
    )
    assert len(out) == 2


def test_the_default_file_is_a_png_in_the_run(w2v, run):
    assert w2v("plot", run).out == f"{run / 'plot.png'}\n"
    assert (run / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--out", "p.gif"], 2, "must end in .png, .svg or .pdf"),
        (["--words", "a", "--top", "2"], 2, "not several"),
        (["--words", "xyzzy"], 1, "none of the words"),
        (["--words-file", "none.txt"], 1, "none.txt"),
        (["--top", "0"], 2, "0 is not in the range"),
        (["--words", "king"], 2, "--neighbors-of king"),
        (["--words", "king xyzzy"], 1, "only 'king'"),
        (["--regex", "("], 2, "not a regular expression"),
        (["--regex", "z+"], 1, "none of the words"),
        (["--neighbors-of", "kingg"], 1, "did you mean king"),
        (["--groups", "none.txt"], 1, "none.txt"),
        (["--groups", "g.txt", "--clusters", "2"], 2, "not several"),
        (["--heatmap", "king queen", "--curves"], 2, "not several"),
        (["--heatmap", "king queen", "--method", "umap"], 2, "--heatmap does not take --method"),
        (["--heatmap", "king"], 2, "--neighbors-of king"),
        (["--analogy", "king"], 2, "king:queen"),
        (["--analogy", "king:xyzzy"], 1, "unknown word 'xyzzy'"),
        (["--analogy", "king:queen", "--words", "rain"], 2, "does not take --words"),
        (["--curves", "--describe"], 2, "--curves does not take --describe"),
        (["--curves"], 1, "needs a run folder"),
        (["--compare", "none"], 1, "none"),
        (["-n", "3"], 2, "-n needs --neighbors-of"),
        (["--keep-stop-words"], 2, "--keep-stop-words needs --top"),
        (["--perplexity", "5"], 2, "pca has no setting perplexity"),
        (["--size", "8"], 2, "WIDTHxHEIGHT"),
        (["--size", "800x600"], 2, "between 1 and 100"),
        (["--style", "neon"], 2, "light"),
        (["--method", "pca", "--method", "tsne"], 2, "a page (--out NAME.html) takes several"),
        (["--out", "p.html", "--style", "dark"], 2, "a page does not take --style"),
        (["--out", "p.html", "--curves"], 2, "--curves is a picture"),
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


def test_neighbours_a_pattern_groups_and_clusters(w2v, run, tmp_path):
    shown, _ = svg(w2v, run, tmp_path, "--neighbors-of", "king", "-n", 2)
    assert "king" in shown
    assert len(shown) == 3
    assert svg(w2v, run, tmp_path, "--regex", ".*n.*")[0] == ["king", "queen", "rain", "snow"]
    (tmp_path / "groups.txt").write_text("cold things: snow\n")
    svg(w2v, run, tmp_path, "--groups", tmp_path / "groups.txt")
    assert ">cold things<" in (tmp_path / "p.svg").read_text()
    assert svg(w2v, run, tmp_path, "--clusters", 2)[0] == ["king", "queen", "rain", "snow"]


def test_style_title_size_and_dpi(w2v, run, tmp_path):
    options = ["--style", "dark", "--title", "My words", "--size", "6x5", "--dpi", 50]
    svg(w2v, run, tmp_path, *options)
    assert ">My words<" in (tmp_path / "p.svg").read_text()
    assert w2v("plot", run, "--out", tmp_path / "p.png", *options).code == 0
    png = (tmp_path / "p.png").read_bytes()
    assert png[16:24] == (300).to_bytes(4, "big") + (250).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--heatmap", "king queen rain xyzzy"], "heatmap.png"),
        (["--analogy", "king:queen", "--analogy", "rain:snow"], "analogy.png"),
    ],
)
def test_other_pictures_do_not_replace_the_plot(w2v, run, arguments, name):
    result = w2v("plot", run, *arguments)
    assert result.code == 0, result.err
    assert result.out.strip() == str(run / name)
    assert not (run / "plot.png").exists()


def test_two_runs_are_compared(w2v, run, tmp_path):
    assert w2v("export", run, tmp_path / "other.bin").code == 0
    shown, err = svg(w2v, run, tmp_path, "--compare", tmp_path / "other.bin", "--top", 4)
    assert shown == ["king", "queen", "rain", "snow"]
    assert "the runs agree least on (cosine): " in err
    assert ">other.bin<" in (tmp_path / "p.svg").read_text()


def test_the_curves_of_several_runs(w2v, text, tmp_path):
    for seed in (1, 2):
        out = tmp_path / f"r{seed}"
        options = ["--engine", "reference", "--epochs", 2, "--dim", 4, "--seed", seed]
        assert w2v("train", text, "--out", out, *options).code == 0
    result = w2v("plot", tmp_path / "r1", tmp_path / "r2", "--curves", "--out", tmp_path / "p.svg")
    assert result.code == 0, result.err
    content = (tmp_path / "p.svg").read_text()
    assert ">learning rate<" in content
    assert ">r2 training<" in content
    assert w2v("plot", tmp_path / "r1", tmp_path / "r2").code == 2


def test_the_picture_is_opened_where_that_is_asked(w2v, run, monkeypatch):
    opened = []
    monkeypatch.setattr("click.launch", opened.append)
    assert w2v("plot", run).code == 0
    assert opened == []
    assert w2v("plot", run, "--show").code == 0
    assert opened == [str(run / "plot.png")]


def test_the_help_fits_a_terminal_of_80_columns(w2v, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    help_text = w2v("plot", "--help").out
    assert max(map(len, help_text.splitlines())) <= 80
    assert "--neighbors-of" in help_text


def test_a_page_has_the_words_the_groups_and_every_projection(w2v, run, tmp_path):
    pytest.importorskip("openTSNE")
    out = tmp_path / "p.html"
    methods = ["--method", "pca", "--method", "tsne", "--perplexity", 2]
    result = w2v("plot", run, "--top", 4, *methods, "--clusters", 2, "--out", out)
    assert (result.code, result.out) == (0, f"{out}\n"), result.err
    page = out.read_text()
    assert "t-SNE" in page
    assert "PCA" in page
