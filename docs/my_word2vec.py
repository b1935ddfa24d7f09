"""A solution of CS224n's word2vec exercise, to try `w2v gradcheck --file docs/my_word2vec.py`.

Change a sign or leave out a term, and see what the grader says. Words are rows of the matrices.
"""

import numpy as np


def sigmoid(x):
    """σ(x), for numbers and arrays."""
    return 1 / (1 + np.exp(-x))


def softmax(x):
    """Probabilities that are proportional to eˣ, along the last axis."""
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def naive_softmax_loss_and_gradient(center_vector, outside_index, outside_vectors, dataset):
    """The loss of one pair against all words; gradients of v_c and of all rows of U."""
    y_hat = softmax(outside_vectors @ center_vector)
    delta = y_hat.copy()
    delta[outside_index] -= 1  # ŷ − y
    loss = -np.log(y_hat[outside_index])
    return loss, outside_vectors.T @ delta, np.outer(delta, center_vector)


def get_negative_samples(outside_index, dataset, n_negatives):
    """Draw words until n_negatives are not the outside word."""
    indices = []
    while len(indices) < n_negatives:
        index = dataset.sampleTokenIdx()
        if index != outside_index:
            indices.append(index)
    return indices


def neg_sampling_loss_and_gradient(
    center_vector, outside_index, outside_vectors, dataset, n_negatives=10
):
    """The loss of one pair against drawn words; gradients of v_c and of all rows of U."""
    negatives = get_negative_samples(outside_index, dataset, n_negatives)
    indices = np.array([outside_index, *negatives])
    vectors = outside_vectors[indices]
    signs = np.array([1.0] + [-1.0] * n_negatives)
    probabilities = sigmoid(signs * (vectors @ center_vector))
    delta = signs * (probabilities - 1)  # ∂loss/∂score
    grad_outside = np.zeros(outside_vectors.shape)
    np.add.at(grad_outside, indices, np.outer(delta, center_vector))  # a word may be drawn twice
    return -np.log(probabilities).sum(), vectors.T @ delta, grad_outside


def skipgram(
    center_word,
    window_size,
    outside_words,
    word_to_index,
    center_vectors,
    outside_vectors,
    dataset,
    loss_and_gradient=naive_softmax_loss_and_gradient,
):
    """The sum over the words of one window; only the centre word's row has a gradient."""
    loss = 0.0
    grad_center = np.zeros(center_vectors.shape)
    grad_outside = np.zeros(outside_vectors.shape)
    c = word_to_index[center_word]
    for word in outside_words:
        pair_loss, grad_c, grad_u = loss_and_gradient(
            center_vectors[c], word_to_index[word], outside_vectors, dataset
        )
        loss += pair_loss
        grad_center[c] += grad_c
        grad_outside += grad_u
    return loss, grad_center, grad_outside
