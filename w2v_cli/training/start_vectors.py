"""The vectors that a run starts from: `w2v train --from`.

They come from a run (centre and outside vectors) or from a file of vectors (centre vectors only;
the outside vectors then start at zero, as usual). The run folder keeps a copy, so that a resume
does not need the source, and so that it can be measured how far the vectors have moved.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.engines.base import Embeddings, Engine, Frozen, Notice, SubwordVectors
from w2v_cli.engines.centers import own_rows, with_ngrams_of
from w2v_cli.engines.settings import ModelSettings, TrainingSettings, Which
from w2v_cli.errors import DataError, RunError, UsageError, shown_setting
from w2v_cli.settings.config import Config
from w2v_cli.settings.fields import Value, settings_of
from w2v_cli.settings.run_settings import COMMON, RunSettings
from w2v_cli.text.vocabulary import Vocabulary, vocabulary_from_pairs
from w2v_cli.training.run_folder import RunFolder
from w2v_cli.vectors.formats.vector_files import is_run, read_table, write_table
from w2v_cli.vectors.nearest import unit_rows
from w2v_cli.vectors.run_vectors import choose_vectors, read_run_vectors, write_run_vectors
from w2v_cli.vectors.table import VectorTable

#: Settings that a new run takes over from the run it starts from, unless they are given: how text
#: is cut into words (which must be the same), and what is trained. It also takes over phrases and
#: the settings of the loss and of the engine.
_READING = ("tokenizer", "lowercase", "normalize", "fold_digits")
_TRAINED = (*settings_of(ModelSettings, "model"), "engine", "optimizer")


@dataclass(frozen=True)
class StartVectors:
    """N words with the vectors that a training starts from.

    center: float32 (N, D). outside: the same; None: unknown. counts: int64 (N,), the tokens of each
    word so far; None: unknown. settings: those that a new run takes over. source: the run or file,
    for messages. parts: for a run with subwords, the parts of the centre vectors.
    """

    words: list[str]
    center: NDArray[np.float32]
    outside: NDArray[np.float32] | None
    counts: NDArray[np.int64] | None
    settings: Mapping[str, Value]
    source: Path
    parts: SubwordVectors | None = None

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.center.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Hash (16 hexadecimal digits) of words, counts and vectors, independent of the format."""
        digest = hashlib.blake2b("\n".join(self.words).encode(), digest_size=8)
        for array in (self.center, self.outside, self.counts):
            digest.update(b"none" if array is None else np.ascontiguousarray(array).data)
        if self.parts is not None:
            digest.update(np.ascontiguousarray(self.parts.rows).data)
        return digest.hexdigest()

    def complete(self, config: Config) -> Config:
        """Return the settings of a run that starts here, with those it takes over.

        Raises UsageError if a given setting does not fit these vectors.
        """
        self._check(config.given)
        given = {**config.given, "start_fingerprint": self.fingerprint}
        taken = dict(self.settings)
        other_loss = given.get("loss", taken.get("loss")) != taken.get("loss")
        if other_loss or "steps" in given or "engine" in given:
            taken.pop("engine", None)
            taken.pop("optimizer", None)
        return Config(**{**taken, "dim": self.dim, **given})

    def _check(self, given: Mapping[str, Value]) -> None:
        dim = given.get("dim", self.dim)
        if dim != self.dim:
            raise UsageError(
                f"{self.source} has dimension {self.dim}, you gave --dim {dim};"
                " omit --dim to continue with these vectors"
            )
        for name in _READING:
            theirs = self.settings.get(name)
            if theirs is not None and name in given and given[name] != theirs:
                raise UsageError(
                    f"{self.source} was trained with {name} {shown_setting(theirs)}, you gave"
                    f" {shown_setting(given[name])}: its words would not be those of the text;"
                    f" omit {name}, or start from other vectors"
                )
        expected = given.get("start_fingerprint", self.fingerprint)
        if expected != self.fingerprint:
            raise UsageError(
                f"{self.source} no longer has the vectors that this configuration started from"
                f" (fingerprint {self.fingerprint}, expected {expected}); give the original with"
                " --from (a run keeps a copy: RUN/start.safetensors)"
            )

    def write(self, path: Path) -> None:
        """Write a copy that `read_start` and every command can read."""
        if self.outside is None:
            table = VectorTable(self.words, self.center, self.counts)
            write_table(table, path)
            return
        counts = np.zeros(len(self.words), np.int64) if self.counts is None else self.counts
        vectors = Embeddings(self.center, self.outside, self.parts)
        write_run_vectors(path, self.words, counts, vectors)


