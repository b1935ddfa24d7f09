"""The lengths of n-grams, as a user writes them. Light: no NumPy."""

import re

from w2v_cli.errors import UsageError

#: Longer n-grams than this are whole words; they would only fill the table.
LONGEST = 30
#: In place of lengths: no subwords, whatever a file or a start says.
NO_SUBWORDS = "none"


def parse_lengths(text: str) -> tuple[int, int]:
    """Read "3-6": the shortest and the longest n-gram.

    Raises UsageError for anything else, or a range that is empty.
    """
    found = re.fullmatch(r"([0-9]{1,6})-([0-9]{1,6})", text)
    if found is None:
        raise UsageError(
            f"subwords is {text!r}; give the lengths of the shortest and the longest n-gram,"
            " such as 3-6"
        )
    shortest, longest = int(found[1]), int(found[2])
    if shortest > longest:
        raise UsageError(f"subwords is {text!r}, an empty range; write {longest}-{shortest}")
    if shortest < 1 or longest > LONGEST:
        raise UsageError(f"subwords is {text!r}; lengths go from 1 to {LONGEST}")
    return shortest, longest
