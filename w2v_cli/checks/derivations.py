"""`w2v gradcheck --show`: derivations, step by step, with the numbers of a small example."""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from w2v_cli import equations as eq
from w2v_cli.checks.check_report import Paint, plain
from w2v_cli.checks.functions import WindowLoss
from w2v_cli.checks.measure import STEP, directional_derivative
from w2v_cli.equations import Array
from w2v_cli.equations.change_of_meaning import cosine

# The example that the derivations share, and the format of its numbers.


WORDS = ("king", "queen", "snow", "tea")
V_C = np.array([0.6, -0.4])
U = np.array([[0.5, 0.1], [0.9, -0.7], [-0.3, 0.8], [0.2, 0.4]])
O_WORD, NEGATIVES = 1, (2, 3, 2)


def vector(x: Array) -> str:
    """Format a vector."""
    return "(" + ", ".join(f"{v:8.5f}".strip() for v in np.atleast_1d(x)) + ")"


def lines_of(matrix: Array, names: tuple[str, ...] = WORDS) -> Iterator[str]:
    """Yield the lines of a matrix, one per word."""
    for name, row in zip(names, matrix, strict=True):
        yield f"       {name:<6} " + "  ".join(f"{v:9.5f}" for v in np.atleast_1d(row))


def measured(
    f: Callable[[Array], float], x: Array, analytic: Array, name: str, row: int = 0
) -> Iterator[str]:
    """Yield a line: the first coordinate of a row of a gradient, and a difference of the loss."""
    unit = np.zeros_like(x)
    place = (row,) + (0,) * (x.ndim - 1)
    unit[place] = 1.0
    measured = directional_derivative(f, x, unit)
    yield f"     {name:<14}  formula {analytic[place]:13.10f}   difference {measured:13.10f}"


# The derivations. Each yields lines; those that do not begin with a space are headings.


_EXAMPLE = "Example: centre word “king”, outside word o = “queen”, vectors of length 2"


def _proof(loss: Callable[[Array, Array], eq.LossAndGradients]) -> Iterator[str]:
    result = loss(V_C, U)
    yield f"Numerical check: five-point differences of J, h = {STEP:g}"
    yield from measured(lambda v: loss(v, U).loss, V_C, result.grad_center, "∂J/∂v_c[0]")
    row = result.grad_outside[O_WORD]

    def of_row(u: Array) -> float:
        changed = U.copy()
        changed[O_WORD] = u
        return loss(V_C, changed).loss

    yield from measured(of_row, U[O_WORD], row, "∂J/∂u_queen[0]")


def _setting() -> Iterator[str]:
    yield f"  {_EXAMPLE}"
    yield f"     v_c    {vector(V_C)}"
    yield "     U, one row per word:"
    yield from lines_of(U)
    yield ""


def _naive_softmax() -> Iterator[str]:
    x = U @ V_C
    e, y_hat, y = np.exp(x - x.max()), eq.softmax(x), eq.one_hot(O_WORD, len(U))
    delta = y_hat - y
    loss, grad_center, grad_outside = eq.naive_softmax(V_C, O_WORD, U)
    yield "Naive softmax:  J = −log ŷ_o,  ŷ = softmax(U v_c)"
    yield ""
    yield from _setting()
    yield "1. Scores x = U v_c: how well each word fits the centre word"
    yield from lines_of(x)
    yield "2. Prediction ŷ_w = exp(x_w) / Σ exp(x); subtract the largest score first"
    yield f"     exp(x − max x) = {vector(e)}, sum {e.sum():.5f}"
    yield from lines_of(y_hat)
    yield "3. Loss: the cross-entropy with the one-hot y has one term"
    yield f"     J = −Σ_w y_w log ŷ_w = −log ŷ_o = −log {y_hat[O_WORD]:.5f} = {loss:.5f}"
    yield "4. Error δ = ∂J/∂x = ŷ − y"
    yield "     J = −x_o + log Σ exp(x_w), so ∂J/∂x_w = exp(x_w)/Σ exp(x) − y_w = ŷ_w − y_w"
    yield from lines_of(delta)
    yield "5. Centre gradient: x_w = u_w·v_c, so ∂x_w/∂v_c = u_w; chain rule over all words"
    yield "     ∂J/∂v_c = Σ_w δ_w u_w = Uᵀ(ŷ − y) = Σ_w ŷ_w u_w − u_o"
    yield f"             = {vector(y_hat @ U)} − {vector(U[O_WORD])} = {vector(grad_center)}"
    yield "6. Outside gradients: ∂x_w/∂u_w = v_c"
    yield "     ∂J/∂u_w = δ_w v_c = (ŷ_w − y_w) v_c; all rows at once ∂J/∂U = (ŷ − y) v_cᵀ"
    yield "     two cases:  w = o: (ŷ_o − 1) v_c,  w ≠ o: ŷ_w v_c"
    yield from lines_of(grad_outside)
    yield from _step_of_descent(y_hat, grad_center)
    yield from _layouts()
    yield from _proof(lambda v, outside: eq.naive_softmax(v, O_WORD, outside))


