"""Set a share of a corpus' documents aside, to see what training does to text it has not seen."""

import mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.errors import DataError
from w2v_cli.storage import files
from w2v_cli.storage.folders import make_folders

_KEY = 1 << 60
_BLOCK_TOKENS = 1 << 20


def split_documents(
    corpus: EncodedCorpus, share: float, seed: int, folder: Path
) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Return the corpus to train on and the documents held out, `share` of all, drawn by `seed`.

    Both lie in `folder` as files and share the vocabulary of the whole, counts included.
    Raises DataError when there are too few documents.
    """
    n_documents = len(corpus.document_ends)
    n_held = max(1, round(share * n_documents))
    if n_held >= n_documents:
        raise DataError(
            f"the corpus has {n_documents} documents (a line is one), too few to hold"
            f" {share:g} of them out; omit --holdout"
        )
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, _KEY], np.uint64)))
    held = np.zeros(n_documents, bool)
    held[rng.permutation(n_documents)[:n_held]] = True
    make_folders(folder)
    return _part(corpus, ~held, folder / "training.ids"), _part(corpus, held, folder / "held.ids")


def _part(corpus: EncodedCorpus, chosen: NDArray[np.bool_], path: Path) -> EncodedCorpus:
    """Write the tokens of the chosen documents, (n_documents,) bool, and map them."""
    lengths = np.diff(corpus.document_ends, prepend=0)
    with files.open_binary(path, "wb") as file:
        for start in range(0, len(corpus.tokens), _BLOCK_TOKENS):
            stop = min(start + _BLOCK_TOKENS, len(corpus.tokens))
            file.write(corpus.tokens[start:stop][chosen[corpus.document_of(start, stop)]].data)
    ends = np.cumsum(lengths[chosen])
    n = int(ends[-1])
    mapping = None
    if n:  # an empty file cannot be mapped
        with path.open("rb") as file:
            mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return EncodedCorpus(
        tokens=np.frombuffer(mapping or b"", dtype=np.uint32),
        document_ends=ends,
        n_tokens=corpus.n_tokens * n // max(1, len(corpus.tokens)),
        vocabulary=corpus.vocabulary,
        fingerprint=f"{corpus.fingerprint}-{path.stem}",
        mapping=mapping,
    )
