"""fastText's own format, against gensim's reader and against files with a fault in them."""

import struct

import numpy as np
import pytest

from w2v_cli.engines.centers import centers_of
from w2v_cli.engines.settings import ModelSettings
from w2v_cli.errors import DataError, UsageError
from w2v_cli.vectors.formats import fasttext_bin
from w2v_cli.vectors.formats.catalog import find_format
from w2v_cli.vectors.formats.vector_files import read_table, write_table
from w2v_cli.vectors.table import VectorTable
from w2v_cli.vectors.word_vectors import WordVectors, load

WORDS = ["the", "run", "running", "runner", "runs", "né", "日本語", "banana", "New York"]
UNSEEN = ["gunning", "cunning", "bananas", "日本"]
FORM = find_format("fasttext-bin")


def table_of(**given):
    model = ModelSettings(**{"subwords": "3-6", "ngrams": "hashed", "buckets": 301, **given})
    centers = centers_of(model, WORDS)
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((centers.n_rows, 5)).astype(np.float32)
    made = centers.embeddings(Z, Z[: len(WORDS)])
    counts = np.array([9, 7, 7, 7, 7, 5, 4, 3, 1])
    return VectorTable(WORDS, made.center, counts, parts=made.subwords, outside=made.outside)


@pytest.fixture
def table():
    return table_of()


@pytest.fixture
def file(table, tmp_path):
    write_table(table, tmp_path / "model.bin", FORM)
    return tmp_path / "model.bin"


def test_what_is_written_is_read_unseen_words_included(table, file):
    mine, found = WordVectors.of(table), load(file)
    assert found.words == WORDS
    assert found.counts.tolist() == table.counts.tolist()
    np.testing.assert_allclose(found.matrix, table.matrix, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found.outside, table.outside)
    np.testing.assert_allclose(found[UNSEEN], mine[UNSEEN], rtol=1e-5, atol=1e-6)
    for word in ("run", *UNSEEN):
        near, expected = found.neighbors(word, 4), mine.neighbors(word, 4)
        assert [n.word for n in near] == [n.word for n in expected]


def test_gensim_opens_it_with_the_same_vectors_and_neighbours(table, file):
    fasttext = pytest.importorskip("gensim.models.fasttext")
    mine, theirs = WordVectors.of(table), fasttext.load_facebook_vectors(str(file))
    for word in (*WORDS, *UNSEEN):
        np.testing.assert_allclose(theirs[word], mine[word], rtol=1e-4, atol=1e-6)
        near = theirs.most_similar(word, topn=3)
        assert [w for w, _ in near] == [n.word for n in mine.neighbors(word, 3)]


def test_a_model_read_is_written_again_to_the_same_bytes(file, tmp_path):
    write_table(read_table(file), tmp_path / "again.bin", FORM)
    assert (tmp_path / "again.bin").read_bytes() == file.read_bytes()


def test_what_has_no_hashed_n_grams_is_refused(table, tmp_path):
    plain = VectorTable(table.words, table.matrix, table.counts)
    with pytest.raises(UsageError, match="--subwords 3-6"):
        write_table(plain, tmp_path / "out.bin", FORM)
    with pytest.raises(UsageError, match="--ngrams hashed"):
        write_table(table_of(ngrams="explicit", buckets=None), tmp_path / "out.bin", FORM)
    assert not (tmp_path / "out.bin").exists()


def test_a_word_that_the_format_would_cut_is_refused(table, tmp_path):
    table.words[0] = "a\0b"
    with pytest.raises(DataError, match="zero byte"):
        write_table(table, tmp_path / "out.bin", FORM)


def _int32(place, value):
    return lambda data: data[:place] + struct.pack("<i", value) + data[place + 4 :]


def _int64(place, value):
    return lambda data: data[:place] + struct.pack("<q", value) + data[place + 8 :]


_DIM, _MODEL, _BUCKET, _MINN = 8, 36, 40, 44
_SIZE = 8 + 4 * 12 + 8
_PRUNED = _SIZE + 12 + 8
_WORDS = fasttext_bin._HEAD.size
_MATRIX = _WORDS + sum(len(word.encode()) + 1 + 9 for word in WORDS)

FAULTS = {
    "cut in the head": (lambda data: data[:50], "cut short"),
    "cut in the words": (lambda data: data[: _WORDS + 20], "cut short"),
    "cut in the rows": (lambda data: data[: _MATRIX + 900], "cut short"),
    "cut at the end": (lambda data: data[:-1], "cut short"),
    "too long": (lambda data: data + b"x", "1 bytes follow"),
    "old": (_int32(4, 11), "version 11"),
    "supervised": (_int32(_MODEL, 3), "a classifier"),
    "labels that are not there": (_int32(_SIZE + 8, 2), "damaged"),
    "pruned": (_int64(_PRUNED, 5), "pruned"),
    "quantised": (lambda data: data[:_MATRIX] + b"\1" + data[_MATRIX + 1 :], "quantised"),
    "10^12 rows": (_int64(_MATRIX + 1, 10**12), "1,000,000,000,000 × 5 numbers"),
    "2 billion buckets": (_int32(_BUCKET, 2_000_000_000), "damaged"),
    "no dimension": (_int32(_DIM, 0), "damaged"),
    "negative n-grams": (_int32(_MINN, -3), "damaged"),
    "2 billion words": (
        lambda data: _int32(_SIZE, 2**31 - 1)(_int32(_SIZE + 4, 2**31 - 1)(data)),
        "cut short",
    ),
    "words and size differ": (_int32(_SIZE + 4, 3), "damaged"),
    "not UTF-8": (lambda data: data[:_WORDS] + b"\xff" + data[_WORDS + 1 :], "not UTF-8"),
    "a word twice": (lambda data: data.replace(b"banana\0", b"runner\0"), "twice"),
    "nan": (lambda data: data[: _MATRIX + 17] + b"\xff" * 4 + data[_MATRIX + 21 :], "nan"),
}


@pytest.mark.parametrize(("spoil", "says"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_model_is_refused_and_the_fault_named(file, spoil, says):
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(DataError, match=says):
        load(file, strict=True)


def test_a_model_without_n_grams_is_a_table_of_words(table, file):
    """As `fasttext skipgram -maxn 0` writes it: no buckets."""
    data = file.read_bytes()
    n_words, dim = table.matrix.shape
    rows = data[_MATRIX + 17 : _MATRIX + 17 + 4 * n_words * dim]
    head = _int32(_MINN + 4, 0)(_int32(_BUCKET, 0)(data))[:_MATRIX]
    shape = struct.pack("<?2q", False, n_words, dim)
    file.write_bytes(head + shape + rows + shape + rows)
    found = load(file)
    np.testing.assert_array_equal(found.matrix.reshape(-1), np.frombuffer(rows, "<f4"))
    assert "gunning" not in found
