import math

import numpy as np
import pytest
from conftest import ROOT

from w2v_cli.vectors.lookup import WeightedRows
from w2v_cli.vectors.scores.datasets import AnalogyData, SimilarityData, read_dataset
from w2v_cli.vectors.scores.scoring import (
    SectionScore,
    flat_scores,
    score,
    score_analogies,
    score_maker,
    score_similarity,
)
from w2v_cli.vectors.word_vectors import WordVectors

WORDS = ["king", "queen", "man", "woman", "tea", "Rome"]
MATRIX = np.array(
    [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, -1], [0, 0, 0, 1]],
    np.float32,
)
VECTORS = WordVectors(WORDS, MATRIX)


def rng():
    return np.random.default_rng(0)


def test_similarity_leaves_out_unknown_words_and_says_so():
    data = SimilarityData(
        "set", [("king", "Queen", 9.0), ("king", "tea", 1.0), ("king", "man", 8.0), ("x", "tea", 3)]
    )
    found = score_similarity(VECTORS, data, rng())
    assert found.n_known == 3
    assert found.n_pairs == 4
    assert found.coverage == 0.75
    assert found.spearman == pytest.approx(0.5)  # cosines 0.67, 0, 0.82 against 9, 1, 8
    assert found.low <= found.spearman <= found.high


def test_similarity_without_a_known_pair_is_undefined():
    found = score_similarity(VECTORS, SimilarityData("set", [("x", "y", 1.0)]), rng())
    assert math.isnan(found.spearman)
    assert found.coverage == 0


def test_analogies_by_section_and_in_total():
    data = AnalogyData(
        "q",
        {
            "family": [("man", "king", "woman", "queen"), ("man", "king", "woman", "tea")],
            "capitals": [("x", "king", "woman", "queen")],
            "gram1": [("MAN", "King", "woman", "queen")],
        },
    )
    found = score_analogies(VECTORS, data)
    assert found.sections == [
        SectionScore("family", 1, 2, 2),
        SectionScore("capitals", 0, 0, 1),
        SectionScore("gram1", 1, 1, 1),
    ]
    assert found.totals == [
        SectionScore("semantic", 1, 2, 3),
        SectionScore("syntactic", 1, 1, 1),
        SectionScore("total", 2, 3, 4),
    ]
    assert math.isnan(found.sections[1].accuracy)


def test_restricting_the_vocabulary_drops_questions_and_answers():
    data = AnalogyData("q", {"all": [("man", "king", "woman", "queen")]})
    assert score_analogies(VECTORS, data, restrict_vocab=4).totals[0].n_correct == 1
    assert score_analogies(VECTORS, data, restrict_vocab=3).totals[0].n_known == 0


def test_no_known_question_at_all():
    found = score_analogies(VECTORS, AnalogyData("q", {"s": [("x", "y", "z", "w")], "t": []}))
    assert [s.n_known for s in found.sections] == [0, 0]


def test_words_without_a_row_are_scored_through_the_lookup():
    matrix = np.concatenate([MATRIX, [[0, -1, 1, 0]]]).astype(np.float32)  # woman − man
    ids = {"king": 0, "man": 1, "woman": 2, "queen": 3, "lady": 4}  # lady = man + (woman − man)
    lookup = WeightedRows(
        ids,
        np.array([0, 1, 2, 3, 4, 6]),
        np.array([0, 2, 3, 1, 2, 6]),
        np.ones(6, np.float32),
        matrix,
    )
    vectors = WordVectors(WORDS, MATRIX)
    vectors.lookup = lookup
    data = AnalogyData("q", {"all": [("man", "king", "lady", "queen"), ("a", "man", "king", "b")]})
    assert score_analogies(vectors, data).totals == [SectionScore("total", 1, 1, 2, 1)]
    assert score_analogies(vectors, data, restrict_vocab=6).totals[0].n_known == 0
    answer = AnalogyData("q", {"all": [("king", "man", "queen", "lady")]})
    assert score_analogies(vectors, answer).totals[0].n_known == 0  # lady cannot be an answer
    pairs = SimilarityData("p", [("lady", "woman", 9.0), ("lady", "king", 3.0), ("x", "man", 1.0)])
    assert score_similarity(vectors, pairs, rng()).n_known == 2


def test_scores_are_flattened_in_one_way():
    analogies = AnalogyData(
        "q", {"a": [("man", "king", "woman", "queen")], "gram1": [("man", "king", "woman", "tea")]}
    )
    pairs = SimilarityData("p", [("x", "y", 1.0)])
    flat = flat_scores(score(VECTORS, data) for data in (analogies, pairs))
    assert flat == {"q": 0.5, "q semantic": 1.0, "q syntactic": 0.0, "p": None}


def test_scores_of_the_sample_sets_have_not_changed():
    """Frozen from version 0.1.0, which had its own ranks and its own bootstrap."""
    paths = [str(ROOT / "data" / name) for name in ("similarity.tsv", "analogies.txt")]
    pairs, questions = map(read_dataset, paths)
    words = {word for pair in pairs.pairs for word in pair[:2]}
    words |= {word for part in questions.sections.values() for each in part for word in each}
    known = [word for i, word in enumerate(sorted(words)) if i % 17]
    generator = np.random.Generator(np.random.Philox(key=3))
    matrix = generator.integers(-9, 10, (len(known), 6)).astype(np.float32)
    found = score(WordVectors(known, matrix), pairs)
    assert (found.n_known, found.n_pairs) == (112, 130)
    assert found.spearman == pytest.approx(0.14242626218611384, abs=1e-12)
    assert found.low == pytest.approx(-0.047981085088873644, abs=1e-12)
    assert found.high == pytest.approx(0.3153964566961602, abs=1e-12)
    asked = score(WordVectors(known, matrix), questions, restrict_vocab=250).totals[-1]
    assert (asked.n_known, asked.n_questions) == (114, 391)
    flat = score_maker(paths)(known, matrix)
    assert flat["similarity"] == found.spearman


def test_unseen_words_are_made_of_n_grams_and_counted():
    from w2v_cli.engines.centers import centers_of
    from w2v_cli.engines.settings import ModelSettings

    words = ["run", "running", "runner", "gun"]
    centers = centers_of(ModelSettings(subwords="3-4", ngrams="hashed", buckets=997), words)
    made = centers.embeddings(**centers.start_vectors(5, seed=1))
    vectors = WordVectors(words, made.center, parts=made.subwords)
    rows = [("Run", "runner", 1.0), ("running", "gunner", 2.0), ("xyz", "run", 3.0)]
    found = score_similarity(vectors, SimilarityData("p", rows), rng())
    assert (found.n_known, found.n_unseen, found.n_pairs) == (2, 1, 3)
    assert found.as_object()["n_unseen"] == 1
    questions = [("run", "runner", "gun", "gunner"), ("run", "runner", "gunner", "gun")]
    (total,) = score_analogies(vectors, AnalogyData("q", {"all": questions})).totals
    assert (total.n_known, total.n_unseen) == (1, 1)  # gunner can be asked, and is no answer