def read_start(path: Path) -> StartVectors:
    """Read a run or any file of vectors.

    Raises:
        DataError: it holds no vectors, or is damaged.
        RunError: the configuration of the run cannot be read.
    """
    if not is_run(path):
        table = read_table(path)
        return StartVectors(table.words, table.matrix, None, table.counts, {}, path)
    stored = read_run_vectors(path)
    run = RunFolder(path if path.is_dir() else path.parent)
    settings = _taken_over(run.read_settings()) if run.is_run() else {}
    center, outside = (
        matrix.astype(np.float32, copy=False)
        for matrix in (stored.embeddings.center, stored.embeddings.outside)
    )
    parts = stored.embeddings.subwords
    return StartVectors(stored.words, center, outside, stored.counts, settings, path, parts)


def copied_origin(path: Path, settings: TrainingSettings) -> StartVectors | None:
    """Read the copy in a run's folder, or the source itself if the copy is missing.

    Raises:
        RunError: neither holds the vectors that the run started from.
    """
    if settings.start_from is None:
        return None
    start = read_start(path if path.exists() else Path(settings.start_from))
    fingerprint = settings.start_fingerprint
    if fingerprint is not None and start.fingerprint != fingerprint:
        raise RunError(
            f"{start.source} does not hold the vectors that the run started from (fingerprint"
            f" {start.fingerprint}, expected {fingerprint}); restore {path}"
        )
    return start


def _taken_over(settings: RunSettings) -> dict[str, Value]:
    """Return the settings that a new run takes over; those of losses, engines by "table.name"."""
    taken = {}
    for setting, value in settings.values():
        if setting.table not in COMMON:
            taken[f"{setting.table}.{setting.name}"] = value
        elif setting.name in (*_READING, "phrases", *_TRAINED) and value is not None:
            taken[setting.name] = value
    return taken


# A vocabulary that grows: the words of the text, and those of the vectors to start from.
#
# An engine trains only the words of its text: known ones from their vectors, new ones from scratch.
# Known words that the text lacks keep their vectors bit for bit; they are added when vectors are
# written or scored. Sampling uses the counts of the new text; saved counts are the sum of both.

#: If a smaller share of the tokens is known, the user is told.
_FEW_KNOWN = 0.3


