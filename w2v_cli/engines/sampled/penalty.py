"""The penalty of `--l2`, spread over the tokens of a word."""

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.sampling import keep_prob
from w2v_cli.engines.sampled.buffers import Matrix
from w2v_cli.engines.sampled.offer import SampledSettings
from w2v_cli.engines.settings import EngineSettings

PULLED_TOKENS = 1000
"""Words of more kept tokens have no penalty."""


def pull_of_a_token(settings: EngineSettings, counts: NDArray[np.int64]) -> Matrix:
    """λ / n_w, (V,), with n_w the tokens of word w that one pass is expected to keep.

    Each token adds that share of both vectors of its word to their gradients. So a pass adds λ v_w
    and λ u_w, the gradients of the penalty λ/2 (|v_w|² + |u_w|²). Words of more than PULLED_TOKENS
    have none: among so many pairs nobody would notice, but most tokens are of such words, and
    their penalty would take a tenth of the time. More than 1 / lr would overshoot where all tokens
    of a word are in one chunk, so λ is at most that.
    """
    n_tokens = counts * keep_prob(counts, settings.model.subsample_threshold)
    l2 = min(settings.own_as(SampledSettings).l2, 1 / settings.training.lr)
    has_penalty = (n_tokens > 0) & (n_tokens <= PULLED_TOKENS)
    pull = np.divide(l2, n_tokens, out=np.zeros(len(counts)), where=has_penalty)
    return pull.astype(np.float32)
