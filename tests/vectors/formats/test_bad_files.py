"""Files that are damaged, cut short or lie about their size end in one clear error."""

import gzip
import importlib.util
import io
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from w2v_cli.errors import DataError
from w2v_cli.storage.tensors import write_tensors
from w2v_cli.vectors.formats.catalog import FORMATS
from w2v_cli.vectors.formats.streams import Reading
from w2v_cli.vectors.formats.vector_files import read_table, write_table
from w2v_cli.vectors.table import VectorTable

TABLE = VectorTable(
    ["the", "naïve", "雨", "king"], np.arange(1, 13, dtype=np.float32).reshape(4, 3) / 7
)

STRICT = Reading(strict=True)

TEXTS = {
    "empty": (b"", "empty"),
    "one word": (b"king\n", "neither a header"),
    "prose": (b"It is a truth universally acknowledged\n", "line 1: .*is this a file of vectors?"),
    "a program": (b"\x7fELF\x00\x01 1\n", "is a binary file, in no format of vectors"),
    "row too short": (b"2 3\nking 1 2 3\nqueen 1 2\n", "line 3: expected 3 numbers, got 2"),
    "row too long": (b"2 3\nking 1 2 3\nqueen 1 2 3 4\n", "line 3: .*queen"),
    "no number": (b"2 3\nking 1 2 3\nqueen 1 x 3\n", "line 3: expected numbers"),
    "first row no number": (b"2 3\nking 1 x 3\nqueen 1 2 3\n", "line 2: expected numbers"),
    "trailing rubbish": (b"2 3\nking 1 2 3\nqueen 1 2 3x\n", "line 3"),
    "empty line inside": (b"2 3\nking 1 2 3\n\nqueen 1 2 3\n", "line 3"),
    "word twice": (b"2 3\nking 1 2 3\nking 1 2 4\n", "'king' appears twice, in line 2 and 3"),
    "word twice, GloVe": (b"king 1 2 3\nking 1 2 4\n", "line 1 and 2"),
    "empty word": (b"2 3\nking 1 2 3\n 1 2 3\n", "line 3: the word is empty"),
    "NaN": (b"2 3\nking 1 2 3\nqueen 1 nan 3\n", "line 3: .*'queen' has nan in column 2"),
    "infinity": (b"king 1 2 3\nqueen 1 2 1e99\n", "line 2: .*'queen' has inf in column 3"),
    "not UTF-8": (b"2 3\nking 1 2 3\ncaf\xe9 1 2 3\n", "line 3: the word .* is not UTF-8"),
    "not UTF-8 first": (b"2 3\ncaf\xe9 1 2 3\nking 1 2 3\n", "line 2: the word .* is not UTF-8"),
    "cut short": (b"3 3\nking 1 2 3\nqueen 1 2 3\n", "promises 3 words, but 2 follow"),
    "more than promised": (b"1 3\nking 1 2 3\nqueen 1 2 3\n", "promises 1 words, but 2 follow"),
    "huge header": (b"999999999999 300\nking 1 2 3\n", "at least .* bytes; the file has 2"),
    "huge dimension": (b"1 999999999999\nking 1 2 3\n", "at least .* bytes; the file has 2"),
    "nothing promised": (b"0 3\n", "nothing to read"),
    "only a header": (b"2 3\n", "at least"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("packed", [False, True])
def test_bad_text_names_the_line(tmp_path, name, packed):
    content, message = TEXTS[name]
    path = tmp_path / ("v.txt.gz" if packed else "v.txt")
    path.write_bytes(gzip.compress(content) if packed else content)
    if packed and name in ("empty", "huge header", "huge dimension", "only a header"):
        message = "."
    with pytest.raises(DataError, match=message):
        read_table(path, how=STRICT)


def test_good_text_with_the_habits_of_other_tools(tmp_path):
    path = tmp_path / "v.txt"
    for content in (
        b"2 3\r\nking 1 2 3\r\n. . . 4 5 6\r\n",  # Windows; GloVe's words with spaces
        b"2 3\nking 1 2 3 \n. . . 4 5 6 \n\n",  # word2vec.c ends lines with a space
        b"\xef\xbb\xbf2 3\nking 1e0 +2 3.\n. . . 4 5 6",  # byte order mark, no last newline
        b"king 1 2 3\n. . . 4 5 6\n",  # no header
    ):
        path.write_bytes(content)
        found = read_table(path)
        assert found.words == ["king", ". . ."]
        assert found.matrix.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_every_truncation_of_a_binary_file_is_noticed(tmp_path):
    path = tmp_path / "v.bin"
    write_table(TABLE, path)
    data = path.read_bytes()
    for length in range(len(data) - 1):  # the last byte is a newline that may be missing
        path.write_bytes(data[:length])
        with pytest.raises(DataError):
            read_table(path)
        path.write_bytes(gzip.compress(data[:length]))
        with pytest.raises(DataError):
            read_table(path)
    path.write_bytes(data[:-20])
    with pytest.raises(DataError, match=r"byte \d+: word 3 of 4"):
        read_table(path)


def binary(*records, header=b"2 2\n"):
    return header + b"".join(w + b" " + struct.pack("<2f", *v) + b"\n" for w, v in records)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (binary((b"a", (1, 2)), (b"a", (1, 2))), "appears twice, in word 1 and 2"),
        (binary((b"a", (1, 2)), (b"\xff", (1, 2))), r"word 2: the word b'\\xff' is not UTF-8"),
        (binary((b"a", (1, 2)), (b"b", (1, np.nan))), "word 2: .*'b' has nan in column 2"),
        (binary((b"a", (1, 2)), (b"b", (1, 2)), (b"c", (1, 2))), "byte 26: 11 bytes follow"),
        (binary((b"a", (1, 2)), header=b"99999999999 2\n"), "at least"),
        (binary((b"a", (1, 2)), header=b"1 99999999999\n"), "at least"),
    ],
)
def test_bad_binary_names_the_place(tmp_path, content, message):
    path = tmp_path / "v.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(path, how=STRICT)


