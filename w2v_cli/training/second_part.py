"""The second part of a blend: vectors of another engine, from the corpus of a run (--blend).

They are made before the training, so that whatever is wrong with them is known before it. They are
kept in RUN/cache/blend, and made again if they are missing. From then on the blend follows from
the trained vectors. It is made anew whenever those are scored or written, and needs no state of its
own: a resume finds or writes it as it does the vectors.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, Engine, Notice, Resources, Stats, Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.engines.settings import NO_BLEND, Which
from w2v_cli.errors import DataError
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.storage.folders import make_folders
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.trainer import create_schedule
from w2v_cli.vectors.blending import blended
from w2v_cli.vectors.run_vectors import choose_vectors

#: Settings of the model that both parts of a blend share.
_SHARED = ("dim", "window", "shrink_windows", "subsample_threshold")


@dataclass(frozen=True)
class SecondPart:
    """What trained vectors are blended with.

    vectors: (V, D). weight: of these; that of the trained ones is 1. which: of the trained ones.
    """

    vectors: Array
    weight: float
    which: Which

    def added_to(self, trained: Embeddings) -> Embeddings:
        """Return trained vectors together with their blend."""
        parts = choose_vectors(trained, self.which), self.vectors
        matrix, turns = blended(parts, (1.0, self.weight), trained.dim)
        turn = None if trained.subwords is None else turns[0]
        return replace(trained, blend=matrix, blend_turn=turn)


def second_part(
    settings: RunSettings,
    folder: RunFolder,
    corpus: EncodedCorpus,
    notice: Notice,
    resources: Resources,
) -> SecondPart | None:
    """Open the second part of a run's blend, or make it; None: the run has no blend.

    Raises DataError for a corpus that the other engine cannot use.
    """
    training = settings.training
    if training.blend == NO_BLEND:
        return None
    own = {name: getattr(settings.model, name) for name in _SHARED}
    given = Config(engine=training.blend, seed=training.seed, n_threads=training.n_threads, **own)
    other = resolve(given)
    origin = f"{other.fingerprint()} {corpus.fingerprint}"
    vectors = _opened(folder.blend, origin, (len(corpus.vocabulary), settings.model.dim))
    if vectors is None:
        engine = create_engine(other, corpus, folder.cache, lambda message: None, resources)
        _train(engine, other, notice, resources)
        vectors = choose_vectors(engine.embeddings(), other.trained_vectors)
        engine.close()
        make_folders(folder.blend.parent)
        write_tensors(folder.blend, {"vectors": vectors}, {"origin": origin})
    return SecondPart(vectors, training.blend_weight or 1.0, settings.trained_vectors)


def _opened(file: Path, origin: str, shape: tuple[int, int]) -> Array | None:
    """Return the vectors that an earlier session made; None: missing, damaged or others."""
    try:
        tensors, metadata = read_tensors(file)
    except DataError:
        return None
    vectors = tensors.get("vectors")
    if vectors is None or vectors.shape != shape or metadata.get("origin") != origin:
        return None
    return vectors


def _train(engine: Engine, settings: RunSettings, notice: Notice, resources: Resources) -> None:
    """Train until the engine has enough, or to its last epoch."""
    epochs, schedule = settings.training.epochs, create_schedule(settings.training)
    for epoch in range(epochs):
        # How many epochs will do is not known before, so no share is shown.
        resources.progress(f"computing {engine.name} vectors", epoch, 0)
        first = epoch * engine.n_units
        lrs = (schedule.lr_at(first + i, epochs * engine.n_units) for i in range(engine.n_units))
        units = (Unit(epoch, i, lr) for i, lr in enumerate(lrs))
        stats = Stats()
        for _, done in engine.train(units):
            stats.add(done)
        if stats.is_enough:
            return
    notice(
        f"the {engine.name} vectors of the blend are less accurate than usual: {epochs} passes did"
        " not reach the tolerance"
    )
