"""a is to b as c is to …: answering analogies. Arrays in, arrays out.

3CosAdd (Mikolov et al. 2013) looks for the word x, none of a, b, c, with the largest
`cos(x, b) − cos(x, a) + cos(x, c)`. 3CosMul (Levy & Goldberg 2014, eq. 4) takes
`cos(x, b) · cos(x, c) / (cos(x, a) + 0.001)` with cosines moved to 0…1, which keeps one
large term from drowning the others.

Both need only the cosines of the question words with all words: one product of the
*distinct* question words with the vocabulary serves all questions and both methods.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from w2v_cli.vectors.choices import Method

EPSILON = np.float32(1e-3)
_BLOCK_WORDS = 4096  # vocabulary rows at a time
_BLOCK_QUESTIONS = 64


def combine(
    a: NDArray[np.float32], b: NDArray[np.float32], c: NDArray[np.float32], method: Method
) -> NDArray[np.float32]:
    """Scores of candidates from their cosines with a, b and c (arrays of one shape)."""
    if method == "add":
        return b - a + c
    numerator: NDArray[np.float32] = (1 + b) * (1 + c)
    return numerator / (2 * (1 + a + 2 * EPSILON))


def best_answers(
    unit: NDArray[np.float32],
    asked: NDArray[np.float32],
    questions: NDArray[np.int64],
    own: NDArray[np.int64],
    method: Method = "add",
) -> NDArray[np.int64]:
    """Answer every question with one word.

    Args:
        unit: float32 (V, D), the candidates, rows of length one (`neighbors.unit_rows`).
        asked: float32 (n, D), the distinct words of the questions, of length one too.
        questions: int64 (Q, 3), for each question the rows of `asked` with a, b and c.
        own: int64 (n,), the row of each asked word in `unit`, -1 where it has none.
        method: "add" for 3CosAdd, "mul" for 3CosMul.

    Returns:
        int64 (Q,): the row of `unit` with the best score, none of a, b, c; the first of equal
        ones; -1 when no word is left.
    """
    n_words, n_questions = len(unit), len(questions)
    answers = np.full(n_questions, -1, dtype=np.int64)
    best = np.full(n_questions, -np.inf, dtype=np.float32)
    for start in range(0, n_words, _BLOCK_WORDS):
        cosines = asked @ unit[start : start + _BLOCK_WORDS].T  # (n, block)
        for q in range(0, n_questions, _BLOCK_QUESTIONS):
            chunk = slice(q, q + _BLOCK_QUESTIONS)
            a, b, c = (cosines[questions[chunk, k]] for k in range(3))
            scores = combine(a, b, c, method)
            _exclude(scores, own[questions[chunk]] - start)
            place = scores.argmax(axis=1)
            score = scores[np.arange(len(place)), place]
            better = score > best[chunk]
            answers[chunk] = np.where(better, place + start, answers[chunk])
            best[chunk] = np.where(better, score, best[chunk])
    return answers


def _exclude(scores: NDArray[np.float32], places: NDArray[np.int64]) -> None:
    """Put minus infinity where a question's own words are; places outside the block are ignored."""
    rows, columns = np.nonzero((places >= 0) & (places < scores.shape[1]))
    scores[rows, places[rows, columns]] = -np.inf
