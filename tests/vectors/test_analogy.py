import numpy as np
import pytest

from w2v_cli.vectors import nearest
from w2v_cli.vectors.nearest import best_answers, unit_rows


def naive_answer(unit, a, b, c, method):
    best, answer = -np.inf, -1
    for x in range(len(unit)):
        if x in (a, b, c):
            continue
        cos_a, cos_b, cos_c = (float(unit[x].astype(float) @ unit[w]) for w in (a, b, c))
        if method == "add":
            score = cos_b - cos_a + cos_c
        else:
            score = (cos_b + 1) / 2 * (cos_c + 1) / 2 / ((cos_a + 1) / 2 + 0.001)
        if score > best:
            best, answer = score, x
    return answer


@pytest.mark.parametrize("method", ["add", "mul"])
def test_answers_equal_the_definition_word_by_word(method, monkeypatch):
    monkeypatch.setattr(nearest, "_BLOCK_WORDS", 7)
    monkeypatch.setattr(nearest, "_BLOCK_QUESTIONS", 5)
    generator = np.random.default_rng(2)
    unit = unit_rows(generator.standard_normal((30, 4), dtype=np.float32))
    questions = generator.integers(30, size=(33, 3))  # repeated words among them
    answers = best_answers(unit, unit, questions, np.arange(30), method)
    assert answers.tolist() == [naive_answer(unit, *q, method) for q in questions]


def test_king_minus_man_plus_woman():
    words = ["king", "queen", "man", "woman", "tea"]
    vectors = np.array(
        [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, -1]], np.float32
    )
    unit, own = unit_rows(vectors), np.arange(5)
    question = np.array([[words.index(w) for w in ("man", "king", "woman")]])
    for method in ("add", "mul"):
        assert words[best_answers(unit, unit, question, own, method)[0]] == "queen"


def test_a_question_may_ask_words_that_are_not_candidates():
    unit = unit_rows(np.array([[1, 1], [1, -1], [0, 1]], np.float32))
    asked = unit_rows(np.array([[1, 1], [1, 0.9], [-1, 3]], np.float32))
    question = np.array([[0, 1, 2]])
    assert best_answers(unit, asked, question, np.array([-1, -1, -1])).tolist() == [2]
    assert best_answers(unit, asked, question, np.array([-1, -1, 2])).tolist() == [0]


def test_no_fourth_word_and_no_questions():
    unit = np.eye(3, dtype=np.float32)
    own = np.arange(3)
    assert best_answers(unit, unit, np.array([[0, 1, 2]]), own).tolist() == [-1]
    assert best_answers(unit, unit, np.zeros((0, 3), np.int64), own).tolist() == []
