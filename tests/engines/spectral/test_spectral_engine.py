"""The spectral engine: against a dense decomposition, its bits, its stops, and bad input."""

import json

import numpy as np
import pytest
from chosen import settings_of
from engines.sampled.chunk_twin import zipf_corpus

import w2v_cli
from w2v_cli import equations as eq
from w2v_cli.engines.base import Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.engines.spectral import subspace
from w2v_cli.engines.spectral.engine import SpectralEngine
from w2v_cli.errors import DataError, UsageError
from w2v_cli.memory import GIB
from w2v_cli.pairs.matrix import PairCounts
from w2v_cli.text.windows import keep_prob
from w2v_cli.vectors.run_vectors import read_run_vectors

SPECTRAL = {"engine": "spectral", "min_count": 1}
CORPUS = zipf_corpus(20_000, 3000)


@pytest.fixture
def text(tmp_path):
    words = np.array([f"w{i}" for i in range(400)])
    rng = np.random.default_rng(5)
    lines = []
    for _ in range(300):
        topic = rng.integers(8)
        ids = (rng.zipf(1.3, 30) * 8 + topic) % 400
        lines.append(" ".join(words[ids]))
    path = tmp_path / "topics.txt"
    path.write_text("\n".join(lines))
    return path


def made(tmp_path, corpus=CORPUS, **given):
    settings = settings_of(**{"engine": "spectral", "dim": 10, "extra_dims": 20, **given})
    return create_engine(settings, corpus, tmp_path, lambda message: None)


def passes(engine, n):
    return [stats for _, stats in engine.train(Unit(i, 0, 1.0) for i in range(n))]


def dense(tmp_path, corpus):
    """The counts as the engine's run has left them, as a dense matrix."""
    from w2v_cli.pairs.cooccurrence import open_or_count

    keep = keep_prob(corpus.vocabulary.counts, 1e-3)
    pairs = open_or_count(corpus, keep, 5, cache=tmp_path)
    X = np.zeros((pairs.n_words, pairs.n_words))
    rows = np.repeat(np.arange(pairs.n_words), np.diff(pairs.row_start))
    X[rows, pairs.columns] = pairs.weights * pairs.unit
    return X[:, X.any(axis=0)][X.any(axis=1)], X.any(axis=0)


def test_vectors_are_those_of_a_dense_decomposition(tmp_path):
    engine = made(tmp_path, tolerance=1e-4, n_threads=2)
    stats = passes(engine, 25)
    X, known = dense(tmp_path, CORPUS)
    A = eq.ppmi(X)
    expected = eq.best_factors(A, 10, 0.25)
    found = engine.embeddings()
    V, U = found.center[known].astype(float), found.outside[known].astype(float)
    products = expected.center @ expected.outside.T
    np.testing.assert_allclose(V @ U.T, products, atol=2e-3 * np.abs(products).max())
    np.testing.assert_allclose(
        np.linalg.norm(V, axis=0), np.linalg.norm(expected.center, axis=0), rtol=1e-3
    )
    assert not found.center[~known].any()
    error = ((A - expected.center @ expected.outside.T) ** 2).sum() / (A**2).sum()
    assert stats[-1].mean_loss == pytest.approx(error, rel=1e-4)
    assert stats[-1].figures["explained"] == pytest.approx(1 - error, rel=1e-3)
    residuals = [each.figures["residual"] for each in stats]
    assert residuals[-1] < residuals[0] / 20


def test_the_bits_are_those_of_any_number_of_threads(tmp_path):
    found = []
    for n in (1, 2, 5):
        engine = made(tmp_path, n_threads=n)
        passes(engine, 3)
        found.append([array.tobytes() for array in engine.state().values()])
    assert found[0] == found[1] == found[2]


def test_another_seed_gives_the_same_vectors(tmp_path):
    vectors = []
    for seed in (1, 2):
        engine = made(tmp_path, seed=seed, tolerance=1e-5, dim=4)
        passes(engine, 20)
        vectors.append(engine.embeddings().center)
    np.testing.assert_allclose(*vectors, atol=1e-3 * np.abs(vectors[0]).max())


