"""One SGD step of each loss in vectorised NumPy: loss and gradients of a batch of windows.

Pure functions of arrays, no randomness: the formulas of `w2v_cli.equations` for many pairs at
once. There is no loop over pairs, and negative sampling touches only the rows that occur.
"""

from dataclasses import dataclass

import numpy as np

from w2v_cli.arrays import Array

#: Below this, exp(score) and a sum of a million of them stay far inside float32.
LARGEST_PLAIN_SCORE = 50.0


@dataclass(frozen=True)
class RowGradient:
    """A gradient that is zero but for some rows: `values[i]` belongs to row `rows[i]`.

    rows: distinct, rising, shape (n,). values: shape (n, D).
    """

    rows: Array
    values: Array


def sum_rows(rows: Array, values: Array) -> RowGradient:
    """Add up the values, shape (n, D), that go to the same row, shape (n,)."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return RowGradient(ordered[starts], np.add.reduceat(values[order], starts, axis=0))


def sigmoid(x: Array) -> Array:
    """σ(x) without overflow, element by element, in the precision of x."""
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, e) / (1 + e))


def negative_sampling_step(
    center_vectors: Array, outside_vectors: Array, centers: Array, outsides: Array, negatives: Array
) -> tuple[float, RowGradient, RowGradient]:
    """Negative sampling over P pairs with given draws.

    centers, outsides: word ids, shape (P,). negatives: word ids, shape (P, K); one that equals
    its pair's outside word is skipped.
    Returns the sum of the pair losses and the gradients of that sum for centre and outside rows.
    Stacked form: g = σ(U_{o,1..K} v_c) − (1, 0, …, 0), ∂v_c = U_{o,1..K}ᵀ g, ∂U = g v_cᵀ.
    """
    words = np.concatenate([outsides[:, None], negatives], axis=1)
    v = center_vectors[centers]
    u = outside_vectors[words]
    scores = np.matmul(u, v[:, :, None])[:, :, 0]
    counted = words != outsides[:, None]
    counted[:, 0] = True
    g = sigmoid(scores)
    g *= counted
    g[:, 0] -= 1
    signed = scores
    signed[:, 0] *= -1
    loss = float(np.sum(np.logaddexp(0, signed), where=counted, dtype=np.float64))
    grad_center = np.matmul(g[:, None, :], u)[:, 0, :]
    grad_outside = g[:, :, None] * v[:, None, :]
    return (
        loss,
        sum_rows(centers, grad_center),
        sum_rows(words.ravel(), grad_outside.reshape(-1, v.shape[1])),
    )


def naive_softmax_step(
    center_vectors: Array, outside_vectors: Array, centers: Array, which: Array, outsides: Array
) -> tuple[float, RowGradient, Array]:
    """Naive softmax over W windows.

    centers: the centre word of each window, shape (W,). which, outsides: window and outside word
    of each pair, shape (P,).
    Returns the sum of the pair losses −log ŷ_o, and its gradients: centre rows, and the outside
    matrix, shape (V, D), which is dense because softmax touches every word.
    With n the pairs of a window and y their counts: ∂scores = n ŷ − y. The two terms are
    multiplied out apart, since y has few entries that are not zero.
    """
    v = center_vectors[centers]
    exponentials, total, log_total = _exponentials(v, outside_vectors)
    true_scores = np.einsum("pd,pd->p", v[which], outside_vectors[outsides])
    n_pairs = np.bincount(which, minlength=len(centers))
    loss = float(n_pairs @ log_total) - float(true_scores.sum(dtype=np.float64))
    share = (n_pairs / total).astype(v.dtype)[:, None]
    grad_center = share * (exponentials @ outside_vectors)
    _subtract_rows(grad_center, sum_rows(which, outside_vectors[outsides]))
    grad_outside = exponentials.T @ (share * v)
    _subtract_rows(grad_outside, sum_rows(outsides, v[which]))
    return loss, sum_rows(centers, grad_center), grad_outside


def _subtract_rows(matrix: Array, rows: RowGradient) -> None:
    matrix[rows.rows] -= rows.values


def _exponentials(v: Array, outside_vectors: Array) -> tuple[Array, Array, Array]:
    """Return exp(scores − top), shape (W, V), its sums, shape (W,), and log Σ exp(scores).

    The usual shift, top = the largest score, is omitted where nothing overflows without it.
    """
    scores = v @ outside_vectors.T
    tops = scores.max(axis=1)
    if not LARGEST_PLAIN_SCORE > tops.max() >= tops.min() > -LARGEST_PLAIN_SCORE:
        scores -= tops[:, None]
    else:
        tops = np.zeros_like(tops)
    np.exp(scores, out=scores)
    total = scores.sum(axis=1)
    return scores, total, tops + np.log(total.astype(np.float64))
