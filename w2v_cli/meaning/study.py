"""From texts to a measured change of meaning: one vocabulary, one space, bundles, deals."""

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Notice, Resources, Unit
from w2v_cli.engines.catalog import create_engine
from w2v_cli.equations.change_of_meaning import context_vectors
from w2v_cli.errors import DataError
from w2v_cli.meaning.chance import enough_deals, judge
from w2v_cli.meaning.deals import Documents, Sums, sum_up
from w2v_cli.meaning.examples import find_examples
from w2v_cli.meaning.result import OWN_BASIS, Change, Method, Space
from w2v_cli.meaning.slices import NONE, Labels
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.text.encoded import DOCUMENTS, EncodedCorpus
from w2v_cli.text.plan import Progress, make_tokenizer, no_progress
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.sentences import Sentences
from w2v_cli.text.vocabulary import Vocabulary
from w2v_cli.text.windows import keep_prob
from w2v_cli.vectors.formats.vector_files import read_table

_PIECE = 1 << 22  # tokens at a time
#: Words tested unless others are named.
TOP = 5000


@dataclass(frozen=True)
class Question:
    """What is asked.

    words: to test; none: the `top` most frequent ones. basis: a run or a file of vectors for the
    contexts; None: spectral vectors of all texts together. n_examples: lines of context of each
    slice, for each flagged word, or each of `words`.
    """

    words: tuple[str, ...] = ()
    top: int = TOP
    basis: Path | None = None
    n_examples: int = 0


@dataclass(frozen=True)
class Listener:
    """Callbacks.

    notice: called with a message for the user. progress: called as the work advances.
    """

    notice: Notice = lambda message: None
    progress: Progress = field(default=no_progress)


def measure(
    settings: RunSettings,
    labels: Labels,
    question: Question,
    listener: Listener,
    *,
    named: str | None = None,
    sentences: Sentences | None = None,
) -> Change:
    """Measure which words mean something else in one slice than in another.

    settings: of a training of spectral vectors; its corpus is the text of all slices. labels: of
    each document of that text. named: the tokenizer that the user named in this call. sentences:
    from Python, instead of the files of the settings.

    Raises DataError for a text or vectors that cannot be used, and for slices that are too small.
    """
    tokenizer = make_tokenizer(settings.corpus, named)
    asked = tuple(dict.fromkeys(tokenizer.fold(word) for word in question.words))
    with tempfile.TemporaryDirectory() as name:
        summary = prepare_corpus(
            settings.corpus,
            Path(name),
            listener.progress,
            n_threads=settings.training.n_threads,
            named=named,
            sentences=sentences,
            known=frozenset(asked),
            numbered=True,
        )
        for note in summary.notes:
            listener.notice(note)
        if summary.n_invalid:
            listener.notice(f"{summary.n_invalid:,} lines of the text contain invalid UTF-8")
        whole = open_corpus(Path(name))
        numbers = np.fromfile(Path(name) / DOCUMENTS, np.int64)
        if len(numbers) and numbers[-1] >= len(labels.slices):
            raise DataError("the text changed while it was read; start again with a copy of it")
        text = _in_all_slices(whole, labels, numbers, settings.corpus.min_count)
        tested = _tested(text, asked, question.top, listener.notice)
        change = _compare(settings, text, tested, question, listener, Path(name))
        if question.n_examples:
            shown = change.tested_words if asked else change.flagged
            seed, n = settings.training.seed, question.n_examples
            change.examples.update(
                find_examples(
                    settings.corpus, tokenizer, text.documents, text.numbers, shown, n, seed
                )
            )
    return change


@dataclass(frozen=True)
class SlicedText:
    """The text in one vocabulary: words that are frequent enough in every slice.

    documents: with their slices and units. numbers: of each document in the text as it was read.
    names: of the slices. counts: of the vocabulary by slice, (V, S). rare: words of the text that
    are too rare in a slice, with their counts. n_left_out: documents in no slice.
    """

    documents: Documents
    numbers: NDArray[np.int64]
    names: tuple[str, ...]
    counts: NDArray[np.int64]
    rare: dict[str, list[int]]
    min_count: int

    @property
    def corpus(self) -> EncodedCorpus:
        """The tokens."""
        return self.documents.corpus


