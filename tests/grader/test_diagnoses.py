"""Every slip that the grader can name, planted in a module and named."""
# ruff: noqa: E501

import runpy
import sys

import numpy as np
import pytest
from student_files import planted  # noqa: F401

from w2v_cli.grader.grade import grade_function
from w2v_cli.grader.kinds import kind_named
from w2v_cli.grader.worker.loading import StandIns

COURSE_MODULES = ("utils", "gradcheck", "q1_softmax", "q2_sigmoid", "q2_gradcheck")

COURSE, OLD, COLUMNS = "cs224n_right", "q3_word2vec_right", "columns_right"
NAIVE, SAMPLING = "naiveSoftmaxLossAndGradient", "negSamplingLossAndGradient"
SIGMOID = "s = 1 / (1 + np.exp(-x))"
OWN_SOFTMAX = ("from utils.utils import normalizeRows, softmax  # noqa: F401", "")
NO_OVERFLOW_GUARD = (
    "\n\ndef softmax(x):\n    e = np.exp(x)\n    return e / e.sum()\n\n\ndef sigmoid(x):"
)
LOOP = "        gradOutsideVecs[k] += (1 - s_k) * centerWordVec"
CENTER_LOOP = "        gradCenterVec += (1 - s_k) * outsideVectors[k]"
SAMPLING_RETURN = """        gradOutsideVecs[k] += (1 - s_k) * centerWordVec
    return loss, gradCenterVec, gradOutsideVecs"""
WINDOW_RETURN = "    return loss, gradCenterVecs, gradOutsideVectors"

