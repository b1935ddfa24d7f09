"""All that `w2v bench` measures, in its order."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from w2v_cli.benchmark.growth import Cost, measure_growth
from w2v_cli.benchmark.rival import Side, compare_with_gensim, gensim_is_here
from w2v_cli.benchmark.speed import Speed, measure_engines
from w2v_cli.engines.base import Notice
from w2v_cli.json_types import Json
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.prepare import open_corpus, prepare_corpus


@dataclass
class Figures:
    """What was measured. same_job: empty where gensim is not installed."""

    n_tokens: int
    n_words: int
    speed: list[Speed] = field(default_factory=list)
    growth: list[Cost] = field(default_factory=list)
    same_job: list[Side] = field(default_factory=list)

    def as_object(self) -> Json:
        """Return plain values for JSON."""
        content = asdict(self)
        corpus = {name: content.pop(name) for name in ("n_tokens", "n_words")}
        parts = {name: rows for name, rows in content.items() if rows}
        return {"corpus": corpus, **parts}


def measure_all(
    settings: RunSettings,
    threads: Sequence[int],
    sizes: Sequence[int],
    seconds: float,
    eval_files: Sequence[Path],
    notice: Notice,
) -> Figures:
    """Measure the engines, the cost of an epoch by vocabulary, and the same job in gensim.

    Args:
        settings: of the job that is done in gensim too; its corpus is used throughout.
        threads: numbers of threads to measure.
        sizes: vocabularies for the cost of an epoch.
        seconds: time for each measurement.
        eval_files: sets that score the vectors of both.
        notice: is called before each part.
    """
    dim = settings.model.dim
    with tempfile.TemporaryDirectory() as name:
        prepare_corpus(settings.corpus, Path(name), n_threads=settings.training.n_threads)
        corpus = open_corpus(Path(name))
        figures = Figures(corpus.n_tokens, len(corpus.vocabulary))
        notice("measuring the engines")
        figures.speed = list(measure_engines(corpus, dim, threads, seconds, notice))
        notice("measuring the cost of an epoch as the vocabulary grows")
        figures.growth = list(measure_growth(sizes, dim, max(threads), seconds, notice))
        if gensim_is_here():
            notice("doing the same job with gensim")
            figures.same_job = compare_with_gensim(corpus, settings, eval_files, notice)
    return figures
