"""Single mistakes as students make them: each is named, and named rightly."""
# ruff: noqa: E501

import numpy as np
import pytest
from source_files import graded_source  # noqa: F401

from w2v_cli.checks.functions import EQUATIONS
from w2v_cli.checks.slips import slips_of
from w2v_cli.grader.cases import cases_for, outputs_of
from w2v_cli.grader.kinds import KINDS

NAIVE = """
def naive_softmax(v, o, U, dataset):
    p = softmax(U @ v)
    y = np.zeros(len(U))
    y[o] = 1
    loss = -np.log(p[o])
    grad_v = U.T @ (p - y)
    grad_U = np.outer(p - y, v)
    return loss, grad_v, grad_U
"""
SAMPLING = """
def negative_sampling(v, o, U, dataset, K=10):
    negatives = []
    while len(negatives) < K:
        k = dataset.sampleTokenIdx()
        if k != o:
            negatives.append(k)
    so = sigmoid(U[o] @ v)
    loss = -np.log(so)
    grad_v = (so - 1) * U[o]
    grad_U = np.zeros(U.shape)
    grad_U[o] += (so - 1) * v
    for k in negatives:
        sk = sigmoid(U[k] @ v)
        loss += -np.log(1 - sk)
        grad_v = grad_v + sk * U[k]
        grad_U[k] += sk * v
    return loss, grad_v, grad_U
"""
WINDOW = """
def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset, word2vecLossAndGradient):
    loss, grad_V, grad_U = 0.0, np.zeros(centerWordVectors.shape), np.zeros(outsideVectors.shape)
    c = word2Ind[currentCenterWord]
    for w in outsideWords:
        l, a, b = word2vecLossAndGradient(centerWordVectors[c], word2Ind[w], outsideVectors, dataset)
        loss += l
        grad_V[c] += a
        grad_U += b
    return loss, grad_V, grad_U
"""
SIGMOID = "\ndef sigmoid(x):\n    s = 1 / (1 + np.exp(-x))\n    return s\n"
SOURCES = {
    "naive-softmax": NAIVE,
    "negative-sampling": SAMPLING,
    "skipgram": WINDOW,
    "sigmoid": SIGMOID,
}