def _step_of_descent(y_hat: Array, grad_center: Array) -> Iterator[str]:
    rate = 0.5
    after = V_C - rate * grad_center
    before, now = (eq.softmax(U @ v)[O_WORD] for v in (V_C, after))
    yield "7. A step of descent: v_c ← v_c − lr ∂J/∂v_c = v_c + lr (u_o − Σ_w ŷ_w u_w)"
    yield "     v_c moves towards u_o, the outside vector that was seen, and away from the"
    yield "     expected one, the mean of all u_w weighted by ŷ; it stops where both agree"
    yield f"     lr = {rate:g}: v_c = {vector(after)}, ŷ_o from {before:.5f} to {now:.5f}"


def _layouts() -> Iterator[str]:
    yield "Rows or columns: a gradient has the shape of its variable"
    yield "     U (n_words, dim):  x = U v_c,   ∂J/∂v_c = Uᵀ(ŷ − y),  ∂J/∂U = (ŷ − y) v_cᵀ"
    yield "     U (dim, n_words):  x = Uᵀ v_c,  ∂J/∂v_c = U(ŷ − y),   ∂J/∂U = v_c (ŷ − y)ᵀ"


def _negative_sampling() -> Iterator[str]:
    rows = (O_WORD, *NEGATIVES)
    names = tuple(WORDS[i] for i in rows)
    x = U[list(rows)] @ V_C
    g = eq.sigmoid(x) - eq.one_hot(0, len(rows))
    loss, grad_center, grad_outside = eq.negative_sampling(V_C, O_WORD, NEGATIVES, U)
    drawn = ", ".join(WORDS[k] for k in NEGATIVES)
    yield "Negative sampling:  J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c)"
    yield ""
    yield from _setting()
    yield f"1. K = {len(NEGATIVES)} draws of noise: {drawn}; “snow” twice, so it counts twice"
    yield "2. Scores x = u·v_c of the outside word and of each draw"
    yield from lines_of(x, names)
    yield "3. Loss: the outside word should score high, noise low"
    terms = " + ".join(f"{v:.5f}" for v in -eq.log_sigmoid(np.where(np.arange(len(x)), -x, x)))
    yield "     J = −log σ(x_o) − Σ_k log σ(−x_k)"
    yield f"       = {terms} = {loss:.5f}"
    yield "4. Error g = ∂J/∂x:  d/dx log σ(x) = 1 − σ(x) and 1 − σ(−x) = σ(x), so"
    yield "     g_o = σ(x_o) − 1, g_k = σ(x_k): prediction minus label, labels (1, 0, …, 0)"
    yield from lines_of(g, names)
    yield "5. Centre gradient: ∂J/∂v_c = g_o u_o + Σ_k g_k u_k = U_sᵀ g, U_s: stacked rows"
    yield f"     = {vector(grad_center)}"
    yield "6. Outside gradients: ∂J/∂u_o = g_o v_c,  ∂J/∂u_k = g_k v_c, once for every draw"
    yield "     the terms of one word add up; words that were not drawn keep 0"
    yield from lines_of(grad_outside)
    yield f"     {len(set(rows))} of {len(U)} rows have a gradient; with naive softmax all"
    yield "7. Reuse: the scores x and σ(x) serve the loss and all three gradients, since"
    yield "     1 − σ(−x_k) = σ(x_k). Compute g = (σ(x_o) − 1, σ(x_1), …, σ(x_K)) once;"
    yield "     then ∂J/∂v_c = U_sᵀ g and ∂J/∂U_s = g v_cᵀ are one product each"
    yield from _proof(lambda v, outside: eq.negative_sampling(v, O_WORD, NEGATIVES, outside))


