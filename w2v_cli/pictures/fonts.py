"""Fonts for the scripts that the default font lacks, and notes about scripts without a font."""

import unicodedata
from collections.abc import Iterable, Sequence, Set
from contextlib import suppress
from functools import cache

DEFAULT = "DejaVu Sans"
_SHAPING_FROM = (3, 11)  # the first matplotlib that shapes text

#: First word of a character's Unicode name → a free font that has the script.
_FREE_FONTS = {
    "CJK": "Noto Sans CJK",
    "HIRAGANA": "Noto Sans CJK",
    "KATAKANA": "Noto Sans CJK",
    "HANGUL": "Noto Sans CJK",
    "BOPOMOFO": "Noto Sans CJK",
}


def families_for(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Choose font families for words: each family adds characters that the ones before lack.

    Returns:
        The families, the default first; and notes: what is missing, and what to install.
    """
    words = list(words)
    letters = {ord(letter) for word in words for letter in word}
    families, lacking = _cover({code for code in letters if not _is_blank(code)})
    if lacking and find_new_fonts():
        families, lacking = _cover(lacking, families)
    return families, [*_missing_notes(lacking), *_shaping_notes(words)]


def _cover(letters: Set[int], families: Sequence[str] = ()) -> tuple[list[str], Set[int]]:
    """Add installed families until they have all letters; return them, and what they lack."""
    installed = _installed(_n_fonts())
    chosen = list(families)
    for family in dict.fromkeys((DEFAULT, *installed)):
        covered = letters & _letters(installed.get(family, ""))
        if family not in chosen and (covered or family == DEFAULT):
            chosen.append(family)
        letters = letters - covered
        if not letters:
            break
    return chosen, letters


@cache
def find_new_fonts() -> bool:
    """Add fonts that were installed after matplotlib made its list; once, as it takes a while."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    before = _n_fonts()
    for path in sorted(set(findSystemFonts()) - known):
        with suppress(Exception):  # whatever a damaged file of a font makes the reader raise
            fontManager.addfont(path)
    return _n_fonts() > before


def _n_fonts() -> int:
    from matplotlib.font_manager import fontManager

    return len(fontManager.ttflist)


def _is_blank(code: int) -> bool:
    """Tell whether it is a joiner, space or variation selector, which has no shape of its own."""
    return unicodedata.category(chr(code)) in {"Cf", "Cc", "Zs"} or 0xFE00 <= code <= 0xFE0F


def _missing_notes(lacking: Set[int]) -> list[str]:
    scripts: dict[str, str] = {}
    for code in sorted(lacking):
        scripts.setdefault(_script(chr(code)), chr(code))
    notes = []
    for script, example in scripts.items():
        font = _FREE_FONTS.get(script) or _free_font(script)
        notes.append(
            f"no installed font has {_title(script)} letters such as {example}; they are drawn as"
            f" boxes. Install {font}, or draw an .svg, which uses the reader's fonts"
        )
    return notes


def _title(script: str) -> str:
    return "CJK" if script == "CJK" else script.title()


def _free_font(script: str) -> str:
    return "Noto Emoji" if script == "EMOJI" else f"Noto Sans {_title(script)}"


def _script(letter: str) -> str:
    if unicodedata.category(letter) == "So":
        return "EMOJI"
    return unicodedata.name(letter, "UNKNOWN").split()[0].partition("-")[0]


def _shaping_notes(words: list[str]) -> list[str]:
    import matplotlib as mpl

    if mpl.__version_info__[:2] >= _SHAPING_FROM or not any(map(_needs_shaping, words)):
        return []
    return [
        f"matplotlib {mpl.__version__} draws right-to-left words and combining marks letter by"
        " letter; matplotlib 3.11 and later shape them"
    ]


def _needs_shaping(word: str) -> bool:
    return any(
        unicodedata.bidirectional(letter) in {"R", "AL"}
        or unicodedata.category(letter) in {"Mn", "Mc"}
        for letter in word
    )


@cache
def _installed(n_fonts: int) -> dict[str, str]:
    """Family → file of its regular font, plain sans-serif families first.

    n_fonts: of matplotlib's list; the answer is kept until that changes.
    """
    from matplotlib.font_manager import fontManager

    regular = {
        entry.name: entry.fname
        for entry in fontManager.ttflist
        if entry.style == "normal"
        and entry.stretch == "normal"
        and entry.weight in {400, "normal", "regular", "book"}
        and "Last Resort" not in entry.name
    }
    order = sorted(regular, key=lambda name: ("Sans" not in name, "Mono" in name, name))
    return {name: regular[name] for name in order}


@cache
def _letters(file: str) -> frozenset[int]:
    """Code points that a font has; none for a file that is not there."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(get_font(file).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
