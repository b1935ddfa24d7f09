"""What `w2v bench` measures, on little work: the figures themselves prove nothing here."""

import numpy as np
import pytest
from chosen import settings_of

from w2v_cli.benchmark.growth import N_TOKENS, measure_growth, zipf_text
from w2v_cli.benchmark.rival import compare_with_gensim
from w2v_cli.benchmark.speed import measure, measure_engines, running_engine
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
    rows = list(measure_engines(CORPUS, 8, [1, 2], 0.01, silent))
    kinds = [(row.engine, row.n_threads, row.variant) for row in rows]
    sampled = [("sampled", n, variant) for variant in VARIANTS for n in (1, 2)]
    assert kinds == [*sampled, ("exact", 1, ""), ("exact", 2, ""), ("reference", 1, "")]
    assert all(row.words_per_second > 0 for row in rows)


def test_costs_are_scaled_to_an_epoch():
    costs = list(measure_growth([20, 40], 4, 1, 0.01, silent))
    assert {cost.line for cost in costs} == {
        f"{loss}, {offer.name}" for offer in ENGINES.values() for loss in offer.growth_tokens
    }
    assert {cost.n_words for cost in costs} == {20, 40}
    compiled = [cost.seconds for cost in costs if cost.line == "negative-sampling, sampled"]
    assert all(0 < seconds < N_TOKENS * 1e-5 for seconds in compiled)


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
