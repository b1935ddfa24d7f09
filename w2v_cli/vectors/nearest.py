"""Nearest neighbours and analogies by batched matrix products. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v_cli.vectors.answers import Method

_BLOCK_SCORES = 2**24  # scores held at a time: 64 MB of float32
_BLOCK_ROWS = 1024
_GROUP = 256  # scores that share one maximum in `top_scores`


def unit_rows(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide each row of (V, D) by its length; rows of zeros stay zero.

    Computed in float64, so that numbers near the ends of float32 neither overflow nor vanish.
    """
    unit = np.zeros(matrix.shape, dtype=np.float32)
    for start in range(0, len(matrix), _BLOCK_ROWS):
        block = matrix[start : start + _BLOCK_ROWS].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))[:, None]
        np.divide(
            block,
            lengths,
            out=unit[start : start + _BLOCK_ROWS],
            where=lengths > 0,
            casting="same_kind",
        )
    return unit


def top_neighbors(
    matrix: NDArray[np.float32],
    queries: NDArray[np.float32],
    n: int,
    exclude: Sequence[Sequence[int]] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find for each query the rows of the matrix with the largest dot products.

    With rows and queries of length one (`unit_rows`) that is the cosine.

    Args:
        matrix: float32 (V, D).
        queries: float32 (Q, D).
        n: rows per query; at most V.
        exclude: for each query, row numbers that may not be answers.

    Returns:
        Row numbers int64 (Q, n) and scores float32 (Q, n), best first, equal scores by
        row number. Excluded rows can only appear at the end, with a score of minus infinity,
        and do so only where fewer than n others are left.
    """
    n = min(n, len(matrix))
    ids = np.empty((len(queries), n), dtype=np.int64)
    scores = np.empty((len(queries), n), dtype=np.float32)
    step = max(1, _BLOCK_SCORES // max(1, len(matrix)))
    for start in range(0, len(queries), step):
        block = queries[start : start + step] @ matrix.T
        for i, row in enumerate(block, start):
            if exclude is not None:
                row[np.asarray(exclude[i], dtype=np.int64)] = -np.inf
            ids[i], scores[i] = top_scores(row, n)
    return ids, scores


def top_scores(
    scores: NDArray[np.float32], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the n largest of (V,) scores: (places, scores), best first, equal ones by place.

    The n-th largest score is looked for only in the n groups of 256 with the largest
    maxima (it cannot be elsewhere); then everything that reaches it is kept. Two passes
    at the speed of memory instead of a partition of everything.
    """
    whole = len(scores) // _GROUP * _GROUP
    groups = scores[:whole].reshape(-1, _GROUP)
    candidates = scores
    if 0 < n < len(groups):
        best = np.argpartition(groups.max(axis=1), len(groups) - n)[len(groups) - n :]
        candidates = np.concatenate([groups[best].reshape(-1), scores[whole:]])
    threshold = np.partition(candidates, len(candidates) - n)[len(candidates) - n] if n else np.inf
    places = np.flatnonzero(scores >= threshold)
    order = np.argsort(-scores[places], kind="stable")[:n]
    return places[order], scores[places[order]]


# Analogies: a is to b as c is to …
#
# 3CosAdd (Mikolov et al. 2013) looks for the word x, none of a, b, c, with the largest
# `cos(x, b) − cos(x, a) + cos(x, c)`. 3CosMul (Levy & Goldberg 2014, eq. 4) takes
# `cos(x, b) · cos(x, c) / (cos(x, a) + 0.001)` with cosines moved to 0…1, which keeps one
# large term from drowning the others.
#
# Both need only the cosines of the question words with all words: one product of the *distinct*
# question words (905 in `questions-words.txt`) with the vocabulary, in blocks that stay in the
# cache, serves all 19,544 questions and both methods.

EPSILON = np.float32(1e-3)  # the paper's; gensim's 1e-6 moves scores by up to 2 %, ranks hardly
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
        unit: float32 (V, D), the candidates, rows of length one (`unit_rows`).
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
