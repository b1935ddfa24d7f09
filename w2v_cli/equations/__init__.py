"""The mathematics of word vectors (skip-gram and CBOW), as it is written on paper.

Pure NumPy in float64: no input or output, no randomness, no state. The code is written to be
read, not to be fast, and is the reference for every engine (``w2v gradcheck``). All functions
stay finite for scores of ±10,000.

Symbols, the same in every file:

=================  ==============================================================
``n_words``        number of words in the vocabulary, written V on paper
``dim``            length of a word vector, written D on paper
``v_c``            vector of the centre word, shape ``(dim,)``
``U``              outside vectors, one *row* ``u_w`` per word, ``(n_words, dim)``
``o``              id of the true outside word, so ``u_o = U[o]``
``y``              one-hot vector with its 1 at ``o``
``y_hat``          ``softmax(U v_c)``: the predicted distribution over outside words
``negatives``      the K ids drawn as noise, with repetitions
=================  ==============================================================

Rows or columns?
    Handouts often write U with one *column* u_w per word, shape (dim, n_words). Then the
    scores are ``Uᵀ v_c``, ``∂J/∂v_c = U (ŷ − y)`` and ``∂J/∂U = v_c (ŷ − y)ᵀ``. Programs
    store one *row* per word, since a row is contiguous in memory. Transposing all three:
    scores ``U v_c``, ``∂J/∂v_c = Uᵀ (ŷ − y)``, ``∂J/∂U = (ŷ − y) v_cᵀ``. The formula of one
    layout does not fit the other (or, worse, fits by chance if ``n_words == dim``). The rule
    that settles it: a gradient has the shape of its variable. :func:`naive_softmax` is written
    for rows, :func:`naive_softmax_columns` for columns.

Files, in reading order:

* `primitives.py`: softmax, cross-entropy, sigmoid, leaky ReLU, L2; the type of loss and gradients
* `naive_softmax.py`: the loss of one pair against all words
* `negative_sampling.py`: the loss of one pair against K draws of noise
* `negative_sampling_expected.py`: its mean over all draws, and the sum over counted pairs
* `mutual_information.py`: where that ends, and the best vectors for it
* `skip_gram.py`: a window in which the centre word predicts the words around it
* `cbow.py`: a window in which the words around predict the centre word, and batches of them
* `subwords.py`: a centre vector that is the mean of several rows
* `change_of_meaning.py`: a word in some texts against the same word in others, and chance
"""

from w2v_cli.equations.cbow import (
    BatchGradients,
    BatchScores,
    batch_gradients,
    batch_loss,
    batch_scores,
    cbow,
    cbow_mean,
    softmax_columns,
)
from w2v_cli.equations.mutual_information import (
    Factors,
    best_factors,
    optimal_products,
    pmi,
    ppmi,
)
from w2v_cli.equations.naive_softmax import (
    center_gradient,
    naive_softmax,
    naive_softmax_columns,
    other_gradient,
    outside_gradients,
    target_gradient,
)
from w2v_cli.equations.negative_sampling import negative_sampling, negative_sampling_stacked
from w2v_cli.equations.negative_sampling_expected import (
    negative_sampling_counted,
    negative_sampling_expected,
    unigram_start,
)
from w2v_cli.equations.primitives import (
    Array,
    LossAndGradients,
    cross_entropy,
    cross_entropy_gradient,
    l2_normalize,
    leaky_relu,
    leaky_relu_derivative,
    log_sigmoid,
    log_softmax,
    one_hot,
    sigmoid,
    sigmoid_derivative,
    softmax,
    softmax_jacobian,
)
from w2v_cli.equations.skip_gram import PairLoss, outside_positions, skip_gram
from w2v_cli.equations.subwords import mean_matrix, subwords

__all__ = [
    "Array",
    "BatchGradients",
    "BatchScores",
    "Factors",
    "LossAndGradients",
    "PairLoss",
    "batch_gradients",
    "batch_loss",
    "batch_scores",
    "best_factors",
    "cbow",
    "cbow_mean",
    "center_gradient",
    "cross_entropy",
    "cross_entropy_gradient",
    "l2_normalize",
    "leaky_relu",
    "leaky_relu_derivative",
    "log_sigmoid",
    "log_softmax",
    "mean_matrix",
    "naive_softmax",
    "naive_softmax_columns",
    "negative_sampling",
    "negative_sampling_counted",
    "negative_sampling_expected",
    "negative_sampling_stacked",
    "one_hot",
    "optimal_products",
    "other_gradient",
    "outside_gradients",
    "outside_positions",
    "pmi",
    "ppmi",
    "sigmoid",
    "sigmoid_derivative",
    "skip_gram",
    "softmax",
    "softmax_columns",
    "softmax_jacobian",
    "subwords",
    "target_gradient",
    "unigram_start",
]
