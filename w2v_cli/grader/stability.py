"""Where floating point fails: functions that are right at ordinary scores, but not at ±1000.

A cause is named only if a function with that weakness, and no other fault, gives the same
numbers as the user's in every call with high or large scores.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from w2v_cli.checks.measure import relative_error
from w2v_cli.equations import Array, sigmoid, softmax
from w2v_cli.grader.observation import LARGE_PURPOSES, TOLERANCE, Judgement, Observation, fit

_EPSILONS = (*(10.0**-n for n in range(6, 17)), float(np.finfo(float).eps), 1e-20, 1e-30, 1e-300)
_CLIPS = (20, 30, 32, 35, 36, 40, 50, 60, 80, 88, 100, 200, 250, 300, 500, 600, 700, 709)


@dataclass(frozen=True)
class _Weakness:
    """A way of computing that fails at large scores, and the words for it."""

    words: str
    value: Callable[[Observation], Array]


def _scores(o: Observation) -> tuple[Array, Array]:
    """Return the score of each term of a pair's loss, and its label."""
    a = o.case.arguments
    scores = np.asarray(a["U"] @ a["v_c"])
    rows = [a["o"], *o.case.negatives] if "K" in a else list(range(len(scores)))
    y = np.zeros(len(rows))
    y[0 if "K" in a else a["o"]] = 1.0
    return scores[rows], y


def _plain_exp(x: Array) -> Array:
    e = np.exp(x)
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _plain_sigmoid(x: Array) -> Array:
    return np.asarray(np.exp(x) / (1 + np.exp(x)))


def _tanh_sigmoid(x: Array) -> Array:
    return np.asarray((1 + np.tanh(x / 2)) / 2)


def _true_word(p: Array, y: Array) -> Array:
    """Only −log of the true word's probability."""
    return np.asarray(-np.log(p[y == 1][0]))


def _cross_entropy(p: Array, y: Array) -> Array:
    return np.asarray(-(y * np.log(p)).sum())


def _both_sides(p: Array, y: Array) -> Array:
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log(1 - p)).sum())


def _softmax_32(x: Array) -> Array:
    return np.asarray(softmax(x), dtype=np.float32)


def _sigmoid_32(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x.astype(np.float32))))


def _term_loss(
    o: Observation, squash: Callable[[Array], Array], loss: Callable[[Array, Array], Array]
) -> Array:
    """Return a pair's loss, computed from the probabilities and labels of its terms."""
    x, y = _scores(o)
    return loss(squash(x), y)


def _log_terms(
    o: Observation,
    squash: Callable[[Array], Array],
    mirrored: tuple[bool, bool],
    add: float = 0.0,
) -> Array:
    """Return the loss of negative sampling, with each term as −log of a σ.

    mirrored: whether the outside word's term is 1 − σ(−x), not σ(x); whether a negative's is
    1 − σ(x), not σ(−x).
    """
    x, y = _scores(o)
    signed = np.where(y == 1, x, -x)
    turned = np.where(y == 1, *mirrored)
    return np.asarray(-np.log(np.where(turned, 1 - squash(-signed), squash(signed)) + add).sum())


def _added(p: Array, y: Array, add: float) -> Array:
    """Naive softmax with a small number added inside the log."""
    return np.asarray(-np.log(p[y == 1][0] + add))


_OVERFLOW = "overflow: exp of a score of 710 or more is inf, and inf/inf is NaN"
_ONE_MINUS = "log of 0 in log(1 − σ(x)): 1 − σ(x) is 0 from x = 37 on; log σ(−x) is the same"
_FORMS = tuple((o, k) for o in (False, True) for k in (False, True))


