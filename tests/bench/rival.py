"""The same job in gensim, side by side, where gensim is installed: what the scripts here share."""

import importlib.util
import logging
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.engines.base import Engine, Notice, Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.training.trainer import create_schedule
from w2v_cli.vectors.scores.datasets import read_dataset
from w2v_cli.vectors.scores.scoring import flat_scores, score
from w2v_cli.vectors.word_vectors import WordVectors

LONGEST_LINE = 10_000
"""gensim silently cuts longer lines."""


@dataclass(frozen=True)
class Side:
    """One trainer's result. scores: by name, Spearman's rho or a share of correct answers."""

    trainer: str
    words_per_second: float
    scores: dict[str, float]


def gensim_is_here() -> bool:
    """Whether gensim is installed."""
    return importlib.util.find_spec("gensim") is not None


def compare_with_gensim(
    corpus: EncodedCorpus,
    settings: EngineSettings,
    eval_files: Sequence[str | Path],
    notice: Notice,
) -> list[Side]:
    """Train with both on the same words with the same settings; score both alike.

    settings: of a training with negative sampling. gensim reads the words from a file
    (`corpus_file`), its fastest way; preparing it and building its vocabulary are not timed.
    """
    ours, center = train_ours(corpus, settings, notice)
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder) / "words.txt"
        write_ids(corpus, words)
        theirs, vectors = train_gensim(words, corpus, settings)
    ids = corpus.vocabulary.ids
    return [
        Side("w2v", ours, _scores(ids, center, eval_files)),
        Side("gensim", theirs, _scores(ids, vectors, eval_files)),
    ]


@contextmanager
def running_engine(
    settings: EngineSettings, corpus: EncodedCorpus, notice: Notice
) -> Iterator[Engine]:
    """Yield an engine for the time of a `with`."""
    with tempfile.TemporaryDirectory() as cache:
        engine = create_engine(settings, corpus, Path(cache), notice)
        try:
            yield engine
        finally:
            engine.close()


def train_ours(
    corpus: EncodedCorpus, settings: EngineSettings, notice: Notice
) -> tuple[float, NDArray[np.float32]]:
    """Train with our engine; return raw words per second and the centre vectors."""
    schedule, epochs = create_schedule(settings.training), settings.training.epochs
    with running_engine(settings, corpus, notice) as engine:
        total = epochs * engine.n_units
        start = time.perf_counter()
        for epoch in range(epochs):
            units = (
                Unit(epoch, i, schedule.lr_at(epoch * engine.n_units + i, total))
                for i in range(engine.n_units)
            )
            for _ in engine.train(units):
                pass
        elapsed = time.perf_counter() - start
        return corpus.n_tokens * epochs / elapsed, engine.embeddings().center.copy()


def train_gensim(
    words: Path, corpus: EncodedCorpus, settings: EngineSettings, as_file: bool = True
) -> tuple[float, NDArray[np.float32]]:
    """Train gensim on what `write_ids` wrote; return raw words per second and its vectors.

    as_file: by `corpus_file`, its fastest way, in which the learning rate does not fall to its
    end with several workers; otherwise from an iterable.
    """
    from gensim.models import Word2Vec
    from gensim.models.word2vec import LineSentence

    model_settings, training = settings.model, settings.training
    objective = settings.objective_as(NegativeSampling)
    logging.getLogger("gensim").setLevel(logging.ERROR)
    text = {"corpus_file": str(words)} if as_file else {"corpus_iterable": LineSentence(words)}
    model = Word2Vec(
        vector_size=model_settings.dim,
        window=model_settings.window,
        shrink_windows=model_settings.shrink_windows,
        negative=objective.n_negatives,
        ns_exponent=objective.noise_power,
        sample=model_settings.subsample_threshold,
        alpha=training.lr,
        min_alpha=training.min_lr,
        min_count=1,
        sg=0 if settings.word_model.predicts_center else 1,
        workers=training.n_threads,
        seed=training.seed,
    )
    model.build_vocab(**text)
    start = time.perf_counter()
    model.train(
        **text,
        total_words=model.corpus_total_words,
        total_examples=model.corpus_count,
        epochs=training.epochs,
    )
    elapsed = time.perf_counter() - start
    matrix = np.zeros((len(corpus.vocabulary), model_settings.dim), np.float32)
    for key, row in model.wv.key_to_index.items():
        matrix[int(key)] = model.wv.vectors[row]
    return corpus.n_tokens * training.epochs / elapsed, matrix


def write_ids(corpus: EncodedCorpus, path: Path) -> None:
    """Write the known words of each document by their ids, in lines that gensim reads whole."""
    start = 0
    with path.open("w") as file:
        for end in corpus.document_ends.tolist():
            for first in range(start, end, LONGEST_LINE):
                ids = corpus.tokens[first : min(end, first + LONGEST_LINE)]
                file.write(" ".join(map(str, ids.tolist())) + "\n")
            start = end


def _scores(
    words: Iterable[str], matrix: NDArray[np.float32], files: Sequence[str | Path]
) -> dict[str, float]:
    vectors = WordVectors(list(words), matrix)
    scores = flat_scores(score(vectors, read_dataset(file)) for file in files)
    return {name: float("nan") if value is None else value for name, value in scores.items()}
