"""Frozen vectors do not move, bit for bit, in any engine; the others learn."""

import numpy as np
import pytest
from chosen import settings_of
from engines.sampled.chunk_twin import zipf_corpus

from w2v_cli.engines.base import Embeddings, Frozen, Unit
from w2v_cli.engines.catalog import ENGINES, create_engine

CORPUS = zipf_corpus(1100, 60)
KINDS = [
    {"engine": name, "model": model, "loss": loss, "optimizer": optimizer}
    for name, offer in ENGINES.items()
    if offer.takes_start
    for model in offer.models
    for loss in offer.losses
    for optimizer in offer.optimizers
]
THREADS = [
    {"engine": "sampled", "n_threads": 2},
    {"engine": "sampled", "n_threads": 2, "deterministic": True},
    {"engine": "exact", "n_threads": 2, "batch_size": 7},
]


@pytest.fixture(params=KINDS + THREADS, ids=lambda kind: "-".join(map(str, kind.values())))
def engine(request, tmp_path):
    settings = settings_of(**{"dim": 20, "lr": 0.01, **request.param})
    engine = create_engine(settings, CORPUS, tmp_path, lambda message: None)
    rng = np.random.default_rng(7)
    engine.set_embeddings(Embeddings(*rng.normal(size=(2, 60, 20)).astype(np.float32) / 3))
    yield engine
    engine.close()


def train(engine):
    for epoch in range(2):
        for _ in engine.train(Unit(epoch, i, 0.01) for i in range(engine.n_units)):
            pass


def copies(engine):
    vectors = engine.embeddings()
    return np.array(vectors.center), np.array(vectors.outside)


def test_frozen_rows_stay_bit_for_bit_and_the_others_move(engine):
    frozen = Frozen(np.arange(60) % 2 == 0, np.arange(60) % 3 == 0)
    before = copies(engine)
    engine.freeze(frozen)
    train(engine)
    for old, new, still in zip(
        before, copies(engine), (frozen.center, frozen.outside), strict=True
    ):
        assert old[still].tobytes() == new[still].tobytes()
        assert (old[~still] != new[~still]).any(axis=1).all()
