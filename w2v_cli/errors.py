"""Errors that a user can cause. Each message says what happened and names the next step."""

import re


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


# Text from outside, made safe to show: what would steer a terminal is shown instead of obeyed.


#: Control characters, separators of lines, what turns the direction of writing, and halves of
#: characters. Joiners stay: words of many scripts need them.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str, keep: str = "") -> str:
    r"""Return a text with an escape such as `\x1b` in the place of each character that steers.

    keep: characters that may stay, such as line feeds.
    """
    return _STEERING.sub(lambda found: _escaped(found[0], keep), text)


def _escaped(character: str, keep: str) -> str:
    return character if character in keep else character.encode("unicode_escape").decode()
