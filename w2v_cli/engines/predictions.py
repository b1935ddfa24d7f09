"""Windows as predictions: which vectors predict which words, in skip-gram and in CBOW."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.text.windows import Windows


@dataclass(frozen=True)
class Predictions:
    """R rows, each the mean of some words' centre vectors, and the P words that they predict.

    n: the number of words in the mean of each row, (R,). words: those of row 0, of row 1, and so
    on. which, targets: the row that predicts and the word that it predicts, (P,) each, in the order
    of the rows. Skip-gram has one word per row and one prediction per pair; CBOW has one prediction
    per row.
    """

    n: Array
    words: Array
    which: Array
    targets: Array

    def __len__(self) -> int:
        return len(self.n)

    def batch(self, first: int, size: int) -> "Predictions":
        """Return `size` rows from row `first` on, or fewer at the end."""
        ends = np.concatenate([[0], np.cumsum(self.n)])
        last = min(first + size, len(self))
        words = self.words[ends[first] : ends[last]]
        a, b = np.searchsorted(self.which, (first, last))
        return Predictions(self.n[first:last], words, self.which[a:b] - first, self.targets[a:b])

    def inputs(self, center_vectors: Array) -> Array:
        """Return the rows, (R, D): h = (1/n) Σ v."""
        vectors = center_vectors[self.words]
        if len(self.words) == len(self.n):
            return np.asarray(vectors)
        sums = np.add.reduceat(vectors, np.cumsum(self.n) - self.n, axis=0)
        return np.asarray(sums / self.n[:, None].astype(vectors.dtype))

    def by_word(self, grad_inputs: Array) -> Array:
        """Return the gradient of each of `words`, from that of the rows, (R, D): (1/n) ∂J/∂h."""
        if len(self.words) == len(self.n):
            return grad_inputs
        return np.repeat(grad_inputs / self.n[:, None].astype(grad_inputs.dtype), self.n, axis=0)


def predictions_of(windows: Windows, predicts_center: bool) -> Predictions:
    """Let each window's centre predict its words, or its words their centre.

    A window without words predicts nothing.
    """
    n_windows = len(windows.centers)
    if not predicts_center:
        ones = np.ones(n_windows, np.int64)
        return Predictions(ones, windows.centers, windows.which, windows.outsides)
    n = np.bincount(windows.which, minlength=n_windows)
    centers = windows.centers[n > 0]
    return Predictions(n[n > 0], windows.outsides, np.arange(len(centers)), centers)


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Concatenate predictions."""
    firsts = np.cumsum([0, *(len(part) for part in parts)])
    empty = np.empty(0, np.int64)
    return Predictions(
        np.concatenate([empty, *(part.n for part in parts)]),
        np.concatenate([empty, *(part.words for part in parts)]),
        np.concatenate([empty, *(p.which + f for p, f in zip(parts, firsts[:-1], strict=True))]),
        np.concatenate([empty, *(part.targets for part in parts)]),
    )


def by_distinct_word(predictions: Predictions) -> Predictions:
    """Merge the rows of the same word, where each row is one word.

    Predictions keep their order, so `which` no longer rises.
    """
    words, rows = np.unique(predictions.words, return_inverse=True)
    ones = np.ones(len(words), np.int64)
    return Predictions(ones, words, rows[predictions.which], predictions.targets)
