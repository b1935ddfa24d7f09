"""Functions that are right by accident, in ordinary calls, do not pass."""

# ruff: noqa: E501

import pytest
from hand_ins import SIGMOID, SOFTMAX

from w2v_cli.grader.grade import grade_function
from w2v_cli.grader.kinds import kind_named

BASE = f"import numpy as np\nMEMO = {{}}\nCALLS = []\n{SIGMOID['stable']}{SOFTMAX['2019 utils']}"
NAIVE = """def naive_softmax(v, o, U, dataset):
    {before}
    z = U @ v
    m = z.max()
    loss = m + np.log(np.exp(z - m).sum()) - z[o]
    p = np.exp(z - m) / np.exp(z - m).sum()
    p[o] -= 1
    a, b = U.T @ p, np.outer(p, v)
    {after}
    return loss, a, b
"""
SAMPLING = """def negative_sampling(v, o, U, dataset, K=10):
    negs = []
    {before}
    while len(negs) < K:
        k = dataset.sampleTokenIdx()
        if k != o:
            negs.append(k)
    {drawn}
    x, y = U[o] @ v, U[negs] @ v
    loss = np.logaddexp(0, -x) + np.logaddexp(0, y).sum()
    d, e = sigmoid(x) - 1, sigmoid(y)
    a = d * U[o] + e @ U[negs]
    b = np.zeros(U.shape)
    b[o] += d * v
    np.add.at(b, negs, np.outer(e, v))
    {after}
    return loss, a, b
"""
WINDOW = """def skipgram(center, window, outside, ids, V, U, dataset, loss_function):
    {before}
    loss, a, b = 0.0, np.zeros(V.shape), np.zeros(U.shape)
    c = ids[center]
    for w in outside:
        o = ids[w]
        l, da, db = loss_function(V[c], o, U, dataset)
        {inside}
        loss += l
        a[c] += da
        b += db
    {after}
    return loss, a, b
"""


def naive(before="pass", after="pass"):
    return "naive-softmax", NAIVE.format(before=before, after=after)


def sampling(before="pass", drawn="pass", after="pass"):
    return "negative-sampling", SAMPLING.format(before=before, drawn=drawn, after=after)


def window(before="pass", inside="pass", after="pass"):
    return "skipgram", WINDOW.format(before=before, inside=inside, after=after)


def remembered(key):
    return {"after": f"loss, a, b = MEMO.setdefault({key}, (loss, a.copy(), b.copy())); a, b = a.copy(), b.copy()"}  # fmt: skip