def _negative_sampling_expected() -> Iterator[str]:
    data, P, K = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.34, 0.28, 0.22, 0.16]), 3
    noise = K * P
    b = eq.unigram_start(data, noise)
    x = U @ V_C + b
    negatives = np.where(np.arange(len(U)) == O_WORD, 0.0, noise)
    delta = negatives * eq.sigmoid(x) - eq.one_hot(O_WORD, len(U)) * eq.sigmoid(-x)
    loss, grad_center, grad_outside = eq.negative_sampling_expected(V_C, O_WORD, noise, U, b)
    yield "Negative sampling without sampling: J = −log σ(s_o) − Σ_{w≠o} K·P(w) log σ(−s_w)"
    yield ""
    yield from _setting()
    yield f"1. Noise: K = {K} draws from P give word w K·P(w) times on average; o is left out"
    yield "     J is linear in how often a word is drawn: these are its expected weights"
    yield from lines_of(negatives)
    yield "2. Prior: b_w = log(P_data(w) / (K·P(w))), a constant added to each score"
    yield "     At v = 0, σ(b_w) = P_data/(P_data + K·P) is the probability that w is"
    yield "     data, not noise: the best guess before the centre is known. Without b all"
    yield "     probabilities start at ½, and the vectors spend many epochs, and part of"
    yield "     their length, on learning how frequent words are"
    yield from lines_of(b)
    yield "3. Scores s_w = u_w·v_c + b_w"
    yield from lines_of(x)
    yield f"4. Loss: every word has a term; J = {loss:.5f}"
    yield "5. Error δ = ∂J/∂s:  δ_o = σ(s_o) − 1,  δ_w = K·P(w) σ(s_w) for the others"
    yield from lines_of(delta)
    yield "6. Centre gradient: ∂J/∂v_c = Σ_w δ_w u_w = Uᵀ δ"
    yield f"     = {vector(grad_center)}"
    yield "7. Outside gradients: ∂J/∂u_w = δ_w v_c; all rows at once ∂J/∂U = δ v_cᵀ"
    yield from lines_of(grad_outside)
    yield "8. A whole corpus: X[c,w] pairs of c and w, n_c = Σ_w X[c,w] pairs of c. Word w"
    yield "     is noise K·P(w) (n_c − X[c,w]) times. With G = ∂J/∂s over all c and w"
    yield "     G[c,w] = K·P(w) (n_c − X[c,w]) σ(s) − X[c,w] σ(−s)"
    yield "     ∂J/∂V = G U,  ∂J/∂U = Gᵀ V"
    yield from _proof(
        lambda v, outside: eq.negative_sampling_expected(v, O_WORD, noise, outside, b)
    )


def _skip_gram() -> Iterator[str]:
    words, t, radius = (3, 1, 0, 1, 2), 2, 2
    V = np.array([V_C, [0.1, 0.3], [-0.5, 0.2], [0.4, 0.4]])
    result = eq.skip_gram(words, t, radius, V, U, eq.naive_softmax)
    yield "Skip-gram window:  J = Σ_{−m≤j≤m, j≠0} J(v_c, w_{t+j}, U)"
    yield ""
    yield "  Example: “tea queen KING queen snow”, m = 2, naive softmax for each pair"
    yield "     centre vectors V:"
    yield from lines_of(V)
    yield "     outside vectors U:"
    yield from lines_of(U)
    yield ""
    yield "1. One pair for each position of the window except its middle (j ≠ 0)"
    total = np.zeros(2)
    for position in eq.outside_positions(t, radius, len(words)):
        pair = eq.naive_softmax(V_C, words[position], U)
        total += pair.grad_center
        name, j = WORDS[words[position]], position - t
        gradient = vector(pair.grad_center)
        yield f"     j = {j:+d}  {name:<6} J = {pair.loss:.5f}  ∂J/∂v_c = {gradient}"
    yield f"2. Loss: the sum, {result.loss:.5f} (a sum, not a mean)"
    yield f"3. ∂J/∂v_c: the sum, {vector(total)}; “queen” occurs and counts twice"
    yield "     no other centre vector occurs in J: ∂J/∂v_w = 0 for w ≠ c"
    yield from lines_of(result.grad_center)
    yield "4. ∂J/∂U: the sum of the pairs' (ŷ − y) v_cᵀ"
    yield from lines_of(result.grad_outside)
    yield "5. The same for any loss F(w, v_c) of one pair: a derivative of a sum is the sum"
    yield "     of the derivatives. With J = Σ_{−m≤j≤m, j≠0} F(w_{t+j}, v_c)"
    yield "     ∂J/∂U   = Σ_{−m≤j≤m, j≠0} ∂F(w_{t+j}, v_c)/∂U"
    yield "     ∂J/∂v_c = Σ_{−m≤j≤m, j≠0} ∂F(w_{t+j}, v_c)/∂v_c"
    yield "     ∂J/∂v_w = 0 for w ≠ c"
    yield f"Numerical check: five-point differences of J, h = {STEP:g}"
    yield from measured(
        lambda matrix: eq.skip_gram(words, t, radius, matrix, U, eq.naive_softmax).loss,
        V,
        result.grad_center,
        "∂J/∂v_king[0]",
    )


