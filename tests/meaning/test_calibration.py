"""p-values on texts in which nothing moved: what they promise, whatever the slices are like.

The texts have topics and words that come in bursts, as real ones do. `tests/bench/change.py` does
the same on reviews.
"""

import numpy as np
import pytest

from w2v_cli.meaning.slices import Labels
from w2v_cli.meaning.study import Listener, Question, measure
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve

N_DOCUMENTS, N_WORDS, N_TOPICS = 1500, 500, 12


def texts(rng):
    """Documents of one topic each; a word of a document is likely to come again."""
    topics = rng.dirichlet(np.full(N_WORDS, 0.15), N_TOPICS)
    common = 1 / np.arange(5, N_WORDS + 5)
    found = []
    for _ in range(N_DOCUMENTS):
        p = 0.5 * topics[rng.integers(N_TOPICS)] + 0.5 * common / common.sum()
        own = rng.dirichlet(30 * p + 1e-9)
        found.append([f"w{i}" for i in rng.choice(N_WORDS, rng.integers(10, 80), p=own)])
    return found


def p_values(documents, slices, tmp_path, units=None):
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(words) + "\n" for words in documents))
    settings = resolve(Config(engine="spectral", paths=(str(path),), dim=50, n_threads=2))
    names = tuple(f"s{i}" for i in range(slices.max() + 1))
    found = measure(settings, Labels(names, slices, units), Question(), Listener())
    return dict(zip(found.tested_words, found.verdict.p.tolist(), strict=True)), found


def drawn(rng, shares):
    shares = np.array(shares) / sum(shares)
    return rng.choice(len(shares), N_DOCUMENTS, p=shares)


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(1, 1), (9, 1), (1, 1, 1)])
def test_slices_at_random_move_nothing(tmp_path, shares):
    low, very_low, flagged = [], [], 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        p, found = p_values(texts(rng), drawn(rng, shares), tmp_path)
        low += [value <= 0.05 for value in p.values()]
        very_low += [value <= 0.001 for value in p.values()]
        flagged += len(found.flagged) > 0
    assert 0.02 <= np.mean(low) <= 0.08  # words share contexts: their p-values vary together
    assert np.mean(very_low) <= 0.004
    assert flagged <= 1


@pytest.mark.slow
def test_words_that_one_slice_uses_less_often_have_not_moved(tmp_path):
    """Few of them: as contexts they are missing too, and that does move their neighbours."""
    low = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        documents, slices = texts(rng), drawn(rng, (1, 1))
        rarer = {f"w{i}" for i in range(20, 120, 20)}
        for i in np.flatnonzero(slices == 1):
            gone = {word for word in rarer if rng.random() < 0.8}
            documents[i] = [word for word in documents[i] if word not in gone]
        p, found = p_values(documents, slices, tmp_path)
        low += [p[word] <= 0.05 for word in rarer if word in p]
        assert not rarer & set(found.flagged)
    assert np.mean(low) <= 0.15


@pytest.mark.slow
@pytest.mark.parametrize("in_both", [False, True])
def test_authors_with_a_style_of_their_own_move_nothing_if_they_change_sides_whole(
    tmp_path, in_both
):
    """Authors with topics of their own: without units, too many words look moved."""
    low = {True: [], False: []}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        documents = texts(rng)
        units = np.arange(N_DOCUMENTS) // 15
        for author in range(units[-1] + 1):
            # An author's words are other words: all of a topic are renamed in the same way.
            shift = rng.permutation(N_WORDS) if rng.random() < 0.5 else np.arange(N_WORDS)
            for i in np.flatnonzero(units == author):
                documents[i] = [f"w{shift[int(word[1:])]}" for word in documents[i]]
        slices = rng.integers(0, 2, units[-1] + 1)[units]
        if in_both:
            slices = np.where(rng.random(N_DOCUMENTS) < 0.4, 1 - slices, slices)
        for with_units in (True, False):
            p, _ = p_values(documents, slices, tmp_path, units if with_units else None)
            low[with_units] += [value <= 0.05 for value in p.values()]
    assert 0.02 <= np.mean(low[True]) <= 0.08
    assert np.mean(low[True]) < np.mean(low[False])
