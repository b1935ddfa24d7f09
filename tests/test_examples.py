"""The examples of the documents work: every block of python.md, every command of vectors.md
and pictures.md."""

import importlib.util
import re
import shlex
import shutil

import pytest
from conftest import ROOT

import w2v_cli
from w2v_cli.engines.catalog import ENGINES


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with data/, in which the examples run; the corpus is cut to keep it quick."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    sample = tmp_path / "data" / "sample.txt"
    sample.write_text("\n".join(sample.read_text().split("\n")[:1500]))
    monkeypatch.chdir(tmp_path)
    # Compiled engines are tested elsewhere: the reference engine becomes the default.
    first = {"reference": ENGINES["reference"]}
    monkeypatch.setattr("w2v_cli.settings.resolve.ENGINES", first | ENGINES)
    return tmp_path


def blocks(page, language):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


def test_python(place, capsys):
    names = {}
    for block in blocks("python.md", "python"):
        exec(compile(block, "python.md", "exec"), names)
    out = capsys.readouterr().out
    assert "already contains a run" in out
    assert "['queen'" in out


def test_shell(place, w2v):
    for name in ("quickstart", "other"):
        w2v_cli.train(paths="data/sample.txt", out=f"runs/{name}", dim=8, epochs=1)
    pages = blocks("vectors.md", "sh") + blocks("continuing.md", "sh")
    commands = [line for block in pages for line in block.splitlines()]
    assert len(commands) > 12
    for line in commands:
        program, *arguments = shlex.split(line, comments=True)
        assert program == "w2v"
        result = w2v(*arguments)
        assert result.code == 0, f"{line}: {result.err}"


def test_moving(place, w2v):
    """The last cell of each row of the first table is ours."""
    page = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    commands = [cell for row in rows for cell in re.findall(r"`(w2v [^`]*)` \|$", row[-1])]
    assert len(commands) == 14
    for line in commands:
        result = w2v(*shlex.split(line)[1:])
        assert result.code == 0, f"{line}: {result.err}"
    if importlib.util.find_spec("gensim") is not None:
        for block in blocks("moving.md", "python"):
            exec(compile(block, "moving.md", "exec"), {})


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("-size", "--dim"), ("--vector_size", "--dim"), ("-hs", "no hierarchical softmax"),
        ("-read-vocab", "--vocab"), ("-classes", "w2v plot RUN --clusters"),
        ("-wordNgrams", "w2v embed"), ("--max_vocab_size", "--max-vocab"),
        ("--batch_words", "nothing to set"), ("--hashfxn", "--seed"), ("--compute_loss", "metrics"),
        ("--callbacks", "on_report"), ("-pretrainedVectors", "--from"), ("-lrUpdateRate", "omit"),
        ("-label", "no text classifier"), ("--seed_", "--seed"), ("--trim_rule", "--keep-words"),
        ("--sorted_vocab", "omit"),
    ],
)  # fmt: skip
def test_options_of_other_tools_are_answered(w2v, typed, answer):
    result = w2v("train", "data/sample.txt", typed, "1")
    assert result.code == 2
    assert answer in result.err


def test_pictures(place, w2v):
    pytest.importorskip("openTSNE")
    for name in ("quickstart", "other"):
        w2v_cli.train(paths="data/sample.txt", out=f"runs/{name}", dim=8, epochs=1, min_count=2)
    (place / "groups.txt").write_text("hot drinks: tea coffee\nweather: rain snow hail sleet\n")
    commands = [line for block in blocks("pictures.md", "sh") for line in block.splitlines()]
    assert len(commands) > 8
    for line in commands:
        program, *arguments = shlex.split(line, comments=True)
        assert program == "w2v"
        result = w2v(*arguments)
        assert result.code == 0, f"{line}: {result.err}"
    for block in blocks("pictures.md", "python"):
        exec(compile(block, "pictures.md", "exec"), {})
    assert (place / "page.html").exists()