def _cbow() -> Iterator[str]:
    words, t, radius = (3, 1, 0, 1, 2), 2, 2
    around = [words[i] for i in eq.outside_positions(t, radius, len(words))]
    V = np.array([V_C, [0.1, 0.3], [-0.5, 0.2], [0.4, 0.4]])
    h, n = V[around].sum(axis=0), len(around)
    pair = eq.naive_softmax(h, words[t], U)
    result = eq.cbow(words, t, radius, V, U, eq.naive_softmax)
    mean = eq.cbow_mean(words, t, radius, V, U, eq.naive_softmax)
    yield "CBOW window:  J = J(h, w_t, U),  h = Σ_{−m≤j≤m, j≠0} v_{w_{t+j}}"
    yield ""
    yield "  Example: “tea queen KING queen snow”, m = 2, naive softmax for the pair"
    yield "     centre vectors V, here those of the words that predict:"
    yield from lines_of(V)
    yield "     outside vectors U, here that of the predicted word:"
    yield from lines_of(U)
    yield ""
    yield "1. Add up the words around: tea + queen + queen + snow, without the middle"
    yield f"     h = {vector(h)}; “queen” occurs twice and is added twice"
    yield "2. One pair for the window: h in place of v_c, the centre word king instead of o"
    yield f"     J = −log ŷ_king, ŷ = softmax(U h) = {vector(eq.softmax(U @ h))}"
    yield f"       = {pair.loss:.5f}"
    yield "3. ∂J/∂h is the pair's centre gradient: ∂J/∂h = Uᵀ(ŷ − y)"
    yield f"     = {vector(pair.grad_center)}"
    yield "4. ∂J/∂V: h = Σ_w n_w v_w, so ∂J/∂v_w = n_w ∂J/∂h, n_w times in the window"
    yield "     the rows of the centre word and of words outside the window stay 0"
    yield from lines_of(result.grad_center)
    yield "5. ∂J/∂U = (ŷ − y) hᵀ, once for the whole window"
    yield from lines_of(result.grad_outside)
    yield f"6. word2vec takes the mean: h = (1/n) Σ_j v_{{w_{{t+j}}}}, n = {n}, J = {mean.loss:.5f}"
    yield "     ∂J/∂v_w = (n_w/n) ∂J/∂h: the chain rule brings the factor 1/n"
    yield from lines_of(mean.grad_center)
    yield f"Numerical check: five-point differences of J, h = {STEP:g}"
    for name, model, gradient in (("sum", eq.cbow, result), ("mean", eq.cbow_mean, mean)):

        def loss(matrix: Array, model: WindowLoss = model) -> float:
            return model(words, t, radius, matrix, U, eq.naive_softmax).loss

        yield from measured(loss, V, gradient.grad_center, f"{name}, ∂J/∂v_queen[0]", row=1)


def _cbow_batches() -> Iterator[str]:
    contexts, centers = np.array([[3, 1, 1, 2], [0, 0, 2, 1]]).T, [0, 3]
    x, y = np.eye(4)[contexts].mean(axis=0).T, np.eye(4)[centers].T
    W1 = np.array([[0.6, 0.1, -0.5, 0.4], [-0.4, 0.3, 0.2, -0.9]])
    b1, b2 = np.array([[0.1], [0.05]]), np.array([[0.2], [0.0], [-0.1], [0.0]])
    z, h = eq.batch_scores(x, W1, U, b1, b2)
    y_hat = eq.softmax_columns(z)
    got, error = eq.batch_gradients(x, y_hat, y, h, W1, U, b1, b2, 2), U.T @ (y_hat - y)
    hidden = ("unit 0", "unit 1")
    yield "CBOW in batches:  J = −(1/m) Σ y log ŷ,  ŷ = softmax(W2 ReLU(W1 x + b1) + b2)"
    yield ""
    yield "  Example: m = 2 examples, one in each column; “tea queen KING queen snow” and"
    yield "     “king king TEA snow queen”; W2 is the U of the other examples"
    yield "1. x: the mean of the one-hot vectors of a context; W1 x: that of its vectors"
    yield from lines_of(x)
    yield "     W1 x + b1:"
    yield from lines_of(W1 @ x + b1, hidden)
    yield "2. ReLU: h = max(0, W1 x + b1)"
    yield from lines_of(h, hidden)
    yield "3. Scores z = W2 h + b2; ŷ is the softmax of each column (axis 0)"
    yield from lines_of(y_hat)
    yield f"4. Loss: the mean of both cross-entropies, J = {eq.batch_loss(y, y_hat, 2):.5f}"
    yield "5. Second layer: ∂J/∂z = (ŷ − y)/m, so ∂J/∂W2 = (1/m)(ŷ − y) hᵀ"
    yield from lines_of(got.W2)
    yield "     ∂J/∂b2 is the sum over the columns of (ŷ − y)/m:"
    yield f"     {vector(got.b2.ravel())}"
    yield "6. Back to the hidden values: W2ᵀ(ŷ − y)"
    yield from lines_of(error, hidden)
    yield "7. Through ReLU: its slope is 1 where W1 x + b1 > 0, else 0. So δ is W2ᵀ(ŷ − y)"
    yield "     where h > 0, else 0"
    yield from lines_of(np.where(h > 0, error, 0.0), hidden)
    yield "     Coursera's published key takes ReLU of W2ᵀ(ŷ − y) itself: it drops the"
    yield "     negative errors, whatever W1 x + b1 is. That is not the gradient."
    yield "8. First layer: ∂J/∂W1 = (1/m) δ xᵀ, ∂J/∂b1 = the sum over the columns of δ/m"
    yield from lines_of(got.W1, hidden)
    yield f"     ∂J/∂b1 = {vector(got.b1.ravel())}"
    yield f"Numerical check: five-point differences of J, h = {STEP:g}"

    def loss(matrix: Array) -> float:
        scores = eq.batch_scores(x, matrix, U, b1, b2).scores
        return eq.batch_loss(y, eq.softmax_columns(scores), 2)

    yield from measured(loss, W1, got.W1, "∂J/∂W1[0, 0]")