class Growth:
    """The words of the vectors to start from and those of a text, combined.

    vocabulary: all N words, by falling count. n_known: known words that are in the text. n_kept:
    known words that are not. n_new: words of the text that are not known.
    """

    def __init__(self, start: StartVectors, text: Vocabulary) -> None:
        self._start = start
        place = {word: i for i, word in enumerate(start.words)}
        row = np.array([place.get(word, -1) for word in text.words], dtype=np.int64)
        #: Known words of the text: their ids there, and their rows in the start vectors.
        self._ids, self._rows = np.flatnonzero(row >= 0), row[row >= 0]
        self._kept = np.setdiff1d(np.arange(len(start.words)), self._rows)
        self.n_known, self.n_kept = len(self._rows), len(self._kept)
        self.n_new = len(text) - self.n_known
        counts = text.counts.copy()
        kept_counts = np.zeros(self.n_kept, np.int64)
        if start.counts is not None:
            counts[self._ids] += start.counts[self._rows]
            kept_counts = start.counts[self._kept]
        both = np.concatenate([counts, kept_counts])
        self._order = np.argsort(-both, kind="stable")
        words = [*text.words, *(start.words[i] for i in self._kept)]
        self.vocabulary = vocabulary_from_pairs(
            (words[i], count)
            for i, count in zip(self._order.tolist(), both[self._order].tolist(), strict=True)
        )

    def note(self, text: Vocabulary, lowercase: bool, notice: Notice) -> None:
        """Tell the user how the text fits the start vectors.

        Raises DataError if the text has none of the known words.
        """
        words, source = self._start.words, self._start.source
        if not self.n_known:
            raise DataError(
                f"the text has none of the {len(words):,} words of {source};"
                " were they trained with another --tokenizer or --lowercase?"
            )
        told = (
            f"starting from {source}: {self.n_known:,} of its {len(words):,} words are in"
            f" the text, {self.n_kept:,} keep their vectors; {self.n_new:,} words are new"
        )
        share = float(text.counts[self._ids].sum() / text.counts.sum())
        if share < _FEW_KNOWN:
            told += f". Only {share:.0%} of the tokens are known; check --tokenizer and --lowercase"
        notice(told)
        n_upper = sum(word != word.lower() for word in words) if lowercase else 0
        if n_upper:
            notice(
                f"{n_upper:,} words of {source} contain upper case, which the lower-cased text does"
                " not have; --no-lowercase keeps the case of the text"
            )

    def start(self, engine: Engine, *, freeze: bool) -> None:
        """Give the engine its start vectors; freeze: those of known words do not change."""
        fresh = engine.embeddings()
        engine.set_embeddings(self.first(fresh))
        if freeze:
            engine.freeze(self.frozen(fresh.n_words))

    def first(self, fresh: Embeddings) -> Embeddings:
        """Return the vectors an engine starts with: known words' own, `fresh` ones for the others.

        From a run with the same kind of subwords, n-grams (and so new words) also start trained.
        """
        center, outside = np.array(fresh.center), np.array(fresh.outside)
        center[self._ids] = self._start.center[self._rows]
        outside[self._ids] = 0
        if self._start.outside is not None:
            outside[self._ids] = self._start.outside[self._rows]
        return Embeddings(center, outside, self._first_rows(fresh))

    def _first_rows(self, fresh: Embeddings) -> SubwordVectors | None:
        """Return the rows to start with; None: they follow from the words' vectors."""
        if fresh.subwords is None or self._start.parts is None:
            return None
        n_known = len(self._start.words)
        parts = with_ngrams_of(fresh.subwords, fresh.n_words, self._start.parts, n_known)
        if parts is not None:
            words = [self._start.words[i] for i in self._rows]
            center = self._start.center[self._rows]
            parts.rows[self._ids] = own_rows(parts, fresh.n_words, words, center)
        return parts

    def frozen(self, n_words: int) -> Frozen:
        """Return which vectors of the text's words come from the start, and so may be frozen."""
        center = np.zeros(n_words, bool)
        center[self._ids] = True
        outside = center if self._start.outside is not None else np.zeros(n_words, bool)
        return Frozen(center, outside)

    def whole(self, trained: Embeddings) -> Embeddings:
        """Return the vectors of all words, (N, D), from those of the text's words."""
        center, outside = self._kept_vectors()
        parts = trained.subwords
        if parts is not None:
            words = [self._start.words[i] for i in self._kept]
            n_words = trained.n_words
            rows = np.concatenate([parts.rows[:n_words], own_rows(parts, n_words, words, center)])
            rows = np.concatenate([rows[self._order], parts.rows[n_words:]])
            parts = SubwordVectors(parts.subwords, rows)
        return Embeddings(
            np.concatenate([trained.center, center])[self._order],
            np.concatenate([trained.outside, outside])[self._order],
            parts,
        )

    def cosine(self, trained: Embeddings, which: Which) -> float | None:
        """Return the mean cosine between known words' vectors and those they started from.

        Only over known words of the text; None: there are none. which: the vectors to compare.
        """
        if not self.n_known:
            return None
        now = Embeddings(trained.center[self._ids], trained.outside[self._ids])
        start = self.first(trained)
        before = Embeddings(start.center[self._ids], start.outside[self._ids])
        old, new = (unit_rows(choose_vectors(each, which)) for each in (before, now))
        return float(np.einsum("ij,ij->i", old, new, dtype=np.float64).mean())

    def _kept_vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        center = self._start.center[self._kept]
        if self._start.outside is None:
            return center, np.zeros_like(center)
        return center, self._start.outside[self._kept]
