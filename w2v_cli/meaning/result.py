"""What was measured: words, verdicts, neighbours; as a table, as JSON, and as a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.json_types import Json
from w2v_cli.meaning.chance import FALSE_SHARE, Verdict
from w2v_cli.vectors.lookup import close_spellings
from w2v_cli.vectors.nearest import top_neighbors, unit_rows
from w2v_cli.version import package_version

#: Neighbours in each slice.
N_NEIGHBORS = 5
#: The basis that is computed from all texts; others are named by their file.
OWN_BASIS = "spectral"


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """How it was measured.

    n_words: of the vocabulary. n_documents: of each slice. n_units: what changes sides as a whole;
    None: each document. n_bundles: of a word, the median. n_deals: of the stages that were reached.
    """

    n_words: int
    n_documents: list[int]
    n_units: int | None
    n_bundles: int
    n_deals: list[int]
    basis: str
    dim: int
    window: int
    min_count: int
    seed: int
    version: str = msgspec.field(default_factory=package_version)


@dataclass(frozen=True)
class Space:
    """Words with a vector in each slice: the sum of their contexts there, (R, S, D)."""

    words: list[str]
    vectors: NDArray[np.float32]

    @cached_property
    def reference(self) -> NDArray[np.float32]:
        """The words' unit vectors in all slices together, (R, D)."""
        return unit_rows(self.vectors.sum(axis=1))

    def nearest(self, rows: NDArray[np.int64], n: int) -> list[list[list[str]]]:
        """Return the n words nearest to each of some words, in each slice."""
        n_slices, n = self.vectors.shape[1], min(n, len(self.words) - 1)
        queries = unit_rows(self.vectors[rows].reshape(len(rows) * n_slices, -1))
        itself = [[int(row)] for row in rows for _ in range(n_slices)]
        found, _ = top_neighbors(self.reference, queries, n, itself)
        named = [[self.words[i] for i in each] for each in found.tolist()]
        return [named[i : i + n_slices] for i in range(0, len(named), n_slices)]


