"""Slips in naive softmax, with the signature `(v_c, o, U)`, U by rows."""

from collections.abc import Callable

import numpy as np

from w2v_cli.checks.functions import Slip, after, cut_off, sign_flipped, transposed
from w2v_cli.equations import Array, LossAndGradients, naive_softmax, one_hot, softmax


def _delta(v_c: Array, o: int, U: Array) -> Array:
    return softmax(U @ v_c) - one_hot(o, len(U))


def _no_center(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    y_hat = softmax(U @ v_c)
    return LossAndGradients(loss, grad_center, np.repeat(y_hat[:, None], len(v_c), axis=1))


def _no_center_minus_one_hot(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    delta = _delta(v_c, o, U)
    return LossAndGradients(loss, grad_center, np.repeat(delta[:, None], len(v_c), axis=1))


def _no_one_hot(v_c: Array, o: int, U: Array) -> LossAndGradients:
    y_hat = softmax(U @ v_c)
    loss = naive_softmax(v_c, o, U).loss
    return LossAndGradients(loss, U.T @ y_hat, np.outer(y_hat, v_c))


def _column_formula(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, _, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, U @ _delta(v_c, o, U), grad_outside)


def _column_scores(v_c: Array, o: int, U: Array) -> LossAndGradients:
    """Compute the scores Uᵀ v_c with U stored by rows; fits only a square U."""
    delta = softmax(U.T @ v_c) - one_hot(o, len(U))
    loss = float(-np.log(softmax(U.T @ v_c)[o]))
    return LossAndGradients(loss, U.T @ delta, np.outer(delta, v_c))


def _one_hot_added(v_c: Array, o: int, U: Array) -> LossAndGradients:
    total = softmax(U @ v_c) + one_hot(o, len(U))
    loss = naive_softmax(v_c, o, U).loss
    return LossAndGradients(loss, U.T @ total, np.outer(total, v_c))


def _with_center(
    gradient: Callable[[Array, int, Array], Array],
) -> Callable[..., LossAndGradients]:
    """Make a function with another gradient of the centre vector."""

    def mutated(v_c: Array, o: int, U: Array) -> LossAndGradients:
        return naive_softmax(v_c, o, U)._replace(grad_center=gradient(v_c, o, U))

    return mutated


def _with_errors(
    errors: Callable[[Array, Array], Array],
) -> Callable[..., LossAndGradients]:
    """Make a function whose outside gradients take `errors(ŷ, y)` in place of ŷ − y."""

    def mutated(v_c: Array, o: int, U: Array) -> LossAndGradients:
        of_words = errors(softmax(U @ v_c), one_hot(o, len(U)))
        return naive_softmax(v_c, o, U)._replace(grad_outside=np.outer(of_words, v_c))

    return mutated


def _probability_divides(y_hat: Array, y: Array) -> Array:
    return np.where(y == 1, y_hat - 1, 1 / y_hat)


def _exp_for_log(v_c: Array, o: int, U: Array) -> LossAndGradients:
    right = naive_softmax(v_c, o, U)
    score = U[o] @ v_c
    return right._replace(loss=right.loss + score - float(np.exp(score)))


def _mean(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, grad_outside = naive_softmax(v_c, o, U)
    return LossAndGradients(loss / len(U), grad_center / len(U), grad_outside / len(U))


def _outside_for_center(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, grad_center, np.outer(_delta(v_c, o, U), U[o]))


def _rows_of_outside(v_c: Array, o: int, U: Array) -> LossAndGradients:
    loss, grad_center, _ = naive_softmax(v_c, o, U)
    return LossAndGradients(loss, grad_center, _delta(v_c, o, U)[:, None] * U)


def _all_words(v_c: Array, o: int, U: Array) -> LossAndGradients:
    _, grad_center, grad_outside = naive_softmax(v_c, o, U)
    loss = -float(np.log(softmax(U @ v_c)).sum())
    return LossAndGradients(loss, grad_center, grad_outside)


def _overflowing(v_c: Array, o: int, U: Array) -> LossAndGradients:
    e = np.exp(U @ v_c)
    y_hat = e / e.sum()
    delta = y_hat - one_hot(o, len(U))
    return LossAndGradients(float(-np.log(y_hat[o])), U.T @ delta, np.outer(delta, v_c))


SOFTMAX_SLIPS: tuple[Slip, ...] = (
    Slip(
        "softmax-sign",
        "naive_softmax",
        "wrong sign: y − ŷ instead of ŷ − y",
        "Uᵀ(y − ŷ), (y − ŷ) v_cᵀ",
        "Uᵀ(ŷ − y), (ŷ − y) v_cᵀ",
        "The gradient points towards a higher loss. Descent subtracts it: do not negate it here.",
        after(naive_softmax, sign_flipped),
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-no-center",
        "naive_softmax",
        "missing centre vector",
        "∂J/∂u_w = ŷ_w",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "By the chain rule, ∂(u_w·v_c)/∂u_w = v_c: a vector, as the gradient of a vector must be.",
        _no_center,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-no-center-2",
        "naive_softmax",
        "missing centre vector",
        "∂J/∂u_w = ŷ_w − y_w",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "By the chain rule, ∂(u_w·v_c)/∂u_w = v_c: a vector, as the gradient of a vector must be.",
        _no_center_minus_one_hot,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-no-one-hot",
        "naive_softmax",
        "the −1 of the true word is missing: ŷ instead of ŷ − y",
        "Uᵀŷ, ŷ v_cᵀ",
        "Uᵀ(ŷ − y), (ŷ − y) v_cᵀ",
        "Subtract 1 from ŷ at the outside word before both products.",
        _no_one_hot,
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-one-hot-added",
        "naive_softmax",
        "ŷ + y instead of ŷ − y",
        "Uᵀ(ŷ + y), (ŷ + y) v_cᵀ",
        "Uᵀ(ŷ − y), (ŷ − y) v_cᵀ",
        "The error is prediction minus truth: −x_o in the loss gives −1 at the outside word.",
        _one_hot_added,
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-target-only",
        "naive_softmax",
        "only the outside word's row is written",
        "∂J/∂u_o = (ŷ_o − 1) v_c, 0 for all other words",
        "∂J/∂u_w = (ŷ_w − y_w) v_c for every word w",
        "Every word's score is in the denominator of softmax, so every row has a gradient.",
        _with_errors(lambda y_hat, y: (y_hat - y) * y),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-target-missing",
        "naive_softmax",
        "the outside word's row is never written",
        "∂J/∂u_o = 0",
        "∂J/∂u_o = (ŷ_o − 1) v_c",
        "The loop over w ≠ o leaves out the row of o: it needs a line of its own.",
        _with_errors(lambda y_hat, y: y_hat * (1 - y)),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-outside-missing",
        "naive_softmax",
        "the outside gradients are never written: all 0",
        "∂J/∂U = 0",
        "∂J/∂U = (ŷ − y) v_cᵀ",
        "np.zeros is only the start; assign or add to it.",
        _with_errors(lambda y_hat, y: 0 * y),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-center-missing",
        "naive_softmax",
        "the centre gradient is 0",
        "0, for example v_c Σ_w(ŷ_w − y_w)",
        "Uᵀ(ŷ − y) = Σ_w (ŷ_w − y_w) u_w",
        "Each word's error multiplies its own vector u_w; the errors alone sum to 0.",
        _with_center(lambda v_c, o, U: np.zeros_like(v_c)),
        ("softmax-center",),
    ),
    Slip(
        "softmax-center-only-minus",
        "naive_softmax",
        "the expected outside vector is missing from the centre gradient",
        "∂J/∂v_c = −u_o",
        "∂J/∂v_c = Σ_w ŷ_w u_w − u_o",
        "−log ŷ_o = −u_o·v_c + log Σ exp(u_w·v_c): the second term has a gradient too.",
        _with_center(lambda v_c, o, U: -U[o]),
        ("softmax-center",),
    ),
    Slip(
        "softmax-center-unweighted",
        "naive_softmax",
        "the outside vectors are summed without their probabilities",
        "∂J/∂v_c = Σ_w u_w − u_o",
        "∂J/∂v_c = Σ_w ŷ_w u_w − u_o",
        "The sum is an expectation: each u_w counts with its probability ŷ_w.",
        _with_center(lambda v_c, o, U: U.sum(axis=0) - U[o]),
        ("softmax-center",),
    ),
    Slip(
        "softmax-center-true-word",
        "naive_softmax",
        "only the outside word's term of the centre gradient",
        "∂J/∂v_c = (ŷ_o − 1) u_o",
        "∂J/∂v_c = Σ_w (ŷ_w − y_w) u_w",
        "v_c is in the score of every word, so every word has a term.",
        _with_center(lambda v_c, o, U: (softmax(U @ v_c)[o] - 1) * U[o]),
        ("softmax-center",),
    ),
    Slip(
        "softmax-probability-divides",
        "naive_softmax",
        "divided by the probability instead of multiplied",
        "∂J/∂u_w = v_c / ŷ_w for w ≠ o",
        "∂J/∂u_w = ŷ_w v_c for w ≠ o",
        "∂/∂u_w log Σ exp(x) = exp(x_w) v_c / Σ exp(x) = ŷ_w v_c.",
        _with_errors(_probability_divides),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-sum-in-each-row",
        "naive_softmax",
        "the probability ŷ_w of each row is missing",
        "∂J/∂u_w = (Σ_i ŷ_i) v_c = v_c, and v_c − v_c = 0 for w = o",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "Row w takes its own entry of ŷ, not their sum, which is 1.",
        _with_errors(lambda y_hat, y: 1 - y),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-minus-everywhere",
        "naive_softmax",
        "1 is subtracted for every word, not only for the outside word",
        "∂J/∂u_w = (ŷ_w − 1) v_c for every w",
        "∂J/∂u_w = ŷ_w v_c for w ≠ o, (ŷ_o − 1) v_c for w = o",
        "y is one-hot: it is 1 at the outside word only.",
        _with_errors(lambda y_hat, y: y_hat - 1),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-loss-exp",
        "naive_softmax",
        "−exp(u_o·v_c) where −log exp(u_o·v_c) belongs",
        "J = −exp(u_o·v_c) + log Σ_w exp(u_w·v_c)",
        "J = −u_o·v_c + log Σ_w exp(u_w·v_c)",
        "log and exp cancel: −log exp(u_o·v_c) = −u_o·v_c.",
        _exp_for_log,
        ("softmax-loss",),
    ),
    Slip(
        "softmax-loss-unnormalised",
        "naive_softmax",
        "the loss lacks the denominator of softmax",
        "J = −u_o·v_c",
        "J = −u_o·v_c + log Σ_w exp(u_w·v_c)",
        "−log of a quotient is a difference: keep the logarithm of the denominator.",
        lambda v_c, o, U: naive_softmax(v_c, o, U)._replace(loss=-float(U[o] @ v_c)),
        ("softmax-loss",),
    ),
    Slip(
        "softmax-column-formula",
        "naive_softmax",
        "transposed: formula for columns applied to rows",
        "∂J/∂v_c = U(ŷ − y) with U stored by rows",
        "Uᵀ(ŷ − y) for rows; U(ŷ − y) for columns",
        "ŷ − y has one entry per word: multiply it with the axis of U that counts words.",
        _column_formula,
        ("softmax-center",),
    ),
    Slip(
        "softmax-column-scores",
        "naive_softmax",
        "transposed: scores for columns applied to rows",
        "scores = Uᵀ v_c with U stored by rows",
        "U v_c for rows; Uᵀ v_c for columns",
        "There is one score per word: sum over the axis that v_c has.",
        _column_scores,
        ("softmax-loss", "softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-transposed",
        "naive_softmax",
        "transposed",
        "∂J/∂U = v_c (ŷ − y)ᵀ with U stored by rows",
        "(ŷ − y) v_cᵀ for rows; v_c (ŷ − y)ᵀ for columns",
        "A gradient has the shape of its variable.",
        after(naive_softmax, transposed),
        ("softmax-outside",),
    ),
    Slip(
        "softmax-outside-for-center",
        "naive_softmax",
        "u_o where v_c belongs",
        "∂J/∂u_w = (ŷ_w − y_w) u_o",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "In the score u_w·v_c, the other factor is v_c.",
        _outside_for_center,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-rows-of-outside",
        "naive_softmax",
        "u_w where v_c belongs",
        "∂J/∂u_w = (ŷ_w − y_w) u_w",
        "∂J/∂u_w = (ŷ_w − y_w) v_c",
        "In the score u_w·v_c, the other factor is v_c.",
        _rows_of_outside,
        ("softmax-outside",),
    ),
    Slip(
        "softmax-mean",
        "naive_softmax",
        "mean for sum: divided by the number of words",
        "mean over the words of the vocabulary",
        "sum over the words of the vocabulary",
        "np.sum, not np.mean.",
        _mean,
        ("softmax-loss", "softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-integer-gradient",
        "naive_softmax",
        "dtype integer: fractions are lost",
        "np.zeros(shape, dtype=int)",
        "np.zeros(shape), which is float",
        "NumPy drops the fractions of numbers written into an integer array.",
        after(naive_softmax, cut_off),
        ("softmax-center", "softmax-outside"),
    ),
    Slip(
        "softmax-loss-sign",
        "naive_softmax",
        "the minus of the loss is missing",
        "J = log ŷ_o",
        "J = −log ŷ_o",
        "A logarithm of a probability is negative; a loss is not.",
        after(naive_softmax, lambda x: x._replace(loss=-x.loss)),
        ("softmax-loss",),
    ),
    Slip(
        "softmax-no-log",
        "naive_softmax",
        "the logarithm of the loss is missing",
        "J = −ŷ_o",
        "J = −log ŷ_o",
        "Cross-entropy is a logarithm.",
        after(naive_softmax, lambda x: x._replace(loss=-float(np.exp(-x.loss)))),
        ("softmax-loss",),
    ),
    Slip(
        "softmax-all-words",
        "naive_softmax",
        "the loss sums over all words instead of the true one",
        "J = −Σ_w log ŷ_w",
        "J = −log ŷ_o",
        "y is one-hot: only the true word's term remains.",
        _all_words,
        ("softmax-loss",),
    ),
    Slip(
        "softmax-loss-overflow",
        "naive_softmax",
        "overflow at large scores",
        "exp(x) / Σ exp(x): inf/inf = NaN for scores ≥ 710",
        "exp(x − max x) / Σ exp(x − max x)",
        "softmax(x + c) = softmax(x): subtract the largest score first.",
        _overflowing,
        ("large-scores",),
    ),
)


# The gradients one by one, as functions of y and ŷ. Words are columns of U here, as in the written
# assignment; the functions take them by rows.


_WHY_SIGN = "J = −x_o + log Σ exp(x_w): the error of a score is prediction minus truth, ŷ − y."
_WHY_ONE = "−x_o in the loss gives −1 at the outside word."
_WHY_VECTOR = "By the chain rule, ∂(u_w·v_c)/∂u_w = v_c: a vector, as the gradient of a vector is."


def _written(
    function: str,
    claim: str,
    right: str,
    rows: tuple[tuple[str, str, str, str, Callable[..., Array]], ...],
) -> tuple[Slip, ...]:
    """Make slips of one gradient. rows: key, title, wrong formula, why, the function."""
    return tuple(
        Slip(f"written-{key}", function, title, wrong, right, why, mutated, (claim,))
        for key, title, wrong, why, mutated in rows
    )


_SIGN, _ADDED = "wrong sign: y − ŷ instead of ŷ − y", "ŷ + y instead of ŷ − y"
_NO_ONE = "the −1 of the true word is missing: ŷ instead of ŷ − y"
_NO_CENTER = "missing centre vector"

WRITTEN_SLIPS: tuple[Slip, ...] = (
    *_written(
        "center_gradient",
        "written-center",
        "U(ŷ − y)",
        (
            ("center-sign", _SIGN, "U(y − ŷ)", _WHY_SIGN, lambda y, p, U: U.T @ (y - p)),
            ("center-added", _ADDED, "U(ŷ + y)", _WHY_SIGN, lambda y, p, U: U.T @ (p + y)),
            ("center-no-one", _NO_ONE, "Uŷ", _WHY_ONE, lambda y, p, U: U.T @ p),
            (
                "center-only-minus",
                "the expected outside vector is missing",
                "−Uy = −u_o",
                "The denominator of softmax depends on v_c too: its term is Uŷ = Σ_w ŷ_w u_w.",
                lambda y, p, U: -U.T @ y,
            ),
            (
                "center-unweighted",
                "the outside vectors are summed without their probabilities",
                "Σ_w u_w − u_o",
                "The sum is an expectation: each u_w counts with its probability ŷ_w.",
                lambda y, p, U: U.sum(axis=0) - U.T @ y,
            ),
            (
                "center-rows",
                "transposed: the formula for words as rows",
                "Uᵀ(ŷ − y)",
                "The words are the columns of U here: it has one column for each entry of ŷ.",
                lambda y, p, U: U @ (p - y),
            ),
        ),
    ),
    *_written(
        "target_gradient",
        "written-target",
        "(ŷ_o − 1) v_c",
        (
            ("target-sign", _SIGN, "(1 − ŷ_o) v_c", _WHY_SIGN, lambda p, v, o: (1 - p[o]) * v),
            ("target-added", _ADDED, "(ŷ_o + 1) v_c", _WHY_SIGN, lambda p, v, o: (1 + p[o]) * v),
            ("target-no-one", _NO_ONE, "ŷ_o v_c", _WHY_ONE, lambda p, v, o: p[o] * v),
            ("target-scalar", _NO_CENTER, "ŷ_o − 1", _WHY_VECTOR, lambda p, v, o: p[o] - 1),
            (
                "target-only-minus",
                "the denominator of softmax is forgotten",
                "−v_c",
                "u_o is in the denominator too: its term there is ŷ_o v_c.",
                lambda p, v, o: -v,
            ),
        ),
    ),
    *_written(
        "other_gradient",
        "written-other",
        "ŷ_w v_c",
        (
            (
                "other-minus",
                "1 is subtracted for every word, not only for the outside word",
                "(ŷ_w − 1) v_c",
                "y is one-hot: it is 1 at the outside word only.",
                lambda p, v, w: (p[w] - 1) * v,
            ),
            (
                "other-sign",
                "wrong sign",
                "−ŷ_w v_c",
                "log Σ exp(x_w) has a plus in the loss.",
                lambda p, v, w: -p[w] * v,
            ),
            ("other-scalar", _NO_CENTER, "ŷ_w", _WHY_VECTOR, lambda p, v, w: p[w]),
            (
                "other-zero",
                "only the outside word has a gradient",
                "0",
                "Every word's score is in the denominator of softmax, so every u_w has one.",
                lambda p, v, w: 0 * v,
            ),
            (
                "other-unweighted",
                "the probability ŷ_w is missing",
                "v_c",
                "∂/∂u_w log Σ exp(x) = exp(x_w) v_c / Σ exp(x) = ŷ_w v_c.",
                lambda p, v, w: v,
            ),
        ),
    ),
    *_written(
        "outside_gradients",
        "written-outside",
        "v_c (ŷ − y)ᵀ",
        (
            ("outside-sign", _SIGN, "v_c (y − ŷ)ᵀ", _WHY_SIGN, lambda y, p, v: np.outer(y - p, v)),
            (
                "outside-added",
                _ADDED,
                "v_c (ŷ + y)ᵀ",
                _WHY_SIGN,
                lambda y, p, v: np.outer(p + y, v),
            ),
            ("outside-no-one", _NO_ONE, "v_c ŷᵀ", _WHY_ONE, lambda y, p, v: np.outer(p, v)),
            (
                "outside-transposed",
                "transposed: words as rows",
                "(ŷ − y) v_cᵀ",
                "A gradient has the shape of its variable: here one column for each word.",
                lambda y, p, v: np.outer(v, p - y),
            ),
            ("outside-vector", _NO_CENTER, "ŷ − y", _WHY_VECTOR, lambda y, p, v: p - y),
            (
                "outside-minus",
                "1 is subtracted for every word, not only for the outside word",
                "v_c (ŷ − 1)ᵀ",
                "y is one-hot: it is 1 at the outside word only.",
                lambda y, p, v: np.outer(p - 1, v),
            ),
            (
                "outside-target-only",
                "only the outside word has a gradient",
                "(ŷ_o − 1) v_c in the column of o, else 0",
                "Every word's score is in the denominator of softmax, so every u_w has one.",
                lambda y, p, v: np.outer((p - y) * y, v),
            ),
        ),
    ),
)
