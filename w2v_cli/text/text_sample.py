"""A few samples of a text, and the note on a tokenizer that does not suit it."""

import re
from collections import Counter
from threading import Lock

from w2v_cli.errors import shown
from w2v_cli.text.tokenizers import Tokenizer

#: First and last code point of each script that has no spaces between words.
_UNSPACED = (
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x0F00, 0x0FFF, "Tibetan"),
    (0x1000, 0x109F, "Burmese"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1980, 0x19DF, "Tai Lue"),
    (0x3040, 0x30FF, "Japanese"),
    (0x3400, 0x4DBF, "Chinese or Japanese"),
    (0x4E00, 0x9FFF, "Chinese or Japanese"),
    (0x20000, 0x3FFFF, "Chinese or Japanese"),
)
_SAMPLE_BYTES = 2048
_MOST_SAMPLES = 4096
#: More letters than this between two spaces mean that spaces do not separate words.
_MOST_LETTERS = 8
_MOST_EXAMPLES = 100
#: What stands around words in a sentence, and is no part of an item id.
_AROUND = ".,;:!?…()[]{}<>\"'“”‘’«»-–—"
#: A digit, or a sign that joins the parts of an id.
_ID_SIGN = re.compile(r"[\d/_:#]")


class TextSample:
    """Letters by script, and what looks like item ids; several threads may add to it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n_samples = self._n_letters = self._n_parts = self._n_ids = 0
        self._unspaced: Counter[str] = Counter()
        self._ids: dict[str, None] = {}  # a few of them, in order

    def look(self, text: bytes) -> None:
        """Add a sample of UTF-8 text."""
        if self._n_samples >= _MOST_SAMPLES:
            return
        sample = text[:_SAMPLE_BYTES].decode("utf-8", "ignore")
        letters = [ord(c) for c in sample if c.isalpha()]
        found = Counter(_script(letter) for letter in letters if letter >= _UNSPACED[0][0])
        parts = sample.split()
        if len(text) > _SAMPLE_BYTES:
            del parts[-1:]  # it may be cut
        ids = [part for part in parts if _ID_SIGN.search(part.strip(_AROUND))]
        with self._lock:
            self._n_samples += 1
            self._n_letters += len(letters)
            self._n_parts += len(parts)
            self._n_ids += len(ids)
            self._unspaced.update(found)
            if len(self._ids) < _MOST_EXAMPLES:
                self._ids |= dict.fromkeys(ids[:_MOST_EXAMPLES])

    def note(self, tokenizer: Tokenizer) -> str:
        """Say which tokenizer suits the text better; "" if this one does not harm it."""
        return _note_on_script(self.unspaced(), tokenizer.name) or self._note_on_ids(tokenizer)

    def unspaced(self) -> str:
        """Return the script without spaces of most letters; "" if most are in other scripts."""
        counts = {name: n for name, n in self._unspaced.items() if name}
        if 2 * sum(counts.values()) <= self._n_letters:
            return ""
        if self._n_letters <= _MOST_LETTERS * self._n_parts:
            return ""  # the words were separated by spaces
        if "Japanese" in counts and "Chinese or Japanese" in counts:
            return "Japanese" if counts["Japanese"] * 10 > sum(counts.values()) else "Chinese"
        return max(counts, key=lambda name: counts[name])

    def _note_on_ids(self, tokenizer: Tokenizer) -> str:
        """Say that most tokens are ids and what becomes of one that the tokenizer changes."""
        if tokenizer.name != "words" or 2 * self._n_ids <= self._n_parts:
            return ""
        made = {part: tokenizer(part) for part in self._ids}
        changed = next((part for part, tokens in made.items() if tokens != [part]), None)
        if changed is None:
            return ""
        tokens = " ".join(made[changed]) or "nothing"
        return (
            f"most tokens look like item ids, and --tokenizer words makes {shown(tokens)} of"
            f" {shown(changed)}; use --tokenizer whitespace to keep them whole"
        )


def _script(letter: int) -> str:
    return next((name for first, last, name in _UNSPACED if first <= letter <= last), "")


def _note_on_script(script: str, tokenizer: str) -> str:
    if not script or tokenizer not in ("words", "whitespace"):
        return ""
    has_rules = script in ("Chinese", "Japanese", "Chinese or Japanese")
    choices = "uax29, characters" if has_rules else "characters"
    return (
        f"most letters are {script}, which is written without spaces, and --tokenizer {tokenizer}"
        f" cuts at spaces; use --tokenizer {choices}, or your own function (module:function)"
    )
