"""Which words a picture shows, and in which groups."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, UsageError, reason_of, shown
from w2v_cli.pictures.clusters import central_words, cluster
from w2v_cli.vectors.word_vectors import WordVectors

#: The words of the CS224n picture, by subject.
CS224N_GROUPS: Mapping[str, tuple[str, ...]] = {
    "praise": tuple("great cool brilliant wonderful well amazing worth sweet enjoyable".split()),
    "blame": tuple("boring bad dumb annoying".split()),
    "royalty and gender": tuple("female male queen king man woman".split()),
    "weather": tuple("rain snow hail".split()),
    "drinks": tuple("coffee tea".split()),
}
CS224N_WORDS = tuple(word for members in CS224N_GROUPS.values() for word in members)
MOST_BY_PATTERN = 500

#: English words that mean little by themselves; `--top` leaves them out.
STOP_WORDS = frozenset(
    """
    a about above after again against all almost also although always am among an and any are
    around as at away back be because been before being below between both but by can cannot
    could d did do does doing don done down during each either else enough even ever every few
    for from further get gets getting give given go goes going gone got had has have having he
    her here hers herself him himself his how however i if in instead into is isn it its itself
    just least less ll let m made make makes making many may maybe me might mine more most much
    must my myself n never no none nor not nothing now o of off often on once one only onto or
    other others our ours ourselves out over own per perhaps put quite rather re really s said
    same say says see seem seems seen several shall she should since so some something
    sometimes still such t take taken takes than that the their theirs them themselves then
    there these they thing things this those though through thus to too took toward towards
    two under until up upon us ve very via was way we well were what whatever when where
    whether which while who whole whom whose why will with within without would yet you your
    yours yourself yourselves br nt couldn didn doesn hadn hasn haven shouldn wasn weren won
    wouldn aren ain mustn needn shan mightn lrb rrb
    """.split()
)


def split_words(text: str) -> list[str]:
    """Split at white space and commas: "king, queen man" → king, queen, man."""
    return text.replace(",", " ").split()


def top_words(vectors: WordVectors, n: int, stop_words: bool = False) -> list[str]:
    """Return the first n words, the most frequent ones.

    stop_words: also return English words such as "the", and tokens without letters.
    """
    chosen: list[str] = []
    for word in vectors.words:
        if len(chosen) == n:
            break
        if stop_words or _says_something(word):
            chosen.append(word)
    return chosen


def _says_something(word: str) -> bool:
    """Tell whether it has letters and is not made of stop words only, as "don't" is."""
    parts = [part for part in re.split("['’]", word.lower()) if part]
    return any(map(str.isalpha, word)) and not STOP_WORDS.issuperset(parts)


def words_near(vectors: WordVectors, word: str, n: int) -> list[str]:
    """Return a word and its n nearest neighbours, the nearest first.

    Raises:
        UnknownWordError: the vectors do not have the word.
    """
    return [word, *(neighbor.word for neighbor in vectors.neighbors(word, n))]


def words_matching(vectors: WordVectors, pattern: str, n: int = MOST_BY_PATTERN) -> list[str]:
    """Return the first n words that a regular expression matches as a whole.

    Raises:
        UsageError: the pattern is not a regular expression.
    """
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--regex {pattern}: not a regular expression: {error}") from None
    return [word for word in vectors.words if expression.fullmatch(word)][:n]


def keep_known(wanted: Sequence[str], vectors: WordVectors) -> tuple[list[str], list[str]]:
    """Return the distinct words that have a vector, and those that have none.

    Raises:
        UsageError: a single word was asked for.
        DataError: fewer than two words are known.
    """
    if not isinstance(wanted, Iterable):
        raise UsageError(f"expected a list of words, got {shown(wanted)}")
    distinct = list(dict.fromkeys(wanted))
    known = [word for word in distinct if word in vectors]
    missing = [word for word in distinct if word not in vectors]
    if len(distinct) == 1 and known:
        raise UsageError(
            f"one word makes no picture; --neighbors-of {known[0]} shows it among its neighbours"
        )
    if not known:
        raise DataError("none of the words is in the vocabulary; --top 50 draws words that are")
    if len(known) == 1:
        raise DataError(
            f"only {known[0]!r} of the words is in the vocabulary, and one word makes no picture;"
            " --top 50 draws words that are"
        )
    return known, missing


# Groups: the course's, a file's, or clusters of the vectors.


@dataclass(frozen=True)
class Grouping:
    """Groups of words.

    names: one per group. labels: int (n,), the group of each word; -1 for none.
    """

    names: tuple[str, ...]
    labels: NDArray[np.int64]

    def members(self, group: int) -> NDArray[np.int64]:
        """Return the places of a group's words."""
        return np.flatnonzero(self.labels == group)


def group_by_name(words: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Grouping:
    """Label the words by named groups; a word in two groups belongs to the first."""
    used = {name: members for name, members in groups.items() if set(members) & set(words)}
    group_of: dict[str, int] = {}
    for place, members in enumerate(used.values()):
        for word in members:
            group_of.setdefault(word, place)
    labels = np.array([group_of.get(word, -1) for word in words], dtype=np.int64)
    return Grouping(tuple(used), labels)


def group_by_cluster(
    words: Sequence[str],
    vectors: NDArray[np.float64],
    n_clusters: int | None = None,
    counts: NDArray[np.int64] | None = None,
) -> Grouping:
    """Label the words by clusters of their full vectors (n, D), named by their central words.

    counts: how often each word occurs, shape (n,): frequent words make the better names.
    """
    labels = cluster(vectors, n_clusters)
    # The largest come first, so clusters of one word come last; they are no groups.
    n_groups = int((np.bincount(labels) > 1).sum())
    if labels.max() == 0:
        n_groups = 0
    names = central_words(words, vectors, labels, counts)[:n_groups]
    return Grouping(tuple(names), np.where(labels < n_groups, labels, -1))


def default_groups(
    words: Sequence[str],
    vectors: NDArray[np.float64],
    counts: NDArray[np.int64] | None = None,
) -> Grouping:
    """The course's groups where all words are the course's; else clusters."""
    if set(words) <= {word for members in CS224N_GROUPS.values() for word in members}:
        return group_by_name(words, CS224N_GROUPS)
    return group_by_cluster(words, vectors, counts=counts)


def read_groups(path: Path) -> dict[str, tuple[str, ...]]:
    """Read groups from a text file, one per line: `name: word word …` (commas may separate).

    Raises:
        DataError: no such file, not UTF-8, or a line without a name or words.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"cannot read the groups in {path}: {reason_of(error)}; give a text with lines such as"
            " drinks: tea coffee"
        ) from error
    groups: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, words = line.partition(":")
        members = tuple(words.replace(",", " ").split())
        if not name.strip() or not members:
            raise DataError(
                f"{path}, line {number}: expected 'name: word word …', got {shown(line)}"
            )
        groups[name.strip()] = groups.get(name.strip(), ()) + members
    if not groups:
        raise DataError(f"{path}: no groups; write one per line, such as 'drinks: tea coffee'")
    return groups
