"""A new engine is one folder and one line; no name is compared outside its own folder."""

import ast
import json
import sys

import numpy as np
import pytest
from conftest import ROOT
from engines.toy import OFFER

import w2v_cli
from w2v_cli.engines.catalog import ENGINES, create_engine
from w2v_cli.engines.settings import LOSSES, MODELS
from w2v_cli.errors import RunError
from w2v_cli.settings.run_settings import choices_of, settings_named

TOY = ["--engine", "toy", "--loss", "naive-softmax", "--dim", 3, "--min-count", 1]


@pytest.fixture
def toy(monkeypatch):
    """The one line in the catalogue."""
    monkeypatch.setitem(ENGINES, "toy", OFFER)


@pytest.fixture
def short(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("a b c d a b\n" * 20)
    return path


def test_a_new_engine_trains_resumes_and_is_extended(toy, w2v, short, tmp_path):
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    result = w2v("train", short, "--out", whole, *TOY, "--epochs", 3, "--units", 2)
    assert result.code == 0, result.err
    assert "engine toy" in result.err
    assert w2v("train", short, "--out", grown, *TOY, "--epochs", 1, "--units", 2).code == 0
    assert w2v("train", "--resume", "--out", grown, "--epochs", 3).code == 0
    epochs = [r["epoch"] for r in w2v_cli.Run(grown).metrics if r["event"] == "epoch"]
    assert epochs == [1, 2, 3]
    assert w2v_cli.load(whole).matrix.shape == w2v_cli.load(grown).matrix.shape == (4, 3)


def test_its_defaults_may_depend_on_the_corpus_and_stand_in_the_run(toy, text, short, tmp_path):
    chosen = {"engine": "toy", "loss": "naive-softmax", "min_count": 1, "dim": 2}
    run = w2v_cli.train(paths=short, out=tmp_path / "short", **chosen)
    assert (run.settings.training.epochs, run.settings.own.sloth) == (40, 120.0)
    assert "[toy]\nunits = 3\nsloth = 120.0\n" in (run.path / "config.toml").read_text()


def test_it_is_checked_against_the_equations(toy, w2v):
    result = w2v("gradcheck", "--seed", 0, "--json")
    (claim,) = (c for c in json.loads(result.out)["claims"] if c["key"] == "toy")
    assert claim["verdict"] == "ok"
    assert claim["error"] < 1e-9


def test_its_settings_are_options_with_help(toy, w2v):
    text = " ".join(w2v("train", "--help").out.split())
    assert "--units INTEGER Units per epoch. Only with toy. [default: 3]" in text
    assert "[sampled|exact|spectral|reference|toy]" in text
    assert "toy" in choices_of(settings_named()["engine"][0])


@pytest.mark.parametrize("name", ["sampled", "exact"])
def test_an_engine_that_cannot_be_used_says_how_to_mend_it(w2v, short, tmp_path, monkeypatch, name):
    """No other engine takes its place, and nothing is left behind."""
    monkeypatch.setitem(sys.modules, f"w2v_cli.engines.{name}.engine", None)
    loss = ENGINES[name].losses[0]
    result = w2v("train", short, "--out", tmp_path / "run", "--min-count", 1, "--loss", loss)
    assert result.code == 1
    assert f"engine {name} cannot be used here" in result.err
    assert "pip install --force-reinstall numba" in result.err
    assert "--engine reference" in result.err
    assert not (tmp_path / "run").exists()


def test_the_unusable_engine_is_an_error_of_the_run(monkeypatch, tmp_path):
    from chosen import settings_of

    monkeypatch.setitem(sys.modules, "w2v_cli.engines.sampled.engine", None)
    with pytest.raises(RunError, match="cannot be used"):
        create_engine(settings_of(), None, tmp_path, print)


def compared_names(tree):
    """Yield the texts that are compared with something, or matched by a case."""
    for node in ast.walk(tree):
        parts = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        for part in parts:
            for leaf in ast.walk(part):
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                    yield leaf.value, node.lineno


def test_no_name_of_an_engine_loss_or_model_is_compared_outside_its_own_folder():
    """The grader's kinds are functions of assignments; some are called like losses."""
    package = ROOT / "w2v_cli"
    found = []
    for path in package.rglob("*.py"):
        inside = path.relative_to(package)
        for name, line in compared_names(ast.parse(path.read_text(encoding="utf-8"))):
            at_home = inside.parts[:2] == ("engines", name) or inside.parts[0] == "grader"
            if name in {*ENGINES, *LOSSES, *MODELS} and not at_home:
                found.append(f"{inside}:{line} {name!r}")
    assert not found


def test_the_search_for_names_finds_them():
    source = "if engine == 'exact': pass\nmatch x:\n    case 'sampled': pass\ny in ('a', 'toy')"
    assert [n for n, _ in compared_names(ast.parse(source))] == ["exact", "a", "toy", "sampled"]


def test_engines_start_alike(short, tmp_path):
    """The catalogue's engines begin with the same vectors, so that they can be compared."""
    from chosen import settings_of

    from w2v_cli.text.prepare import open_corpus, prepare_corpus

    folder = tmp_path / "corpus"
    folder.mkdir()
    prepare_corpus(settings_of(paths=short, min_count=1).corpus, folder)
    corpus = open_corpus(folder)
    starts = []
    for offer in ENGINES.values():
        settings = settings_of(engine=offer.name, loss=offer.losses[0], dim=4)
        engine = create_engine(settings, corpus, tmp_path, print)
        starts.append(engine.embeddings().center.copy())
        engine.close()
    for start in starts[1:]:
        np.testing.assert_array_equal(start, starts[0])
