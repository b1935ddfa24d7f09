"""Fonts for the scripts that the default font lacks, and notes about scripts without a font."""

import unicodedata
from collections.abc import Iterable, Set
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
    lacking = {ord(letter) for word in words for letter in word} - _letters(DEFAULT)
    lacking = {code for code in lacking if not _is_blank(code)}
    families = [DEFAULT]
    for family in _installed() if lacking else ():
        covered = lacking & _letters(family)
        if covered:
            families.append(family)
            lacking -= covered
        if not lacking:
            break
    return families, [*_missing_notes(lacking), *_shaping_notes(words)]


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
def _installed() -> dict[str, str]:
    """Family → file of its regular font, plain sans-serif families first."""
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
def _letters(family: str) -> frozenset[int]:
    """Code points that a family's regular font has."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(get_font(_installed()[family]).get_charmap())
    except (KeyError, OSError, RuntimeError):
        return frozenset()
