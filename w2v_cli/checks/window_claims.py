"""Claims about the CBOW window, of the sum and of the mean of its vectors.

Each is checked with both pair losses: the loss against its definition, the gradients against
differences of the loss and against the formula as it stands on paper.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from w2v_cli.checks.functions import Functions, WindowLoss
from w2v_cli.checks.loss_claims import Window, pair_losses
from w2v_cli.checks.measure import Point, Tally
from w2v_cli.engines.settings import ModelSettings
from w2v_cli.equations import Array, PairLoss
from w2v_cli.text.ngrams import FEWEST_WORDS, hash_of, ngrams
from w2v_cli.text.settings import parse_lengths


def _windows(f: Functions, p: Point, model: WindowLoss) -> Iterator[Window]:
    for name, pair_loss in pair_losses(f, p).items():
        yield Window(name, pair_loss, model, p)


def _around(p: Point) -> list[int]:
    """Words at the positions −m ≤ j ≤ m, j ≠ 0, that the document has."""
    reach = [p.t + j for j in range(-p.radius, p.radius + 1) if j != 0]
    return [int(p.words[i]) for i in reach if 0 <= i < len(p.words)]


def _h(p: Point, mean: bool) -> Array:
    total = sum((p.V[w] for w in _around(p)), np.zeros(p.V.shape[1]))
    return total / len(_around(p)) if mean else total


def _loss_of_centers(window: Window, U: Array, V: Array) -> float:
    return window(V, U).loss


def _loss_of_predicted(window: Window, p: Point, u: Array) -> float:
    U = p.U.copy()
    U[p.c] = u
    return window(p.V, U).loss


def _loss(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        expected = window.pair_loss(_h(p, mean), p.words[p.t], p.U).loss
        tally.equal(f"{window.name}: J", window(p.V, p.U).loss, expected)


def _center(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        got, name = window(p.V, p.U).grad_center, f"{window.name}: ∂J/∂V"
        tally.gradient(name, got, partial(_loss_of_centers, window, p.U), p.V, p.rng)
        grad_h = window.pair_loss(_h(p, mean), p.words[p.t], p.U).grad_center
        times = np.bincount(_around(p), minlength=len(p.V)) / (len(_around(p)) if mean else 1)
        tally.equal(f"{name}, n_w ∂J/∂h", got, np.outer(times, grad_h))


def _outside(f: Functions, p: Point, tally: Tally, mean: bool) -> None:
    for window in _windows(f, p, f.cbow_mean if mean else f.cbow):
        got, name = np.asarray(window(p.V, p.U).grad_outside), f"{window.name}: ∂J/∂U"
        expected = window.pair_loss(_h(p, mean), p.words[p.t], p.U).grad_outside
        tally.equal(f"{name} at h", got, expected)
        if got.shape == p.U.shape:  # differences in one row: the pair's own claims took all
            loss = partial(_loss_of_predicted, window, p)
            tally.gradient(f"{window.name}: ∂J/∂u_{p.c}", got[p.c], loss, p.U[p.c], p.rng)


def sum_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = J(h, w_t, U) with h = Σ_{j≠0} v_{w_{t+j}}."""
    _loss(f, p, tally, mean=False)


def sum_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = n_w ∂J/∂h for a word that occurs n_w times in the window."""
    _center(f, p, tally, mean=False)


def sum_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is that of the one pair (h, w_t)."""
    _outside(f, p, tally, mean=False)


def mean_loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = J(h, w_t, U) with h = (1/n) Σ_{j≠0} v_{w_{t+j}}."""
    _loss(f, p, tally, mean=True)


def mean_center(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = (n_w / n) ∂J/∂h."""
    _center(f, p, tally, mean=True)


def mean_outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is that of the one pair (h, w_t), with h the mean."""
    _outside(f, p, tally, mean=True)


def other_words(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂v_w = 0 for words that are not in the window, of the sum and of the mean."""
    absent = ~np.isin(np.arange(len(p.V)), _around(p))
    for model in (f.cbow, f.cbow_mean):
        for window in _windows(f, p, model):
            got = np.asarray(window(p.V, p.U).grad_center)[absent]
            tally.equal(f"{window.name}: ∂J/∂v_w", got, np.zeros_like(p.V[absent]))


# Claims about subwords: a centre vector that is the mean of several rows.
#
# The rows of a point's centre word are its own and some shared ones, one of them twice.