def test_a_resumed_engine_goes_on_with_the_same_bits(tmp_path):
    whole, first, second = (made(tmp_path) for _ in range(3))
    passes(whole, 3)
    passes(first, 1)
    second.load_state({name: array.copy() for name, array in first.state().items()})
    list(second.train(Unit(i, 0, 1.0) for i in (1, 2)))
    for name, array in whole.state().items():
        assert array.tobytes() == second.state()[name].tobytes()


def test_a_run_stops_by_its_residual_and_is_resumed(text, tmp_path, w2v):
    options = ["--engine", "spectral", "--dim", 8, "--extra-dims", 1, "--min-count", 1]
    options += ["--tolerance", 1e-5]
    run, short = tmp_path / "run", tmp_path / "short"
    result = w2v("train", text, "--out", run, *options)
    assert result.code == 0, result.err
    reports = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert reports[-1]["event"] == "epoch"
    assert 1 < reports[-1]["epoch"] < 30
    assert reports[-1]["residual"] < w2v_cli.Run(run).settings.own.tolerance
    assert reports[-1]["loss"] == pytest.approx(1 - reports[-1]["explained"])
    assert w2v("train", text, "--out", short, *options, "--epochs", 1).code == 0
    assert w2v("train", "--resume", "--out", short, "--epochs", 30).code == 0
    ours, theirs = (
        read_run_vectors(each / "vectors.safetensors").embeddings for each in (run, short)
    )
    np.testing.assert_array_equal(ours.center, theirs.center)


def test_counts_give_the_same_bits_as_the_text(text, tmp_path, w2v):
    options = ["--engine", "spectral", "--dim", 8]
    assert w2v("count", text, "--out", tmp_path / "counts", "--min-count", 1).code == 0
    assert w2v("train", tmp_path / "counts", "--out", tmp_path / "a", *options).code == 0
    result = w2v("train", text, "--out", tmp_path / "b", "--min-count", 1, *options)
    assert result.code == 0
    ours, theirs = (w2v_cli.load(tmp_path / each).matrix for each in "ab")
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_power_changes_the_vectors_and_not_their_products(tmp_path, power):
    one, other = made(tmp_path), made(tmp_path, power=power)
    passes(one, 3), passes(other, 3)
    (V, U), (W, T) = ((e.center, e.outside) for e in (one.embeddings(), other.embeddings()))
    np.testing.assert_allclose(V @ U.T, W @ T.T, atol=1e-3)
    assert not np.allclose(V, W)


def test_eigenvalues_that_are_not_positive_are_left_out(tmp_path):
    """A matrix of rank 3: two of five dimensions hold nothing."""
    X = np.kron(np.eye(3), np.ones((4, 4)))
    rows, columns = np.nonzero(X)
    start = np.searchsorted(rows, np.arange(13))
    pairs = PairCounts(start, columns.astype(np.uint32), X[rows, columns])
    engine = SpectralEngine(settings_of(engine="spectral", dim=5), pairs, 0)
    passes(engine, 3)
    found = engine.embeddings()
    np.testing.assert_allclose(found.center @ found.outside.T, eq.ppmi(X), atol=1e-5)
    assert np.isfinite(found.center).all()
    lengths = np.linalg.norm(found.center, axis=0)
    assert (lengths[:3] > 0.1).all()
    np.testing.assert_allclose(lengths[3:], 0, atol=0.02)


