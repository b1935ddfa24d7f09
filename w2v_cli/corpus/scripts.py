"""Which scripts a text is in, as far as they are written without spaces between words."""

from collections import Counter
from threading import Lock

#: First and last code point → what the text is.
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
#: Between two spaces there are more letters than this only where spaces do not part words.
_MOST_LETTERS = 8


class ScriptSample:
    """Letters of a few samples of a text, by script; several threads may add to it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n_samples = self._n_letters = self._n_parts = 0
        self._unspaced: Counter[str] = Counter()

    def look(self, text: bytes) -> None:
        """Take a sample of UTF-8 text into account."""
        if self._n_samples >= _MOST_SAMPLES:
            return
        sample = text[:_SAMPLE_BYTES].decode("utf-8", "ignore")
        letters = [ord(c) for c in sample if c.isalpha()]
        found = Counter(_script(letter) for letter in letters if letter >= _UNSPACED[0][0])
        with self._lock:
            self._n_samples += 1
            self._n_letters += len(letters)
            self._n_parts += len(sample.split())
            self._unspaced.update(found)

    def unspaced(self) -> str:
        """Return the script without spaces that most letters are of; "" if most are of others."""
        counts = {name: n for name, n in self._unspaced.items() if name}
        if 2 * sum(counts.values()) <= self._n_letters:
            return ""
        if self._n_letters <= _MOST_LETTERS * self._n_parts:
            return ""  # somebody has put spaces between the words
        if "Japanese" in counts and "Chinese or Japanese" in counts:
            return "Japanese" if counts["Japanese"] * 10 > sum(counts.values()) else "Chinese"
        return max(counts, key=lambda name: counts[name])


def _script(letter: int) -> str:
    return next((name for first, last, name in _UNSPACED if first <= letter <= last), "")


def note_on(script: str, tokenizer: str) -> str:
    """Say what to do where a tokenizer does not split a script; "" where it does."""
    if not script or tokenizer not in ("words", "whitespace"):
        return ""
    has_rules = script in ("Chinese", "Japanese", "Chinese or Japanese")
    choices = "uax29, characters" if has_rules else "characters"
    return (
        f"most letters are {script}, which is written without spaces, and --tokenizer {tokenizer}"
        f" cuts at spaces; use --tokenizer {choices}, or a function of yours (module:function)"
    )
