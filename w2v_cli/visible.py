"""Text from outside, made safe to show: what would steer a terminal is shown instead of obeyed."""

import re

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
