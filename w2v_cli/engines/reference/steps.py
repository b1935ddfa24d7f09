"""One SGD step of each loss in vectorised NumPy: loss and gradients of a batch of predictions.

Pure functions of arrays, no randomness: the formulas of `w2v_cli.equations` for many of
them at once. There is no loop over pairs, and negative sampling touches only the rows that occur.
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
    inputs: Array, outside_vectors: Array, which: Array, targets: Array, negatives: Array
) -> tuple[float, Array, RowGradient]:
    """Negative sampling over P predictions with given draws.

    inputs: the vectors that predict, (R, D): v_c in skip-gram, h in CBOW. which, targets: the
    input and the word o that it predicts, (P,), which rising. negatives: word ids, (P, K); one
    that equals its prediction's o is skipped.
    Returns the sum of the losses and the gradients of that sum: of the inputs, (R, D), and of
    outside rows.
    Stacked form: g = σ(U_{o,1..K} v_c) − (1, 0, …, 0), ∂v_c = U_{o,1..K}ᵀ g, ∂U = g v_cᵀ.
    """
    words = np.concatenate([targets[:, None], negatives], axis=1)
    v = inputs[which]
    u = outside_vectors[words]
    scores = np.matmul(u, v[:, :, None])[:, :, 0]
    counted = words != targets[:, None]
    counted[:, 0] = True
    g = sigmoid(scores)
    g *= counted
    g[:, 0] -= 1
    signed = scores
    signed[:, 0] *= -1
    loss = float(np.sum(np.logaddexp(0, signed), where=counted, dtype=np.float64))
    grad_inputs = np.zeros_like(inputs)
    _add_rows(grad_inputs, sum_rows(which, np.matmul(g[:, None, :], u)[:, 0, :]))
    grad_outside = g[:, :, None] * v[:, None, :]
    return loss, grad_inputs, sum_rows(words.ravel(), grad_outside.reshape(-1, v.shape[1]))


def naive_softmax_step(
    inputs: Array, outside_vectors: Array, which: Array, targets: Array
) -> tuple[float, Array, Array]:
    """Naive softmax over P predictions.

    inputs, which, targets: as in `negative_sampling_step`.
    Returns the sum of the losses −log ŷ_o, and its gradients: of the inputs, (R, D), and of the
    outside matrix, (V, D), which is dense because softmax touches every word.
    With n the predictions of an input and y their counts: ∂scores = n ŷ − y. The two terms are
    multiplied out apart, since y has few entries that are not zero.
    """
    v = inputs
    exponentials, total, log_total = _exponentials(v, outside_vectors)
    true_scores = np.einsum("pd,pd->p", v[which], outside_vectors[targets])
    n_pairs = np.bincount(which, minlength=len(v))
    loss = float(n_pairs @ log_total) - float(true_scores.sum(dtype=np.float64))
    share = (n_pairs / total).astype(v.dtype)[:, None]
    grad_inputs = share * (exponentials @ outside_vectors)
    _subtract_rows(grad_inputs, sum_rows(which, outside_vectors[targets]))
    grad_outside = exponentials.T @ (share * v)
    _subtract_rows(grad_outside, sum_rows(targets, v[which]))
    return loss, grad_inputs, grad_outside


def _add_rows(matrix: Array, rows: RowGradient) -> None:
    matrix[rows.rows] += rows.values


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
