"""Add up the counts of several texts that were made with one vocabulary (`w2v merge-counts`)."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from w2v_cli.corpus.counts.count import check_growth
from w2v_cli.corpus.counts.manifest import CountMatrix, Manifest, read_counts
from w2v_cli.corpus.counts.merge import Rows, merge_matrices
from w2v_cli.corpus.counts.tasks import FIGURES
from w2v_cli.corpus.counts.write import write_counts
from w2v_cli.corpus.memory import bytes_for_data
from w2v_cli.errors import DataError, RunError
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.storage.folders import temporary_folder


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
    (first, vocabulary, _), *others = counts
    for folder, (manifest, words, _) in zip(folders[1:], others, strict=True):
        if not (first.given_vocabulary and manifest.given_vocabulary):
            raise DataError(
                f"{folder if first.given_vocabulary else folders[0]} has the vocabulary of its own"
                " text; count all texts with one: `w2v count --vocab VOCAB.tsv`"
            )
        _check(folders[0], first, folder, manifest)
        if words.words != vocabulary.words or (words.counts != vocabulary.counts).any():
            raise DataError(
                f"{folders[0]} and {folder} have different vocabularies; count both with the same"
                " one: `w2v count --vocab VOCAB.tsv`"
            )
    for folder, (manifest, _, _) in zip(folders, counts, strict=True):
        if manifest.lost_pairs:
            raise DataError(
                f"{folder} was pruned, so its sums are not exact; merge whole counts, then prune"
            )
    if out.exists() and any(out.iterdir()):
        raise RunError(f"{out} is not an empty folder; choose another --out")
    figures = {name: sum(getattr(manifest, name) for manifest, _, _ in counts) for name in FIGURES}
    about = msgspec.structs.replace(first, **figures)
    with atomic_folder(out) as folder, temporary_folder(folder.parent) as scratch:
        matrices = [matrix for _, _, matrix in counts]
        rows = merge_matrices(
            [Rows(m.row_start, m.columns, m.weights) for m in matrices],
            scratch,
            bytes_for_data(memory),
        )
        occurrences = np.sum([matrix.occurrences for matrix in matrices], axis=0)
        check_growth(occurrences, vocabulary)
        total = CountMatrix(rows.row_start, rows.columns, rows.weights, occurrences)
        return write_counts(folder, about, vocabulary, total, min_pairs, max_vocab)


def _check(one: Path, mine: Manifest, other: Path, theirs: Manifest) -> None:
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