_NAMES = ("nana", "<n", "na", "an", "a>", "tea")
_G = (0, 1, 2, 3, 2, 4)  # nana, then its n-grams of two characters in their order
_Z = np.array([[0.6, -0.4], [0.1, 0.3], [-0.5, 0.2], [0.4, 0.4], [0.3, -0.2], [0.2, 0.5]])


def _subwords() -> Iterator[str]:
    v_c = _Z[list(_G)].mean(axis=0)
    pair = eq.naive_softmax(v_c, O_WORD, U)
    result = eq.subwords(_G, O_WORD, _Z, U, eq.naive_softmax)
    S = eq.mean_matrix([_G], len(_Z))
    yield "Subwords:  J = J(v_c, o, U),  v_c = (1/n) Σ_{r∈G(c)} z_r"
    yield ""
    yield "  Example: centre word “nana”, n-grams of two characters, “na” twice, n = 6"
    yield "     Z, the rows of words and n-grams; “tea” is another word"
    yield from lines_of(_Z, _NAMES)
    yield f"     U, one row per word, outside word o = “{WORDS[O_WORD]}”:"
    yield from lines_of(U)
    yield ""
    yield "1. The centre vector is the mean; a row that occurs twice counts twice"
    yield f"     v_c = (z_nana + z_<n + 2 z_na + z_an + z_a>)/6 = {vector(v_c)}"
    yield "2. One pair with v_c, here of naive softmax: loss and ∂J/∂v_c are the pair's own"
    yield f"     J = {pair.loss:.5f}, ∂J/∂v_c = Uᵀ(ŷ − y) = {vector(pair.grad_center)}"
    yield "3. ∂v_c/∂z_r = n_r/n, so ∂J/∂z_r = (n_r/n) ∂J/∂v_c (chain rule), else 0"
    yield from lines_of(result.grad_center, _NAMES)
    yield "4. ∂J/∂U is the pair's own at v_c"
    yield from lines_of(result.grad_outside)
    yield "5. All words at once: V = S Z, one row of S per word, and ∂J/∂Z = Sᵀ ∂J/∂V"
    yield f"     the row of this word sums to {S[0].sum():g}:"
    yield f"       {vector(S[0])}"
    yield "6. fastText adds all of −lr ∂J/∂v_c to each row, n times this gradient, so that"
    yield "     v_c itself moves as far as it would with one row"
    yield f"Numerical check: five-point differences of J, h = {STEP:g}"

    def loss(Z: Array) -> float:
        return eq.subwords(_G, O_WORD, Z, U, eq.naive_softmax).loss

    yield from measured(loss, _Z, result.grad_center, "∂J/∂z_na[0]", row=2)


