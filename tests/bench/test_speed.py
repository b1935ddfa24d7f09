"""The script that measures speed, on little work: the figures themselves prove nothing here."""

import numpy as np
import pytest
import speed
from chosen import settings_of
from rival import compare_with_gensim, running_engine
from speed import EPOCH_TOKENS, GROWTH, JOBS, measure, measure_engines, measure_growth, zipf_text

from w2v_cli.engines.catalog import ENGINES


def silent(message):
    pass


CORPUS = zipf_text(5000, 50)
SETTINGS = settings_of(dim=8, epochs=2)


def test_the_made_up_text_is_zipf_like():
    text = zipf_text(20_000, 100)
    assert len(text.tokens) == text.document_ends[-1] == 20_000
    counts = np.bincount(text.tokens, minlength=100)
    assert np.array_equal(np.maximum(counts, 1), text.vocabulary.counts)
    assert counts[0] / counts[9] == pytest.approx(10, rel=0.2)


def test_speed_counts_what_was_done():
    with running_engine(SETTINGS, CORPUS, silent) as engine:
        done = measure(engine, 0.0, 0.01)
        assert done.n_units == 1
        assert 0 < done.stats.n_tokens < 5000
        done = measure(engine, 0.05, 0.01)
    assert done.n_units > 1
    assert done.words_per_second == done.stats.n_tokens / done.seconds


VARIANTS = ("", "--deterministic", "--model cbow")


def test_every_engine_is_measured():
    assert JOBS.keys() == GROWTH.keys() == ENGINES.keys()
    rows = list(measure_engines(CORPUS, 8, [1, 2], 0.01, silent))
    kinds = [(row.engine, row.n_threads, row.variant) for row in rows]
    sampled = [("sampled", n, variant) for variant in VARIANTS for n in (1, 2)]
    counted = [(name, n, "") for name in ("exact", "spectral") for n in (1, 2)]
    assert kinds == [*sampled, *counted, ("reference", 1, "")]
    assert all(row.words_per_second > 0 for row in rows)


def test_costs_are_scaled_to_an_epoch():
    costs = list(measure_growth([20, 40], 4, 1, 0.01, silent))
    assert {cost.line for cost in costs} == {
        f"{loss}, {name}" for name, losses in GROWTH.items() for loss in losses
    }
    assert {cost.n_words for cost in costs} == {20, 40}
    compiled = [cost.seconds for cost in costs if cost.line == "negative-sampling, sampled"]
    assert all(0 < seconds < EPOCH_TOKENS * 1e-5 for seconds in compiled)


def test_the_same_job_in_gensim(tmp_path):
    pytest.importorskip("gensim")
    file = tmp_path / "pairs.tsv"
    file.write_text("w1\tw2\t3.0\nw3\tw4\t2.0\nw1\tw9\t1.0\nw5\tw6\t0.5\n")
    ours, theirs = compare_with_gensim(CORPUS, SETTINGS, [file], silent)
    assert (ours.trainer, theirs.trainer) == ("w2v", "gensim")
    for side in (ours, theirs):
        assert side.words_per_second > 0
        assert list(side.scores) == ["pairs"]
        assert -1 <= side.scores["pairs"] <= 1


def test_the_script_prints_its_tables(text, capsys, monkeypatch):
    monkeypatch.setattr(speed, "gensim_is_here", lambda: False)
    quick = ["--seconds", "0.01", "--dim", "4", "--max-words", "500", "--min-count", "1"]
    speed.main([str(text), *quick, "--n-threads", "2", "--epochs", "1"])
    told = capsys.readouterr().out
    assert "4,000 words, 60 distinct" in told
    assert "sampled --deterministic" in told
    assert "V = 500" in told
    assert "the same job" not in told
