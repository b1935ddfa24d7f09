"""Published files of vectors open: repeated words, words that are not UTF-8, large files."""

import re
import struct

import numpy as np
import pytest

import w2v_cli
from reported.inputs import VECTORS
from w2v_cli import W2VError

ROWS = [(b"king", 1, 0), (b"tea", 0, 1), (b"king", 5, 5), (b"caf\xe9", 1, 1), (b"tea", 7, 7)]


def published(path, rows):
    """Write rows as word2vec's text or binary format does, words as they are."""
    head = b"%d 2\n" % len(rows)
    if path.suffix == ".bin":
        body = b"".join(word + b" " + np.array(x, "<f4").tobytes() + b"\n" for word, *x in rows)
    else:
        body = b"".join(b"%s %d %d\n" % row for row in rows)
    path.write_bytes((head if path.suffix != ".glove" else b"") + body)
    return path


REPEATED = [row for row in ROWS if row[0] != b"caf\xe9"]
LATIN = [ROWS[0], ROWS[1], ROWS[3], (b"\xff\xfe", 2, 2)]
FILES = ["v.vec", "v.bin", "v.txt", "v.glove"]


def tables(path, words):
    """Write rows of these words, which may be repeated, as other programs may write each form."""
    from w2v_cli.storage.tensors import write_tensors

    matrix = np.arange(2 * len(words), dtype=np.float32).reshape(-1, 2)
    counts = np.arange(len(words), 0, -1)
    joined = "\n".join(words).encode()
    arrays = {"vectors": matrix, "counts": counts, "words": np.frombuffer(joined, np.uint8)}
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".safetensors":
        write_tensors(path, arrays, {})
    elif path.suffix == ".parquet":
        pa = pytest.importorskip("pyarrow")
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"word": words, "count": counts, "vector": list(matrix)}), path)
    elif path.name == "model":
        path.mkdir()
        write_tensors(
            path / "model.safetensors", {"embedding.weight": matrix, "counts": counts}, {}
        )
        (path / "vocab.txt").write_bytes(joined + b"\n")
    else:
        path.mkdir()
        rows = [f"{word}\t{count}\n" for word, count in zip(words, counts, strict=True)]
        (path / "metadata.tsv").write_text("word\tcount\n" + "".join(rows))
        np.savetxt(path / "tensors.tsv", matrix, delimiter="\t")
    return path


def notes(text):
    return [line for line in text.splitlines() if "note" in line.lower() or "warning" in line]


@pytest.mark.parametrize("name", FILES)
def test_of_repeated_words_the_first_is_kept_and_one_note_counts_them(w2v, tmp_path, name):
    """Right: two words, a note that says 2 repeated rows were passed over."""
    path = published(tmp_path / name, REPEATED)
    result = w2v("info", path)
    assert result.code == 0, result.err
    assert len(notes(result.err)) == 1
    assert re.search(r"\b2\b", notes(result.err)[0])
    vectors = w2v_cli.load(path)
    assert list(vectors.words) == ["king", "tea"]
    np.testing.assert_array_equal(vectors["king"], [1, 0])


OTHERS = ["v.npz", "v.safetensors", "v.parquet", "model", "projector"]


@pytest.mark.parametrize("name", OTHERS)
def test_repeated_words_are_left_out_of_every_other_form(w2v, tmp_path, name):
    """Right: as in text: the first row and its count, one note; --strict names the word."""
    path = tables(tmp_path / name, ["king", "tea", "king", "milk", "tea"])
    result = w2v("info", path)
    assert result.code == 0, result.err
    assert len(notes(result.err)) == 1
    assert "2 repeated words are left out" in result.err
    vectors = w2v_cli.load(path)
    assert list(vectors.words) == ["king", "tea", "milk"]
    assert vectors.matrix.tolist() == [[0, 1], [2, 3], [6, 7]]
    assert vectors.counts.tolist() == [5, 4, 2]
    for command in (["info", path], ["export", path, tmp_path / "o.txt"]):
        result = w2v(*command, "--strict")
        assert result.code == 1, result.err
        assert "'king' appears twice" in result.err
    with pytest.raises(W2VError, match="twice"):
        w2v_cli.load(path, strict=True)


@pytest.mark.parametrize("buckets", [0, 50])
def test_repeated_words_are_left_out_of_a_fasttext_model(w2v, tmp_path, buckets):
    """Right: the others keep their vectors, and words never seen theirs, from the n-grams."""
    from w2v_cli.engines.centers import centers_of
    from w2v_cli.engines.settings import ModelSettings
    from w2v_cli.vectors.formats.catalog import FORMATS
    from w2v_cli.vectors.formats.vector_files import write_table
    from w2v_cli.vectors.table import VectorTable

    words = ["runner", "banana", "teapot"]
    centers = centers_of(ModelSettings(subwords="3-4", ngrams="hashed", buckets=50), words)
    rows = np.random.default_rng(3).standard_normal((centers.n_rows, 4)).astype(np.float32)
    made = centers.embeddings(rows, rows[:3])
    table = VectorTable(words, made.center, None, parts=made.subwords, outside=made.outside)
    write_table(table, tmp_path / "v.bin", FORMATS["fasttext-bin"])
    right = w2v_cli.load(tmp_path / "v.bin")
    data = (tmp_path / "v.bin").read_bytes().replace(b"banana\0", b"runner\0")
    if not buckets:  # as `fasttext skipgram -maxn 0` writes it: no rows of n-grams
        start = data.index(b"teapot\0") + 7 + 9  # the word, its count and kind
        own = data[start + 17 : start + 17 + 3 * 16]
        shape = struct.pack("<?2q", False, 3, 4)
        head = bytearray(data[:start])
        head[40:44] = head[48:52] = bytes(4)  # buckets, maxn
        data = bytes(head) + shape + own + shape + own
    (tmp_path / "v.bin").write_bytes(data)
    vectors = w2v_cli.load(tmp_path / "v.bin")
    assert list(vectors.words) == ["runner", "teapot"]
    result = w2v("info", tmp_path / "v.bin")
    assert "1 repeated word is left out" in result.err
    if buckets:
        np.testing.assert_array_equal(vectors["teapot"], right["teapot"])
        np.testing.assert_array_equal(vectors["teapots"], right["teapots"])
        np.testing.assert_array_equal(vectors.outside, right.outside[[0, 2]])
    assert w2v("info", tmp_path / "v.bin", "--strict").code == 1


