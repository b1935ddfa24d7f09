"""The small example that the worksheet, the tests and the key share."""

from dataclasses import dataclass

import numpy as np

from w2v_cli.equations import Array

WORDS = ("king", "queen", "snow", "tea")
CENTER, OUTSIDE = 0, 1
DRAWS = (2, 1, 3, 2)
"""What a data set returns for K = 3: the outside word is drawn again, “snow” comes twice."""
WINDOW = (3, 1, 0, 1, 2)
"""The text “tea queen king queen snow”, with the centre word in the middle."""

PICTURE_WORDS = ("good", "bad", "tea", "rain", "snow")
_PICTURE = ((3.0, 0.0, 1.0), (3.0, 0.0, -1.0), (-2.0, 2.5, 0.0), (-2.0, -2.5, 0.0), (-2.0, -1.0, 0))
"""Good and bad differ only along the third axis, which has the least variance."""


@dataclass(frozen=True)
class Example:
    """Vectors of length 2, drawn with a seed and rounded to one decimal.

    V, U: centre and outside vectors by rows. x: a vector of scores. picture: vectors of length
    3 for `PICTURE_WORDS`. u_not, u_bad: vectors of length 2.
    """

    seed: int
    V: Array
    U: Array
    x: Array
    alpha: float
    u_not: Array
    u_bad: Array
    picture: Array

    @property
    def v_c(self) -> Array:
        """The centre word's vector."""
        return np.asarray(self.V[CENTER])

    @property
    def negatives(self) -> tuple[int, ...]:
        """The draws that are not the outside word."""
        return tuple(k for k in DRAWS if k != OUTSIDE)


def make_example(seed: int = 0) -> Example:
    """Draw the numbers. The same seed gives the same example."""
    rng = np.random.Generator(np.random.Philox(key=[seed, 224]))

    def draw(*shape: int) -> Array:
        tenths = rng.integers(1, 10, shape) * rng.choice([-1, 1], shape)
        return np.asarray(tenths / 10)

    n_words = len(WORDS)
    jitter = rng.integers(-1, 2, (len(PICTURE_WORDS), 3)) / 10
    return Example(
        seed=seed,
        V=draw(n_words, 2),
        U=draw(n_words, 2),
        x=np.array([-2.0, -1.0, 1.0, 2.0]) + draw(4),  # never 0, where leaky ReLU has no slope
        alpha=float(rng.integers(1, 4)) / 10,
        u_not=draw(2),
        u_bad=draw(2),
        picture=np.asarray(_PICTURE) + jitter,
    )
