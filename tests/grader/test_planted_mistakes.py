"""Mistakes that once passed, and verdicts that once misled: each is planted and must be found."""
# ruff: noqa: E501

import pytest
from hand_ins import GIVEN, NAIVE, SAMPLING, SKIPGRAM
from source_files import graded_source  # noqa: F401

N, S, W = NAIVE["2019"], SAMPLING["2019"], SKIPGRAM["2019"]
LABELS, SNAKE = SAMPLING["2017, labels"], SAMPLING["snake_case"]
NAIVE_KIND, SAMPLING_KIND = "naive-softmax", "negative-sampling"


def swap(source, *changes):
    """Replace text that must be there."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


SOFTMAX_AXIS_0 = (
    "def softmax(x):\n    e = np.exp(x - np.max(x, axis=0))\n    return e / np.sum(e, axis=0)\n"
)
SOFTMAX_ONE_MAX = "def softmax(x):\n    e = np.exp(x - np.max(x))\n    return e / np.sum(e, axis=-1, keepdims=True)\n"
SOFTMAX_NO_KEEPDIMS = "def softmax(x):\n    if x.ndim == 1:\n        e = np.exp(x - x.max())\n        return e / e.sum()\n    e = np.exp(x)\n    return e / np.sum(e, axis=1)\n"

#: (what, kind, source, words of the message or of a diagnosis)
PLANTED = [
    # state between calls
    ("an uncleared buffer", NAIVE_KIND, "BUFFER = {}\n" + swap(N, ("outsideVectors.T.dot(d), np.outer(d, centerWordVec)", "outsideVectors.T.dot(d), add_up(np.outer(d, centerWordVec))")) + "\ndef add_up(g):\n    B = BUFFER.setdefault(g.shape, np.zeros(g.shape))\n    B += g\n    return B.copy()\n", "kept from one call to the next"),
    ("an uncleared buffer of a window", "skipgram", N + swap(W, ("gradOutsideVectors = np.zeros(outsideVectors.shape)", "gradOutsideVectors = KEPT.setdefault(outsideVectors.shape, np.zeros(outsideVectors.shape))"), ("return loss,", "gradOutsideVectors = gradOutsideVectors * 1.0\n    return loss,")).replace("def skipgram", "KEPT = {}\ndef skipgram"), "kept from one call to the next"),
    ("another answer at the second call", "sigmoid", "calls = []\ndef sigmoid(x):\n    calls.append(1)\n    return 1 / (1 + np.exp(-x)) + 0.01 * (len(calls) % 2 == 0)\n", "kept from one call to the next"),
    ("another answer after many calls", "softmax", "calls = []\ndef softmax(x):\n    calls.append(1)\n    e = np.exp(x - np.max(x, -1, keepdims=True))\n    return e / e.sum(-1, keepdims=True) * (1 + (len(calls) > 5))\n", ""),
    ("a mutable default", "skipgram", N + swap(W, ("word2vecLossAndGradient=naiveSoftmaxLossAndGradient)", "word2vecLossAndGradient=naiveSoftmaxLossAndGradient, seen=[])"), ("for w in outsideWords:", "seen.extend(outsideWords)\n    for w in seen:")), "kept from one call to the next"),
    ("one array for all calls", NAIVE_KIND, "G = {}\n" + swap(N, ("np.outer(d, centerWordVec)\n", "fill(np.outer(d, centerWordVec))\n")) + "\ndef fill(g):\n    B = G.setdefault(g.shape, np.zeros(g.shape))\n    B[:] = g\n    return B\n", "the next call changes the arrays"),
    # what a window passes on
    ("None as dataset", "skipgram", N + swap(W, ("outsideVectors, dataset)\n", "outsideVectors, None)\n")), "passes None to word2vecLossAndGradient"),
    ("nothing as dataset", "skipgram", N + swap(W, ("outsideVectors, dataset)\n", "outsideVectors)\n")), "does not pass dataset to word2vecLossAndGradient"),
    ("the window as dataset", "skipgram", N + swap(W, ("outsideVectors, dataset)\n", "outsideVectors, windowSize)\n")), "of type int"),
    ("the file's own loss", "skipgram", N + swap(W, ("word2vecLossAndGradient(centerWordVectors", "naiveSoftmaxLossAndGradient(centerWordVectors")), "is never called"),
    # softmax of matrices
    ("softmax over the wrong axis", "softmax", SOFTMAX_AXIS_0, "normalised by columns"),
    ("softmax with one maximum", "softmax", SOFTMAX_ONE_MAX, ""),
    ("softmax without keepdims", "softmax", SOFTMAX_NO_KEEPDIMS, ""),
    # right in some places only
    ("right for ten words", NAIVE_KIND, swap(N, ("d[outsideWordIdx] -= 1", "d[min(outsideWordIdx, 9)] -= 1")), ""),
    ("gradients of ten words", NAIVE_KIND, swap(N, ("np.outer(d, centerWordVec)", "np.outer(np.where(np.arange(len(d)) < 10, d, 0), centerWordVec)")), ""),
    ("a small vocabulary", SAMPLING_KIND, swap(S, ("return loss,", "gradOutsideVecs[50:] = 0\n    return loss,")), ""),
    ("a window of ten words", "skipgram", N + swap(W, ("word2Ind[w]", "word2Ind[w] % 10")), ""),
    ("a sigmoid of ten numbers", "sigmoid", "def sigmoid(x):\n    s = 1 / (1 + np.exp(-np.asarray(x, dtype=float)))\n    return np.where(np.arange(s.size).reshape(s.shape) < 10, s, 0.5)\n", ""),
    # draws
    ("K fixed to 10", SAMPLING_KIND, swap(S, ("def negS", "\n\ndef negS"), ("negSampleWordIndices = get", "K = 10\n    negSampleWordIndices = get")), "K is fixed to 10"),
    ("no K", SAMPLING_KIND, swap(S, ("dataset, K=10):", "dataset):\n    K = 10")), "K is fixed to 10"),
    ("repeats rejected", SAMPLING_KIND, swap(S, ("while newidx == outsideWordIdx:", "while newidx == outsideWordIdx or newidx in negSampleWordIndices:")), "repeated negatives are rejected"),
    ("if for while", SAMPLING_KIND, swap(S, ("while newidx == outsideWordIdx:", "if newidx == outsideWordIdx:")), "once only: if instead of while"),
    ("the target kept", SAMPLING_KIND, swap(S, ("while newidx == outsideWordIdx:", "while False:")), "target among the negatives"),
    ("the target dropped", SAMPLING_KIND, swap(SNAKE, ("        while newidx == outside_word_idx:\n            newidx = dataset.sample_token_idx()\n        return_list", "        if newidx != outside_word_idx:\n            return_list")), "the target is dropped"),
    ("the target counted as a negative", SAMPLING_KIND, swap(S, ("for k in range(K):\n        samp = indices[k + 1]", "for k in range(K + 1):\n        samp = indices[k]")), "the outside word counts as a negative too"),
    ("a range of nothing", SAMPLING_KIND, swap(S, ("negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)", "negSampleWordIndices = []"), ("for k in range(K):\n        samp", "for k in range(0):\n        samp")), "is never called"),
    ("its own random numbers", SAMPLING_KIND, swap(S, ("dataset.sampleTokenIdx()", "random.randint(0, 3)")), "not drawn from dataset.sampleTokenIdx()"),
    # repeated negatives, and other known slips in another style
    ("fancy indexing", SAMPLING_KIND, swap(LABELS, ("for k in range(K + 1):\n        grad[indices[k]] += gradtemp[k, :]", "grad[indices] += gradtemp")), "repeated negatives counted once"),
    ("counts forgotten", SAMPLING_KIND, swap(SNAKE, ("+= n * (1", "+= (1")), "repeated negatives counted once"),
    ("the sign of the labels", SAMPLING_KIND, swap(LABELS, ("delta = labels * (t - 1)", "delta = labels * (1 - t)")), "wrong sign"),
    ("log base 10", NAIVE_KIND, swap(N, ("np.log(", "np.log10(")), "0.434294"),
    ("no −1", NAIVE_KIND, swap(N, ("    d[outsideWordIdx] -= 1\n", "")), "the −1 of the true word is missing"),
    ("a list of targets", NAIVE_KIND, swap(N, ("d[outsideWordIdx] -= 1", "d -= np.eye(len(d))[[outsideWordIdx]]")), ""),
    ("float32 overflow", NAIVE_KIND, swap(N, ("softmax(np.dot(outsideVectors, centerWordVec))", "(lambda e: e / e.sum())(np.exp(np.dot(outsideVectors, centerWordVec).astype(np.float32)))")), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "source", "words"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED]
)
def test_a_planted_mistake_is_found(graded_source, kind, source, words):
    grade = graded_source(source, kind)
    assert grade.verdict in ("wrong", "error"), grade
    said = [grade.message, *(d.title for d in grade.diagnoses)]
    assert any(words in text for text in said), said


#: (what, kind, source, what must not be said)
NOT_SAID = [
    ("0·log 0", NAIVE_KIND, NAIVE["one-hot, sum of y log"], "max"),
    ("target in the loop", SAMPLING_KIND, swap(S, ("for k in range(K):\n        samp = indices[k + 1]", "for k in range(K + 1):\n        samp = indices[k]")), "target among the negatives"),
    ("target dropped", SAMPLING_KIND, swap(SNAKE, ("        while newidx == outside_word_idx:\n            newidx = dataset.sample_token_idx()\n        return_list", "        if newidx != outside_word_idx:\n            return_list")), "target among the negatives"),
    ("no loop", SAMPLING_KIND, swap(S, ("negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)", "negSampleWordIndices = []"), ("for k in range(K):\n        samp", "for k in range(0):\n        samp")), "random"),
    ("shapes of negative sampling", SAMPLING_KIND, swap(S, ("u_o * (z - 1)", "(z - 1) * np.ones(99)")), "transposed"),
    ("lists of targets", NAIVE_KIND, swap(N, ("np.outer(d, centerWordVec)", "np.outer(d, centerWordVec) + np.ones((2, 3, 99))")), "transposed"),
    ("the note on ±1000", NAIVE_KIND, swap(N, ("np.outer(d, centerWordVec)", "-np.outer(d, centerWordVec)")), "1000"),
    ("without replacement", SAMPLING_KIND, swap(S, ("while newidx == outsideWordIdx:", "while newidx == outsideWordIdx or newidx in negSampleWordIndices:")), "endless"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "source", "words"), [row[1:] for row in NOT_SAID], ids=[row[0] for row in NOT_SAID]
)
def test_what_is_not_so_is_not_said(graded_source, kind, source, words):
    grade = graded_source(source, kind)
    said = [grade.message, *(d.title for d in grade.diagnoses), *grade.notes]
    if not grade.right:
        said += [c.case for o in grade.outputs for c in o.worst[:1]]
    assert not any(words in text for text in said), said


def test_too_many_draws_say_so(graded_source):
    source = GIVEN.replace("== outsideWordIdx:", "== outsideWordIdx or True:") + S[len(GIVEN) :]
    grade = graded_source(source, SAMPLING_KIND)
    assert grade.verdict == "wrong"
    assert "drew 2,000 words in one call for 10 negatives" in grade.message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("return loss,", "loss = float(np.array([loss]))\n    return loss,", "float()"),
        ("np.zeros(outsideVectors.shape)", "np.zeros(outsideVectors.shape, np.float)", "np.float"),
        ("return loss,", "np.mat([1.0])\n    return loss,", "np.mat"),
    ],
)
def test_what_numpy_2_brought_is_named(graded_source, old, new, words):
    grade = graded_source(swap(S, (old, new)), SAMPLING_KIND)
    assert grade.right or any("NumPy 2" in d.title and words in d.title for d in grade.diagnoses), (
        grade
    )