@dataclass(frozen=True)
class Change:
    """Which words mean something else in one slice than in another.

    slices: their names. space: the words' vectors by slice. places: in it, of the T words that were
    tested. tokens: of these by slice, (T, S). verdict: on them. method: how it was measured.
    examples: lines of context of some words, by slice.
    """

    slices: tuple[str, ...]
    space: Space
    places: NDArray[np.int64]
    tokens: NDArray[np.int64]
    verdict: Verdict
    method: Method
    examples: dict[str, list[list[str]]] = field(default_factory=dict)

    @cached_property
    def tested_words(self) -> list[str]:
        """The words that were tested."""
        return [self.space.words[i] for i in self.places.tolist()]

    @property
    def is_flagged(self) -> NDArray[np.bool_]:
        """Which of them differ by more than chance, (T,)."""
        return self.verdict.adjusted <= FALSE_SHARE

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The tested words by p, so flagged ones first; those of equal p by their deviations."""
        return np.lexsort((self.verdict.deviations, self.verdict.p))

    @property
    def flagged(self) -> list[str]:
        """The words that differ by more than chance, the clearest first."""
        return [self.tested_words[i] for i in self.order[: int(self.is_flagged.sum())]]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Each two slices, in the order of `Verdict.pairs`."""
        return list(combinations(range(len(self.slices)), 2))

    def place_of(self, word: str) -> int:
        """Return the number of a tested word. Raises DataError for any other."""
        try:
            return self.tested_words.index(word)
        except ValueError:
            close = ", ".join(close_spellings(word, self.tested_words))
            hint = f"; did you mean {close}?" if close else ""
            raise DataError(f"{word!r} was not tested{hint}") from None

    def neighbors(self, word: str, n: int = N_NEIGHBORS) -> dict[str, list[str]]:
        """Return the n words nearest to a tested word in each slice."""
        near = self.space.nearest(self.places[[self.place_of(word)]], n)[0]
        return dict(zip(self.slices, near, strict=True))

    def differs_most(self, i: int) -> tuple[int, int]:
        """Return the two slices between which a tested word is farthest from chance."""
        cosine, mean, spread = self.verdict.pairs[i].T
        return self.pairs[int(((cosine - mean) / np.maximum(spread, 1e-12)).argmin())]

    def rows(self, chosen: Sequence[int] | NDArray[np.int64]) -> Iterator[Json]:
        """Yield the figures of some tested words, in the order of their numbers."""
        verdict, chosen = self.verdict, np.asarray(chosen, np.int64)
        nearest = self.space.nearest(self.places[chosen], N_NEIGHBORS) if len(chosen) else []
        for i, near in zip(chosen.tolist(), nearest, strict=True):
            yield {
                "word": self.tested_words[i],
                "tokens": dict(zip(self.slices, self.tokens[i].tolist(), strict=True)),
                "cosine": float(verdict.cosine[i]),
                "chance_mean": float(verdict.mean[i]),
                "chance_sd": float(verdict.spread[i]),
                "p": float(verdict.p[i]),
                "adjusted_p": float(verdict.adjusted[i]),
                "n_deals": int(verdict.n_deals[i]),
                "differs_most": [self.slices[s] for s in self.differs_most(i)],
                "nearest": dict(zip(self.slices, near, strict=True)),
            }

    @property
    def table(self) -> Any:
        """The figures of all tested words: a pandas DataFrame; without pandas, a list of dicts."""
        rows = list(self.rows(self.order))
        try:
            import pandas as pd
        except ImportError:
            return rows
        return pd.DataFrame(rows).set_index("word")

    def as_object(self) -> Json:
        """Return everything as JSON can hold it."""
        return {
            "slices": list(self.slices),
            "false_share": FALSE_SHARE,
            "n_tested": len(self.places),
            "n_flagged": len(self.flagged),
            "method": msgspec.to_builtins(self.method),
            "methods_sentence": self.methods_sentence,
            "words": list(self.rows(self.order)),
            "examples": {
                word: dict(zip(self.slices, lines, strict=True))
                for word, lines in self.examples.items()
            },
        }

    def as_tsv(self) -> str:
        """Return the figures of all tested words as a table with tabs."""
        header = ["word", *(f"tokens {name}" for name in self.slices)]
        header += ["cosine", "chance_mean", "chance_sd", "p", "adjusted_p"]
        lines = [[*header, *(f"nearest {name}" for name in self.slices)]]
        for row in self.rows(self.order):
            figures = (f"{row[name]:.6g}" for name in header[1 + len(self.slices) :])
            near = (" ".join(words) for words in row["nearest"].values())
            lines.append([row["word"], *map(str, row["tokens"].values()), *figures, *near])
        return "".join("\t".join(map(_cell, line)) + "\n" for line in lines)

    @property
    def methods_sentence(self) -> str:
        """What a methods section should say."""
        m = self.method
        sizes = ", ".join(
            f"{name} {n:,}" for name, n in zip(self.slices, m.n_documents, strict=True)
        )
        units = "documents" if m.n_units is None else f"{m.n_units:,} units of documents"
        several = "" if len(self.slices) == 2 else ", averaged over all pairs of slices,"
        more = f" (up to {m.n_deals[-1]:,} for words that looked moved)" if m.n_deals[1:] else ""
        basis = "spectral vectors of all texts" if m.basis == OWN_BASIS else f"vectors {m.basis}"
        return (
            f"Change of meaning was tested with w2v {m.version} for {len(self.places):,} of"
            f" {m.n_words:,} words (at least {m.min_count} tokens in every slice) in"
            f" {sum(m.n_documents):,} documents ({sizes}). The cosine between the slices{several}"
            f" of a word's mean context vector ({basis}, {m.dim} dimensions, window {m.window}) was"
            f" compared with {m.n_deals[0]:,} random deals{more} of the {units} that use the word"
            f" to the slices, in {m.n_bundles} bundles (median), seed {m.seed}. p = (1 + b) / (1 +"
            f" m); Benjamini-Hochberg correction, false discovery rate {FALSE_SHARE:.0%}."
        )


def _cell(text: str) -> str:
    return " ".join(text.split())