def _sigmoid() -> Iterator[str]:
    x = np.array([-2.0, 0.0, 0.5, 10_000.0])
    yield "Sigmoid:  σ(x) = 1/(1 + e⁻ˣ) = eˣ/(eˣ + 1)"
    yield ""
    yield "1. The two forms are equal: multiply numerator and denominator by eˣ"
    yield "     The first is safe for x ≥ 0, the second for x < 0: e¹⁰⁰⁰ overflows"
    yield "2. Mirror: 1 − σ(x) = e⁻ˣ/(1 + e⁻ˣ) = 1/(eˣ + 1) = σ(−x)"
    yield "3. Derivative: (1 + e⁻ˣ)⁻¹ has slope e⁻ˣ (1 + e⁻ˣ)⁻² = σ(x) · (1 − σ(x))"
    yield "     for a vector, element by element: the Jacobian is diag(σ′(x))"
    yield "4. Logarithm: d/dx log σ(x) = σ′(x)/σ(x) = 1 − σ(x)"
    heads = ("x", "σ(x)", "1 − σ(x)", "σ(−x)", "σ′(x)", "log σ(x)")
    yield "     " + "  ".join(f"{head:>9}" for head in heads)
    for a in x:
        s, mirror = eq.sigmoid(a), eq.sigmoid(-a)
        slope, log = eq.sigmoid_derivative(a), eq.log_sigmoid(a)
        yield f"     {a:9g}  {s:9.5f}  {1 - s:9.5f}  {mirror:9.5f}  {slope:9.5f}  {log:9.5f}"
    yield f"Numerical check: five-point difference, h = {STEP:g}"
    yield from measured(
        lambda z: float(eq.sigmoid(z)[0]),
        np.array([0.5]),
        np.atleast_1d(eq.sigmoid_derivative(0.5)),
        "σ′(0.5)",
    )


def _softmax() -> Iterator[str]:
    x = np.array([1.0, 2.0, 4.0])
    y_hat, jacobian = eq.softmax(x), eq.softmax_jacobian(x)
    names = ("i = 0", "i = 1", "i = 2")
    yield "Softmax:  ŷ_i = exp(x_i) / Σ_j exp(x_j)"
    yield ""
    yield f"  Example: x = {vector(x)}"
    yield f"1. exp(x) = {vector(np.exp(x))}, sum {np.exp(x).sum():.5f}"
    yield f"     ŷ = {vector(y_hat)}, sum {y_hat.sum():.5f}"
    yield "2. A constant cancels: exp(x_i + a)/Σ exp(x_j + a) = eᵃ exp(x_i)/(eᵃ Σ exp(x_j))"
    yield "     so subtract max x first: nothing overflows, the denominator is at least 1"
    yield f"     softmax(x + 10000) = {vector(eq.softmax(x + 10_000))}"
    yield "3. Jacobian, quotient rule with S = Σ exp(x_j):"
    yield "     ∂ŷ_i/∂x_j = (δ_ij exp(x_i) S − exp(x_i) exp(x_j))/S² = ŷ_i (δ_ij − ŷ_j)"
    yield "     two cases:  i = j:  ∂ŷ_i/∂x_i = ŷ_i(1 − ŷ_i)"
    yield "                 i ≠ j:  ∂ŷ_i/∂x_j = −ŷ_i ŷ_j"
    yield f"       ŷ_0(1 − ŷ_0) = {jacobian[0, 0]:.5f},  −ŷ_0 ŷ_1 = {jacobian[0, 1]:.5f}"
    yield from lines_of(jacobian, names)
    yield "     every row and column sums to 0: probability only moves between words"
    yield "4. With cross-entropy: ∂CE/∂x_j = −Σ_i (y_i/ŷ_i) ŷ_i (δ_ij − ŷ_j) = ŷ_j − y_j"
    yield f"     for y = (0, 1, 0): {vector(eq.cross_entropy_gradient(eq.one_hot(1, 3), x))}"
    yield f"Numerical check: five-point difference, h = {STEP:g}"
    yield from measured(lambda z: float(eq.softmax(z)[0]), x, jacobian[0], "∂ŷ_0/∂x_0")


def _leaky_relu() -> Iterator[str]:
    alpha, x = 0.1, np.array([-2.0, -0.5, 0.5, 2.0])
    yield "Leaky ReLU:  f(x) = max(αx, x),  0 ≤ α < 1"
    yield ""
    yield f"  Example: α = {alpha:g}, x = {vector(x)}"
    yield "1. Above 0, x is the larger one: f(x) = x, with slope 1"
    yield "2. Below 0, αx is the larger one: f(x) = αx, with slope α"
    yield "3. At 0 the slope from the left is α and from the right 1: no derivative"
    yield "     programs choose one of the two; ReLU is α = 0"
    yield f"     f(x)  = {vector(eq.leaky_relu(x, alpha))}"
    yield f"     f′(x) = {vector(eq.leaky_relu_derivative(x, alpha))}"
    yield "4. Of a vector, element by element: the Jacobian is diag(f′(x))"
    yield f"Numerical check: five-point difference, h = {STEP:g}"
    for value in (-0.5, 0.5):
        slope = np.atleast_1d(eq.leaky_relu_derivative(value, alpha))
        yield from measured(
            lambda z: float(eq.leaky_relu(z, alpha)[0]), np.array([value]), slope, f"f′({value:g})"
        )


