"""What commands that look at a corpus share: read it with the options of its command line."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from w2v_cli.json_types import Json

if TYPE_CHECKING:
    from w2v_cli.text.plan import ReadingResult
    from w2v_cli.text.settings import CorpusSettings


def corpus_settings(corpus: Sequence[str], options: Json) -> "CorpusSettings":
    """Return the settings of a corpus: its names, and the options of a `CorpusCommand`.

    Raises UsageError for options that contradict each other.
    """
    from w2v_cli.settings.config import Config
    from w2v_cli.settings.resolve import resolve_corpus
    from w2v_cli.text.places import absolute_path

    return resolve_corpus(Config(**options, paths=tuple(map(absolute_path, corpus))))


def read_for_a_look(settings: "CorpusSettings", options: Json) -> "ReadingResult":
    """Read a corpus on all cores, with progress on stderr; nothing is kept."""
    from w2v_cli.commands.progress import ProgressDisplay
    from w2v_cli.settings.resolve import n_cores
    from w2v_cli.text.prepare import read_text

    with tempfile.TemporaryDirectory() as folder, ProgressDisplay() as display:
        result = read_text(
            settings,
            Path(folder),
            display.reading,
            n_threads=n_cores(),
            named=options.get("tokenizer"),
        )
        for note in result.notes:
            display.notice(note)
        return result