def _softmax_weaknesses() -> Iterator[_Weakness]:
    log_of_0 = "log of 0: the probability of the true word is rounded to 0"
    zero_log = "0·log 0 = NaN in sum(y·log ŷ): a ŷ of another word is 0"
    for words, squash, loss in (
        (log_of_0, softmax, _true_word),
        (zero_log, softmax, _cross_entropy),
        (f"{log_of_0} in float32", _softmax_32, _true_word),
        (_OVERFLOW, _plain_exp, _true_word),
        (_OVERFLOW, _plain_exp, _cross_entropy),
    ):
        yield _Weakness(words, partial(_term_loss, squash=squash, loss=loss))
    for eps in _EPSILONS:
        words = f"{eps:g} is added to the probability before the log, which bounds the loss"
        yield _Weakness(words, partial(_term_loss, squash=softmax, loss=partial(_added, add=eps)))


def _clipped(x: Array, at: float) -> Array:
    return sigmoid(np.clip(x, -at, at))


def _sigmoids() -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Yield ways of computing σ, each with its weakness."""
    yield "", sigmoid
    yield _OVERFLOW, _plain_sigmoid
    yield "log of 0: this σ is rounded to 0 below a score of −37", _tanh_sigmoid
    yield "log of 0: σ of a score of −89 or less is 0 in float32", _sigmoid_32
    for at in _CLIPS:
        yield f"scores are clipped at ±{at:g}, which bounds the loss", partial(_clipped, at=at)


def _sampling_weaknesses() -> Iterator[_Weakness]:
    both_sides = "0·log 0 = NaN in y·log σ + (1 − y)·log(1 − σ): σ is 1 from x = 37 on"
    for words, squash in _sigmoids():
        log_of_0 = "log of 0: σ of a score of −746 or less is 0"
        for form in _FORMS:
            all_words = "; ".join(filter(None, (words, _ONE_MINUS if any(form) else "")))
            value = partial(_log_terms, squash=squash, mirrored=form)
            yield _Weakness(all_words or log_of_0, value)
        all_words = f"{words}; {both_sides}" if words else both_sides
        yield _Weakness(all_words, partial(_term_loss, squash=squash, loss=_both_sides))
    for eps, form in itertools.product(_EPSILONS, _FORMS):
        added = f"{eps:g} is added to σ before the log, which bounds the loss"
        yield _Weakness(added, partial(_log_terms, squash=sigmoid, mirrored=form, add=eps))


def _softmaxes() -> Iterator[tuple[str, Callable[[Array], Array]]]:
    yield _OVERFLOW, _plain_exp
    yield "ŷ is computed in float32", _softmax_32


def _gradients(o: Observation, squash: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Return the gradients of a pair whose probabilities are computed by `squash`."""
    a = o.case.arguments
    x, y = _scores(o)
    rows = [a["o"], *o.case.negatives] if "K" in a else list(range(len(a["U"])))
    delta = squash(x) - y
    grad_outside = np.zeros_like(a["U"])
    np.add.at(grad_outside, rows, np.outer(delta, a["v_c"]))
    return np.asarray(delta @ a["U"][rows]), grad_outside


def _gradient_weakness(judgement: Judgement) -> str:
    """Find the σ or softmax that reproduces the gradients that deviate at large scores."""
    makers = {"naive-softmax": _softmaxes, "negative-sampling": _sigmoids}
    if judgement.kind.key not in makers:
        return ""
    turned = judgement.variant.layout == "columns"
    pairs = [(i, o) for i in (1, 2) for o in judgement.deviations[i]]
    with np.errstate(all="ignore"):
        for words, squash in makers[judgement.kind.key]():
            if words and pairs and all(_gives(o, i, squash, turned) for i, o in pairs):
                return words
    return ""


def _gives(o: Observation, i: int, squash: Callable[[Array], Array], turned: bool) -> bool:
    value = _gradients(o, squash)[i - 1]
    return _alike(o.outputs[i], value.T if turned else value)


def _loss_weakness(judgement: Judgement) -> _Weakness | None:
    """Find the weakness that reproduces the losses of all calls with high and large scores."""
    makers = {"naive-softmax": _softmax_weaknesses, "negative-sampling": _sampling_weaknesses}
    if judgement.kind.key not in makers:
        return None
    observed = judgement.of("high", "large")
    if not any(o in judgement.deviations[0] for o in observed):
        return None
    with np.errstate(all="ignore"):
        for weakness in makers[judgement.kind.key]():
            if all(_alike(o.outputs[0], weakness.value(o)) for o in observed):
                return weakness
    return None


