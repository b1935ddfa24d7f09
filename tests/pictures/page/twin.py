"""What the page that explains must compute, by the equations: 100 steps from given vectors."""

import numpy as np

from w2v_cli.equations.naive_softmax import naive_softmax
from w2v_cli.equations.negative_sampling import negative_sampling

WORDS = ["a", "b", "c", "d", "e", "f", "g"]
TEXT = "a b c d\ne f a g b\nc c d a\nb g e\n"
LOSSES = ("softmax", "negatives")
N_STEPS = 100
LR = 0.3


def start(dim: int = 3):
    """Given vectors, and K = 4 draws for each step, in which words repeat."""
    rng = np.random.default_rng(25)
    shape = (len(WORDS), dim)
    draws = rng.integers(0, len(WORDS), (N_STEPS, 4))
    return rng.normal(size=shape), rng.normal(size=shape), draws


def pairs(radius: int = 2) -> list[tuple[int, int]]:
    """The pairs of TEXT as word ids, in the order of the text."""
    found = []
    for line in TEXT.splitlines():
        ids = [WORDS.index(word) for word in line.split()]
        for t, center in enumerate(ids):
            reach = range(max(0, t - radius), min(len(ids), t + radius + 1))
            found += [(center, ids[p]) for p in reach if p != t]
    return found


def steps(loss: str):
    """Yield pair, draws, loss and gradients before each step, and V and U after it."""
    V, U, drawn = start()
    lessons = pairs()
    for i in range(N_STEPS):
        c, o = lessons[i % len(lessons)]
        negatives = [int(k) for k in drawn[i] if k != o]
        pair = (
            naive_softmax(V[c], o, U)
            if loss == "softmax"
            else negative_sampling(V[c], o, negatives, U)
        )
        scores = U @ V[c] if loss == "softmax" else U[[o, *negatives]] @ V[c]
        V[c] -= LR * pair.grad_center
        U -= LR * pair.grad_outside
        yield {
            "c": c,
            "o": o,
            "negatives": negatives,
            "loss": pair.loss,
            "scores": scores,
            "gradCenter": pair.grad_center,
            "gradOutside": pair.grad_outside,
            "V": V.copy(),
            "U": U.copy(),
        }


#: Makes what `steps` yields of the page's objects; n: the number of words.
AS_DATA = """
const asData = (now, n, V, U) => ({
  c: now.c, o: now.o, negatives: now.negatives, loss: now.loss, scores: now.scores, V, U,
  gradCenter: now.gradCenter,
  gradOutside: Array.from({ length: n }, (_, w) => now.gradOutside.get(w) ?? now.v.map(() => 0)),
});
"""


def assert_equal_steps(found, loss: str) -> None:
    """Compare all numbers of all steps to 1e-9."""
    expected = list(steps(loss))
    assert len(found) == len(expected) == N_STEPS
    for mine, theirs in zip(found, expected, strict=True):
        names = ["c", "o", "loss", "scores", "gradCenter", "gradOutside", "V", "U"]
        for name in names + (["negatives"] if loss == "negatives" else []):
            np.testing.assert_allclose(mine[name], theirs[name], rtol=0, atol=1e-9, err_msg=name)