#: (what, module, changes, function, words of the diagnosis)
PLANTED = [
    ("sigmoid turned", COURSE, [(SIGMOID, "s = 1 / (1 + np.exp(x))")], "sigmoid", "wrong sign"),
    (
        "sigmoid integer",
        COURSE,
        [(SIGMOID, "s = (1 / (1 + np.exp(-x))).astype(int)")],
        "sigmoid",
        "dtype integer",
    ),
    (
        "softmax not normalised",
        COURSE,
        [
            OWN_SOFTMAX,
            (
                "\n\ndef sigmoid(x):",
                NO_OVERFLOW_GUARD.replace("e / e.sum()", "e / e.max()"),
            ),
        ],
        "softmax",
        "not divided by the sum",
    ),
    ("naive sign", COURSE, [("delta[outsideWordIdx] -= 1", "delta[outsideWordIdx] -= 1; delta = -delta")], NAIVE, "wrong sign"),
    ("naive sign, centre only", COURSE, [("outsideVectors.T @ delta", "-outsideVectors.T @ delta")], NAIVE, "wrong sign"),
    ("naive without −1", COURSE, [("delta[outsideWordIdx] -= 1", "pass")], NAIVE, "the −1 of the true word is missing"),
    ("naive missing centre, row", COURSE, [("np.outer(delta, centerWordVec)", "delta")], NAIVE, "missing centre vector"),
    ("naive missing centre, column", COURSE, [("np.outer(delta, centerWordVec)", "delta.reshape(-1, 1)")], NAIVE, "missing centre vector"),
    ("naive missing centre, full", COURSE, [("np.outer(delta, centerWordVec)", "delta[:, None] * np.ones(len(centerWordVec))")], NAIVE, "missing centre vector"),
    ("naive missing centre, ŷ", COURSE, [("np.outer(delta, centerWordVec)", "y_hat[:, None] * np.ones(len(centerWordVec))")], NAIVE, "missing centre vector"),
    ("naive transposed", COURSE, [("np.outer(delta, centerWordVec)", "np.outer(centerWordVec, delta)")], NAIVE, "transposed"),
    ("naive column formula", COURSE, [("outsideVectors.T @ delta", "outsideVectors @ delta")], NAIVE, "transposed: formula for columns"),
    ("naive mean for sum", COURSE, [("outsideVectors.T @ delta", "(outsideVectors.T @ delta) / len(delta)")], NAIVE, "mean for sum"),
    ("naive integer", COURSE, [("np.outer(delta, centerWordVec)", "np.outer(delta, centerWordVec).astype(int)")], NAIVE, "dtype integer"),
    ("naive u_o for v_c", COURSE, [("np.outer(delta, centerWordVec)", "np.outer(delta, outsideVectors[outsideWordIdx])")], NAIVE, "u_o where v_c belongs"),
    ("naive u_w for v_c", COURSE, [("np.outer(delta, centerWordVec)", "delta[:, None] * outsideVectors")], NAIVE, "u_w where v_c belongs"),
    ("naive loss sign", COURSE, [("loss = -np.log(y_hat[", "loss = np.log(y_hat[")], NAIVE, "the minus of the loss is missing"),
    ("naive loss without log", COURSE, [("loss = -np.log(y_hat[outsideWordIdx])", "loss = -y_hat[outsideWordIdx]")], NAIVE, "the logarithm of the loss is missing"),
    ("naive loss over all words", COURSE, [("loss = -np.log(y_hat[outsideWordIdx])", "loss = -np.log(y_hat).sum()")], NAIVE, "sums over all words"),
    ("naive log2", COURSE, [("loss = -np.log(y_hat", "loss = -np.log2(y_hat")], NAIVE, "constant factor: loss is 1.4427"),
    ("naive mutates U", COURSE, [("    loss = -np.log(y_hat[outsideWordIdx])", "    outsideVectors -= 1\n    outsideVectors[0] += 0\n    loss = -np.log(y_hat[outsideWordIdx])\n    outsideVectors += 1.5\n    outsideVectors -= 0.5 + 1e-3")], NAIVE, "input mutated in place"),
    ("naive mutates v_c", COURSE, [("    gradOutsideVecs = np.outer(delta, centerWordVec)\n", "    gradOutsideVecs = np.outer(delta, centerWordVec)\n    centerWordVec -= 0.1 * gradCenterVec\n")], NAIVE, "input mutated in place"),
    ("naive swapped", COURSE, [("    gradOutsideVecs = np.outer(delta, centerWordVec)\n    return loss, gradCenterVec, gradOutsideVecs", "    gradOutsideVecs = np.outer(delta, centerWordVec)\n    return loss, gradOutsideVecs, gradCenterVec")], NAIVE, "returned in the wrong order"),
    ("sampling sign", COURSE, [(SAMPLING_RETURN, SAMPLING_RETURN.replace("gradCenterVec, gradOutsideVecs", "-gradCenterVec, -gradOutsideVecs"))], SAMPLING, "wrong sign"),
    ("sampling without −1", COURSE, [("= (s_o - 1) * centerWordVec", "= s_o * centerWordVec")], SAMPLING, "the −1 of the true word is missing"),
    ("sampling once, =", COURSE, [(LOOP, LOOP.replace("+=", "="))], SAMPLING, "repeated negatives counted once"),
    ("sampling once, set", COURSE, [("for k in negSampleWordIndices:", "for k in set(negSampleWordIndices):")], SAMPLING, "repeated negatives counted once"),
    ("sampling once, fancy index", OLD, [("np.add.at(grad, indices, np.outer(delta, predicted))", "grad[indices] += np.outer(delta, predicted)")], "negSamplingCostAndGradient", "repeated negatives counted once"),
    ("sampling summed into each row", COURSE, [(SAMPLING_RETURN, "    for k in set(negSampleWordIndices):\n        gradOutsideVecs[k] = sum(sigmoid(outsideVectors[j] @ centerWordVec) for j in negSampleWordIndices) * centerWordVec\n    return loss, gradCenterVec, gradOutsideVecs")], SAMPLING, "all negatives summed into each row"),
    ("sampling summed at every draw", COURSE, [(LOOP, "        gradOutsideVecs[k] += sum(sigmoid(outsideVectors[j] @ centerWordVec) for j in negSampleWordIndices) * centerWordVec")], SAMPLING, "all negatives summed into each row"),
    ("sampling missing centre", COURSE, [("= (s_o - 1) * centerWordVec", "= s_o - 1"), (LOOP, "        gradOutsideVecs[k] += 1 - s_k")], SAMPLING, "missing centre vector"),
    ("sampling u_c for v_c", COURSE, [(LOOP, LOOP.replace("centerWordVec", "outsideVectors[0]"))], SAMPLING, "u_c where v_c belongs"),
    ("sampling u_o for v_c", COURSE, [(LOOP, LOOP.replace("centerWordVec", "u_o"))], SAMPLING, "u_o where v_c belongs"),
    ("sampling u_k for v_c", COURSE, [(LOOP, LOOP.replace("centerWordVec", "outsideVectors[k]"))], SAMPLING, "u_k where v_c belongs"),
    ("sampling mean", COURSE, [("loss -= np.log(s_k)", "loss -= np.log(s_k) / K"), (CENTER_LOOP, CENTER_LOOP + " / K"), (LOOP, LOOP + " / K")], SAMPLING, "mean for sum"),
    ("sampling mean, centre only", COURSE, [(CENTER_LOOP, CENTER_LOOP + " / K")], SAMPLING, "mean for sum"),
    ("sampling K times", COURSE, [(SAMPLING_RETURN, SAMPLING_RETURN.replace("return loss, gradCenterVec, gradOutsideVecs", "return K * loss, K * gradCenterVec, K * gradOutsideVecs"))], SAMPLING, "off by the factor K: everything K times"),
    ("sampling over K", COURSE, [(SAMPLING_RETURN, SAMPLING_RETURN.replace("return loss, gradCenterVec, gradOutsideVecs", "return loss / K, gradCenterVec / K, gradOutsideVecs / K"))], SAMPLING, "off by the factor K: everything divided"),
    ("sampling negatives K times", COURSE, [(LOOP, LOOP + " * K")], SAMPLING, "off by the factor K: the negatives"),
    ("sampling true word in the loop", COURSE, [("loss -= np.log(s_k)", "loss -= np.log(s_k) + np.log(s_o)"), ("    loss = -np.log(s_o)\n", "    loss = 0.0\n")], SAMPLING, "off by the factor K: the true word"),
    ("sampling minus missing", COURSE, [("s_k = sigmoid(-outsideVectors[k]", "s_k = sigmoid(outsideVectors[k]")], SAMPLING, "the minus inside the negatives' σ"),
    ("sampling negatives subtracted", COURSE, [("loss -= np.log(s_k)", "loss += np.log(s_k)")], SAMPLING, "wrong sign in the negatives' terms"),
    ("sampling transposed", COURSE, [(SAMPLING_RETURN, SAMPLING_RETURN + ".T")], SAMPLING, "transposed"),
    ("sampling integer, written", COURSE, [("gradOutsideVecs = np.zeros(outsideVectors.shape)", "gradOutsideVecs = np.zeros(outsideVectors.shape, dtype=int)"), (LOOP, LOOP.replace("+= (1", "= gradOutsideVecs[k] + (1"))], SAMPLING, "dtype integer"),
    ("sampling integer, refused by NumPy", COURSE, [("gradOutsideVecs = np.zeros(outsideVectors.shape)", "gradOutsideVecs = np.zeros(outsideVectors.shape, dtype=int)")], SAMPLING, "dtype integer"),
    ("sampling target", COURSE, [("while newidx == outsideWordIdx:", "while False:")], SAMPLING, "target among the negatives"),
    ("sampling own draws", COURSE, [("newidx = dataset.sampleTokenIdx()", "newidx = np.random.randint(5)")], SAMPLING, "not drawn from dataset.sampleTokenIdx()"),
    ("sampling mutates", COURSE, [(SAMPLING_RETURN, SAMPLING_RETURN.replace("    return", "    outsideVectors -= gradOutsideVecs\n    return"))], SAMPLING, "input mutated in place"),
    ("sampling swapped", COURSE, [(SAMPLING_RETURN, SAMPLING_RETURN.replace("gradCenterVec, gradOutsideVecs", "gradOutsideVecs, gradCenterVec"))], SAMPLING, "returned in the wrong order"),
    ("window mean", COURSE, [(WINDOW_RETURN, "    n = len(outsideWords)\n    return loss / n, gradCenterVecs / n, gradOutsideVectors / n")], "skipgram", "mean for sum"),
    ("window over 2m", COURSE, [(WINDOW_RETURN, "    n = 2 * windowSize\n    return loss / n, gradCenterVecs / n, gradOutsideVectors / n")], "skipgram", "mean for sum"),
    ("window last pair", COURSE, [("gradCenterVecs[c] += grad_center", "gradCenterVecs[c] = grad_center"), ("gradOutsideVectors += grad_outside", "gradOutsideVectors = grad_outside")], "skipgram", "only the last pair is kept"),
    ("window outside rows", COURSE, [("gradCenterVecs[c] +=", "gradCenterVecs[word2Ind[word]] +=")], "skipgram", "added to the outside words' rows"),
    ("window every centre", COURSE, [("gradCenterVecs[c] +=", "gradCenterVecs +=")], "skipgram", "added to every row"),
    ("window set", COURSE, [("for word in outsideWords:", "for word in sorted(set(outsideWords)):")], "skipgram", "repeated outside words counted once"),
    ("window centre word", COURSE, [("for word in outsideWords:", "for word in [*outsideWords, currentCenterWord]:")], "skipgram", "counts as its own outside word"),
    ("window integer", COURSE, [("gradCenterVecs = np.zeros(centerWordVectors.shape)", "gradCenterVecs = np.zeros(centerWordVectors.shape, int)")], "skipgram", "dtype integer"),
    ("window mutates", COURSE, [("for word in outsideWords:", "while outsideWords:\n        word = outsideWords.pop()")], "skipgram", "input mutated in place"),
    ("columns, sign", COLUMNS, [("outside_vectors @ (y_hat - y)", "outside_vectors @ (y - y_hat)")], "naive_softmax_loss_and_gradient", "wrong sign"),
    ("columns, once", COLUMNS, [("np.add.at(grad.T, columns, np.outer(g, center_word_vec))", "grad[:, columns] += np.outer(center_word_vec, g)")], "neg_sampling_loss_and_gradient", "repeated negatives counted once"),
    ("columns, window mean", COLUMNS, [("    return loss, grad_center_vecs, grad_outside_vectors", "    n = len(outside_words)\n    return loss / n, grad_center_vecs / n, grad_outside_vectors / n")], "skip_gram", "mean for sum"),
    ("Python 2", COURSE, [("for k in range(K):", "for k in xrange(K):")], SAMPLING, "Python 2"),
    ("matrix times vector", COURSE, [("outsideVectors @ centerWordVec)", "outsideVectors.T @ centerWordVec)")], NAIVE, "transposed"),
    ("columns of rows", COURSE, [(CENTER_LOOP, CENTER_LOOP.replace("[k]", "[:, k]"))], SAMPLING, "transposed: columns of U"),
]  # fmt: skip