#: (kind, what is written, what is written instead, words of the name)
MISTAKES = [
    ("sigmoid", "return s", "return s * (1 - s)", "the derivative of sigmoid is returned"),
    ("sigmoid", "1 / (1 + np.exp(-x))", "np.exp(x) / np.exp(x + 1)", "added in the exponent"),
    ("naive-softmax", "U.T @ (p - y)", "U.T @ (p + y)", "ŷ + y instead of ŷ − y"),
    ("naive-softmax", "np.outer(p - y, v)", "np.outer(p + y, v)", "ŷ + y instead of ŷ − y"),
    ("naive-softmax", "np.outer(p - y, v)", "np.where(y[:, None] == 1, np.outer(p - y, v), v / p[:, None])", "divided by the probability"),
    ("naive-softmax", "np.outer(p - y, v)", "np.outer((p - y) * y, v)", "only the outside word's row"),
    ("naive-softmax", "np.outer(p - y, v)", "np.outer(p * (1 - y), v)", "outside word's row is never written"),
    ("naive-softmax", "np.outer(p - y, v)", "np.zeros(U.shape)", "outside gradients are never written"),
    ("naive-softmax", "np.outer(p - y, v)", "np.outer(p - 1, v)", "1 is subtracted for every word"),
    ("naive-softmax", "U.T @ (p - y)", "U.T @ p", "the −1 of the true word is missing"),
    ("naive-softmax", "U.T @ (p - y)", "-U[o]", "the expected outside vector is missing"),
    ("naive-softmax", "U.T @ (p - y)", "U.sum(0) - U[o]", "without their probabilities"),
    ("naive-softmax", "U.T @ (p - y)", "v * (p - y).sum()", "the centre gradient is 0"),
    ("naive-softmax", "U.T @ (p - y)", "(p[o] - 1) * U[o]", "only the outside word's term"),
    ("naive-softmax", "np.outer(p - y, v)", "np.outer(v, p - y) if len(U) == len(v) else np.outer(p - y, v)", "transposed"),
    ("naive-softmax", "-np.log(p[o])", "-U[o] @ v", "lacks the denominator"),
    ("negative-sampling", "grad_U[k] += sk * v", "grad_U[k] += (1 - sk) * v", "σ(−u_k·v_c) where σ(u_k·v_c) belongs"),
    ("negative-sampling", "grad_U[k] += sk * v", "grad_U[k] += (sk - 1) * v", "1 is subtracted for the negatives too"),
    ("negative-sampling", "grad_U[k] += sk * v", "grad_U[k] += sk * (1 - sk) * v", "σ(1 − σ) is left"),
    ("negative-sampling", "grad_U[k] += sk * v", "grad_U[k] += sigmoid(U[k] @ U[0]) * U[0]", "u_c where v_c belongs, in the score and as the factor"),
    ("negative-sampling", "grad_U[k] += sk * v", "pass", "only the outside word's row is written"),
    ("negative-sampling", "grad_U[o] += (so - 1) * v", "pass", "the outside word's row is never written"),
    ("negative-sampling", "grad_U[o] += (so - 1) * v", "grad_U[o] += (1 - so) * v", "wrong sign"),
    ("negative-sampling", "(so - 1) * U[o]", "(sigmoid(U[o]) - 1) * U[o]", "v_c is missing inside σ"),
    ("negative-sampling", "grad_v = grad_v + sk * U[k]", "pass", "the negatives' terms are missing"),
    ("negative-sampling", "(so - 1) * U[o]", "np.zeros(len(v))", "the outside word's term is missing"),
    ("negative-sampling", "loss += -np.log(1 - sk)", "pass", "the loss lacks the negatives"),
    ("negative-sampling", "loss = -np.log(so)", "loss = 0.0", "the loss lacks the outside word"),
    ("negative-sampling", "len(negatives) < K", "len(negatives) < K + 1", "one negative too many"),
    ("negative-sampling", "len(negatives) < K", "len(negatives) < K - 1", "one negative too few"),
    ("skipgram", "loss += l", "loss = l", "the loss of the last pair only"),
    ("skipgram", "loss += l", "loss += 1", "the loss counts the pairs"),
    ("skipgram", "loss += l", "pass", "the loss is never added up"),
    ("skipgram", "in outsideWords", "in outsideWords[:windowSize]", "only the first words of the window"),
    ("skipgram", "in outsideWords", "in outsideWords[windowSize:]", "the first words of the window are left out"),
    ("skipgram", "centerWordVectors[c]", "outsideVectors[c]", "the centre vector is taken from U"),
    ("skipgram", "grad_U += b", "grad_U[word2Ind[w]] += b[word2Ind[w]]", "only the outside word's row of each pair"),
    ("skipgram", "grad_U += b\n    return", "grad_U += b\n        return", "return inside the loop"),
    ("skipgram", "grad_V[c] += a", "pass", "the centre gradients are never written"),
    ("skipgram", "    for w in outsideWords:\n", "    for w in outsideWords:\n        if w == currentCenterWord:\n            continue\n", "equal to the centre word are skipped"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "old", "new", "words"), MISTAKES, ids=[f"{row[0]}: {row[3]}" for row in MISTAKES]
)
def test_a_common_mistake_is_named(graded_source, kind, old, new, words):
    assert old in SOURCES[kind]
    grade = graded_source(SOURCES[kind].replace(old, new), kind)
    assert grade.verdict == "wrong"
    titles = [d.title for d in grade.diagnoses]
    assert len(titles) == 1, titles
    assert words in titles[0]


@pytest.mark.parametrize("kind", list(SOURCES))
def test_what_the_mistakes_are_planted_in_is_right(graded_source, kind):
    assert graded_source(SOURCES[kind], kind).verdict in ("right", "right, unstable")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_the_calls_tell_all_slips_apart(kind, seed):
    calls = [case for case in cases_for(kind, seed) if case.purpose in ("normal", "matrix")]
    seen = {}
    for slip in slips_of(kind.field):
        numbers = [rounded(kind, case, slip.plant(EQUATIONS)) for case in calls]
        same = seen.setdefault(str(numbers), slip)
        assert same.title == slip.title, (same.key, slip.key)
    right = str([rounded(kind, case, EQUATIONS) for case in calls])
    assert "overflow" in seen.get(right, slips_of("sigmoid")[0]).key or right not in seen


def rounded(kind, case, functions):
    try:
        outputs = outputs_of(kind, case, functions)
    except ValueError:  # a formula for columns that fits square matrices only
        return "does not fit"
    return [np.round(output + 0.0, 9).tolist() for output in outputs]