def _l2_normalisation() -> Iterator[str]:
    u, alpha = np.array([0.6, -0.8]) * 2, 3.0
    n, length = eq.l2_normalize(u), float(np.linalg.norm(u))
    jacobian = (np.eye(len(u)) - np.outer(n, n)) / length
    bad = np.array([0.5, 0.5])
    yield "L2 normalisation:  n(u) = u/‖u‖"
    yield ""
    yield f"  Example: u_not = {vector(u)}, ‖u‖ = {length:g}; u_very = {alpha:g} u_not"
    yield f"     u_bad = {vector(bad)}"
    yield "1. The length is lost: n(αu) = αu/(α‖u‖) = n(u) for every α > 0"
    yield f"     n(u_not) = n(u_very) = {vector(n)}"
    yield "2. Sums of normalised vectors cannot tell “not bad” from “very bad”:"
    yield f"     n(u_not) + n(u_bad) = n(u_very) + n(u_bad) = {vector(n + eq.l2_normalize(bad))}"
    yield "     no classifier of the sum separates them. Raw sums differ by (α − 1) u_not:"
    yield f"     {vector(u + bad)} and {vector(alpha * u + bad)}"
    yield "3. Nothing is lost where lengths carry no meaning: if only directions matter,"
    yield "     as with cosine similarity, or if words with one direction never differ"
    yield "4. Jacobian: ∂(u_i/‖u‖)/∂u_j = (δ_ij − n_i n_j)/‖u‖, since ∂‖u‖/∂u_j = n_j"
    yield from lines_of(jacobian, ("i = 0", "i = 1"))
    yield "     times u it is 0: along u, nothing changes"
    yield f"Numerical check: five-point difference, h = {STEP:g}"
    yield from measured(lambda z: float(eq.l2_normalize(z)[0]), u, jacobian[0], "∂n_0/∂u_0")


#: Pair counts of four words, for `_spectral`.
_X = np.array([[2.0, 9, 1, 2], [9, 2, 1, 1], [1, 1, 2, 6], [2, 1, 6, 4]])


def _spectral() -> Iterator[str]:
    n, n_c, A = _X.sum(), _X.sum(axis=1), eq.ppmi(_X)
    values, vectors = np.linalg.eigh(A)
    values, vectors = values[::-1], vectors[:, ::-1]
    V, U2 = eq.best_factors(A, 2, 0.25)
    error, left = ((A - V @ U2.T) ** 2).sum(), (values**2).sum() - (values[:2] ** 2).sum()
    yield "Spectral vectors:  V Uᵀ ≈ PPMI, the best of D dimensions by eigenvectors"
    yield ""
    yield f"  Example: pair counts X of four words, n = {n:g} pairs"
    yield from lines_of(_X)
    yield from _optimum()
    yield "3. PMI[c,o] = log(X[c,o] n / (n_c n_o)): above 0 for pairs beyond chance"
    yield f"     king, queen: log({_X[0, 1]:g} · {n:g} / ({n_c[0]:g} · {n_c[1]:g}))"
    yield f"                  = {eq.pmi(_X)[0, 1]:.5f}"
    yield from lines_of(eq.pmi(_X))
    yield "4. A = PPMI = max(0, PMI): pairs rarer than chance say little; most never occur"
    yield from lines_of(A)
    yield "5. A = Σ λ x xᵀ, since A is symmetric; the best D dimensions keep the largest λ"
    yield f"     λ = {vector(values)}"
    yield "6. D = 2: v_c = λ^p x_c, u_o = λ^(1−p) x_o, so u_o·v_c = Σ λ x_c x_o; p = 0.25"
    yield from lines_of(V)
    yield "Numerical check: the squared error is the sum of the λ² that are left out"
    yield f"     ‖A − V Uᵀ‖²     product {error:13.10f}   eigenvalues {left:13.10f}"
    yield from _proof_of_optimum()
    yield "     Levy and Goldberg 2014: Neural Word Embedding as Implicit Matrix"
    yield "     Factorization"