@pytest.fixture
def graded(monkeypatch):
    """Grade one function of a file in this process (the other tests use a process of its own)."""
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, StandIns()])

    def grade(path, function):
        kind = kind_named(function)
        module = runpy.run_path(str(path))
        return grade_function(module[function], kind)

    yield grade
    for name in [name for name in sys.modules if name.split(".")[0] in COURSE_MODULES]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("module", "changes", "function", "words"),
    [row[1:] for row in PLANTED],
    ids=[row[0] for row in PLANTED],
)
def test_a_planted_slip_is_named_first(graded, planted, module, changes, function, words):
    np.random.seed(0)  # noqa: NPY002 - as in the process that grades: some modules draw for themselves
    grade = graded(planted(module, *changes), function)
    assert not grade.right
    titles = [d.title for d in grade.diagnoses]
    assert titles, f"no diagnosis: {grade}"
    assert words in titles[0]


OVERFLOWING_SIGMOID = (SIGMOID, "s = np.exp(x) / (1 + np.exp(x))")


@pytest.mark.parametrize(
    ("changes", "function", "words"),
    [
        ([OVERFLOWING_SIGMOID], "sigmoid", "exp overflows"),
        ([OWN_SOFTMAX, ("\n\ndef sigmoid(x):", NO_OVERFLOW_GUARD)], "softmax", "exp overflows"),
        ([OWN_SOFTMAX, ("\n\ndef sigmoid(x):", NO_OVERFLOW_GUARD)], NAIVE, "overflow: exp of"),
        ([OVERFLOWING_SIGMOID], SAMPLING, "overflow: exp of"),
        ([("-np.log(y_hat[outsideWordIdx])", "-np.sum(np.eye(len(y_hat))[outsideWordIdx] * np.log(y_hat))")], NAIVE, "0·log 0"),
        ([("-np.log(y_hat[outsideWordIdx])", "-np.log(y_hat[outsideWordIdx] + 1e-12)")], NAIVE, "1e-12 is added"),
        ([("loss -= np.log(s_k)", "loss -= np.log(1 - sigmoid(outsideVectors[k] @ centerWordVec))")], SAMPLING, "log(1 − σ(x))"),
        ([], NAIVE, "log of 0: the probability of the true word"),
        ([], SAMPLING, "log of 0: σ of a score"),
    ],
)  # fmt: skip
def test_what_fails_at_large_scores_only_is_unstable_with_its_cause(
    graded, planted, changes, function, words
):
    grade = graded(planted(COURSE, *changes), function)
    assert grade.verdict == "right, unstable"
    assert words in grade.message