def _alike(got: Array | None, value: Array) -> bool:
    """Whether all numbers are equal, or not finite in the same way."""
    shaped = None if got is None else fit(got, np.asarray(value))
    if shaped is None:
        return False
    same = (np.isnan(shaped) & np.isnan(value)) | (shaped == value)
    return bool((same | (relative_error(shaped, value) <= TOLERANCE)).all())


def excuse(judgement: Judgement) -> str:
    """Say where the function is unstable, and excuse it for that.

    Excused are numbers that are not finite in calls with scores beyond 700, exceptions of
    `math.exp` or `math.log` in such calls, and losses and gradients that a known weakness gives
    at any high score. `judgement.deviations` keeps what is not excused.
    """
    weakness = _loss_weakness(judgement)
    of_gradients = _gradient_weakness(judgement)
    unstable: list[str] = []
    for i, deviating in enumerate(judgement.deviations):
        left = []
        for o in deviating:
            known = i > 0 and bool(of_gradients) and o.case.purpose in (*LARGE_PURPOSES, "high")
            if known or _excused(i, o, judgement, weakness):
                unstable.append(judgement.kind.outputs[i])
            else:
                left.append(o)
        judgement.deviations[i] = left
    raised = [case for case, e in judgement.errors if _overflow_error(case.purpose, e)]
    judgement.errors = [pair for pair in judgement.errors if pair[0] not in raised]
    if not unstable and not raised:
        return ""
    words = weakness.words if weakness else of_gradients
    return _sentence(judgement, list(dict.fromkeys(unstable)), words)


def _overflow_error(purpose: str, error: dict[str, object]) -> bool:
    if purpose not in (*LARGE_PURPOSES, "high"):
        return False
    overflow = error["type"] in ("OverflowError", "FloatingPointError", "ZeroDivisionError")
    domain = error["type"] == "ValueError" and "math domain error" in str(error["message"])
    return (overflow and purpose != "high") or domain


def _excused(i: int, o: Observation, judgement: Judgement, weakness: _Weakness | None) -> bool:
    got = o.outputs[i]
    if got is None or o.case.purpose not in (*LARGE_PURPOSES, "high"):
        return False
    is_loss = judgement.kind.outputs[i] == "loss"
    if o.case.purpose == "high":
        return is_loss and weakness is not None
    if not np.isfinite(got).all():
        return True
    if got.size == 0:
        return False
    capped = is_loss and bool(got.min() >= 0 and got.max() < o.expected[i].max())
    high = any(p.case.purpose == "high" for p in judgement.deviations[i])
    return capped and (weakness is not None or not high)


def _sentence(judgement: Judgement, outputs: list[str], words: str) -> str:
    what = " and ".join(outputs) or "the result"
    if judgement.kind.group == "block":
        return (
            f"not finite at scores of ±1000{_overflow_of(judgement)};"
            " only take exponentials of negative numbers: exp(x − max x), or exp(−|x|)"
        )
    place = f": {words}" if words else ""
    return f"{what}: not exact at scores of ±1000{place}"


_OVERFLOWING: dict[str, Callable[[Array], Array]] = {
    "sigmoid": _plain_sigmoid,
    "softmax": _plain_exp,
    "softmax_columns": lambda x: _plain_exp(x.T).T,
}


def _overflow_of(judgement: Judgement) -> str:
    plain = _OVERFLOWING.get(judgement.kind.field)
    observed = judgement.of("large") if plain else []
    with np.errstate(all="ignore"):
        if plain and all(_alike(o.outputs[0], plain(o.case.arguments["x"])) for o in observed):
            return ": exp overflows from 710 on, and inf/inf is NaN"
    return ""
