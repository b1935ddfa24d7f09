"""A right solution in the signatures of the older assignments (2016-2018)."""

import numpy as np
from q1_softmax import softmax
from q2_sigmoid import sigmoid


def normalizeRows(x):
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    y_hat = softmax(np.dot(outputVectors, predicted)).reshape(-1, 1)
    cost = -np.log(y_hat[target])
    delta = y_hat
    delta[target] -= 1.0
    grad = np.dot(delta, predicted.reshape(1, -1))
    gradPred = np.dot(delta.T, outputVectors)
    return cost, gradPred, grad


def getNegativeSamples(target, dataset, K):
    indices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == target:
            newidx = dataset.sampleTokenIdx()
        indices[k] = newidx
    return indices


def negSamplingCostAndGradient(predicted, target, outputVectors, dataset, K=10):
    indices = [target]
    indices.extend(getNegativeSamples(target, dataset, K))
    labels = np.array([1] + [-1] * K)
    vectors = outputVectors[indices, :]
    likely = sigmoid(labels * vectors.dot(predicted))
    cost = -np.sum(np.log(likely))
    delta = labels * (likely - 1)
    gradPred = delta.dot(vectors)
    grad = np.zeros(outputVectors.shape)
    np.add.at(grad, indices, np.outer(delta, predicted))
    return cost, gradPred, grad


def skipgram(
    currentWord,
    C,
    contextWords,
    tokens,
    inputVectors,
    outputVectors,
    dataset,
    word2vecCostAndGradient=softmaxCostAndGradient,
):
    cost = 0.0
    gradIn = np.zeros(inputVectors.shape)
    gradOut = np.zeros(outputVectors.shape)
    j = tokens[currentWord]
    for word in contextWords:
        c, gin, gout = word2vecCostAndGradient(
            inputVectors[j], tokens[word], outputVectors, dataset
        )
        cost += c
        gradIn[j] += np.asarray(gin).ravel()
        gradOut += gout
    return cost, gradIn, gradOut