MUTANTS = {
    "naive: remembered by word and shape": naive(**remembered("(o, U.shape)")),
    "naive: remembered by word": naive(**remembered("o")),
    "naive: remembered by shape": naive(**remembered("U.shape")),
    "naive: the first call's gradient": naive(after="b = MEMO.setdefault(U.shape, b.copy()).copy()"),
    "naive: no gradient for word 0": naive(after="b[o] *= bool(o)"),
    "naive: word 0 taken for no word": naive(before="o = o or len(U) - 1"),
    "naive: the last word left out": naive(after="b[-1] = 0"),
    "naive: the last word is word −1": naive(before="o = o if o < len(U) - 1 else 0"),
    "naive: 256 words": naive(after="b[256:] = 0"),
    "naive: 512 words": naive(before="U = np.concatenate([U[:512], np.zeros((max(len(U) - 512, 0), U.shape[1]))])"),
    "naive: 32 dimensions": naive(after="a[32:] = 0"),
    "naive: equal rows share a gradient": naive(after="b = np.stack([b[[np.array_equal(u, w) for w in U].index(True)] for u in U])"),
    "naive: the word found by its vector": naive(before="o = [np.array_equal(U[o], w) for w in U].index(True)"),
    "naive: equal rows all count": naive(after="b[[i for i in range(len(U)) if np.array_equal(U[i], U[o])]] = b[o]"),
    "naive: large vectors cut": naive(before="v = np.clip(v, -2, 2)"),
    "naive: right while it is called seldom": naive(after="CALLS.append(1); b = b * (len(CALLS) < 15)"),
    "sampling: remembered by word and shape": sampling(**remembered("(o, U.shape)")),
    "sampling: remembered by word": sampling(**remembered("o")),
    "sampling: draws remembered": sampling(drawn="negs = MEMO.setdefault((o, K, U.shape), list(negs))"),
    "sampling: word 0 gets no gradient": sampling(after="b[0] = 0"),
    "sampling: negative 0 left out": sampling(drawn="negs = [k for k in negs if k]"),
    "sampling: outside word 0 left out": sampling(after="b[o] *= bool(o)"),
    "sampling: word 0 taken for no word": sampling(before="o = o or 1"),
    "sampling: at most 12 negatives": sampling(drawn="negs = negs[:12]"),
    "sampling: at least 4 negatives": sampling(before="K = max(K, 4)"),
    "sampling: K no larger than the vocabulary": sampling(before="K = min(K, len(U))"),
    "sampling: 300 words": sampling(after="b[300:] = 0"),
    "sampling: equal vectors are one word": sampling(drawn="negs = [[np.array_equal(U[k], w) for w in U].index(True) for k in negs]"),
    "sampling: a negative with the outside word's vector left out": sampling(drawn="negs = [k for k in negs if not np.array_equal(U[k], U[o])]"),
    "sampling: 20 dimensions": sampling(after="a[20:] = 0"),
    "window: remembered by words": window(**remembered("(center, tuple(outside))")),
    "window: remembered by center": window(**remembered("(center, V.shape)")),
    "window: center 0 gets no gradient": window(inside="da = da * bool(c)"),
    "window: outside word 0 left out": window(inside="l, da, db = (l, da, db) if o else (0, 0, 0)"),
    "window: K is the window": window(inside="l, da, db = loss_function(V[c], o, U, dataset, window)"),
    "window: K is the number of words": window(inside="l, da, db = loss_function(V[c], o, U, dataset, len(outside))"),
    "window: at most 10 words": window(before="outside = outside[:10]"),
    "window: pairs around the center only": window(before="outside = outside[: 2 * (len(outside) // 2)]"),
    "window: at least two words": window(before="outside = outside if len(outside) > 1 else outside * 2"),
    "window: the center found by its vector": window(after="a = np.roll(a, [np.array_equal(V[c], w) for w in V].index(True) - c, 0)"),
    "window: ids in the order of the words": window(before="ids = {w: i for i, w in enumerate(sorted(ids))}"),
    "window: the center word left out": window(before="outside = [w for w in outside if w != center]"),
    "window: 400 words": window(after="b[400:] = 0"),
    "sigmoid: remembered by shape": ("sigmoid", "def sigmoid(x):\n    return MEMO.setdefault(np.shape(x), 1 / (1 + np.exp(-np.asarray(x, float))))\n"),
    "sigmoid: 0 is false": ("sigmoid", "def sigmoid(x):\n    return np.where(x, 1 / (1 + np.exp(-np.asarray(x, float))), 0)\n"),
    "softmax: remembered by length": ("softmax", "def softmax(x):\n    e = np.exp(x - np.max(x))\n    return MEMO.setdefault(np.shape(x), e / e.sum())\n"),
    "softmax: equal scores counted once": ("softmax", "def softmax(x):\n    return np.exp(x - np.max(x)) / np.exp(np.unique(x) - np.max(x)).sum()\n"),
    "softmax: 500 scores": ("softmax", "def softmax(x):\n    e = np.exp(x - np.max(x))\n    return e / e[:500].sum()\n"),
}  # fmt: skip
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 20))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", MUTANTS)
def test_no_accident_passes(name, seed):
    kind, source = MUTANTS[name]
    namespace = {"__name__": "mutant"}
    exec(BASE + source, namespace)
    functions = [f for n, f in namespace.items() if kind_named(n) == kind_named(kind)]
    assert grade_function(functions[-1], kind_named(kind), seed).verdict == "wrong"


@pytest.mark.parametrize("make", [naive, sampling, window])
def test_the_functions_that_they_are_made_of_are_right(make):
    kind, source = make()
    namespace = {"__name__": "mutant"}
    exec(BASE + source, namespace)
    functions = [f for n, f in namespace.items() if kind_named(n) == kind_named(kind)]
    for seed in range(3):
        assert grade_function(functions[-1], kind_named(kind), seed).right


def test_what_is_remembered_is_named():
    kind, source = MUTANTS["naive: remembered by word and shape"]
    namespace = {"__name__": "mutant"}
    exec(BASE + source, namespace)
    grade = grade_function(namespace["naive_softmax"], kind_named(kind))
    assert [d.key for d in grade.diagnoses] == ["remembered"]


def test_what_is_wrong_in_the_large_call_only_is_said():
    kind, source = MUTANTS["naive: 512 words"]
    namespace = {"__name__": "mutant"}
    exec(BASE + source, namespace)
    grade = grade_function(namespace["naive_softmax"], kind_named(kind))
    assert [d.key for d in grade.diagnoses] == ["size"]