@pytest.mark.parametrize("name", FILES)
def test_words_that_are_not_utf_8_are_kept_with_replacement_characters(w2v, tmp_path, name):
    """Right: four words, a note that counts the 2 that were changed."""
    path = published(tmp_path / name, LATIN)
    result = w2v("info", path)
    assert result.code == 0, result.err
    assert len(notes(result.err)) == 1
    assert re.search(r"\b2\b", notes(result.err)[0])
    assert list(w2v_cli.load(path).words)[:3] == ["king", "tea", "caf\ufffd"]


def test_words_that_become_equal_by_replacement_are_repeated_words(tmp_path):
    """Right: the first is kept, as for any repeated word."""
    path = published(tmp_path / "v.vec", [(b"caf\xe9", 1, 0), (b"caf\xe8", 0, 1), (b"x", 1, 1)])
    vectors = w2v_cli.load(path)
    assert list(vectors.words) == ["caf\ufffd", "x"]
    np.testing.assert_array_equal(vectors["caf\ufffd"], [1, 0])


@pytest.mark.parametrize("rows", [REPEATED, LATIN], ids=["repeated", "not UTF-8"])
@pytest.mark.parametrize("name", FILES)
def test_strict_refuses_as_before(w2v, tmp_path, name, rows):
    """Right: with --strict exit 1 and the word or the line is named."""
    path = published(tmp_path / name, rows)
    for command in (["info", path], ["export", path, tmp_path / "o.npz"]):
        result = w2v(*command, "--strict")
        assert result.code == 1, result.err
        assert "Error" in result.err
    assert not (tmp_path / "o.npz").exists()
    with pytest.raises(W2VError):
        w2v_cli.load(path, strict=True)


@pytest.mark.parametrize("command", ["train", "neighbors", "evaluate", "export", "compare"])
def test_every_command_reads_them(w2v, lines, pairs, tmp_path, command):
    """Right: exit 0, and the note once."""
    path = published(tmp_path / "v.vec", REPEATED)
    more = {
        "train": ["train", lines, "--from", path, "--out", tmp_path / "r", "--epochs", "1",
                  "--dim", "2", "--min-count", "1"],
        "neighbors": ["neighbors", path, "king"],
        "evaluate": ["evaluate", path, pairs],
        "export": ["export", path, tmp_path / "o.npz"],
        "compare": ["compare", path, path],
    }  # fmt: skip
    if command == "evaluate":
        pairs.write_text("king tea 1\ntea king 2\nking king 3\n")
    result = w2v(*more[command])
    assert result.code == 0, result.err
    assert len([line for line in notes(result.err) if "repeat" in line or "twice" in line]) >= 1


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.npz", "v.safetensors", "v.glove"])
def test_load_takes_a_limit(vec, tmp_path, name):
    """Right: the first two words with their vectors; more than there are is all of them."""
    w2v_cli.load(vec).save(tmp_path / name)
    vectors = w2v_cli.load(tmp_path / name, limit=2)
    assert list(vectors.words) == ["king", "queen"]
    assert vectors.matrix.shape == (2, 2)
    assert len(w2v_cli.load(tmp_path / name, limit=99)) == 4
    for bad in (0, -1, 1.5, "two"):
        with pytest.raises(W2VError):
            w2v_cli.load(tmp_path / name, limit=bad)


def test_a_limit_reads_no_further(tmp_path):
    """Right: a damaged row behind the limit does not matter, as it does in gensim."""
    (tmp_path / "v.txt").write_text(VECTORS.replace("woman 0.1 0.9", "woman 0.1"))
    assert len(w2v_cli.load(tmp_path / "v.txt", limit=2)) == 2


@pytest.mark.parametrize("source", ["file", "run"])
def test_words_that_are_unknown_are_counted_and_the_rest_is_written(
    w2v, vec, make_run, tmp_path, source
):
    """Right: exit 0, the known words are in the file, a note counts the others."""
    source = vec if source == "file" else make_run("king queen man woman\n" * 20).path
    (tmp_path / "w").write_text("king\nunheard\nqueen\nnever\nof\n")
    result = w2v("export", source, tmp_path / "o.txt", "--words", tmp_path / "w")
    assert result.code == 0, result.err
    assert list(w2v_cli.load(tmp_path / "o.txt").words) == ["king", "queen"]
    assert "3" in result.err


def test_words_of_which_none_is_known_are_an_error(w2v, vec, tmp_path):
    """Right: nothing is written when there is nothing to write."""
    (tmp_path / "w").write_text("unheard\n")
    assert w2v("export", vec, tmp_path / "o.txt", "--words", tmp_path / "w").code == 1
    assert not (tmp_path / "o.txt").exists()