@pytest.mark.parametrize("name", ["v.txt", "v.bin"])
def test_a_lying_header_takes_no_memory(tmp_path, name):
    path = tmp_path / name
    start = b"king 1 2 3\n" if name == "v.txt" else b"king " + bytes(range(200, 212))
    path.write_bytes(b"30000000 300\n" + start)
    tracemalloc.start()
    with pytest.raises(DataError, match="at least"):
        read_table(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**24


@pytest.mark.parametrize("name", ["npz", "safetensors"])
def test_every_truncation_of_arrays_is_noticed(tmp_path, name):
    path = tmp_path / f"v.{name}"
    write_table(TABLE, path)
    data = path.read_bytes()
    for length in range(0, len(data), 11):
        path.write_bytes(data[:length])
        with pytest.raises(DataError):
            read_table(path)


@pytest.mark.parametrize("name", ["npz", "safetensors"])
def test_a_flipped_bit_is_an_error_or_changes_nothing(tmp_path, name):
    path = tmp_path / f"v.{name}"
    write_table(TABLE, path)
    data = bytearray(path.read_bytes())
    for place in range(0, len(data), 3):
        data[place] ^= 16
        path.write_bytes(data)
        try:
            found = read_table(path)
        except DataError:
            pass
        else:
            assert found.words == TABLE.words
            np.testing.assert_array_equal(found.matrix, TABLE.matrix)
        data[place] ^= 16


def npy(array, **header):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {**np.lib.format.header_data_from_array_1_0(array), **header}
    )
    return file.getvalue() + array.tobytes()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"words": npy(np.frombuffer(b"a\nb", np.uint8))}, "no matrix"),
        ({"vectors": npy(np.ones((2, 2)))}, "no array 'words'"),
        ({"vectors": npy(np.ones((3, 2)))}, "2 words, vectors of shape"),
        ({"vectors": npy(np.ones((2, 2)), shape=(2, 10**13))}, "promises shape"),
        ({"vectors": npy(np.ones((2, 2)), shape=(10**30, 10**30))}, "promises shape"),
        ({"vectors": npy(np.ones((2, 2)), fortran_order=True)}, "row order"),
        ({"vectors": npy(np.ones((2, 2)), descr="|O")}, "never unpickles"),
        ({"vectors": npy(np.ones((2, 2), np.int8))}, "scales"),
        ({"vectors": npy(np.ones((2, 2), np.complex64))}, "complex64"),
        ({"vectors": npy(np.array([[1.0, np.nan], [1, 2]]))}, "word 1: .* has nan"),
        ({"vectors": b"garbage"}, "not a NumPy array"),
        (
            {"words": npy(np.frombuffer(b"a\na", np.uint8)), "vectors": npy(np.ones((2, 2)))},
            "twice",
        ),
    ],
)
def test_bad_npz(tmp_path, members, message):
    path = tmp_path / "v.npz"
    if "words" not in members and message != "no array 'words'":
        members = {"words": npy(np.frombuffer(b"a\nb", np.uint8)), **members}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    with pytest.raises(DataError, match=message):
        read_table(path, how=STRICT)


