import math

import numpy as np
import pytest

from w2v_cli.vectors.evaluation.datasets import AnalogyData, SimilarityData
from w2v_cli.vectors.evaluation.scores import SectionScore, score_analogies, score_similarity
from w2v_cli.vectors.queries.neighbors import unit_rows

WORDS = ["king", "queen", "man", "woman", "tea", "Rome"]
MATRIX = np.array(
    [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, -1], [0, 0, 0, 1]],
    np.float32,
)
IDS = {word: i for i, word in enumerate(WORDS)}
UNIT = unit_rows(MATRIX)


def rng():
    return np.random.default_rng(0)


def test_similarity_leaves_out_unknown_words_and_says_so():
    data = SimilarityData(
        "set", [("king", "Queen", 9.0), ("king", "tea", 1.0), ("king", "man", 8.0), ("x", "tea", 3)]
    )
    score = score_similarity(IDS, UNIT, data, rng())
    assert score.n_known == 3
    assert score.n_pairs == 4
    assert score.coverage == 0.75
    assert score.spearman == pytest.approx(0.5)  # cosines 0.67, 0, 0.82 against 9, 1, 8
    assert score.low <= score.spearman <= score.high


def test_similarity_without_a_known_pair_is_undefined():
    score = score_similarity(IDS, UNIT, SimilarityData("set", [("x", "y", 1.0)]), rng())
    assert math.isnan(score.spearman)
    assert score.coverage == 0


def test_analogies_by_section_and_in_total():
    data = AnalogyData(
        "q",
        {
            "family": [("man", "king", "woman", "queen"), ("man", "king", "woman", "tea")],
            "capitals": [("x", "king", "woman", "queen")],
            "gram1": [("MAN", "King", "woman", "queen")],
        },
    )
    score = score_analogies(IDS, UNIT, data)
    assert score.sections == [
        SectionScore("family", 1, 2, 2),
        SectionScore("capitals", 0, 0, 1),
        SectionScore("gram1", 1, 1, 1),
    ]
    assert score.totals == [
        SectionScore("semantic", 1, 2, 3),
        SectionScore("syntactic", 1, 1, 1),
        SectionScore("total", 2, 3, 4),
    ]
    assert math.isnan(score.sections[1].accuracy)


def test_restricting_the_vocabulary_drops_questions_and_answers():
    data = AnalogyData("q", {"all": [("man", "king", "woman", "queen")]})
    assert score_analogies(IDS, UNIT, data, restrict_vocab=4).totals[0].n_correct == 1
    assert score_analogies(IDS, UNIT, data, restrict_vocab=3).totals[0].n_known == 0


def test_no_known_question_at_all():
    score = score_analogies(IDS, UNIT, AnalogyData("q", {"s": [("x", "y", "z", "w")], "t": []}))
    assert [s.n_known for s in score.sections] == [0, 0]
