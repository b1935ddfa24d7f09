"""Who hears what happens while a training is put together and runs."""

from dataclasses import dataclass

from w2v_cli.engines.base import Notice
from w2v_cli.text.plan import Progress, no_progress


@dataclass(frozen=True)
class Watcher:
    """Who listens.

    notice: one sentence that the user should know. progress: how far the preparation has come.
    """

    notice: Notice = lambda message: None
    progress: Progress = no_progress
