"""Slow twins: loops over single pairs, written from the equations, in float64."""

import numpy as np

from w2v_cli.equations.naive_softmax import naive_softmax
from w2v_cli.equations.negative_sampling import negative_sampling


def negative_sampling_batch(center, outside, centers, outsides, negatives):
    """Sum of loss and gradients over pairs; a negative equal to the outside word is skipped."""
    center, outside = np.asarray(center, float), np.asarray(outside, float)
    loss, grad_center, grad_outside = 0.0, np.zeros_like(center), np.zeros_like(outside)
    for c, o, drawn in zip(centers, outsides, negatives, strict=True):
        kept = [k for k in drawn if k != o]
        pair = negative_sampling(center[c], o, kept, outside)
        loss += pair.loss
        grad_center[c] += pair.grad_center
        grad_outside += pair.grad_outside
    return loss, grad_center, grad_outside


def naive_softmax_batch(center, outside, centers, which, outsides):
    """Sum of loss and gradients over the pairs of some windows."""
    center, outside = np.asarray(center, float), np.asarray(outside, float)
    loss, grad_center, grad_outside = 0.0, np.zeros_like(center), np.zeros_like(outside)
    for window, o in zip(which, outsides, strict=True):
        c = centers[window]
        pair = naive_softmax(center[c], o, outside)
        loss += pair.loss
        grad_center[c] += pair.grad_center
        grad_outside += pair.grad_outside
    return loss, grad_center, grad_outside


def pairs_of(documents, radius_at):
    """All (centre, outside) pairs of documents of ids; radius_at(document, place) gives m."""
    return [
        (document[t], document[t + j])
        for d, document in enumerate(documents)
        for t in range(len(document))
        for j in range(-radius_at(d, t), radius_at(d, t) + 1)
        if j != 0 and 0 <= t + j < len(document)
    ]


def dense(gradient, shape):
    """A RowGradient as a full matrix."""
    full = np.zeros(shape)
    full[gradient.rows] = gradient.values
    return full
