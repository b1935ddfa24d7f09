"""Naive softmax between neighbours, pair by pair, by the equations themselves."""

import numpy as np

from w2v_cli.engines.base import Embeddings, Stats, initial_embeddings
from w2v_cli.equations import naive_softmax

from .settings import ToySettings


def create(settings, corpus, cache, notice, resources):
    return ToyEngine(settings, corpus)


def neighbours(corpus):
    return list(zip(corpus.tokens[:-1].tolist(), corpus.tokens[1:].tolist(), strict=True))


class ToyEngine:
    """Each unit is a full pass over its share of the pairs, at the parameters it began with."""

    name = "toy"
    state_version = 1

    def __init__(self, settings, corpus):
        self.own = settings.own_as(ToySettings)
        self.n_units = self.own.units
        self._corpus = corpus
        shape = len(corpus.vocabulary), settings.model.dim
        start = initial_embeddings(*shape, settings.training.seed, np.float64)
        self._center, self._outside = start.center, start.outside
        self._free = True, True

    def train(self, units):
        for unit in units:
            pairs = neighbours(self._corpus)[unit.index :: self.n_units]
            stats = Stats(0.0, float(len(pairs)), self._corpus.raw_tokens(0, len(pairs)))
            moves = np.zeros_like(self._center), np.zeros_like(self._outside)
            for c, o in pairs:
                step = naive_softmax(self._center[c], o, self._outside)
                stats.loss += step.loss
                moves[0][c] += step.grad_center
                moves[1][:] += step.grad_outside
            self._center -= unit.lr * moves[0] * self._free[0]
            self._outside -= unit.lr * moves[1] * self._free[1]
            yield unit, stats

    def state(self):
        return {"center": self._center, "outside": self._outside}

    def load_state(self, arrays):
        self.set_embeddings(Embeddings(arrays["center"], arrays["outside"]))

    def embeddings(self):
        return Embeddings(self._center, self._outside)

    def set_embeddings(self, embeddings):
        self._center[...] = embeddings.center
        self._outside[...] = embeddings.outside

    def freeze(self, frozen):
        self._free = ~frozen.center[:, None], ~frozen.outside[:, None]

    def score_offset(self):
        return None

    def close(self):
        pass
