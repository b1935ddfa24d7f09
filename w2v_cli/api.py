"""Training from Python: `w2v_cli.train(...)`."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from w2v_cli.errors import UsageError, shown
from w2v_cli.json_types import Json
from w2v_cli.pictures.draw import Words
from w2v_cli.pictures.drawable import WordVectors, load
from w2v_cli.settings.config import Config, over_file
from w2v_cli.settings.run_settings import RunSettings, tables
from w2v_cli.text.sentences import COLUMN, Sentences, column_values, open_sentences
from w2v_cli.training import assembly
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.training.trainer import Reported, read_metrics
from w2v_cli.vectors.answers import checked_path

if TYPE_CHECKING:
    from w2v_cli.meaning.slices import Labels
    from w2v_cli.pictures.canvas import Picture
    from w2v_cli.pictures.draw import Page
    from w2v_cli.pictures.moves import MeaningChange

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


# `w2v_cli.change`: texts, a table, or files; and which slice each document is in.


def change(
    texts: object,
    *,
    by: str | None = None,
    slices: str | None = None,
    unit: str | None = None,
    words: Sequence[str] = (),
    top: int = 5000,
    basis: PathLike | None = None,
    **settings: Any,
) -> "MeaningChange":
    """Find the words that are used differently in one slice of texts than in another.

    Args:
        texts: `{"1990s": texts, "2000s": texts}`, each any iterable of texts or of lists of tokens,
            or the name of a file; a table (pandas, Polars, Arrow, Hugging Face) with `by`; or the
            name of a file of records or of a table with `by`.
        by: the column whose values are the slices.
        slices: ranges or values of it, such as "1990-1999,2000-2009".
        unit: the column of what belongs together, such as the author.
        words: to test; none: the `top` most frequent ones.
        top: how many words are tested, and looked at for neighbours.
        basis: a run or a file of vectors for the contexts; None: spectral vectors of all texts.
        settings: any setting by name: `min_count`, `tokenizer`, `window`, `dim`, `seed`, …

    Returns:
        The result: `.table`, `.flagged`, `.neighbors(word)`, `.plot()`, `.methods_sentence`.

    Raises:
        UsageError: an unknown setting or column, or texts in another form.
        DataError: texts that cannot be used, or slices that are too small.
    """
    from w2v_cli.meaning.study import Listener, Question, measure
    from w2v_cli.pictures.moves import MeaningChange
    from w2v_cli.settings.resolve import resolve

    config, labels, opened = _sliced(texts, by, slices, unit, settings)
    asked = (words,) if isinstance(words, str) else tuple(words)
    question = Question(asked, top, None if basis is None else Path(basis))
    found = measure(
        resolve(config),
        labels,
        question,
        Listener(),
        named=settings.get("tokenizer"),
        sentences=opened,
    )
    return MeaningChange.of(found)


def _sliced(
    texts: object, by: str | None, slices: str | None, unit: str | None, settings: Json
) -> "tuple[Config, Labels, Sentences | None]":
    """Return settings, the slice of each document, and the documents if they are not in files."""
    from w2v_cli.meaning.slices import Labels, label_values, units_of
    from w2v_cli.settings.resolve import resolve_corpus

    if isinstance(texts, Mapping):
        if by is not None or slices is not None or unit is not None:
            raise UsageError("by, slices and unit are for a table; a mapping already has slices")
        return _of_mapping(texts, settings)
    if by is None:
        raise UsageError('give {"name": texts, …}, or a table with by="column"')
    if isinstance(texts, (str, os.PathLike)):
        from w2v_cli.meaning.slices import column_of

        config = Config(engine="spectral", paths=texts, **settings)
        corpus = resolve_corpus(config)
        labels = label_values(column_of(corpus, by, "by"), slices)
        units = None if unit is None else units_of(column_of(corpus, unit, "unit"))
        return config, replace(labels, units=units), None
    column = settings.get("text_field", COLUMN)
    rows = column_values(texts, column)
    kept = [i for i, row in enumerate(rows) if row is not None]

    def labels_in(name: str) -> list[str]:
        values = column_values(texts, name)
        return ["" if values[i] is None else str(values[i]).strip() for i in kept]

    opened = open_sentences([rows[i] for i in kept])
    labels = label_values(labels_in(by), slices)
    units = None if unit is None else units_of(labels_in(unit))
    given = _for_sentences(Config(engine="spectral", **settings), settings, opened)
    return given, Labels(labels.names, labels.slices, units), opened


def _of_mapping(
    texts: Mapping[str, Any], settings: Json
) -> "tuple[Config, Labels, Sentences | None]":
    import numpy as np

    from w2v_cli.meaning.slices import Labels, label_paths
    from w2v_cli.settings.resolve import resolve_corpus

    names = tuple(map(str, texts))
    if len(names) < 2:
        raise UsageError("one text is one slice; give two or more, or a table with by=…")
    if all(isinstance(each, (str, os.PathLike)) for each in texts.values()):
        config = Config(engine="spectral", paths=[*texts.values()], **settings)
        return config, replace(label_paths(resolve_corpus(config)), names=names), None
    parts = [open_sentences(each, settings.get("text_field", COLUMN)) for each in texts.values()]
    if len({part.are_texts for part in parts}) > 1:
        raise UsageError("some slices hold texts and others lists of tokens; give one kind")
    rows = [list(part.items) for part in parts]
    labels = Labels(names, np.repeat(np.arange(len(rows)), [len(part) for part in rows]))
    opened = Sentences(parts[0].are_texts, [row for part in rows for row in part])
    given = _for_sentences(Config(engine="spectral", **settings), settings, opened)
    return given, labels, opened