def _optimum() -> Iterator[str]:
    n_c = _X.sum(axis=1)
    yield "1. Negative sampling over all pairs, s = u_o·v_c + b_o: one score, one slope"
    yield "     ∂J/∂s = K P(o) (n_c − X[c,o]) σ(s) − X[c,o] σ(−s)"
    yield "     zero where eˢ = X[c,o] / (K P(o) (n_c − X[c,o]))"
    yield "2. The prior b_o = log(n_o / n / (K P(o))) takes the noise out of it:"
    yield "     u_o·v_c = log(X[c,o] n / (n_c n_o)) + log(n_c / (n_c − X[c,o]))"
    yield "     the second term: negatives left out as they are the pair's own outside word"
    share = np.log(n_c[0] / (n_c[0] - _X[0, 1]))
    yield f"     king, queen: {eq.pmi(_X)[0, 1]:.5f} + {share:.5f}"
    yield "     with few neighbours it is large; with thousands it vanishes"


def _proof_of_optimum() -> Iterator[str]:
    noise = 3 * _X.sum(axis=0) ** 0.75 / (_X.sum(axis=0) ** 0.75).sum()
    b = eq.unigram_start(_X.sum(axis=0) / _X.sum(), noise)
    identity = np.eye(len(_X))
    _, grad_center, _ = eq.negative_sampling_counted(
        eq.optimal_products(_X), _X, noise, identity, b
    )
    yield "     all D = 4 dimensions, u·v as in 2: the gradient of negative sampling is 0"
    yield f"     max |∂J/∂V| = {np.abs(grad_center).max():.1e}"


#: Sums of the contexts of a word in six bundles, three of each slice, for `_change`.
_S = np.array([[1.0, 0.2], [0.8, -0.1], [0.9, 0.4], [0.1, 0.9], [-0.2, 0.7], [0.3, 1.1]])


def _change() -> Iterator[str]:
    deals = [list(chosen) for chosen in combinations(range(6), 3)]
    scores = np.array([_score_of_deal(deal) for deal in deals])
    low = (scores[:, None] >= scores - 1e-12).sum(axis=1)  # deals that score at most as much
    yield "Change of meaning:  is a word used differently in slice A than in slice B?"
    yield ""
    yield "  Example: documents that use the word, in bundles: 1 to 3 of A, 4 to 6 of B"
    yield "1. S_b = Σ of the context vectors around the word in bundle b"
    yield from lines_of(_S, tuple(f"b = {b}" for b in range(1, 7)))
    yield "2. A sum over documents is linear: a slice is the sum of its bundles"
    yield f"     S_A = {vector(_S[:3].sum(axis=0))}, S_B = {vector(_S[3:].sum(axis=0))}"
    yield "3. Score: the cosine of the slices, S_A·S_B / (‖S_A‖ ‖S_B‖)"
    yield f"     {scores[0]:.5f}"
    yield "4. If slices do not matter, documents that use the word are exchangeable: each"
    yield "     deal of six bundles to the slices, three each, is as likely as the real one"
    yield f"     6! / (3! 3!) = {len(deals)} deals, of which {low[0]} score at most as much"
    yield "5. p = (deals that score at most as much) / (all deals)"
    p = low / len(deals)
    yield f"     {low[0]} / {len(deals)} = {p[0]:g}: six bundles are too few for less"
    yield "     of m deals drawn at random, b score at most as much: p = (1 + b) / (1 + m)"
    yield "6. Assumed: documents are exchangeable. Where an author wrote several, they are"
    yield "     not; the author is a unit, and changes sides as a whole"
    yield "Numerical check: let each deal be the real one; p ≤ α for a share of at most α"
    for level in (0.1, 0.2, 0.5):
        share = float((p <= level).mean())
        yield f"     p ≤ {level:g}         share   {share:13.10f}   at most    {level:13.10f}"


def _score_of_deal(deal: list[int]) -> float:
    others = [b for b in range(6) if b not in deal]
    return cosine(_S[deal].sum(axis=0), _S[others].sum(axis=0))


TOPICS: dict[str, Callable[[], Iterator[str]]] = {
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "leaky-relu": _leaky_relu,
    "l2-normalisation": _l2_normalisation,
    "naive-softmax": _naive_softmax,
    "negative-sampling": _negative_sampling,
    "negative-sampling-expected": _negative_sampling_expected,
    "skip-gram": _skip_gram,
    "cbow": _cbow,
    "cbow-batches": _cbow_batches,
    "subwords": _subwords,
    "spectral": _spectral,
    "change": _change,
}


def render_derivation(topic: str, paint: Paint = plain) -> str:
    """Return the derivation of one of `TOPICS`."""
    lines = []
    for line in TOPICS[topic]():
        lines.append(paint(line, "heading") if line and not line.startswith(" ") else line)
    return "\n".join(lines)