def _pieces(corpus: EncodedCorpus, slices: Array) -> Iterator[tuple[Array, Array, Array]]:
    """Yield tokens, the slice of each, and where each document starts, some documents at a time."""
    ends = corpus.document_ends
    first = 0
    while first < len(ends):
        start = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, start + _PIECE)))
        own = ends[first:last]
        lengths = np.diff(own, prepend=start)
        tokens = corpus.tokens[start : int(own[-1])]
        yield tokens, np.repeat(slices[first:last], lengths), own - lengths - start
        corpus.release()
        first = last


def _in_all_slices(
    corpus: EncodedCorpus, labels: Labels, numbers: NDArray[np.int64], min_count: int
) -> SlicedText:
    """Keep the documents of the slices, and the words that every slice has often enough.

    Raises DataError where there are none.
    """
    slices, n_slices, words = labels.slices[numbers], len(labels.names), corpus.vocabulary.words
    counts = np.zeros(n_slices * len(words), np.int64)
    for tokens, side, _ in _pieces(corpus, slices):
        inside = side != NONE
        cells = side[inside] * len(words) + tokens[inside]
        counts += np.bincount(cells, minlength=len(counts))
    by_slice = counts.reshape(n_slices, -1).T
    is_common = (by_slice >= min_count).all(axis=1)
    if is_common.sum() < 2:
        sizes = by_slice.sum(axis=0)
        each = ", ".join(f"{n} {size:,}" for n, size in zip(labels.names, sizes, strict=True))
        raise DataError(
            f"no two words occur {min_count} times in every slice (words read: {each}); lower"
            " --min-count, or give more text or fewer slices"
        )
    common = np.flatnonzero(is_common)
    total = by_slice[common].sum(axis=1)
    common = common[np.lexsort((np.array(words, object)[common], -total))]
    new = np.full(len(words), NONE, np.int64)
    new[common] = np.arange(len(common))
    parts, lengths = [], []
    for tokens, side, starts in _pieces(corpus, slices):
        found = np.where(side == NONE, NONE, new[tokens])
        parts.append(found[found != NONE].astype(np.uint32))
        lengths.append(np.add.reduceat(found != NONE, starts))
    length = np.concatenate(lengths)
    kept = length > 0
    vocabulary = Vocabulary(tuple(words[i] for i in common), by_slice[common].sum(axis=1))
    n_kept = int(length.sum())
    n_tokens = corpus.n_tokens * n_kept // max(1, len(corpus.tokens))
    encoded = EncodedCorpus(np.concatenate(parts), np.cumsum(length[kept]), n_tokens, vocabulary)
    units = None if labels.units is None else labels.units[numbers][kept]
    documents = Documents(encoded, slices[kept], n_slices, units)
    rare = {words[i]: by_slice[i].tolist() for i in np.flatnonzero(~is_common)}
    return SlicedText(documents, numbers[kept], labels.names, by_slice[common], rare, min_count)


def _tested(
    text: SlicedText, asked: tuple[str, ...], top: int, notice: Notice
) -> NDArray[np.int64]:
    """Return the ids of the words to test; say which of those that were asked for are too rare.

    Raises DataError where none is left.
    """
    ids = text.corpus.vocabulary.ids
    if not asked:
        return np.arange(min(top, len(ids)))
    for word in asked:
        if word not in ids:
            counts = text.rare.get(word, [0] * len(text.names))
            found = ", ".join(f"{n} in {name}" for n, name in zip(counts, text.names, strict=True))
            notice(f"{word!r} is too rare: {found}; --min-count asks for {text.min_count} in each")
    known = [ids[word] for word in asked if word in ids]
    if not known:
        raise DataError("none of the words can be tested; choose others, or lower --min-count")
    return np.array(known, np.int64)


