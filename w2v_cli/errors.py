"""Errors that a user can cause. Each message says what happened and names the next step."""

import errno
import re

#: Errors of writing for which the file is not at fault, and what to do.
NO_ROOM = {
    errno.ENOSPC: "free some space, or write to another disk",
    errno.EDQUOT: "remove files of yours on this disk, or write to another one",
    errno.EFBIG: "raise the limit with `ulimit -f`, or write to another disk",
}
_TOO_MANY_FILES = dict.fromkeys(
    (errno.EMFILE, errno.ENFILE), "raise the limit with `ulimit -n`, or close other programs"
)


def reason_of(error: OSError | UnicodeDecodeError) -> str:
    """Return briefly why a file cannot be read or written; the caller names the file."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    reason = (error.strerror or str(error)).lower()
    advice = NO_ROOM.get(error.errno or 0) or _TOO_MANY_FILES.get(error.errno or 0)
    return f"{reason}; {advice}" if advice else reason


class W2VError(Exception):
    """An error that the user can fix: the command prints the message and exits with `exit_code`."""

    exit_code = 1


class UsageError(W2VError):
    """The command was called wrongly: an option, a value or a setting is not valid."""

    exit_code = 2


class DataError(W2VError):
    """A corpus or a file cannot be used as it is."""


class RunError(W2VError):
    """A run folder, a checkpoint or a training run is not in order."""


class MissingExtraError(W2VError):
    """An optional package is not installed; the message says how to get it."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(purpose, extra)  # what it is made of, so that processes can send it
        self._message = (
            f"{purpose} needs an optional package; in a clone of w2v run: pip install '.[{extra}]'"
        )

    def __str__(self) -> str:
        return self._message


class W2VWarning(UserWarning):
    """What a user should know; the command prints it as a note."""


# Text and values from outside: characters that control a terminal are escaped, long texts are cut.

#: Control characters, line separators, marks of writing direction, and lone surrogates. Joiners
#: stay: words of many scripts need them.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LONGEST_LINE = 500
_LONGEST_VALUE = 60
_LONGEST_REASON = 200


def visible(text: str, keep: str = "") -> str:
    r"""Return a text with each control character replaced by an escape such as `\x1b`.

    keep: characters that may stay, such as line feeds.
    """
    return _STEERING.sub(lambda found: _escaped(found[0], keep), text)


def _escaped(character: str, keep: str) -> str:
    return character if character in keep else character.encode("unicode_escape").decode()


def one_line(text: str) -> str:
    """Return a visible text of limited length: the middle of a very long one is dropped."""
    if len(text) > LONGEST_LINE:
        text = f"{text[: LONGEST_LINE // 2]} … {text[-LONGEST_LINE // 2 :]}"
    return visible(text)


def shown(value: object) -> str:
    """Return the repr of a value; a long one is cut."""
    if isinstance(value, str):
        return repr(value[:_LONGEST_VALUE])
    return " ".join(repr(value).split())[:_LONGEST_VALUE]


def shown_setting(value: object, unset: str = "not set") -> str:
    """Return the value of a setting as a user would write it; unset: the text for None."""
    if value is None:
        return unset
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def shown_error(error: BaseException) -> str:
    """Return the type and the message of an exception that a user's own code raised."""
    text = " ".join(str(error).split())[:_LONGEST_REASON]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
