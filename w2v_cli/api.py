"""Training from Python: `w2v_cli.train(...)`."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v_cli.errors import UsageError
from w2v_cli.pictures.drawable import WordVectors, load
from w2v_cli.pictures.plot import Words
from w2v_cli.settings.config import Config, n_cores
from w2v_cli.settings.toml import read_config_file
from w2v_cli.training.session import create_run, resume_run
from w2v_cli.training.summary import read_metrics
from w2v_cli.training.trainer import Reported
from w2v_cli.vectors.evaluation.scores import score_maker

if TYPE_CHECKING:
    from w2v_cli.pictures.canvas import Picture

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Run:
    """A trained run. `path`: its folder."""

    path: Path

    @cached_property
    def config(self) -> Config:
        """The complete settings; the same ones give the same run."""
        return Config(**read_config_file(self.path / "config.toml"))

    @cached_property
    def vectors(self) -> WordVectors:
        """The vectors, ready for questions."""
        return load(self.path)

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The reports of `metrics.jsonl`, one dictionary each, in order."""
        return read_metrics(self.path)

    def plot(self, words: Words = None, **options: Any) -> "Picture":
        """Draw words of this run; see `w2v_cli.plot`."""
        return self.vectors.plot(words, **{"title": self.path.name, **options})


def train(
    config: Config | PathLike | None = None,
    *,
    out: PathLike,
    paths: PathLike | Sequence[PathLike] | None = None,
    resume: bool = False,
    on_report: Callable[[dict[str, Any]], None] | None = None,
    **settings: Any,
) -> Run:
    """Train word vectors; what `w2v train` does, without printing.

    Args:
        config: a `Config`, or a TOML file; None: the defaults.
        out: the run folder; new or empty, or with `resume` that of the run to go on with.
        paths: the corpus: files, folders or globs. Beats what `config` says.
        resume: go on with the run in `out` where it stopped.
        on_report: is called with each report that goes to `metrics.jsonl`.
        settings: any field of `Config` by name, such as `dim=50`; beats `config`.

    Returns:
        The finished run.

    Raises:
        UsageError: an unknown setting, or a value out of its range.
        DataError: a corpus that cannot be used.
        RunError: a folder in use, a resume that does not fit, a training that diverges.
    """
    given = {**_from_config(config), **settings}
    if paths is not None:
        given["paths"] = _absolute(paths)
    if "eval_files" in settings:
        given["eval_files"] = _absolute(settings["eval_files"])
    unknown = given.keys() - vars(Config()).keys()
    if unknown:
        raise UsageError(f"unknown settings: {', '.join(sorted(unknown))}; see w2v_cli.Config")
    run_dir = Path(out)
    if resume:
        session = resume_run(run_dir, given, score_maker=score_maker)
    else:
        if not given.get("paths"):
            raise UsageError("no corpus: give paths=… (files, folders or globs)")
        config = Config(**given).resolved(n_cores())
        session = create_run(config, run_dir, score_maker=score_maker)
    for event in session.train():
        if on_report is not None and isinstance(event, Reported):
            on_report(event.metrics)
    return Run(run_dir)


def _absolute(paths: PathLike | Sequence[PathLike]) -> tuple[str, ...]:
    chosen = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    return tuple(os.path.abspath(os.fspath(path)) for path in chosen)


def _from_config(config: Config | PathLike | None) -> dict[str, Any]:
    if config is None:
        return {}
    if isinstance(config, Config):
        return dict(vars(config))
    return read_config_file(Path(config))
