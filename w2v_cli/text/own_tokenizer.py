"""A user's own function as the tokenizer: imported by name, its results checked."""

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import reduce

from w2v_cli.errors import DataError, UsageError, shown, shown_error

Tokenize = Callable[[str], list[str]]


def is_own(name: str) -> bool:
    """Tell whether a tokenizer's name is that of a user's function."""
    return ":" in name


def import_function(name: str) -> Tokenize:
    """Import `module:function` and return it with its results checked.

    Modules of the current folder are found too, after all installed ones.
    Raises UsageError when there is no such function.
    """
    module_name, _, attribute = name.partition(":")
    try:
        with _current_folder_last():
            module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"--tokenizer {name}: cannot import {module_name}: {shown_error(error)};"
            " is it installed here, or in the current folder?"
        ) from error
    try:
        function: object = reduce(getattr, attribute.split("."), module)
    except AttributeError:
        raise UsageError(f"--tokenizer {name}: {module_name} has no {attribute}") from None
    if not callable(function):
        raise UsageError(f"--tokenizer {name} is not a function; give one that takes a text")
    return checked(function, name)


def checked(function: Callable[[str], object], name: str) -> Tokenize:
    """Wrap a function: results that are not lists of tokens become a DataError.

    Tokens of white space only, as many segmenters return them, are dropped. A NUL in the text, of a
    damaged file, is a space to the function.
    """

    def tokenize(line: str) -> list[str]:
        try:
            result = function(line.replace("\0", " "))
            tokens = None if isinstance(result, (str, bytes)) else [*_iterable(result)]
        except (Exception, SystemExit) as error:
            raise DataError(
                f"tokenizer {name} raised {shown_error(error)} for {shown(line)}"
            ) from error
        if tokens is None:
            raise DataError(
                f"tokenizer {name} returned {_kind(result)}, not a list of words, for {shown(line)}"
            )
        return [word for token in tokens if (word := _word(token, name))]

    return tokenize


def _iterable(result: object) -> Iterable[object]:
    if not isinstance(result, Iterable):
        raise TypeError(f"it returned {_kind(result)}, not a list of words")
    return result


def _word(token: object, name: str) -> str:
    """Return a token, or nothing for white space. Raises DataError for what cannot be a word."""
    if not isinstance(token, str):
        raise DataError(
            f"tokenizer {name} returned {_kind(token)} among its words; each word must be a str"
        )
    parts = token.replace("\0", " ").split()
    if parts and (len(parts) > 1 or parts[0] != token):
        raise DataError(
            f"tokenizer {name} returned {shown(token)}; a word has no white space in it:"
            " strip it, or join its parts with _"
        )
    try:
        token.encode()
    except UnicodeEncodeError:
        raise DataError(
            f"tokenizer {name} returned {shown(token)}, which is not valid Unicode (a surrogate)"
        ) from None
    return str(token) if parts else ""


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


@contextmanager
def _current_folder_last() -> Iterator[None]:
    """Let imports find modules of the current folder that no installed one hides."""
    sys.path.append("")
    try:
        yield
    finally:
        sys.path.remove("")
