"""A right solution with one column a word, in snake case."""

import numpy as np


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


def naive_softmax_loss_and_gradient(center_word_vec, outside_word_idx, outside_vectors, dataset):
    y_hat = softmax(outside_vectors.T @ center_word_vec)
    y = np.zeros_like(y_hat)
    y[outside_word_idx] = 1
    loss = -np.log(y_hat[outside_word_idx])
    return loss, outside_vectors @ (y_hat - y), np.outer(center_word_vec, y_hat - y)


def neg_sampling_loss_and_gradient(
    center_word_vec, outside_word_idx, outside_vectors, dataset, K=10
):
    draws = []
    while len(draws) < K:
        k = dataset.sampleTokenIdx()
        if k != outside_word_idx:
            draws.append(k)
    columns = [outside_word_idx, *draws]
    U = outside_vectors[:, columns]
    g = 1 / (1 + np.exp(-(U.T @ center_word_vec)))
    signs = np.array([1] + [-1] * K)
    loss = -np.log(1 / (1 + np.exp(-signs * (U.T @ center_word_vec)))).sum()
    g[0] -= 1
    grad = np.zeros_like(outside_vectors)
    np.add.at(grad.T, columns, np.outer(g, center_word_vec))
    return loss, U @ g, grad


def skip_gram(
    current_center_word,
    window_size,
    outside_words,
    word2ind,
    center_word_vectors,
    outside_vectors,
    dataset,
    word2vec_loss_and_gradient,
):
    loss = 0.0
    grad_center_vecs = np.zeros(center_word_vectors.shape)
    grad_outside_vectors = np.zeros(outside_vectors.shape)
    c = word2ind[current_center_word]
    for word in outside_words:
        a, b, d = word2vec_loss_and_gradient(
            center_word_vectors[:, c], word2ind[word], outside_vectors, dataset
        )
        loss += a
        grad_center_vecs[:, c] += b
        grad_outside_vectors += d
    return loss, grad_center_vecs, grad_outside_vectors
