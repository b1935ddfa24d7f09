"""Differences of scores, planted into vectors."""

import math

import numpy as np
import pytest

from w2v_cli.vectors.scores.datasets import AnalogyData, SimilarityData
from w2v_cli.vectors.scores.scoring import differences, score
from w2v_cli.vectors.word_vectors import WordVectors

N = 120


def rated(noise):
    """Vectors on a circle whose cosines follow the ratings, up to noise."""
    generator = np.random.default_rng(3)
    ratings = generator.uniform(0, 3, N)
    pairs = [(f"l{i}", f"r{i}", -rating) for i, rating in enumerate(ratings)]
    noisy = ratings + noise * generator.standard_normal(N)
    rows = [each for angle in noisy for each in ([1, 0], [np.cos(angle), np.sin(angle)])]
    words = [word for left, right, _ in pairs for word in (left, right)]
    return SimilarityData("pairs", pairs), WordVectors(words, np.array(rows, np.float32))


def asked(n, mistakes):
    """Questions a : b :: c : d with vectors that answer all but the first `mistakes` correctly."""
    words, rows, questions = [], [], []
    for i in range(n):
        four = [f"{letter}{i}" for letter in "abcd"]
        corner = np.zeros((4, 2 + n), np.float32)
        corner[:, 2 + i] = 1
        corner[1, 0] = corner[2, 1] = 0.7
        corner[3, :2] = -0.7 if i < mistakes else 0.7
        words += four
        rows.append(corner)
        questions.append(tuple(four))
    half = n // 2
    sections = {"capitals": questions[:half], "gram1": questions[half:]}
    return AnalogyData("questions", sections), WordVectors(words, np.concatenate(rows))


def compared(data, first, second):
    return differences(score(first, data), score(second, data))


def test_better_cosines_are_a_difference_of_rated_pairs():
    data, good = rated(0)
    _, poor = rated(1.0)
    (found,) = compared(data, poor, good)
    assert (found.name, found.part, found.n) == ("pairs", "", N)
    assert found.value == pytest.approx(score(good, data).spearman - score(poor, data).spearman)
    assert 0 < found.low < found.value < found.high
    (back,) = compared(data, good, poor)
    assert (back.value, back.low, back.high) == pytest.approx(
        (-found.value, -found.high, -found.low)
    )


def test_equal_vectors_do_not_differ():
    data, vectors = rated(0.5)
    (found,) = compared(data, vectors, vectors)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_planted_mistakes_are_the_difference_of_analogies():
    data, good = asked(60, 0)
    _, poor = asked(60, 18)
    semantic, syntactic, total = compared(data, good, poor)
    assert [each.part for each in (semantic, syntactic, total)] == [
        "semantic",
        "syntactic",
        "total",
    ]
    assert semantic.value == pytest.approx(-18 / 30)
    assert semantic.high < 0
    assert syntactic.value == 0
    assert syntactic.low < 0 < syntactic.high
    assert total.value == pytest.approx(-18 / 60)
    assert (total.n, total.as_object()["part"]) == (60, "total")


def test_only_what_both_can_answer_counts():
    data, all_of_it = asked(10, 4)
    few = WordVectors(all_of_it.words[:12], all_of_it.matrix[:12])  # questions 0 to 2, all wrong
    *_, total = compared(data, all_of_it, few)
    assert (total.n, total.value) == (3, 0)
    data, vectors = rated(0)
    cut = WordVectors(vectors.words[:80], vectors.matrix[:80])
    (found,) = compared(data, cut, vectors)
    assert (found.n, found.value) == (40, 0)


def test_nothing_in_common_has_no_difference():
    data, vectors = asked(4, 0)
    halves = [WordVectors(vectors.words[k : k + 8], vectors.matrix[k : k + 8]) for k in (0, 8)]
    assert all(math.isnan(each.value) for each in compared(data, *halves))
    assert compared(data, *halves)[0].as_object()["value"] is None


def test_scores_of_two_kinds_are_not_compared():
    pairs, questions = rated(0), asked(4, 0)
    with pytest.raises(TypeError, match="two kinds"):
        differences(score(pairs[1], pairs[0]), score(questions[1], questions[0]))
