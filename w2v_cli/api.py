"""Training from Python: `w2v_cli.train(...)`."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from w2v_cli.errors import UsageError, shown
from w2v_cli.json_types import Json
from w2v_cli.pictures.draw import Words
from w2v_cli.pictures.drawable import WordVectors, load
from w2v_cli.settings.config import Config, over_file
from w2v_cli.settings.run_settings import RunSettings, tables
from w2v_cli.text.sentences import COLUMN, Sentences, open_sentences
from w2v_cli.training import assembly
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.trainer import Reported, read_metrics
from w2v_cli.vectors.answers import checked_path

if TYPE_CHECKING:
    from w2v_cli.pictures.canvas import Picture
    from w2v_cli.pictures.draw import Page

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Run:
    """A trained run. `path`: its folder."""

    path: Path

    def __fspath__(self) -> str:
        """Return the folder, so that a run can be used as a path."""
        return str(self.path)

    @cached_property
    def settings(self) -> RunSettings:
        """All settings of the run, in groups: `run.settings.model.dim`."""
        return RunFolder(self.path).read_settings()

    @cached_property
    def config(self) -> Config:
        """The complete settings in the form that `train` takes; they reproduce the run."""
        return RunFolder(self.path).read_config()

    @cached_property
    def vectors(self) -> WordVectors:
        """The vectors, ready for queries."""
        return load(self.path)

    @property
    def metrics(self) -> list[Json]:
        """The reports in `metrics.jsonl`, in order, as dictionaries."""
        return [report.as_dict() for report in read_metrics(RunFolder(self.path).metrics)]

    def plot(self, words: Words = None, **options: Any) -> "Picture":
        """Draw words of this run; see `w2v_cli.plot`."""
        return self.vectors.plot(words, **{"title": self.path.name, **options})

    def explore(self, words: Words = None, **options: Any) -> "Page":
        """Make an interactive page of words of this run; see `w2v_cli.explore`."""
        return self.vectors.explore(words, **{"title": self.path.name, **options})


def train(
    sentences: object = None,
    *,
    out: PathLike,
    paths: PathLike | Sequence[PathLike] | None = None,
    config: Config | PathLike | None = None,
    resume: bool = False,
    on_report: Callable[[Json], None] | None = None,
    **settings: Any,
) -> Run:
    """Train word vectors as `w2v train` does, without printing.

    Args:
        sentences: the text: any iterable of texts, or of lists of tokens (strings, or integers,
            which become words in decimal form); it is read once. Also an array of shape
            (sentences, length), a table of Arrow, pandas or Polars, or a Hugging Face dataset
            (`text_field` names the column, "text" by default). Or the name of a text file. A
            `.toml` file or a `Config` is taken as `config`.
        out: the run folder: new or empty; with `resume`, the folder of the run to continue.
        paths: files, folders or globs, instead of sentences. Overrides `config`.
        config: a `Config` or a TOML file; None: the defaults.
        resume: continue the run in `out` where it stopped; a larger `epochs` extends a finished
            run. Sentences are used only if its encoded corpus is missing.
        on_report: called with each report that is written to `metrics.jsonl`.
        settings: any setting by name, such as `dim=50`; overrides `config`. `start_from` names a
            run or a file of vectors: its words start from those vectors.

    Returns:
        The finished run.

    Raises:
        UsageError: an unknown setting, a value out of its range, or settings that contradict
            each other.
        DataError: sentences or files that cannot be used.
        RunError: a folder in use, a resume that does not fit, a training that diverges.
    """
    run_dir = checked_path(out)
    given, opened = _gather(sentences, paths, config, settings)
    tokenizer = settings.get("tokenizer")
    if resume:
        run = assembly.resume(given, run_dir, tokenizer=tokenizer, sentences=opened)
    else:
        run = assembly.start(given, run_dir, tokenizer=tokenizer, sentences=opened)
    for event in run.train():
        if on_report is not None and isinstance(event, Reported):
            on_report(event.report.as_dict())
    return Run(run_dir)


def _gather(
    sentences: object,
    paths: PathLike | Sequence[PathLike] | None,
    config: Config | PathLike | None,
    settings: Json,
) -> tuple[Config, Sentences | None]:
    """Return the settings that `train` was given, and its sentences if there are any."""
    if isinstance(sentences, Config) or _has_suffix(sentences, ".toml"):
        if config is not None:
            raise UsageError(f"two configurations: {shown(sentences)} and config=…; give one")
        config, sentences = cast("Config | PathLike", sentences), None
    if isinstance(sentences, (str, os.PathLike)):
        if paths is not None:
            raise UsageError(f"two corpora: {shown(sentences)} and paths=…; give one")
        paths, sentences = cast(PathLike, sentences), None
    if paths is not None:
        if not isinstance(paths, (str, os.PathLike, Iterable)):
            raise UsageError(f"paths=…: expected names of files, got {shown(paths)}")
        settings["paths"] = paths if isinstance(paths, (str, os.PathLike)) else list(paths)
    given = _over(Config(**settings), config)
    if sentences is None:
        return given, None
    if paths is not None:
        raise UsageError("two corpora: sentences and paths=…; give one")
    opened = open_sentences(sentences, given.given.get("text_field", COLUMN))
    return _for_sentences(given, settings, opened), opened


#: The settings of a corpus that apply to tokens; the others are about reading text.
_OF_TOKENS = {
    *("min_count", "max_vocab", "limit_tokens", "memory", "stop_words", "keep_words"),
    *("vocab", "phrases", "text_field"),
}
#: Tokens are used unchanged.
_AS_GIVEN = {"tokenizer": "whitespace", "lowercase": False}


def _for_sentences(given: Config, settings: Json, sentences: Sentences) -> Config:
    """Return the settings without files, and for tokens without those about text."""
    kept = {name: value for name, value in given.given.items() if name != "paths"}
    if not sentences.are_texts:
        of_text = tables()["corpus"].keys() - _OF_TOKENS
        if typed := sorted(of_text & settings.keys()):
            raise UsageError(
                f"{', '.join(typed)} has no effect on lists of tokens; omit it, or give texts"
            )
        kept = {name: value for name, value in kept.items() if name not in of_text} | _AS_GIVEN
    return Config(**kept)


def _has_suffix(value: object, suffix: str) -> bool:
    return isinstance(value, (str, os.PathLike)) and Path(value).suffix == suffix


def _over(chosen: Config, config: Config | PathLike | None) -> Config:
    if config is None:
        return chosen
    if isinstance(config, Config):
        return chosen.over(config)
    if _has_suffix(config, ".toml"):
        return over_file(chosen, Path(config).expanduser())
    raise UsageError(
        f"{shown(config)} is not a Config or a .toml file; name the files of a corpus with paths=…"
    )
