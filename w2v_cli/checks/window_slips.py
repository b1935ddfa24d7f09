"""Slips in the skip-gram window and in subwords."""

from collections.abc import Callable, Sequence

import numpy as np

from w2v_cli.checks.functions import Slip, SubwordLoss, WindowLoss, after, combined, cut_off
from w2v_cli.equations import (
    Array,
    LossAndGradients,
    PairLoss,
    mean_matrix,
    outside_positions,
    skip_gram,
    subwords,
)

# The skip-gram window, with the signature `(words, t, radius, V, U, pair_loss)`.


def _with_center(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, grad_outside = skip_gram(words, t, radius, V, U, pair_loss)
    own = pair_loss(V[words[t]], words[t], U)
    grad_center[words[t]] += own.grad_center
    return LossAndGradients(loss + own.loss, grad_center, grad_outside + own.grad_outside)


def _mean(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    n = max(1, len(outside_positions(t, radius, len(words))))
    window = skip_gram(words, t, radius, V, U, pair_loss)
    return combined(1 / n, window, 0.0, window)


def _over_radius(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    n = 2 * radius
    window = skip_gram(words, t, radius, V, U, pair_loss)
    return combined(1 / n, window, 0.0, window)


def _last_pair(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, _ = skip_gram(words, t, radius, V, U, pair_loss)
    last = outside_positions(t, radius, len(words))[-1]
    pair = pair_loss(V[words[t]], words[last], U)
    grad_center[words[t]] = pair.grad_center
    return LossAndGradients(loss, grad_center, pair.grad_outside)


def _outside_rows(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, _, grad_outside = skip_gram(words, t, radius, V, U, pair_loss)
    grad_center = np.zeros_like(V)
    for position in outside_positions(t, radius, len(words)):
        pair = pair_loss(V[words[t]], words[position], U)
        grad_center[words[position]] += pair.grad_center
    return LossAndGradients(loss, grad_center, grad_outside)


def _every_center(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, grad_outside = skip_gram(words, t, radius, V, U, pair_loss)
    grad_center = np.zeros_like(V) + grad_center[words[t]]
    return LossAndGradients(loss, grad_center, grad_outside)


def _with_loss(change: Callable[[list[float]], float]) -> WindowLoss:
    """Make a window whose loss is another function of the pairs' losses."""

    def mutated(
        words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
    ) -> LossAndGradients:
        outside = outside_positions(t, radius, len(words))
        losses = [pair_loss(V[words[t]], words[i], U).loss for i in outside]
        return skip_gram(words, t, radius, V, U, pair_loss)._replace(loss=change(losses))

    return mutated


def _of_words(change: Callable[[list[int], int, int], list[int]]) -> WindowLoss:
    """Make a window of other outside words: a function of them, the radius and the centre word."""

    def mutated(
        words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
    ) -> LossAndGradients:
        outside = [int(words[i]) for i in outside_positions(t, radius, len(words))]
        chain = [int(words[t]), *change(outside, radius, int(words[t]))]
        return skip_gram(chain, 0, len(chain), V, U, pair_loss)

    return mutated


def _center_from_outside(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    return skip_gram(words, t, radius, U, U, pair_loss)


def _own_rows(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    window = skip_gram(words, t, radius, V, U, pair_loss)
    grad_outside = np.zeros_like(U)
    for position in outside_positions(t, radius, len(words)):
        o = words[position]
        grad_outside[o] += pair_loss(V[words[t]], o, U).grad_outside[o]
    return window._replace(grad_outside=grad_outside)


def _zero_gradient(which: str) -> WindowLoss:
    """Make a window that leaves one of its gradients at 0."""

    def zeroed(x: LossAndGradients) -> LossAndGradients:
        return x._replace(**{which: np.zeros_like(getattr(x, which))})

    return after(skip_gram, zeroed)


def _roles_swapped(
    words: Sequence[int], t: int, radius: int, V: Array, U: Array, pair_loss: PairLoss
) -> LossAndGradients:
    loss, grad_center, grad_outside = 0.0, np.zeros_like(V), np.zeros_like(U)
    for position in outside_positions(t, radius, len(words)):
        pair = pair_loss(V[words[position]], words[t], U)
        loss += pair.loss
        grad_center[words[position]] += pair.grad_center
        grad_outside += pair.grad_outside
    return LossAndGradients(loss, grad_center, grad_outside)


WINDOW_SLIPS = (
    Slip(
        "window-center-word",
        "skip_gram",
        "the centre word counts as its own outside word",
        "Σ_{−m≤j≤m} …",
        "Σ_{−m≤j≤m, j≠0} …",
        "The window excludes its middle.",
        _with_center,
        ("window-loss",),
    ),
    Slip(
        "window-mean",
        "skip_gram",
        "mean for sum: divided by the number of outside words",
        "(1/n) Σ_j …",
        "Σ_j …",
        "The loss of a window is the sum over its pairs.",
        _mean,
        ("window-loss",),
    ),
    Slip(
        "window-over-radius",
        "skip_gram",
        "mean for sum: divided by 2 × the window size",
        "(1/2m) Σ_j …",
        "Σ_j …",
        "The loss of a window is the sum over its pairs.",
        _over_radius,
        ("window-loss",),
    ),
    Slip(
        "window-last-pair",
        "skip_gram",
        "only the last pair is kept: = instead of +=",
        "grad = … inside the loop",
        "grad += …",
        "Gradients of a sum add up.",
        _last_pair,
        ("window-center", "window-outside"),
    ),
    Slip(
        "window-last-loss",
        "skip_gram",
        "the loss of the last pair only: = instead of +=",
        "loss = l inside the loop",
        "loss += l",
        "The loss of a window is the sum over its pairs.",
        _with_loss(lambda losses: losses[-1]),
        ("window-loss",),
    ),
    Slip(
        "window-first-pair",
        "skip_gram",
        "only the first pair is kept: return inside the loop",
        "return indented into the loop over the outside words",
        "return after the loop",
        "The loop must see every outside word before the sums are returned.",
        _of_words(lambda outside, radius, center: outside[:1]),
        ("window-loss",),
    ),
    Slip(
        "window-counted-loss",
        "skip_gram",
        "the loss counts the pairs: += 1 instead of += l",
        "loss += 1",
        "loss += l",
        "The loss of a window is the sum of its pairs' losses.",
        _with_loss(lambda losses: float(len(losses))),
        ("window-loss",),
    ),
    Slip(
        "window-no-loss",
        "skip_gram",
        "the loss is never added up: it stays 0",
        "loss = 0.0, and no loss += l",
        "loss += l",
        "The loss of a window is the sum of its pairs' losses.",
        _with_loss(lambda losses: 0.0),
        ("window-loss",),
    ),
    Slip(
        "window-first-words",
        "skip_gram",
        "only the first words of the window: outsideWords[:windowSize]",
        "outsideWords[:windowSize]",
        "all of outsideWords",
        "outsideWords already is the window: up to windowSize words on each side.",
        _of_words(lambda outside, radius, center: outside[:radius]),
        ("window-loss",),
    ),
    Slip(
        "window-later-words",
        "skip_gram",
        "the first words of the window are left out: outsideWords[windowSize:]",
        "outsideWords[windowSize:]",
        "all of outsideWords",
        "outsideWords already is the window: up to windowSize words on each side.",
        _of_words(lambda outside, radius, center: outside[radius:]),
        ("window-loss",),
    ),
    Slip(
        "window-words-before",
        "skip_gram",
        "only the words before the centre word",
        "Σ_{−m≤j<0} …",
        "Σ_{−m≤j≤m, j≠0} …",
        "The window reaches to both sides.",
        _of_words(lambda outside, radius, center: outside[: len(outside) // 2]),
        ("window-loss",),
    ),
    Slip(
        "window-words-after",
        "skip_gram",
        "only the words after the centre word",
        "Σ_{0<j≤m} …",
        "Σ_{−m≤j≤m, j≠0} …",
        "The window reaches to both sides.",
        _of_words(lambda outside, radius, center: outside[len(outside) // 2 :]),
        ("window-loss",),
    ),
    Slip(
        "window-center-word-skipped",
        "skip_gram",
        "outside words equal to the centre word are skipped",
        "w_{t+j} ≠ w_t",
        "j ≠ 0",
        "Only the middle position is left out. The centre word may come again beside it.",
        _of_words(lambda outside, radius, center: [w for w in outside if w != center]),
        ("window-loss",),
    ),
    Slip(
        "window-center-from-outside",
        "skip_gram",
        "the centre vector is taken from U",
        "outsideVectors[c]",
        "centerWordVectors[c]",
        "The centre word's vector is v_c, from V; only outside words have their vectors in U.",
        _center_from_outside,
        ("window-loss",),
    ),
    Slip(
        "window-own-rows",
        "skip_gram",
        "only the outside word's row of each pair's gradients is added",
        "gradOutsideVectors[o] += grad[o]",
        "gradOutsideVectors += grad",
        "A pair's loss may have gradients in many rows of U: naive softmax has them in all.",
        _own_rows,
        ("window-outside",),
    ),
    Slip(
        "window-no-center-gradient",
        "skip_gram",
        "the centre gradients are never written: all 0",
        "no gradCenterVecs[c] += …",
        "gradCenterVecs[c] += …",
        "np.zeros is only the start; add every pair's gradient to it.",
        _zero_gradient("grad_center"),
        ("window-center",),
    ),
    Slip(
        "window-no-outside-gradient",
        "skip_gram",
        "the outside gradients are never written: all 0",
        "no gradOutsideVectors += …",
        "gradOutsideVectors += …",
        "np.zeros is only the start; add every pair's gradients to it.",
        _zero_gradient("grad_outside"),
        ("window-outside",),
    ),
    Slip(
        "window-outside-rows",
        "skip_gram",
        "centre gradients added to the outside words' rows",
        "gradCenterVecs[o] += …",
        "gradCenterVecs[c] += …",
        "All pairs of the window share v_c; the gradients of all other centre vectors are 0.",
        _outside_rows,
        ("window-center", "window-other-centers"),
    ),
    Slip(
        "window-every-center",
        "skip_gram",
        "the centre gradient is added to every row",
        "gradCenterVecs += …",
        "gradCenterVecs[c] += …",
        "∂J/∂v_w = 0 for every other word w.",
        _every_center,
        ("window-center", "window-other-centers"),
    ),
    Slip(
        "window-roles-swapped",
        "skip_gram",
        "centre and outside words swapped",
        "outside words predict the centre word",
        "the centre word predicts each outside word",
        "Pass the vector of the centre word and the id of the outside word.",
        _roles_swapped,
        ("window-loss",),
    ),
    Slip(
        "window-distinct",
        "skip_gram",
        "repeated outside words counted once",
        "a set of the outside words",
        "one pair for every position",
        "A word that appears twice in the window makes two pairs.",
        _of_words(lambda outside, radius, center: sorted(set(outside))),
        ("window-loss",),
    ),
    Slip(
        "window-integer",
        "skip_gram",
        "dtype integer: fractions are lost",
        "np.zeros(shape, dtype=int)",
        "np.zeros(shape), which is float",
        "NumPy drops the fractions of numbers written into an integer array.",
        after(skip_gram, cut_off),
        ("window-loss",),
    ),
)


# Subwords, with the signature `(rows, o, Z, U, pair_loss)`.


Rows = Sequence[int]


def _spread(share: Callable[[Rows, int], Array]) -> SubwordLoss:
    """Make a loss that distributes ∂J/∂v_c over the rows differently.

    share: `(rows of the word, n_rows)` to the share of each row, `(n_rows,)`.
    """

    def mutated(rows: Rows, o: int, Z: Array, U: Array, pair_loss: PairLoss) -> LossAndGradients:
        loss, grad_v, grad_outside = pair_loss(Z[list(rows)].mean(axis=0), o, U)
        return LossAndGradients(loss, np.outer(share(rows, len(Z)), grad_v), grad_outside)

    return mutated


def _whole(rows: Rows, n_rows: int) -> Array:
    return np.bincount(rows, minlength=n_rows).astype(np.float64)


def _once(rows: Rows, n_rows: int) -> Array:
    return np.minimum(_whole(rows, n_rows), 1.0) / len(rows)


def _own_row_only(rows: Rows, n_rows: int) -> Array:
    return np.asarray(np.eye(n_rows)[rows[0]])


def _changed(change: Callable[[Rows], Rows]) -> SubwordLoss:
    """Make a loss that uses a changed list of rows."""

    def mutated(rows: Rows, o: int, Z: Array, U: Array, pair_loss: PairLoss) -> LossAndGradients:
        return subwords(change(rows), o, Z, U, pair_loss)

    return mutated


def _sum(rows: Rows, o: int, Z: Array, U: Array, pair_loss: PairLoss) -> LossAndGradients:
    n = len(rows)
    loss, grad_rows, grad_outside = subwords(rows, o, n * Z, U, pair_loss)
    return LossAndGradients(loss, n * grad_rows, grad_outside)


def _counts_matrix(groups: Sequence[Rows], n_rows: int) -> Array:
    return np.asarray([len(rows) for rows in groups])[:, None] * mean_matrix(groups, n_rows)


_MEAN = "v_c = (1/n) Σ_{r∈G(c)} z_r"
_GRADIENT = "∂J/∂z_r = (n_r/n) ∂J/∂v_c"

SUBWORD_SLIPS = (
    Slip(
        "subwords-not-divided",
        "subwords",
        "the gradient is not divided by the number of rows: fastText's step",
        "∂J/∂z_r = n_r ∂J/∂v_c",
        _GRADIENT,
        "v_c is a mean: the chain rule brings the factor 1/n. fastText leaves it out.",
        _spread(_whole),
        ("subword-rows", "subword-matrix"),
    ),
    Slip(
        "subwords-sum",
        "subwords",
        "sum for mean",
        "v_c = Σ_{r∈G(c)} z_r",
        _MEAN,
        "Long words have many n-grams; the mean keeps their vectors no longer than others.",
        _sum,
        ("subword-loss",),
    ),
    Slip(
        "subwords-own-row",
        "subwords",
        "the word's own row is left out",
        "v_c = mean of the n-grams' rows",
        _MEAN,
        "G(c) holds the word itself and its n-grams; only unseen words have n-grams alone.",
        _changed(lambda rows: rows[1:]),
        ("subword-loss",),
    ),
    Slip(
        "subwords-own-row-only",
        "subwords",
        "only the word's own row gets the gradient",
        "∂J/∂z_c = ∂J/∂v_c, 0 for n-grams",
        _GRADIENT,
        "Every row of the mean gets its share: that is how words share what they learn.",
        _spread(_own_row_only),
        ("subword-rows",),
    ),
    Slip(
        "subwords-distinct",
        "subwords",
        "an n-gram that occurs twice in the word is counted once",
        "v_c = mean over the distinct rows",
        _MEAN,
        "“banana” has “ana” twice: the sum has its row twice, and n counts both.",
        _changed(lambda rows: list(dict.fromkeys(rows))),
        ("subword-loss",),
    ),
    Slip(
        "subwords-once",
        "subwords",
        "a row that occurs twice in the mean gets its gradient once",
        "∂J/∂z_r = (1/n) ∂J/∂v_c",
        _GRADIENT,
        "grad[rows] += g adds to a repeated row only once; use np.add.at, or multiply by n_r.",
        _spread(_once),
        ("subword-rows",),
    ),
    Slip(
        "subwords-matrix-of-counts",
        "mean_matrix",
        "S counts rows without dividing by n",
        "S[c, r] = n_r",
        "S[c, r] = n_r/n",
        "V = S Z is a mean only if each row of S sums to 1.",
        _counts_matrix,
        ("subword-matrix",),
    ),
)