def _rows(p: Point) -> list[int]:
    """The centre word's rows among those of V: its own, three others, the last of them twice."""
    return [p.c, 1, 2, len(p.V) - 1, len(p.V) - 1]


def _groups(p: Point) -> list[list[int]]:
    """Rows of every word of U: one each, and one that two words share."""
    return [_rows(p)] + [[w, (w + 1) % len(p.V)] for w in range(1, len(p.U))]


def _mean(p: Point) -> Array:
    return np.asarray(p.V[_rows(p)].mean(axis=0))


def _losses(f: Functions, p: Point) -> Iterator[tuple[str, PairLoss]]:
    yield from pair_losses(f, p).items()


def _loss_of_rows(f: Functions, p: Point, pair_loss: PairLoss, Z: Array) -> float:
    return f.subwords(_rows(p), p.o, Z, p.U, pair_loss).loss


def loss(f: Functions, p: Point, tally: Tally) -> None:
    """J = J(v_c, o, U) with v_c the mean of the rows."""
    for name, pair_loss in _losses(f, p):
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).loss
        tally.equal(f"{name}: J", got, pair_loss(_mean(p), p.o, p.U).loss)


def rows(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂z_r = (n_r/n) ∂J/∂v_c for a row that the word has n_r times."""
    for name, pair_loss in _losses(f, p):
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_center
        of_rows = partial(_loss_of_rows, f, p, pair_loss)
        tally.gradient(f"{name}: ∂J/∂Z", got, of_rows, p.V, p.rng)
        grad_v = pair_loss(_mean(p), p.o, p.U).grad_center
        times = np.bincount(_rows(p), minlength=len(p.V)) / len(_rows(p))
        tally.equal(f"{name}: (n_r/n) ∂J/∂v_c", got, np.outer(times, grad_v))


def other_rows(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂z_r = 0 for rows that the word does not have."""
    absent = ~np.isin(np.arange(len(p.V)), _rows(p))
    for name, pair_loss in _losses(f, p):
        got = np.asarray(f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_center)[absent]
        tally.equal(f"{name}: ∂J/∂z_r", got, np.zeros_like(p.V[absent]))


def outside(f: Functions, p: Point, tally: Tally) -> None:
    """∂J/∂U is that of the pair at the mean."""
    for name, pair_loss in _losses(f, p):
        got = f.subwords(_rows(p), p.o, p.V, p.U, pair_loss).grad_outside
        tally.equal(f"{name}: ∂J/∂U", got, pair_loss(_mean(p), p.o, p.U).grad_outside)


def matrix(f: Functions, p: Point, tally: Tally) -> None:
    """V = S Z and ∂J/∂Z = Sᵀ ∂J/∂V: all words at once."""
    groups = _groups(p)
    S = np.asarray(f.mean_matrix(groups, len(p.V)))
    means = np.stack([p.V[group].mean(axis=0) for group in groups])
    tally.equal("V = S Z", S @ p.V, means)
    for name, pair_loss in _losses(f, p):
        one_by_one = sum(
            (f.subwords(group, p.o, p.V, p.U, pair_loss).grad_center for group in groups),
            np.zeros_like(p.V),
        )
        grad_V = np.stack([pair_loss(v, p.o, p.U).grad_center for v in means])
        tally.equal(f"{name}: Sᵀ ∂J/∂V", S.T @ grad_V, one_by_one)


# The rows of every word with subwords, n-gram by n-gram: the slow twin of the engines'.


def groups_of(model: ModelSettings, words: Sequence[str]) -> list[list[int]]:
    """Return the rows of each word: its own, then those of its n-grams.

    Rows of n-grams follow those of the words, in the order of the buckets or of the texts.
    Without subwords each word has its own row only.
    """
    if model.subwords is None:
        return [[w] for w in range(len(words))]
    of_word = [ngrams(word, *parse_lengths(model.subwords)) for word in words]
    if model.buckets is not None:
        keys = [[hash_of(ngram) % model.buckets for ngram in found] for found in of_word]
        kept = sorted({key for found in keys for key in found})
        row = {key: len(words) + i for i, key in enumerate(kept)}
        return [[w, *(row[key] for key in found)] for w, found in enumerate(keys)]
    texts = sorted({ngram for found in of_word for ngram in found})
    kept_texts = [t for t in texts if sum(t in found for found in of_word) >= FEWEST_WORDS]
    row_of = {text: len(words) + i for i, text in enumerate(kept_texts)}
    return [[w, *(row_of[t] for t in found if t in row_of)] for w, found in enumerate(of_word)]