def test_bad_model_folders(tmp_path):
    write_table(TABLE, tmp_path / "m", FORMATS["huggingface"], card="# Vectors\n")
    assert json.loads((tmp_path / "m" / "config.json").read_text())["hidden_size"] == 3
    assert read_table(tmp_path / "m" / "model.safetensors").words == TABLE.words
    vocabulary = tmp_path / "m" / "vocab.txt"
    vocabulary.write_text("one\ntwo\n")
    with pytest.raises(DataError, match="2 words, vectors of shape"):
        read_table(tmp_path / "m")
    vocabulary.unlink()
    with pytest.raises(DataError, match=r"vocab\.txt"):
        read_table(tmp_path / "m")


def test_bad_projector_folders(tmp_path):
    write_table(TABLE, tmp_path / "p", FORMATS["tensorboard"])
    for name, content, message in (
        ("tensors.tsv", "1\t2\n", "4 words, but 1 vectors"),
        ("tensors.tsv", "1\t2\n3\n", "row"),
        ("tensors.tsv", "1\tx\n", "x"),
        ("metadata.tsv", "word\tcount\na\tb\n", "word TAB count"),
    ):
        (tmp_path / "p" / name).write_text(content)
        with pytest.raises(DataError, match=message):
            read_table(tmp_path / "p")
    (tmp_path / "p" / "metadata.tsv").unlink()
    with pytest.raises(DataError, match=r"metadata\.tsv"):
        read_table(tmp_path / "p")


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="needs pyarrow")
def test_bad_parquet(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "v.parquet"
    write_table(TABLE, path)
    data = path.read_bytes()
    for length in (1, 4, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(DataError):
            read_table(path)
    for columns, message in (
        ({"word": ["a"]}, "no column vector"),
        ({"word": ["a", "b"], "vector": [[1.0], [1.0, 2.0]]}, "lengths"),
        ({"word": ["a", "b"], "vector": [[1.0, 2.0], None]}, "missing"),
        ({"word": [1, 2], "vector": [[1.0], [1.0]]}, "text"),
        ({"word": ["a", "a"], "vector": [[1.0], [1.0]]}, "twice"),
    ):
        pq.write_table(pa.table(columns), path)
        with pytest.raises(DataError, match=message):
            read_table(path, how=STRICT)
    pq.write_table(pa.table({"word": ["a", "b"], "vector": [[1.0], [2.0]]}), path)
    assert read_table(path).matrix.tolist() == [[1], [2]]


@pytest.mark.parametrize("length", [128, 384, 640])
def test_a_safetensors_file_whose_header_length_looks_like_a_pickle_is_read(tmp_path, length):
    path = tmp_path / "vectors"  # no suffix: the content alone says what it is
    arrays = {"vectors": TABLE.matrix, "words": np.frombuffer(b"a\nb\nc\nd", np.uint8)}
    for note in range(1, 1000):
        write_tensors(path, arrays, {"note": "x" * note})
        found = int.from_bytes(path.read_bytes()[:8], "little")
        if found % 256 == 128 and found >= length:
            break
    assert path.read_bytes()[:1] == b"\x80"
    assert read_table(path).words == ["a", "b", "c", "d"]


def test_what_is_not_read_says_what_to_do(tmp_path):
    path = tmp_path / "model"
    for content, message in (
        (b"\x80\x04\x95", "pickle.*save_word2vec_format"),
        (struct.pack("<2i", 793712314, 12), "fastText model; it was cut short"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=message):
            read_table(path)
    with pytest.raises(DataError, match="no such file"):
        read_table(tmp_path / "nothing")
    with pytest.raises(DataError, match="folder without"):
        read_table(tmp_path)
    (tmp_path / "config.toml").touch()
    with pytest.raises(DataError, match="without vectors yet"):
        read_table(tmp_path)


def test_a_small_archive_that_unpacks_to_much_is_refused(tmp_path):
    """Review D10: a small compressed .npz took 3.9 GB."""
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, words=np.zeros(1 << 27, np.uint8), vectors=np.zeros((1, 1)))
    with pytest.raises(DataError, match="unpacks to"):
        read_table(path)


def test_a_safetensors_file_whose_header_length_looks_like_a_zip_is_read(tmp_path):
    """Its first four bytes say "zip"; the header behind them is 67 MB of spaces, and valid."""
    path = tmp_path / "vectors.npz"
    write_tensors(path, {"vectors": TABLE.matrix, "words": np.frombuffer(b"a\nb\nc\nd", np.uint8)})
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    more = int.from_bytes(b"PK\x03\x04", "little")
    header = data[8 : 8 + length].ljust(more)
    path.write_bytes(more.to_bytes(8, "little") + header + data[8 + length :])
    assert path.read_bytes()[:4] == b"PK\x03\x04"
    assert read_table(path).words == ["a", "b", "c", "d"]


def test_only_the_arrays_of_vectors_are_unpacked_from_an_archive(tmp_path):
    path = tmp_path / "v.npz"
    words = np.frombuffer("\n".join(TABLE.words).encode(), np.uint8)
    np.savez_compressed(path, words=words, vectors=TABLE.matrix, more=np.zeros(1 << 26, np.uint8))
    tracemalloc.start()
    assert read_table(path).words == TABLE.words
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**24


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.npz", "v.bin.gz", "v.txt.gz"])
def test_vectors_that_do_not_fit_in_memory_are_refused(tmp_path, monkeypatch, name):
    write_table(TABLE, tmp_path / name)
    monkeypatch.setattr("w2v_cli.memory.available_memory", lambda: 40)
    with pytest.raises(DataError, match=r"need at least .* of memory"):
        read_table(tmp_path / name)


@pytest.mark.parametrize("rows", ["a 1 1 1", "2 1\na 1 1"])
def test_one_endless_line_takes_little_memory(tmp_path, rows):
    """A compressed text of 40 MB and one line; its first row says how long a row can be."""
    path = tmp_path / "v.txt.gz"
    path.write_bytes(gzip.compress(rows.encode() + b" 1" * 20_000_000, 1))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"line [12] (has|is too long)"):
        read_table(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**27


PARQUET = {
    "text for numbers": ({"word": ["a", "b"], "vector": [["x"], ["y"]]}, "holds list<.*string>"),
    "structs": ({"word": ["a", "b"], "vector": [{"x": 1.0}, {"x": 2.0}]}, "holds struct"),
    "lists of lists": ({"word": ["a", "b"], "vector": [[[1.0]], [[2.0]]]}, "holds list<.*list"),
    "scalars": ({"word": ["a", "b"], "vector": [1.0, 2.0]}, "holds double"),
    "big integers": ({"word": ["a", "b"], "vector": [[1], [2]]}, "holds list<.*int64>"),
    "bytes for words": ({"word": [b"a", b"b"], "vector": [[1.0], [2.0]]}, "holds binary"),
    "lists for words": ({"word": [["a"], ["b"]], "vector": [[1.0], [2.0]]}, "holds list"),
    "a missing word": ({"word": ["a", None], "vector": [[1.0], [2.0]]}, "missing"),
    "a missing number": ({"word": ["a", "b"], "vector": [[1.0], [None]]}, "missing"),
    "text for counts": ({"word": ["a"], "vector": [[1.0]], "count": ["1"]}, "'count' holds string"),
    "half counts": ({"word": ["a"], "vector": [[1.0]], "count": [1.5]}, "'count' holds double"),
    "a missing count": (
        {"word": ["a", "b"], "vector": [[1.0], [2.0]], "count": [1, None]},
        "'count' has missing",
    ),
    "a negative count": ({"word": ["a"], "vector": [[1.0]], "count": [-1]}, "count -1"),
    "text for scales": ({"word": ["a"], "vector": [[1.0]], "scale": ["1"]}, "'scale' holds"),
    "no rows": ({"word": [], "vector": []}, "holds null"),
    "beyond float32": ({"word": ["a"], "vector": [[1e300]]}, "inf"),
}


@pytest.mark.parametrize("name", PARQUET)
def test_parquet_with_odd_types_is_refused_in_one_line(tmp_path, name):
    """Review D10: these ended in tracebacks."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    columns, message = PARQUET[name]
    pq.write_table(pa.table(columns), tmp_path / "v.parquet")
    with pytest.raises(DataError, match=message) as refused:
        read_table(tmp_path / "v.parquet")
    assert "\n" not in str(refused.value)


def test_parquet_with_other_types_of_text_and_lists_is_read(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    rows = TABLE.matrix.tolist()
    for words in (
        pa.array(TABLE.words, pa.large_string()),
        pa.array(TABLE.words).dictionary_encode(),
    ):
        for kind in (
            pa.large_list(pa.float64()),
            pa.list_(pa.float32(), 3),
            pa.list_(pa.float16()),
        ):
            halves = np.float16 if kind == pa.list_(pa.float16()) else float
            vectors = pa.array([[halves(x) for x in row] for row in rows], kind)
            pq.write_table(pa.table({"word": words, "vector": vectors}), tmp_path / "v.parquet")
            found = read_table(tmp_path / "v.parquet")
            assert found.words == TABLE.words
            np.testing.assert_allclose(found.matrix, TABLE.matrix, rtol=1e-3)


def test_parquet_of_many_rows_in_few_bytes_takes_no_memory(tmp_path, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    rows = 1_000_000
    flat = pa.array(np.zeros(rows * 2, np.float32))
    table = {"word": ["same"] * rows, "vector": pa.FixedSizeListArray.from_arrays(flat, 2)}
    pq.write_table(pa.table(table), tmp_path / "v.parquet")
    assert (tmp_path / "v.parquet").stat().st_size < 50_000
    monkeypatch.setattr("w2v_cli.memory.available_memory", lambda: 1_000_000)
    with pytest.raises(DataError, match="its rows need at least"):
        read_table(tmp_path / "v.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocab": {"a": 0.0, "b": 1.0, "c": 2, "d": 3, "[UNK]": 4}}, "whole words"),
        ({"vocab": {"a": False, "b": True}}, "whole words"),
        ({"vocab": {"a": 0, "b": 2}}, "whole words"),
        ({"vocab": ["a", "b"]}, "not a tokenizer"),
        ({"vocab": {"\ud800": 0, "b": 1, "c": 2, "d": 3, "[UNK]": 4}}, "half a character"),
        ({"type": "WordPiece"}, "whole words"),
    ],
)
def test_bad_tokenizers_of_model2vec(tmp_path, change, message):
    write_table(TABLE, tmp_path / "m", FORMATS["model2vec"])
    path = tmp_path / "m" / "tokenizer.json"
    content = json.loads(path.read_text())
    content["model"] |= change
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / "m")