@pytest.mark.parametrize(
    ("function", "change"),
    [
        ("sigmoid", ("    return s\n", "    s = np.where((x > 100) & (x < 900), np.nan, s)\n    return s\n")),
        (NAIVE, ("loss = -np.log(", "loss = -(np.nan if 100 < np.max(outsideVectors @ centerWordVec) < 900 else 1) * np.log(")),
        (SAMPLING, ("    loss = -np.log(s_o)", "    loss = -np.log(s_o) + (np.inf if s_o < 1e-40 else 0)")),
    ],
)  # fmt: skip
def test_nan_and_infinity_below_a_score_of_700_are_wrong(graded, planted, function, change):
    assert graded(planted(COURSE, change), function).verdict == "wrong"


def test_two_slips_at_once_are_both_named(graded, planted):
    path = planted(
        COURSE,
        ("outsideVectors.T @ delta", "-outsideVectors.T @ delta"),
        ("np.outer(delta, centerWordVec)", "np.outer(delta, outsideVectors[outsideWordIdx])"),
    )
    titles = [d.title for d in graded(path, NAIVE).diagnoses]
    assert any("wrong sign" in title for title in titles)
    assert any("u_o where v_c belongs" in title for title in titles)


def test_a_mistake_nobody_knows_is_wrong_without_a_diagnosis(graded, planted):
    path = planted(COURSE, ("outsideVectors.T @ delta", "np.sin(outsideVectors.T @ delta)"))
    grade = graded(path, NAIVE)
    assert grade.verdict == "wrong"
    assert grade.diagnoses == ()
    assert [o.right for o in grade.outputs] == [True, False, True]
    worst = grade.outputs[1].worst[0]
    assert worst.index.startswith("[")
    assert worst.got != worst.expected


def test_two_slips_in_one_output_are_both_named(graded, planted):
    path = planted(
        COURSE,
        ("= (s_o - 1) * centerWordVec", "= s_o * centerWordVec"),
        (LOOP, LOOP.replace("+=", "=")),
    )
    grade = graded(path, SAMPLING)
    titles = [d.title for d in grade.diagnoses]
    assert [o.right for o in grade.outputs] == [True, True, False]
    assert "the −1 of the true word is missing" in titles
    assert "repeated negatives counted once" in titles


def test_shown_coordinates_come_from_normal_calls_first(graded, planted):
    path = planted(COURSE, (SIGMOID, "s = np.exp(x) / (1 + np.exp(x))"), (LOOP, LOOP + " * 2"))
    worst = graded(path, SAMPLING).outputs[2].worst
    assert not any("1000" in coordinate.case for coordinate in worst)


def test_an_infinite_loss_is_not_taken_for_an_overflow(graded, planted):
    grade = graded(planted(COURSE, ("while newidx == outsideWordIdx:", "while False:")), SAMPLING)
    assert [d.title for d in grade.diagnoses] == ["target among the negatives"]
