"""The derivation of subwords, with numbers: a mean of rows, and where its gradient goes."""

from collections.abc import Iterator

import numpy as np

from w2v_cli import equations as eq
from w2v_cli.checks.show_numbers import O_WORD, WORDS, U, lines_of, measured, vector
from w2v_cli.equations import Array
from w2v_cli.mistakes.measure import STEP

_NAMES = ("nana", "<n", "na", "an", "a>", "tea")
_G = (0, 1, 2, 3, 2, 4)  # nana, then its n-grams of two characters in their order
_Z = np.array([[0.6, -0.4], [0.1, 0.3], [-0.5, 0.2], [0.4, 0.4], [0.3, -0.2], [0.2, 0.5]])


def subwords() -> Iterator[str]:
    """Yield the lines of the derivation."""
    v_c = _Z[list(_G)].mean(axis=0)
    pair = eq.naive_softmax(v_c, O_WORD, U)
    result = eq.subwords(_G, O_WORD, _Z, U, eq.naive_softmax)
    S = eq.mean_matrix([_G], len(_Z))
    yield "Subwords:  J = J(v_c, o, U),  v_c = (1/n) Σ_{r∈G(c)} z_r"
    yield ""
    yield "  Example: centre word “nana”, n-grams of two characters, “na” twice, n = 6"
    yield "     Z, the rows of words and n-grams; that of “tea” is another word's"
    yield from lines_of(_Z, _NAMES)
    yield f"     U, one row a word, outside word o = “{WORDS[O_WORD]}”:"
    yield from lines_of(U)
    yield ""
    yield "1. The centre vector is the mean; the row that is there twice counts twice"
    yield f"     v_c = (z_nana + z_<n + 2 z_na + z_an + z_a>)/6 = {vector(v_c)}"
    yield "2. One pair with v_c, here of naive softmax: loss and ∂J/∂v_c are the pair's own"
    yield f"     J = {pair.loss:.5f}, ∂J/∂v_c = Uᵀ(ŷ − y) = {vector(pair.grad_center)}"
    yield "3. ∂v_c/∂z_r = n_r/n, so ∂J/∂z_r = (n_r/n) ∂J/∂v_c (chain rule), else 0"
    yield from lines_of(result.grad_center, _NAMES)
    yield "4. ∂J/∂U is the pair's own at v_c"
    yield from lines_of(result.grad_outside)
    yield "5. All words at once: V = S Z, a line of S for each word, and ∂J/∂Z = Sᵀ ∂J/∂V"
    yield f"     the line of this word sums to {S[0].sum():g}:"
    yield f"       {vector(S[0])}"
    yield "6. fastText adds all of −lr ∂J/∂v_c to each row: n times this gradient, by which"
    yield "     v_c itself moves as far as it would with one row"
    yield f"Proof by numbers: five-point differences of J, h = {STEP:g}"

    def loss(Z: Array) -> float:
        return eq.subwords(_G, O_WORD, Z, U, eq.naive_softmax).loss

    yield from measured(loss, _Z, result.grad_center, "∂J/∂z_na[0]", row=2)
