"""The vectors of a run survive the disk, and damage is noticed."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from w2v_cli.engines.base import Embeddings
from w2v_cli.errors import DataError, UsageError
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.vectors.run_vectors import FILE_NAME, read_run_vectors, write_run_vectors
from w2v_cli.vectors.word_vectors import load

WORDS = ["the", "naïve", "雨", "New\u2028York", "a b\tc", "\x85", "🦊"]


def embeddings(n_words=7, dim=5):
    generator = np.random.default_rng(0)
    return Embeddings(
        generator.standard_normal((n_words, dim), dtype=np.float32),
        generator.standard_normal((n_words, dim), dtype=np.float32),
    )


@pytest.fixture
def run(tmp_path):
    write_run_vectors(
        tmp_path / FILE_NAME,
        WORDS,
        np.arange(7)[::-1],
        embeddings(),
        default="sum",
        metadata={"config": "abc"},
    )
    return tmp_path


def test_round_trip_from_the_folder_and_the_file(run):
    for path in (run, run / FILE_NAME, str(run)):
        vectors = read_run_vectors(path)
        assert vectors.words == WORDS
        assert vectors.counts.tolist() == [6, 5, 4, 3, 2, 1, 0]
        np.testing.assert_array_equal(vectors.embeddings.center, embeddings().center)
        np.testing.assert_array_equal(vectors.embeddings.outside, embeddings().outside)
        assert vectors.metadata == {"config": "abc"}
        assert vectors.default == "sum"


def test_the_four_kinds_of_vectors(run):
    vectors, truth = read_run_vectors(run), embeddings()
    np.testing.assert_array_equal(vectors.matrix("center"), truth.center)
    np.testing.assert_array_equal(vectors.table("outside").matrix, truth.outside)
    assert (vectors.table().words, len(vectors.table())) == (WORDS, 7)
    with pytest.raises(UsageError, match="'foo'; choose from: center, outside, sum, concat"):
        vectors.matrix("foo")
    np.testing.assert_array_equal(vectors.matrix("outside"), truth.outside)
    np.testing.assert_array_equal(vectors.matrix(), truth.center + truth.outside)
    assert vectors.matrix("concat").shape == (7, 10)


def test_matrices_are_mapped_not_copied(run):
    center = read_run_vectors(run).embeddings.center
    base = center
    while not isinstance(base, np.memmap) and base is not None:
        base = base.base
    assert base is not None
    assert not center.flags.writeable


VERSION_0_1_0 = (  # what w2v 0.1.0 wrote, byte by byte
    b"\xb8\x01\x00\x00\x00\x00\x00\x00"
    b'{"__metadata__":{"config":"abc","crc32:center":"9d4cdadd","crc32:counts":"7d52cbc5",'
    b'"crc32:outside":"55cc26a7","crc32:words":"6b9efaa0","default_vectors":"sum",'
    b'"format":"w2v-vectors","version":"1"},'
    b'"counts":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},'
    b'"center":{"dtype":"F32","shape":[2,2],"data_offsets":[16,32]},'
    b'"outside":{"dtype":"F32","shape":[2,2],"data_offsets":[32,48]},'
    b'"words":{"dtype":"U8","shape":[7],"data_offsets":[48,55]}}'
    + np.array([7, 2], "<i8").tobytes()
    + np.array([1, 0.5, -2, 3], "<f4").tobytes()
    + np.array([2, 1.5, -1, 4], "<f4").tobytes()
    + "tea\n雨".encode()
)


def test_vectors_of_version_0_1_0_still_load(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(VERSION_0_1_0)
    vectors = load(tmp_path)
    assert vectors.words == ["tea", "雨"]
    assert vectors.counts.tolist() == [7, 2]
    assert vectors.matrix.tolist() == [[3, 2], [-3, 7]]
    assert load(tmp_path, "outside").matrix.tolist() == [[2, 1.5], [-1, 4]]


def test_the_safetensors_library_reads_it(run):
    tensors = load_file(run / FILE_NAME)
    np.testing.assert_array_equal(tensors["center"], embeddings().center)
    assert tensors["words"].tobytes().decode().split("\n") == WORDS


def test_every_truncation_is_noticed(run):
    data = (run / FILE_NAME).read_bytes()
    for length in [0, 3, 8, 50, len(data) // 2, len(data) - 1]:
        (run / FILE_NAME).write_bytes(data[:length])
        with pytest.raises(DataError, match="bytes"):
            read_run_vectors(run)


def test_every_flipped_byte_of_the_data_is_noticed(run):
    data = bytearray((run / FILE_NAME).read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    for place in range(start, len(data), 7):
        data[place] ^= 4
        (run / FILE_NAME).write_bytes(data)
        with pytest.raises(DataError, match="checksum"):
            read_run_vectors(run)
        data[place] ^= 4


@pytest.mark.parametrize("length", [2**63, 2**40, 99_999_999])
def test_a_huge_header_is_refused_before_it_is_read(run, length):
    data = (run / FILE_NAME).read_bytes()
    (run / FILE_NAME).write_bytes(length.to_bytes(8, "little") + data[8:])
    with pytest.raises(DataError):
        read_run_vectors(run)


def rewrite(run, **changes):
    tensors, metadata = read_tensors(run / FILE_NAME)
    tensors = {name: np.array(array) for name, array in tensors.items()}
    metadata |= changes.pop("metadata", {})
    for name, change in changes.items():
        tensors[name] = change(tensors[name])
    write_tensors(run / FILE_NAME, tensors, metadata)


def with_nan(matrix):
    matrix[2, 3] = np.nan
    return matrix


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"center": lambda a: a[:-1]}, "7 words, but center has shape"),
        ({"outside": lambda a: a[:, :-1]}, "outside"),
        ({"counts": lambda a: a[:-1]}, "but counts of type"),
        ({"center": with_nan}, "word 3: the vector of '雨' has nan in column 4"),
        ({"words": lambda a: np.frombuffer(b"a\nb\nc\nd\na\ne\nf", np.uint8)}, "1 and 5"),
        (
            {"words": lambda a: np.frombuffer(b"a\n\nc\nd\ne\nf\ng", np.uint8)},
            "word 2: the word is empty",
        ),
        ({"words": lambda a: np.frombuffer(b"a\n\xff", np.uint8)}, "byte 2 .* not UTF-8"),
        ({"metadata": {"version": "99"}}, "version 99"),
        ({"metadata": {"format": "other"}}, "not the vectors of a run"),
        ({"metadata": {"default_vectors": "left"}}, "left"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(run, change, message):
    rewrite(run, **change)
    with pytest.raises(DataError, match=message):
        read_run_vectors(run)


def test_missing_tensor_missing_file_and_text(run):
    save_file(
        {"center": embeddings().center}, run / FILE_NAME, {"format": "w2v-vectors", "version": "1"}
    )
    with pytest.raises(DataError, match="counts, outside, words"):
        read_run_vectors(run)
    with pytest.raises(DataError, match="no such file"):
        read_run_vectors(run / "nothing.safetensors")
    (run / FILE_NAME).write_text("2 3\nking 1 2 3\n")
    with pytest.raises(DataError, match="safetensors"):
        read_run_vectors(run)


@pytest.mark.parametrize("word", ["", "a\nb", "\udc80"])
def test_words_that_cannot_be_stored_are_refused_and_nothing_is_written(tmp_path, word):
    with pytest.raises(DataError):
        write_run_vectors(tmp_path / "v", [word, "b"], np.ones(2), embeddings(2))
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_are_not_finite_are_not_written(tmp_path):
    bad = embeddings()
    bad.outside[6, 0] = np.inf
    with pytest.raises(DataError, match="'🦊'"):
        write_run_vectors(tmp_path / "v", WORDS, np.ones(7), bad)
    assert list(tmp_path.iterdir()) == []


def test_large_finite_numbers_are_fine(tmp_path):
    big = Embeddings(*(np.full((7, 5), 3e38, np.float32) for _ in range(2)))
    write_run_vectors(tmp_path / "v", WORDS, np.ones(7), big)
    assert read_run_vectors(tmp_path / "v").embeddings.center.max() == np.float32(3e38)


def test_arrays_without_elements_survive(tmp_path):
    write_tensors(tmp_path / "t", {"none": np.zeros((0, 3), np.float32), "one": np.array(2.5)})
    tensors, _ = read_tensors(tmp_path / "t")
    assert tensors["none"].shape == (0, 3)
    assert float(tensors["one"]) == 2.5
