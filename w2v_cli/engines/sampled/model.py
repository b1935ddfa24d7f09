"""The parameters of a training, as the compiled functions take them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v_cli.engines.sampled.buffers import Ids, Mask, Matrix


class Rows(NamedTuple):
    """Which rows of the centre matrix each word has.

    start: int64 (V + 1,), empty where each word has the row of its own number. rows: int32, word w
    has `rows[start[w] : start[w + 1]]`. share: float32 (V,), what each row of a word gets of the
    gradient of its centre vector.
    """

    start: NDArray[np.int64]
    rows: Ids
    share: NDArray[np.float32]


class Model(NamedTuple):
    """The parameters.

    center, outside: vectors, flat, (n_rows · width,) and (V · width,). pull: float32 (V,), what a
    token adds of both vectors of its word to their gradients (`penalty.pull_of_a_token`).
    frozen_center, frozen_outside: uint8 (V,), 1 for a word whose vector may not move; empty where
    all may. rows: of the centre matrix, which each word has.
    """

    center: Matrix
    outside: Matrix
    pull: Matrix
    frozen_center: Mask
    frozen_outside: Mask
    rows: Rows


class CbowModel(Model):
    """The same for CBOW: its type says what is compiled (`gradient.py`)."""


def free_model(
    kind: type[Model],
    center: Matrix,
    outside: Matrix,
    pull: Matrix,
    rows: Rows | None = None,
) -> Model:
    """Parameters that all may move; (n_rows, width) and (V, width)."""
    all_free = np.zeros(0, np.uint8)
    one_each = Rows(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    matrices = center.reshape(-1), outside.reshape(-1)
    return kind(*matrices, pull, all_free, all_free, rows or one_each)
