"""A right solution in the signatures of 2015: no dataset among the arguments."""

import numpy as np


def sigmoid(x):
    x = np.asarray(x, dtype=float)
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    out[~positive] = e / (1 + e)
    return out


def softmax(x):
    if x.ndim > 1:
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    e = np.exp(x - x.max())
    return e / e.sum()


def softmaxCostAndGradient(predicted, target, outputVectors):
    scores = outputVectors.dot(predicted)
    top = scores.max()
    cost = top + np.log(np.exp(scores - top).sum()) - scores[target]
    delta = softmax(scores)
    delta[target] -= 1
    return cost, outputVectors.T.dot(delta), delta[:, None] * predicted


def negSamplingCostAndGradient(predicted, target, outputVectors, K=10):
    indices = [target]
    while len(indices) < K + 1:
        k = dataset.sampleTokenIdx()
        if k != target:
            indices.append(k)
    vectors = outputVectors[indices]
    labels = np.zeros(K + 1)
    labels[0] = 1
    scores = vectors.dot(predicted)
    cost = np.logaddexp(0, np.where(labels == 1, -scores, scores)).sum()
    delta = sigmoid(scores) - labels
    grad = np.zeros_like(outputVectors)
    for i, k in enumerate(indices):
        grad[k] += delta[i] * predicted
    return cost, vectors.T.dot(delta), grad


def skipgram(
    currentWord,
    C,
    contextWords,
    tokens,
    inputVectors,
    outputVectors,
    word2vecCostAndGradient=softmaxCostAndGradient,
):
    cost, gradIn = 0.0, np.zeros_like(inputVectors)
    gradOut = np.zeros_like(outputVectors)
    j = tokens[currentWord]
    for word in contextWords:
        c, gin, gout = word2vecCostAndGradient(inputVectors[j], tokens[word], outputVectors)
        cost, gradOut = cost + c, gradOut + gout
        gradIn[j] += gin
    return cost, gradIn, gradOut
