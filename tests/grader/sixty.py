"""Sixty hand-ins, made from eight authors, with the verdict that each function must get.

An author is a whole file in a style of its own; cells are separated by two empty lines. A hand-in is
an author's file, as it is or with one text replaced, as a Python file or as a notebook. Written for
these tests, none of it copied.
"""
# ruff: noqa: E501

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

R, U, W, E = "right", "right, unstable", "wrong", "error"
SIGMOID, SOFTMAX, NAIVE, NEG, WINDOW = (
    *("sigmoid", "softmax", "naive-softmax", "negative-sampling", "skipgram"),
)


@dataclass(frozen=True)
class Author:
    """text: the file. verdicts: by kind. mapping, beside: options and further files."""

    text: str
    verdicts: Mapping[str, str]
    mapping: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)


AUTHORS = {
    # types, dataclasses, scipy
    "ada": Author(
        '''
from __future__ import annotations
from dataclasses import dataclass
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logsumexp

Vec = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gradients:
    loss: float
    center: Vec
    outside: Vec


def sigmoid(x: Vec) -> Vec:
    return expit(x)


def naive_softmax(center_vec: Vec, outside_idx: int, outside_vecs: Vec) -> Gradients:
    scores = outside_vecs @ center_vec
    log_p = scores - logsumexp(scores)
    error = np.exp(log_p)
    error[outside_idx] -= 1
    return Gradients(-log_p[outside_idx], error @ outside_vecs, error[:, None] * center_vec)


def draw(outside_idx: int, dataset, K: int) -> list[int]:
    words: list[int] = []
    while len(words) < K:
        if (word := dataset.sampleTokenIdx()) != outside_idx:
            words.append(word)
    return words


def negative_sampling(center_vec: Vec, outside_idx: int, outside_vecs: Vec, dataset, K: int = 10) -> Gradients:
    rows = np.array([outside_idx, *draw(outside_idx, dataset, K)])
    signs = np.where(np.arange(K + 1) == 0, 1.0, -1.0)
    scores = signs * (outside_vecs[rows] @ center_vec)
    error = -signs * expit(-scores)
    outside = np.zeros_like(outside_vecs)
    np.add.at(outside, rows, error[:, None] * center_vec)
    return Gradients(-log_expit(scores).sum(), error @ outside_vecs[rows], outside)


def skipgram(current_word, window_size, outside_words, word2ind, center_vecs, outside_vecs, dataset, loss_fn=naive_softmax):
    c = word2ind[current_word]
    parts = [loss_fn(center_vecs[c], word2ind[w], outside_vecs, dataset) for w in outside_words]
    center = np.zeros_like(center_vecs)
    center[c] = np.sum([p[1] for p in parts], axis=0)
    return sum(p[0] for p in parts), center, np.sum([p[2] for p in parts], axis=0)
''',
        {SIGMOID: R, NAIVE: R, NEG: R, WINDOW: R},
    ),
    # loops and lists, names of 2014
    "ben": Author(
        '''
#!/usr/bin/env python
# -*- coding: utf-8 -*-
import math
import numpy as np


def dot(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def softmax(x):
    x = np.array(x, dtype=float)
    if x.ndim == 2:
        return np.array([softmax(row) for row in x])
    biggest = max(x)
    exps = [math.exp(v - biggest) for v in x]
    return np.array([e / sum(exps) for e in exps])


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    n, d = outputVectors.shape
    scores = [dot(outputVectors[w], predicted) for w in range(n)]
    probs = softmax(scores)
    cost = -math.log(probs[target] + 1e-300)
    gradPred = [0.0] * d
    grad = [[0.0] * d for _ in range(n)]
    for w in range(n):
        if w == target:
            delta = probs[w] - 1
        else:
            delta = probs[w]
        for j in range(d):
            gradPred[j] += delta * outputVectors[w][j]
            grad[w][j] += delta * predicted[j]
    return cost, np.array(gradPred), np.array(grad)


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    def sig(x):
        return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))
    grad = np.zeros(outputVectors.shape)
    p = sig(dot(outputVectors[target], predicted))
    cost = -math.log(p)
    gradPred = [(p - 1) * u for u in outputVectors[target]]
    for j in range(len(predicted)):
        grad[target][j] = (p - 1) * predicted[j]
    k = 0
    while k < K:
        word = dataset.sampleTokenIdx()
        if word == target:
            continue
        q = sig(-dot(outputVectors[word], predicted))
        cost -= math.log(q)
        for j in range(len(predicted)):
            gradPred[j] += (1 - q) * outputVectors[word][j]
            grad[word][j] += (1 - q) * predicted[j]
        k += 1
    return cost, np.array(gradPred), grad


def skipgram(currentWord, C, contextWords, tokens, inputVectors, outputVectors, dataset, word2vecCostAndGradient=softmaxCostAndGradient):
    cost = 0.0
    gradIn = [[0.0] * len(row) for row in inputVectors]
    gradOut = [[0.0] * len(row) for row in outputVectors]
    center = tokens[currentWord]
    for i in range(len(contextWords)):
        c, gin, gout = word2vecCostAndGradient(inputVectors[center], tokens[contextWords[i]], outputVectors, dataset)
        cost += c
        for j in range(len(gin)):
            gradIn[center][j] += gin[j]
            for w in range(len(gout)):
                gradOut[w][j] += gout[w][j]
    return cost, np.array(gradIn), np.array(gradOut)
''',
        {SOFTMAX: R, NAIVE: U, NEG: U, WINDOW: R},
    ),
    # a class
    "cleo": Author(
        '''
import numpy as np


class Word2Vec:
    """All of it in one place."""

    EPS = 0.0

    @staticmethod
    def sigmoid(z):
        return (np.tanh(np.asarray(z) / 2) + 1) / 2

    @classmethod
    def softmax(cls, z):
        z = z - np.amax(z, axis=-1, keepdims=True)
        return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)

    def naive_softmax(self, v_c, o, U, dataset):
        y_hat = self.softmax(U.dot(v_c))
        y = np.eye(U.shape[0])[o]
        return -np.sum(y[y > 0] * np.log(y_hat[y > 0] + self.EPS)), U.T.dot(y_hat - y), np.outer(y_hat - y, v_c)

    def _negatives(self, o, dataset, K):
        return [k for k in iter(dataset.sampleTokenIdx, None) if k != o][:K] if False else list(self._take(o, dataset, K))

    def _take(self, o, dataset, K):
        for _ in range(K):
            k = dataset.sampleTokenIdx()
            while k == o:
                k = dataset.sampleTokenIdx()
            yield k

    def negative_sampling(self, v_c, o, U, dataset, K=10):
        self.loss, self.grad_v, self.grad_U = 0.0, np.zeros(len(v_c)), np.zeros(U.shape)
        self._add(v_c, o, U, 1)
        for k in self._negatives(o, dataset, K):
            self._add(v_c, k, U, 0)
        return self.loss, self.grad_v, self.grad_U

    def _add(self, v_c, w, U, label):
        p = self.sigmoid(U[w] @ v_c)
        self.loss -= np.log(p if label else 1 - p)
        self.grad_v += (p - label) * U[w]
        self.grad_U[w] += (p - label) * v_c

    def skipgram(self, current, window, outside, ids, V, U, dataset, loss_and_gradient):
        grads = np.zeros_like(V), np.zeros_like(U)
        total = 0
        for word in outside:
            loss, dv, dU = loss_and_gradient(V[ids[current]], ids[word], U, dataset)
            total += loss
            grads[0][ids[current]] += dv
            grads[1][...] += dU
        return (total, *grads)
''',
        {SIGMOID: R, SOFTMAX: R, NAIVE: U, NEG: U, WINDOW: R},
    ),
    # lambdas, reduce, own names
    "dev": Author(
        '''
import functools, operator
from numpy import *

sig = lambda t: where(t >= 0, 1.0, exp(-abs(t))) / (1 + exp(-abs(t)))
soft = lambda s: exp(s - s.max()) / exp(s - s.max()).sum()
minus_log_sig = lambda t: logaddexp(0, -t)


def naive(v, o, U):
    p = soft(dot(U, v))
    d = p - (arange(size(p)) == o)
    return logaddexp.reduce(U @ v) - U[o] @ v, dot(d, U), multiply.outer(d, v)


def neg(v, o, U, data, K=10):
    def fresh():
        k = data.sampleTokenIdx()
        return fresh() if k == o else k
    words = [(o, 1)] + [(fresh(), -1) for _ in range(K)]
    terms = [(minus_log_sig(s * (U[w] @ v)), -s * sig(-s * (U[w] @ v)), w) for w, s in words]
    loss = functools.reduce(operator.add, (t[0] for t in terms))
    grad_v = functools.reduce(operator.add, (g * U[w] for _, g, w in terms))
    pick = eye(len(U))[[w for _, _, w in terms]]
    return loss, grad_v, pick.T @ outer([g for _, g, _ in terms], v)


def window(word, size_, around, index, V, U, data, f):
    results = [f(V[index[word]], index[w], U, data) for w in around]
    one = eye(len(V))[index[word]]
    return sum([r[0] for r in results]), outer(one, sum([r[1] for r in results], axis=0)), sum([r[2] for r in results], axis=0)
''',
        {NAIVE: R, NEG: R, WINDOW: R},
        mapping={"naive": "naive", "neg": "neg", "window": "window"},
    ),
    # the course's template, helpers handed out, checks and prints
    "eve": Author(
        '''
import argparse
import numpy as np
import random
from utils.gradcheck import gradcheck_naive, grad_tests_softmax
from utils.utils import normalizeRows, softmax


def sigmoid(x):
    """
    Compute the sigmoid function for the input here.
    """
    ### YOUR CODE HERE (~1 Line)
    s = 1.0 / (1.0 + np.exp(-x))
    ### END YOUR CODE
    return s


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    assert centerWordVec.ndim == 1 and outsideVectors.shape[1] == centerWordVec.shape[0]
    ### YOUR CODE HERE
    scores = np.matmul(outsideVectors, centerWordVec)
    probs = softmax(scores)
    loss = -1 * np.log(probs)[outsideWordIdx]
    diff = np.copy(probs)
    diff[outsideWordIdx] = diff[outsideWordIdx] - 1
    gradCenterVec = np.matmul(outsideVectors.transpose(), diff)
    gradOutsideVecs = np.dot(diff[:, np.newaxis], centerWordVec[np.newaxis, :])
    ### END YOUR CODE
    return loss, gradCenterVec, gradOutsideVecs


def getNegativeSamples(outsideWordIdx, dataset, K):
    """ Samples K indexes which are not the outsideWordIdx """
    negSampleWordIndices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == outsideWordIdx:
            newidx = dataset.sampleTokenIdx()
        negSampleWordIndices[k] = newidx
    return negSampleWordIndices


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)
    indices = [outsideWordIdx] + negSampleWordIndices
    ### YOUR CODE HERE (~10 Lines)
    gradOutsideVecs = np.zeros(outsideVectors.shape)
    uo = outsideVectors[outsideWordIdx]
    uk = outsideVectors[negSampleWordIndices]
    so = sigmoid(uo.dot(centerWordVec))
    sk = sigmoid(-uk.dot(centerWordVec))
    loss = -np.log(so) - np.sum(np.log(sk))
    gradCenterVec = (so - 1) * uo + (1 - sk).dot(uk)
    gradOutsideVecs[outsideWordIdx] = (so - 1) * centerWordVec
    for i, k in enumerate(negSampleWordIndices):
        gradOutsideVecs[k] += (1 - sk[i]) * centerWordVec
    ### END YOUR CODE
    return loss, gradCenterVec, gradOutsideVecs


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset, word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    loss = 0.0
    gradCenterVecs = np.zeros(centerWordVectors.shape)
    gradOutsideVectors = np.zeros(outsideVectors.shape)
    ### YOUR CODE HERE (~8 Lines)
    centerIdx = word2Ind[currentCenterWord]
    for outside in outsideWords:
        jLoss, jCenter, jOutside = word2vecLossAndGradient(centerWordVectors[centerIdx], word2Ind[outside], outsideVectors, dataset)
        loss = loss + jLoss
        gradCenterVecs[centerIdx, :] += jCenter
        gradOutsideVectors += jOutside
    ### END YOUR CODE
    return loss, gradCenterVecs, gradOutsideVectors


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("function", nargs="?", default="all")
    gradcheck_naive(lambda v: v, np.zeros(3))
''',
        {SIGMOID: R, NAIVE: U, NEG: U, WINDOW: R},
    ),
    # words as columns, matrices of one column
    "fay": Author(
        '''
import numpy as np


def softmax(s):
    if s.ndim == 1:
        s = s[None, :]
        return softmax(s)[0]
    return np.exp(s) / np.tile(np.exp(s).sum(1, keepdims=True), (1, s.shape[1]))


def naive_softmax_loss_and_gradient(center_word_vec, outside_word_idx, outside_vectors, dataset):
    v = center_word_vec.reshape(-1, 1)
    y = np.zeros((outside_vectors.shape[1], 1))
    y[outside_word_idx] = 1
    y_hat = softmax((outside_vectors.T @ v).T).T
    loss = (-y.T @ np.log(y_hat)).item()
    return loss, (outside_vectors @ (y_hat - y)).ravel(), v @ (y_hat - y).T


def neg_sampling_loss_and_gradient(center_word_vec, outside_word_idx, outside_vectors, dataset, K=10):
    words, v = [outside_word_idx], center_word_vec
    for _ in range(K):
        w = outside_word_idx
        while w == outside_word_idx:
            w = dataset.sample_token_idx()
        words += [w]
    t = np.array([1] + [0] * K)
    a = 1 / (1 + np.exp(-v @ outside_vectors[:, words]))
    loss = -np.log(np.abs(1 - t - a)).sum()
    grads = np.zeros_like(outside_vectors).T
    for w, e in zip(words, a - t):
        grads[w] += e * v
    return loss, outside_vectors[:, words] @ (a - t), grads.T


def skip_gram(current_center_word, window_size, outside_words, word2ind, center_word_vectors, outside_vectors, dataset, loss_and_gradient):
    c = word2ind[current_center_word]
    loss, by_center, by_outside = 0, np.zeros_like(center_word_vectors), 0
    for w in outside_words:
        a, b, d = loss_and_gradient(center_word_vectors[:, c], word2ind[w], outside_vectors, dataset)
        loss, by_outside = loss + a, by_outside + d
        by_center[:, c] += b
    return loss, by_center, by_outside
''',
        {SOFTMAX: U, NAIVE: U, NEG: U, WINDOW: R},
    ),
    # partials, decorators, callable objects, generators
    "gil": Author(
        '''
import functools
import time
import numpy as np


def timed(function):
    @functools.wraps(function)
    def run(*args, **kwargs):
        begin = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            run.seconds = time.perf_counter() - begin
    return run


class Logistic:
    def __call__(self, x):
        x = np.asarray(x, float)
        e = np.exp(np.minimum(x, -x))
        return np.where(x < 0, e, 1) / (1 + e)


sigmoid = Logistic()


@timed
def naive_softmax(v, o, U, dataset=None):
    s = np.einsum("wd,d->w", U, v)
    p = np.exp(s - s.max())
    p /= np.einsum("w->", p)
    yield -np.log(p[o])
    p[o] -= 1
    yield np.einsum("w,wd->d", p, U)
    yield np.einsum("w,d->wd", p, v)


def _sampling(verbose, v, o, U, dataset, K=10):
    ks = []
    while len(ks) != K:
        ks += [k for k in [dataset.sampleTokenIdx()] if k != o]
    count = np.bincount(ks, minlength=len(U))
    up = sigmoid(U @ v)
    weight = count * up
    weight[o] = up[o] - 1
    loss = np.logaddexp(0, -U[o] @ v) + count @ np.logaddexp(0, U @ v)
    if verbose:
        print(loss)
    return {"loss": loss, "dv": weight @ U, "dU": weight[:, None] * v}.values()


negative_sampling = functools.partial(_sampling, True)


@timed
def skipgram(center, m, context, ids, V, U, dataset, loss_fn):
    total, dV, dU = 0.0, np.zeros_like(V), np.zeros_like(U)
    for w in map(ids.get, context):
        l, g, G = loss_fn(V[ids[center]], w, U, dataset)
        total, dU = total + l, dU + G
        dV[ids[center]] = dV[ids[center]] + g
    return [total, dV, dU]
''',
        {SIGMOID: R, NAIVE: U, NEG: R, WINDOW: R},
    ),
    # PyTorch
    "hal": Author(
        '''
import torch
import torch.nn.functional as F


def sigmoid(x):
    return torch.sigmoid(torch.as_tensor(x, dtype=torch.float64))


def naive_softmax(v, o, U, dataset):
    v = torch.as_tensor(v).clone().requires_grad_()
    U = torch.as_tensor(U).clone().requires_grad_()
    loss = F.cross_entropy((U @ v)[None], torch.tensor([o]))
    loss.backward()
    return loss, v.grad, U.grad


def negative_sampling(v, o, U, dataset, K=10):
    v = torch.as_tensor(v).clone().requires_grad_()
    U = torch.as_tensor(U).clone().requires_grad_()
    ks = []
    while len(ks) < K:
        k = dataset.sampleTokenIdx()
        if k != o:
            ks.append(k)
    loss = -F.logsigmoid(U[o] @ v) - F.logsigmoid(-U[ks] @ v).sum()
    return (loss, *torch.autograd.grad(loss, [v, U]))
''',
        {SIGMOID: R, NAIVE: R, NEG: R},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class HandIn:
    """name, text and file name, what is expected, and words of the only name that is given."""

    name: str
    file: str
    text: str
    verdicts: Mapping[str, str]
    words: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)


def notebook(cells: Sequence[str], old: bool = False) -> str:
    """A notebook of these code cells, with a text between; old: in the format of 2013."""
    made = [{"cell_type": "markdown", "source": ["# Word vectors\n", "$J = -\\log \\hat y_o$"]}]
    for cell in cells:
        source = {"input" if old else "source": cell.splitlines(keepends=True)}
        made.append({"cell_type": "code", "metadata": {}, "outputs": []} | source)
    if old:
        return json.dumps({"nbformat": 3, "worksheets": [{"cells": made}], "metadata": {}})
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": made, "metadata": {}})


def cells_of(text: str) -> list[str]:
    """The parts of a file, and the cells that people have between them."""
    first, *rest = text.strip().split("\n\n\n")
    return [f"%matplotlib inline\n{first}", *rest, "train(V, U, steps=40000)\nplt.show()"]


#: (author, form, what is special, text, its replacement, kinds, verdict, words of its first name)
ROWS = [
    *[(author, "py", "right", "", "", "", "", "") for author in AUTHORS],
    *[(author, "ipynb", "right", "", "", "", "", "") for author in ("ada", "ben", "cleo", "eve", "gil")],
    # one mistake
    ("ada", "py", "y added", "error[outside_idx] -= 1", "error[outside_idx] += 1", NAIVE, W, "ŷ + y instead of ŷ − y"),
    ("ada", "py", "add without at", "np.add.at(outside, rows, error[:, None] * center_vec)", "outside[rows] += error[:, None] * center_vec", NEG, W, "repeated negatives counted once"),
    ("ada", "ipynb", "a sign of all", "error = -signs * expit(-scores)", "error = signs * expit(-scores)", NEG, W, "wrong sign"),
    ("ada", "py", "mean of pairs", "return sum(p[0] for p in parts), center,", "return sum(p[0] for p in parts) / len(parts), center,", WINDOW, W, "divided by the number of outside words"),
    ("ben", "py", "no minus one", "delta = probs[w] - 1", "delta = probs[w]", NAIVE, W, "the −1 of the true word is missing"),
    ("ben", "py", "true word alone", "        else:\n            delta = probs[w]\n", "        else:\n            delta = 0\n", NAIVE, W, "only the outside word's row is written"),
    ("ben", "ipynb", "one more draw", "while k < K:", "while k <= K:", NEG, W, "one negative too many"),
    ("ben", "py", "mirrored", "grad[word][j] += (1 - q) * predicted[j]", "grad[word][j] += q * predicted[j]", NEG, W, "σ(−u_k·v_c) where σ(u_k·v_c) belongs"),
    ("ben", "py", "only rows of the window", "        cost += c\n", "        cost = c\n", WINDOW, W, "the loss of the last pair only"),
    ("ben", "py", "not divided", "return np.array([e / sum(exps) for e in exps])", "return np.array(exps)", f"{SOFTMAX}+{NAIVE}", W, "not divided by the sum"),
    ("ben", "py", "the last row", "return np.array([softmax(row) for row in x])", "for row in x:\n            result = softmax(row)\n        return result", SOFTMAX, W, ""),
    ("cleo", "py", "label one for all", "self._add(v_c, k, U, 0)", "self._add(v_c, k, U, 1)", NEG, W, "the minus inside the negatives' σ is missing"),
    ("cleo", "py", "outer turned", "np.outer(y_hat - y, v_c)", "np.outer(v_c, y_hat - y)", NAIVE, W, "transposed"),
    ("cleo", "ipynb", "target drawn", "            while k == o:\n                k = dataset.sampleTokenIdx()\n", "", NEG, W, "target among the negatives"),
    ("cleo", "py", "centre from U", "loss_and_gradient(V[ids[current]]", "loss_and_gradient(U[ids[current]]", WINDOW, W, "the centre vector is taken from U"),
    ("dev", "py", "weights lost", "dot(d, U), multiply.outer", "U.sum(axis=0) - U[o], multiply.outer", NAIVE, W, "without their probabilities"),
    ("dev", "py", "no centre", "pick.T @ outer([g for _, g, _ in terms], v)", "pick.T @ outer([g for _, g, _ in terms], ones(len(v)))", NEG, W, "missing centre vector"),
    ("dev", "ipynb", "first pair only", "for w in around]", "for w in around[:1]]", WINDOW, W, "only the first pair is kept"),
    ("eve", "py", "minus in the exponent", "np.exp(-x)", "np.exp(x)", f"{SIGMOID}+{NEG}", W, "wrong sign: σ(−x) instead of σ(x)"),
    ("eve", "py", "log of the sum", "np.sum(np.log(sk))", "np.log(np.sum(sk))", NEG, W, ""),
    ("eve", "py", "row of the true word", "gradOutsideVecs[outsideWordIdx] = (so - 1) * centerWordVec\n", "\n", NEG, W, "the outside word's row is never written"),
    ("eve", "py", "return in the loop", "        gradOutsideVectors += jOutside\n    ### END YOUR CODE\n    return", "        gradOutsideVectors += jOutside\n        return", WINDOW, W, "return inside the loop"),
    ("eve", "ipynb", "gradient not added", "gradCenterVecs[centerIdx, :] += jCenter", "gradCenterVecs[centerIdx, :] = jCenter", WINDOW, W, "only the last pair is kept"),
    ("eve", "py", "loss without minus", "loss = -1 * np.log(probs)", "loss = np.log(probs)", NAIVE, W, "the minus of the loss is missing"),
    ("fay", "py", "columns normalised", "np.exp(s).sum(1, keepdims=True), (1, s.shape[1])", "np.exp(s).sum(0, keepdims=True), (s.shape[0], 1)", f"{SOFTMAX}+{NAIVE}", W, ""),
    ("fay", "py", "all negatives in each row", "for w, e in zip(words, a - t):\n        grads[w] += e * v", "for w, e in zip(words, a - t):\n        grads[w] += (a - t)[1:].sum() * v if w != outside_word_idx else e * v", NEG, W, "all negatives summed into each row"),
    ("gil", "py", "mean of negatives", "weight = count * up\n", "weight = count * up / K\n", NEG, W, "the negatives are averaged"),
    ("gil", "py", "derivative", "return np.where(x < 0, e, 1) / (1 + e)", "s = np.where(x < 0, e, 1) / (1 + e)\n        return s * (1 - s)", f"{SIGMOID}+{NEG}", W, "the derivative of sigmoid"),
    ("hal", "py", "mean of losses", "F.logsigmoid(-U[ks] @ v).sum()", "F.logsigmoid(-U[ks] @ v).mean()", NEG, W, "the negatives are averaged"),
    # odd
    ("eve", "py", "BOM and CRLF", "\n", "\r\n", "", "", ""),
    ("eve", "py", "handed out by a file with a mistake", "", "", NAIVE, W, ""),
    ("eve", "py", "no dataset asked", "negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)", "negSampleWordIndices = [random.randint(0, 2) for _ in range(K)]", NEG, W, "not drawn from dataset"),
    ("eve", "py", "changes U", "uo = outsideVectors[outsideWordIdx]\n", "outsideVectors -= outsideVectors.mean()\n    uo = outsideVectors[outsideWordIdx]\n", NEG, W, "input mutated in place"),
    ("eve", "py", "fixed size", "gradCenterVecs = np.zeros(centerWordVectors.shape)", "gradCenterVecs = np.zeros((5, 3))", WINDOW, E, ""),
    ("eve", "py", "a name that is not there", "loss = loss + jLoss", "loss = loss + jloss", WINDOW, E, ""),
    ("eve", "py", "to do", "    ### YOUR CODE HERE (~1 Line)\n    s = 1.0 / (1.0 + np.exp(-x))\n    ### END YOUR CODE\n    return s", "    ### YOUR CODE HERE (~1 Line)\n    ### END YOUR CODE\n    raise NotImplementedError", SIGMOID, "not implemented yet", ""),
    ("fay", "py", "zeros so far", "    for w in outside_words:\n", "    for w in []:\n", WINDOW, "not implemented yet", ""),
    ("ada", "py", "grows between calls", "outside = np.zeros_like(outside_vecs)\n    np.add", "outside = KEPT.setdefault(outside_vecs.shape, np.zeros_like(outside_vecs))\n    np.add", NEG, W, "kept from one call to the next"),
    ("ada", "py", "results in another order", "return Gradients(-log_p[outside_idx], error @ outside_vecs, error[:, None] * center_vec)", "return -log_p[outside_idx], error[:, None] * center_vec, error @ outside_vecs", NAIVE, W, "wrong order"),
    ("ben", "py", "prints at import, and for every call", "def dot(a, b):\n", "print('loading ' * 1000)\n\n\ndef dot(a, b):\n    print(len(a))\n", "", "", ""),
    ("cleo", "py", "a class that wants a size", "    EPS = 0.0\n", "    EPS = 0.0\n\n    def __init__(self, size):\n        self.size = size\n", f"{NAIVE}+{NEG}+{WINDOW}", E, ""),
    ("gil", "py", "cached", "class Logistic:\n    def __call__(self, x):\n", "class Logistic:\n    @functools.lru_cache\n    def __call__(self, x):\n", f"{SIGMOID}+{NEG}", E, ""),
    ("ada", "ipynb", "in the old format", "", "", "", "", ""),
    ("eve", "ipynb", "a value that only a cell has", "loss = 0.0\n    gradCenterVecs", "loss = START\n    gradCenterVecs", WINDOW, E, ""),
    ("gil", "ipynb", "defined twice, the last one counts", "class Logistic:", "def sigmoid(x):\n    return x\n\n\nclass Logistic:", "", "", ""),
    ("eve", "ipynb", "downloads and shell", "import random\n", "import random\n!wget https://example.org/data.zip\nfiles = !ls\n", "", "", ""),
    ("hal", "ipynb", "dropped minus", "loss = -F.logsigmoid(U[o] @ v)", "loss = F.logsigmoid(U[o] @ v)", NEG, W, "wrong sign in the outside word's term"),
]  # fmt: skip


def hand_ins() -> list[HandIn]:
    """All sixty."""
    return [_made(*row) for row in ROWS]


def _made(author, form, label, old, new, kind, verdict, words) -> HandIn:
    by = AUTHORS[author]
    text = by.text.lstrip()
    assert old in text, (author, label)
    text = text.replace(old, new) if old else text
    beside = dict(by.beside)
    verdicts = dict(by.verdicts) | {one: verdict for one in kind.split("+") if one}
    if label == "to do":  # what calls it fails with it
        verdicts[NEG] = E
    if label == "BOM and CRLF":
        text = f"\ufeff{text}"
    if "KEPT" in text:
        text = text.replace("Vec = ", "KEPT: dict = {}\nVec = ")
    if label == "handed out by a file with a mistake":
        beside["utils/utils.py"] = (
            "import numpy as np\nnormalizeRows = None\ndef softmax(x):\n    return np.exp(x) / np.exp(x).max()\n"
        )
        beside["utils/gradcheck.py"] = "gradcheck_naive = grad_tests_softmax = None\n"
    if form == "ipynb":
        cells = cells_of(text)
        if "only a cell has" in label:
            cells.insert(1, "START = np.zeros(3)[0]")
        text = notebook(cells, old="old format" in label)
    file = f"hand_in.{form}"
    return HandIn(f"{author}.{form}: {label}", file, text, verdicts, words, by.mapping, beside)
