"""Which words belong together: the course's groups, a file's, or clusters of the vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, reason_of
from w2v_cli.pictures.clusters import central_words, cluster

#: The words of the CS224n picture, by what they are about.
CS224N_GROUPS: Mapping[str, tuple[str, ...]] = {
    "praise": tuple("great cool brilliant wonderful well amazing worth sweet enjoyable".split()),
    "blame": tuple("boring bad dumb annoying".split()),
    "royalty and gender": tuple("female male queen king man woman".split()),
    "weather": tuple("rain snow hail".split()),
    "drinks": tuple("coffee tea".split()),
}


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
    # The largest come first, so the words that stand alone come last; they are no groups.
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
                f"{path}, line {number}: expected 'name: word word …', got {line[:80]!r}"
            )
        groups[name.strip()] = groups.get(name.strip(), ()) + members
    if not groups:
        raise DataError(f"{path}: no groups; write one per line, such as 'drinks: tea coffee'")
    return groups
