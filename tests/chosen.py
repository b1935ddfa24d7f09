"""Settings for tests, from what a test chooses."""

from typing import Any

from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.plan import ReadingPlan
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.sources import TextSource, open_source
from w2v_cli.text.tokenizers import Tokenizer


def settings_of(**given: Any) -> RunSettings:
    """Resolve settings as on a machine with one core."""
    return resolve(Config(**given), cores=1)


def corpus_of(*paths: object, **given: Any) -> CorpusSettings:
    """Return the settings of some files (or folders, …)."""
    return CorpusSettings(paths=tuple(map(str, paths)), **{"lowercase": True, **given})


def source_of(*paths: object, **given: Any) -> TextSource:
    """Open some files with these settings."""
    return open_source(corpus_of(*paths, **given))


def plan_of(tokenizer: Tokenizer | None = None, n_threads: int = 1, **given: Any) -> ReadingPlan:
    """Return a plan that keeps every word; given: fields of the plan, or of the settings."""
    own = {name: given.pop(name) for name in ("stop_words", "keep_words") if name in given}
    settings = corpus_of(**{"min_count": 1, "memory": 1.0, **given})
    return ReadingPlan(settings, tokenizer or Tokenizer("words", True), n_threads, **own)
