"""The course's optional `cbow` is graded like `skipgram`."""

import pytest
from student_files import MODULES, student  # noqa: F401

from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.grade_report import render_file
from w2v_cli.grader.kinds import ALL, OF_ASSIGNMENT
from w2v_cli.grader.points import score_file

OLD = """
def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
         dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    predicted = np.zeros(inputVectors.shape[1])
    for word in contextWords:
        predicted += inputVectors[tokens[word]]
    cost, grad, gradOut = word2vecCostAndGradient(
        predicted, tokens[currentWord], outputVectors, dataset)
    for word in contextWords:
        gradIn[tokens[word]] += np.asarray(grad).ravel()
    return cost, gradIn, gradOut
"""

NEW = """
import numpy as np

def cbow(current_center_word, outside_words, word2ind, center_word_vectors, outside_vectors,
         word2vec_loss_and_gradient):
    ids = [word2ind[w] for w in outside_words]
    loss, grad, grad_outside = word2vec_loss_and_gradient(
        np.sum(center_word_vectors[ids], axis=0), word2ind[current_center_word], outside_vectors)
    grad_center = np.zeros_like(center_word_vectors)
    np.add.at(grad_center, ids, grad)
    return loss, grad_center, grad_outside
"""

COLUMNS = """
import numpy as np

def cbow(center, window, context, tokens, V, U, dataset, loss):
    ids = [tokens[w] for w in context]
    cost, grad, gradU = loss(V[:, ids].sum(axis=1), tokens[center], U, dataset)
    gradV = np.zeros(V.shape)
    for i in ids:
        gradV[:, i] += grad
    return cost, gradV, gradU
"""


def old_module():
    return (MODULES / "q3_word2vec_right.py").read_text() + OLD


def grade_of_cbow(path):
    grade = grade_file(path)
    return next(g for g in grade.grades if g.kind == "cbow")


def test_the_signature_of_the_older_assignments(student):
    path = student(old_module())
    grade = grade_file(path)
    assert grade.right, grade
    assert [g.kind for g in grade.grades][-2:] == ["skipgram", "cbow"]


@pytest.mark.parametrize(("text", "layout"), [(NEW, "rows"), (COLUMNS, "columns")])
def test_other_signatures_and_layouts(student, text, layout):
    grade = grade_of_cbow(student(text, "mine.py"))
    assert (grade.verdict, grade.layout) == ("right", layout)


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ("    cost, grad,", "    predicted /= len(contextWords)\n    cost, grad,", "of-word2vec"),
        ("gradIn[tokens[word]] +=", "gradIn[tokens[word]] =", "cbow-once"),
        ("gradIn[tokens[word]] +=", "gradIn[tokens[currentWord]] =", "cbow-center-row"),
        ("ravel()", "ravel() / len(contextWords)", "cbow-divided"),
        ("in contextWords:", "in set(contextWords):", "cbow-distinct"),
        ("+= inputVectors", "+= outputVectors", "cbow-wrong-matrix"),
        ("predicted, tokens[currentWord]", "predicted, tokens[contextWords[-1]]", "predicted"),
        ("+= inputVectors[tokens[word]]", "+= inputVectors[tokens[currentWord]]", None),
    ],
)
def test_a_planted_mistake_is_found_and_named(student, right, wrong, key):
    assert right in OLD
    grade = grade_of_cbow(student(old_module().replace(OLD, OLD.replace(right, wrong))))
    assert grade.verdict == "wrong"
    named = [d.key for d in grade.diagnoses]
    assert (not named) if key is None else any(key in name for name in named), named


def test_a_cbow_that_keeps_the_dataset_to_itself(student):
    text = OLD.replace("outputVectors, dataset)\n    for", "outputVectors, None)\n    for")
    grade = grade_of_cbow(student(old_module().replace(OLD, text)))
    assert grade.verdict == "wrong"
    assert "passes None to word2vecLossAndGradient" in grade.message


EMPTY = """
def cbow(currentWord, C, contextWords, tokens, inputVectors, outputVectors,
         dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    ### YOUR CODE HERE
    raise NotImplementedError
    ### END YOUR CODE
    return cost, gradIn, gradOut
"""


@pytest.mark.parametrize("body", ["raise NotImplementedError", "pass"])
def test_an_optional_cbow_left_empty_does_not_fail_a_whole_hand_in(student, body):
    text = old_module().replace(OLD, EMPTY.replace("raise NotImplementedError", body))
    grade = grade_file(student(text), require=(OF_ASSIGNMENT, ALL))
    assert grade.right
    assert grade.grades[-1].verdict == "optional, not implemented"
    report = render_file(grade)
    assert "optional   cbow: not implemented" in report
    assert "All 3 functions are right" in report
    assert [s.most for s in score_file(grade)] == [1, 1, 1, 0]


def test_an_empty_cbow_that_is_required_fails(student):
    text = old_module().replace(OLD, EMPTY)
    grade = grade_file(student(text), require=("cbow",))
    assert not grade.right
    assert grade.grades[-1].verdict == "not implemented yet"