def _compare(
    settings: RunSettings,
    text: SlicedText,
    tested: NDArray[np.int64],
    question: Question,
    listener: Listener,
    folder: Path,
) -> Change:
    """Find the basis, sum up contexts, and compare the slices with chance."""
    corpus, model = text.corpus, settings.model
    basis = _basis(settings, corpus, question.basis, listener, folder)
    keep = keep_prob(corpus.vocabulary.counts, model.subsample_threshold)
    context = context_vectors(basis, corpus.vocabulary.counts, keep).astype(np.float32)
    distances = np.arange(model.window)
    weights = 1 - distances / model.window if model.shrink_windows else np.ones(model.window)
    # Neighbours are looked for among the most frequent words, whichever are tested.
    frequent = np.arange(min(question.top, len(corpus.vocabulary)))
    rows = np.union1d(frequent, tested)
    seed, n_threads = settings.training.seed, settings.training.n_threads
    listener.progress("adding up contexts", 0, len(rows))
    sums = sum_up(
        text.documents,
        rows,
        context,
        weights.astype(np.float32),
        enough=math.log(enough_deals(len(tested))),
        seed=seed,
        n_threads=n_threads,
    )
    places = np.searchsorted(rows, tested)
    _check_deals(text, sums, places)
    verdict = judge(sums, places, seed=seed, n_threads=n_threads, progress=listener.progress)
    method = Method(
        n_words=len(corpus.vocabulary),
        n_documents=np.bincount(text.documents.slices, minlength=len(text.names)).tolist(),
        n_units=None if text.documents.units is None else len(np.unique(text.documents.units)),
        n_bundles=int(np.median(np.diff(sums.layout.start)[places])),
        n_deals=sorted(set(verdict.n_deals.tolist())),
        basis=str(question.basis) if question.basis else OWN_BASIS,
        dim=basis.shape[1],
        window=model.window,
        min_count=text.min_count,
        seed=seed,
    )
    words = [corpus.vocabulary.words[i] for i in rows.tolist()]
    space = Space(words, sums.of_slices().astype(np.float32))
    return Change(text.names, space, places, text.counts[tested], verdict, method)


def _check_deals(text: SlicedText, sums: Sums, places: NDArray[np.int64]) -> None:
    """Raise DataError where the documents can be dealt in too few ways for any word."""
    needed = math.log(enough_deals(len(places)))
    ways = sums.layout.n_deals[places]
    if ways.max() >= needed:
        return
    n, n_slices = 2, len(text.names)
    while (
        math.lgamma(n * n_slices + 1) - n_slices * math.lgamma(n + 1) - math.lgamma(n_slices + 1)
        < needed
    ):
        n += 1
    raise DataError(
        f"nothing could be flagged: the documents that use a word can be dealt to the slices in at"
        f" most {math.exp(ways.max()):,.0f} ways, and {len(places):,} words need"
        f" {math.exp(needed):,.0f}; it takes words that {n} documents (or units) of every slice"
        " use: give more or shorter documents, or fewer words with --words or --top"
    )


def _basis(
    settings: RunSettings,
    corpus: EncodedCorpus,
    path: Path | None,
    listener: Listener,
    folder: Path,
) -> NDArray[np.float64]:
    """Return a vector for each word of the vocabulary, (V, D); zeros: none.

    Raises DataError for vectors that know none of the words.
    """
    words = corpus.vocabulary.words
    if path is not None:
        table = read_table(path)
        known = [i for i, word in enumerate(words) if word in table.ids]
        if not known:
            raise DataError(
                f"{path} knows none of the {len(words):,} words; are they spelled alike"
                " (--lowercase)?"
            )
        if len(known) < len(words):
            listener.notice(
                f"{len(words) - len(known):,} of {len(words):,} words have no vector in {path};"
                " they are tested, but count for nothing as contexts"
            )
        basis = np.zeros((len(words), table.dim))
        basis[known] = table.matrix[[table.ids[words[i]] for i in known]]
        return basis
    model = msgspec.structs.replace(settings.model, dim=min(settings.model.dim, len(words)))
    resources = Resources(settings.corpus.memory, listener.progress, None)
    own = msgspec.structs.replace(settings, model=model)
    engine = create_engine(own, corpus, folder, listener.notice, resources)
    for unit, stats in engine.train(Unit(i, 0, 1.0) for i in range(settings.training.epochs)):
        listener.progress("factorising pairs", unit.epoch + 1, settings.training.epochs)
        if stats.is_enough:
            break
    return engine.embeddings().center.astype(np.float64)
