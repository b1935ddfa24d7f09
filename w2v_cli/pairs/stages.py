"""`w2v count` and `w2v count --merge`: from the start to the finished COUNTS folder.

A count that was stopped continues from the files of its tasks, in the folder `.parts`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError, RunError
from w2v_cli.memory import bytes_for_data
from w2v_cli.pairs import counts_folder
from w2v_cli.pairs.cooccurrence import TAIL, fraction_bits
from w2v_cli.pairs.counts_folder import (
    COUNTS,
    VOCABULARY,
    Manifest,
    TextCounts,
    add_counts,
    is_counts,
    read_counts,
    write_counts,
)
from w2v_cli.pairs.matrix import with_transpose
from w2v_cli.pairs.shards import Shard, cut, note_on
from w2v_cli.pairs.tasks import (
    FIGURES,
    PARTS,
    PairPlan,
    Part,
    Share,
    cannot_write,
    count_pairs,
    count_words,
    job,
    merge_pairs,
    merge_words,
    read_part,
    table_of_part,
)
from w2v_cli.pairs.workers import Workers
from w2v_cli.storage import files, lock
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.storage.folders import (
    is_leftover,
    make_folders,
    remove_leftovers,
    remove_tree,
    temporary_folder,
)
from w2v_cli.text.plan import Progress, make_plan, no_progress
from w2v_cli.text.settings import DEFAULT_MEMORY, CorpusSettings
from w2v_cli.text.vocabulary import Vocabulary, read_vocabulary, write_vocabulary
from w2v_cli.text.windows import keep_prob

#: Word lists decide the vocabulary, not the tokens.
_NO_LISTS = {"stop_words": None, "keep_words": None, "vocab": None}
#: Settings of a corpus that do not decide its counts. (The words of a given vocabulary do.)
_NOT_OF_THE_COUNTS = ("paths", "memory", "vocab")
#: A text may have 2^this times as many tokens as the text that its vocabulary was made from.
GROWTH_BITS = 12
#: A merge takes so many files, so n files are read and written about log_8 n times.
FAN_IN = 8
#: What an unfinished COUNTS folder may hold.
_OWN = {PARTS, VOCABULARY, COUNTS, lock.NAME}


@dataclass(frozen=True)
class CountPlan:
    """What is counted and how.

    corpus: its `memory` is that of each process. shrink_windows: see `ModelSettings`. min_pairs:
    drop pairs that are expected to occur less often.
    """

    corpus: CorpusSettings
    window: int
    subsample_threshold: float
    shrink_windows: bool = True
    min_pairs: float = 0.0

    @property
    def made_with(self) -> dict[str, Any]:
        """All settings that decide the counts, by name; the place of the text does not."""
        of_corpus = msgspec.structs.asdict(self.corpus)
        for name in _NOT_OF_THE_COUNTS:
            del of_corpus[name]
        return {
            **of_corpus,
            "window": self.window,
            "subsample_threshold": self.subsample_threshold,
            "shrink_windows": self.shrink_windows,
        }


def count_into(
    out: Path,
    plan: CountPlan,
    workers: Callable[[Path], Workers],
    progress: Progress = no_progress,
    shard_bytes: int | None = None,
    notice: Callable[[str], None] = lambda message: None,
) -> Manifest:
    """Count a corpus into the folder `out`, or continue a count that was stopped there.

    workers: is called with the folder that all workers must share. notice: is called with what the
    user should know about the text.

    Raises:
        UsageError: settings that need the text in one piece.
        DataError: a corpus that cannot be read, or was changed.
        RunError: the folder is in use, holds something else or cannot be written to, or the workers
            cannot be used.
    """
    shards = cut(plan.corpus, shard_bytes)
    existed = out.exists()
    make_folders(out)
    held = lock.FolderLock(out)
    try:
        _check(out)
        _clean(out)
        if note := note_on(shards, plan.corpus):
            notice(note)
        team = workers(out / PARTS)
        try:
            manifest = Stages(plan, out, team, progress).count(shards)
        finally:
            team.close()
        remove_tree(out / PARTS)
        return manifest
    except BaseException as error:
        with suppress(OSError):
            _clear_if_nothing_was_counted(out)
        if isinstance(error, OSError):
            raise cannot_write(out, error) from error
        raise
    finally:
        held.release()
        if not existed:
            with suppress(OSError):  # not empty: there is something to continue from
                files.remove_folder(out)


def _clean(out: Path) -> None:
    """Make the folder of parts, and remove the leftovers of a killed process."""
    remove_leftovers(out)
    make_folders(out / PARTS)
    remove_leftovers(out / PARTS)


def _clear_if_nothing_was_counted(out: Path) -> None:
    if (out / PARTS).is_dir() and not any((out / PARTS).iterdir()):
        files.remove_folder(out / PARTS)


def _check(out: Path) -> None:
    if is_counts(out):
        remove_tree(out / PARTS)  # of a count that was killed after its last step
        raise RunError(f"{out} already contains counts; choose another --out")
    names = {e.name for e in out.iterdir() if not is_leftover(e.name)}
    # Without the folder of parts, a vocab.tsv is not that of a count that was stopped.
    if names - (_OWN if PARTS in names else {lock.NAME}):
        raise RunError(f"{out} is not an empty folder; choose another --out")


class Stages:
    """Runs the stages of one count in a folder."""

    def __init__(self, plan: CountPlan, out: Path, workers: Workers, progress: Progress) -> None:
        self._plan, self._out, self._workers = plan, out, workers
        self._progress = progress
        self._parts = out / PARTS

    def count(self, shards: Sequence[Shard]) -> Manifest:
        """Count the shards; leave vocabulary, counts and manifest in the folder."""
        given = _given_vocabulary(self._plan.corpus)
        vocabulary = given or self._vocabulary(self._words(shards))
        n_bits = fraction_bits(
            vocabulary.counts,
            keep_prob(vocabulary.counts, self._plan.subsample_threshold),
            self._plan.window,
            self._plan.shrink_windows,
        )
        n_bits -= GROWTH_BITS if given else 0
        pairs = self._pairs(shards, vocabulary, n_bits)
        half = TextCounts.of(read_part(self._parts, pairs))
        if given:
            check_growth(half.occurrences, vocabulary)
        elif int(half.occurrences.sum()) != int(vocabulary.counts.sum()):
            raise DataError("the text changed while it was counted; start again on a copy")
        about = Manifest(
            format=counts_folder.FORMAT,
            made_with=self._plan.made_with,
            given_vocabulary=given is not None,
            fraction_bits=n_bits,
            n_tokens=pairs.figures["n_tokens"],
            n_kept=pairs.figures["n_kept"],
            n_documents=pairs.figures["n_documents"],
            n_invalid=pairs.figures["n_invalid"],
        )
        with temporary_folder(self._parts) as folder:
            share = self._share(1)
            whole = with_transpose(
                half.pairs,
                folder,
                share.memory,
                n_threads=share.n_threads,
                progress=self._progress,
            )
            counts = TextCounts(whole, half.occurrences)
            return write_counts(self._out, about, vocabulary, counts, self._plan.min_pairs)

    def _words(self, shards: Sequence[Shard]) -> Part:
        settings = _same_for_all(self._plan.corpus)
        calls = [((shard, settings), shard.n_bytes) for shard in shards]
        parts = self._run("counting words", count_words, calls)
        return self._merged("merging words", merge_words, parts)

    def _vocabulary(self, words: Part) -> Vocabulary:
        if words.figures["n_tokens"] == 0:
            raise DataError("the corpus is empty: it has no words; give a text with words in it")
        table = table_of_part(read_part(self._parts, words), words.figures)
        reading = make_plan(self._plan.corpus, named=self._plan.corpus.tokenizer)
        _, found, counts = table.frequent(reading.settings.min_count, reading.named_words)
        return reading.vocabulary(zip(found, counts.tolist(), strict=True))

    def _pairs(self, shards: Sequence[Shard], vocabulary: Vocabulary, n_bits: int) -> Part:
        name = f"vocab-{vocabulary.fingerprint}.tsv"
        write_vocabulary(vocabulary, self._parts / name)
        settings = _same_for_all(self._plan.corpus)
        plan = self._plan
        pairs = PairPlan(plan.window, plan.subsample_threshold, plan.shrink_windows, n_bits, TAIL)
        calls = [((shard, settings, name, pairs), shard.n_bytes) for shard in shards]
        parts = self._run("counting pairs", count_pairs, calls)
        return self._merged("merging pairs", merge_pairs, parts)

    def _share(self, n_jobs: int) -> Share:
        """Return what each of so many jobs may take: those in one process share its memory."""
        n = max(1, min(self._workers.n_beside, n_jobs))
        memory = bytes_for_data(self._plan.corpus.memory) / n
        return Share(memory, self._workers.n_beside // n)

    def _run(
        self, phase: str, task: Callable[..., Part], calls: Sequence[tuple[tuple[Any, ...], int]]
    ) -> list[Part]:
        """Run a task with several arguments; calls: (arguments, bytes that are read)."""
        share = self._share(len(calls))
        jobs = [job(task, arguments, self._parts, n, share) for arguments, n in calls]
        total, done = sum(job.n_bytes for job in jobs), 0
        parts: dict[int, Part] = {}
        self._progress(phase, 0, total)
        for place, part in self._workers.run(jobs):
            parts[place] = part
            done += jobs[place].n_bytes
            self._progress(phase, done, total)
        return [parts[place] for place in range(len(jobs))]

    def _merged(self, phase: str, task: Callable[..., Part], parts: list[Part]) -> Part:
        """Merge some parts at a time until one is left."""
        while len(parts) > 1:
            groups = [parts[i : i + FAN_IN] for i in range(0, len(parts), FAN_IN)]
            several = [group for group in groups if len(group) > 1]
            calls = [((group,), sum(part.n_bytes for part in group)) for group in several]
            merged = self._run(phase, task, calls)
            parts = merged + [group[0] for group in groups if len(group) == 1]
        return parts[0]


def _same_for_all(settings: CorpusSettings) -> CorpusSettings:
    """Return the settings that decide the tokens of a shard: other changes repeat no task."""
    return msgspec.structs.replace(
        settings, paths=(), memory=DEFAULT_MEMORY, min_count=1, max_vocab=None, **_NO_LISTS
    )


def _given_vocabulary(settings: CorpusSettings) -> Vocabulary | None:
    """Read the vocabulary of the counts; its own counts decide the subsampling."""
    if settings.vocab is None:
        return None
    try:
        vocabulary = read_vocabulary(Path(settings.vocab), edited=True)
    except (OSError, RunError) as error:
        raise DataError(
            f"--vocab: {error}; counting needs a vocab.tsv, with a count for each word: make one"
            " with `w2v vocab CORPUS --out vocab.tsv`"
        ) from error
    if len(vocabulary) < 2 or vocabulary.counts.min() < 1:
        raise DataError(
            f"--vocab: {settings.vocab} needs at least two words, with counts above zero"
        )
    return vocabulary


def check_growth(occurrences: Array, vocabulary: Vocabulary) -> None:
    """Refuse sums that may not fit. Raises DataError."""
    if (occurrences > vocabulary.counts << GROWTH_BITS).any():
        raise DataError(
            f"a word occurs more than {2**GROWTH_BITS:,} times as often as --vocab says;"
            " make the vocabulary from a larger part of the text"
        )


# `w2v count --merge`: add up the counts of several texts that have one vocabulary.


def merge_counts(
    folders: Sequence[Path],
    out: Path,
    *,
    memory: float,
    min_pairs: float = 0.0,
    max_vocab: int | None = None,
) -> Manifest:
    """Write the sum of several counts, byte for byte what counting all texts at once gives.

    memory: in GiB. min_pairs, max_vocab: see `write_counts`.

    Raises:
        RunError: folders that hold no counts or damaged ones; `out` holds something.
        DataError: counts that cannot be added up, with the reason.
    """
    counts = [read_counts(folder) for folder in folders]
    _check_one_vocabulary(folders, counts)
    for folder, (summary, _, _) in zip(folders, counts, strict=True):
        if summary.lost_pairs:
            raise DataError(
                f"{folder} was pruned, so its sums are not exact; merge whole counts, then prune"
            )
    if out.exists() and any(out.iterdir()):
        raise RunError(f"{out} is not an empty folder; choose another --out")
    figures = {name: sum(getattr(summary, name) for summary, _, _ in counts) for name in FIGURES}
    about, vocabulary, _ = counts[0]
    about = msgspec.structs.replace(about, **figures)
    with atomic_folder(out) as folder, temporary_folder(folder.parent) as scratch:
        total = add_counts([some for _, _, some in counts], scratch, bytes_for_data(memory))
        check_growth(total.occurrences, vocabulary)
        return write_counts(folder, about, vocabulary, total, min_pairs, max_vocab)


def _check_one_vocabulary(
    folders: Sequence[Path], counts: Sequence[tuple[Manifest, Vocabulary, TextCounts]]
) -> None:
    (first, vocabulary, _), *others = counts
    for folder, (summary, words, _) in zip(folders[1:], others, strict=True):
        if not (first.given_vocabulary and summary.given_vocabulary):
            raise DataError(
                f"{folder if first.given_vocabulary else folders[0]} has the vocabulary of its own"
                " text; count all texts with one: `w2v count --vocab VOCAB.tsv`"
            )
        _check_same_settings(folders[0], first, folder, summary)
        if words.words != vocabulary.words or (words.counts != vocabulary.counts).any():
            raise DataError(
                f"{folders[0]} and {folder} have different vocabularies; count both with the same"
                " one: `w2v count --vocab VOCAB.tsv`"
            )


def _check_same_settings(one: Path, mine: Manifest, other: Path, theirs: Manifest) -> None:
    names = mine.made_with.keys() | theirs.made_with.keys()
    for name in sorted(names, key=lambda name: (name != "tokenizer", name)):  # others follow it
        values = mine.made_with.get(name), theirs.made_with.get(name)
        if values[0] != values[1]:
            raise DataError(
                f"{one} was made with {name} {values[0]}, {other} with {values[1]}; count one of"
                " them again"
            )
    if mine.fraction_bits != theirs.fraction_bits:
        raise DataError(f"{one} and {other} have different units; count one of them again")
