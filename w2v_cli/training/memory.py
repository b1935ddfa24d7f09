"""The memory that a training will take."""

from w2v_cli.errors import RunError
from w2v_cli.memory import ask_for
from w2v_cli.settings.run_settings import RunSettings

_BYTES_PER_NUMBER = 4


def check_memory(settings: RunSettings, n_words: int) -> None:
    """Raise RunError when the vectors alone need more memory than is free."""
    ask_for(
        2 * n_words * settings.model.dim * _BYTES_PER_NUMBER,
        f"{n_words:,} words with {settings.model.dim:,} dimensions",
        "lower --dim or --max-vocab, or raise --min-count",
        RunError,
    )
