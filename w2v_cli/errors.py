"""Errors that a user can cause. Each message says what happened and names the next step."""


def reason_of(error: OSError | UnicodeDecodeError) -> str:
    """Say in few words why a file cannot be read or written; its name stands elsewhere."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return (error.strerror or str(error)).lower()


class W2VError(Exception):
    """Something the user can mend; the command prints the message, exits with `exit_code`."""

    exit_code = 1


class UsageError(W2VError):
    """The command was called wrongly: an option, a value or a setting is off."""

    exit_code = 2


class DataError(W2VError):
    """A corpus or a file cannot be used as it is."""


class RunError(W2VError):
    """A run folder, a checkpoint or a training run is not in order."""


class MissingExtraError(W2VError):
    """An optional package is not installed; the message says how to get it."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs an optional package; in a clone of w2v run: pip install '.[{extra}]'"
        )