REFUSED = {
    "subwords": ({"subwords": "3-6"}, "does not train --subwords"),
    "from": ({"start_from": "x"}, "cannot start from others; omit --from"),
    "hold-out": ({"holdout": 0.1}, "omit --holdout"),
    "negatives": ({"n_negatives": 3}, "not of ppmi"),
    "another loss": ({"loss": "naive-softmax"}, "does not train naive-softmax"),
    "steps": ({"steps": 3}, "does not take --steps"),
    "cbow": ({"model": "cbow"}, "does not train --model cbow"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_apply_is_refused(given, message):
    with pytest.raises(UsageError, match=message):
        settings_of(engine="spectral", **given)


BAD = {
    "fewer words than dimensions": ("a b c d e\n" * 9, [], "5 words have at most 5"),
    "one word": ("a a a a\n" * 9, ["--dim", 1], "training needs at least two"),
    "no pair above chance": ("a b\nb a\na a\nb b\n" * 9, ["--dim", 2], "than by chance"),
    "a learning rate": ("a b c d e\n" * 9, ["--lr", 0.1], "no learning rate; omit --lr"),
}


@pytest.mark.parametrize(("content", "options", "message"), BAD.values(), ids=BAD)
def test_bad_input_leaves_nothing_behind(content, options, message, tmp_path, w2v):
    path, run = tmp_path / "bad.txt", tmp_path / "run"
    path.write_text(content)
    given = ["--engine", "spectral", "--min-count", 1, "--subsample-threshold", 0]
    result = w2v("train", path, "--out", run, *given, *options)
    assert result.code in (1, 2)
    assert message in result.err
    assert not run.exists()


def test_memory_is_asked_for_before_it_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("w2v_cli.memory.available_memory", lambda: GIB // 1000)
    with pytest.raises(DataError, match=r"pairs above chance and .* words need at least"):
        subspace.ppmi(_many_pairs(), subspace.Room(160), subspace.Threads(1))


def test_a_matrix_above_the_memory_lies_in_files_and_has_the_same_bits(tmp_path, text, w2v):
    given = ("train", text, "--engine", "spectral", "--dim", 20, "--min-count", 1)
    made = []
    for memory in (2, 0.001):
        run = tmp_path / f"run-{memory}"
        assert w2v(*given, "--out", run, "--memory", memory).code == 0
        made.append(read_run_vectors(run).embeddings.center.tobytes())
    assert made[0] == made[1]
    counts, run = tmp_path / "counts", tmp_path / "counted"  # without a text there is no cache
    assert w2v("count", text, "--min-count", 1, "--out", counts).code == 0
    result = w2v("train", counts, *given[2:], "--memory", 0.001, "--out", run)
    assert result.code == 0, result.err
    assert read_run_vectors(run).embeddings.center.tobytes() == made[0]
    pairs, folder = _many_pairs(), tmp_path / "scratch"
    small = subspace.ppmi(pairs, subspace.Room(9, 1e3, folder), subspace.Threads(1))
    assert isinstance(small.values, np.memmap)
    assert not list(folder.iterdir())  # the files have no names, so nothing can be left behind
    usual = subspace.ppmi(pairs, subspace.Room(9), subspace.Threads(1))
    assert not isinstance(usual.values, np.memmap)
    for one, other in zip(small[:3], usual[:3], strict=True):
        np.testing.assert_array_equal(one, other)


def test_too_few_passes_are_said(tmp_path, text, w2v):
    run = tmp_path / "run"
    given = ("--engine", "spectral", "--dim", 20, "--min-count", 1, "--tolerance", 1e-6)
    result = w2v("train", text, *given, "--epochs", 1, "--out", run)
    assert "after 1 pass the residual is" in result.err
    assert "--resume --epochs 2" in result.err
    result = w2v("train", "--resume", "--epochs", 2, "--out", run)
    assert result.code == 0
    assert "after 2 passes the residual is" in result.err
    enough = w2v("train", text, *given[:-2], "--out", tmp_path / "enough")
    assert "the residual is" not in enough.err


def _many_pairs():
    n = 600
    rng = np.random.default_rng(1)
    columns = np.tile(np.arange(n, dtype=np.uint32), n)
    return PairCounts(np.arange(n + 1) * n, columns, rng.random(n * n))
