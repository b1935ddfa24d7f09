"""The defaults of the sampled engine, which depend on the corpus."""

import pytest

from w2v_cli.engines.settings import CorpusFigures
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve


def chosen(n_tokens, **given):
    figures = None if n_tokens is None else CorpusFigures(n_tokens, 10_000)
    settings = resolve(Config(engine="sampled", **given), figures)
    return settings.model.subsample_threshold, settings.own.l2


@pytest.mark.parametrize(
    ("n_tokens", "given", "expected"),
    [
        (3_000_000, {}, (3e-4, 10)),
        (10**12, {}, (3e-4, 10)),
        (2_999_999, {}, (1e-3, 0)),
        (None, {}, (1e-3, 0)),
        (10**7, {"model": "cbow"}, (1e-3, 0)),
        (10**7, {"subwords": "3-6"}, (1e-3, 0)),
        (10**7, {"subsample_threshold": 1e-5, "l2": 0.0}, (1e-5, 0)),
        (1000, {"l2": 2.5}, (1e-3, 2.5)),
    ],
)
def test_large_corpora_have_a_penalty_and_drop_more_frequent_words(n_tokens, given, expected):
    assert chosen(n_tokens, **given) == expected


def test_a_corpus_twice_as_large_has_fewer_passes_and_never_none():
    figures = [CorpusFigures(n, 10_000) for n in (10**4, 10**6, 10**7, 2 * 10**7, 10**13)]
    epochs = [resolve(Config(engine="sampled"), each).training.epochs for each in figures]
    assert epochs == [100, 47, 15, 11, 3]


def test_subwords_have_half_the_passes_at_a_lower_rate():
    figures = CorpusFigures(10**7, 10_000)
    settings = resolve(Config(engine="sampled", subwords="3-6"), figures)
    assert (settings.training.epochs, settings.training.lr) == (8, 0.025)
    words = resolve(Config(engine="sampled", subwords="3-6", model="cbow"), figures)
    assert (words.training.epochs, words.training.lr) == (15, 0.075)
