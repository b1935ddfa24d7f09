"""safetensors, spaCy, pyarrow and word2vec.c's reader read what we write."""

import json
import struct
import subprocess
import sys

import numpy as np
import pytest

from w2v_cli.vectors.word_vectors import WordVectors

WORDS = ["naïve", "雨", "don't", "New\u00adYork", "w4"]
MATRIX = np.random.default_rng(0).standard_normal((5, 7), dtype=np.float32)


@pytest.fixture
def vectors():
    return WordVectors(WORDS, MATRIX, np.arange(5))


def test_the_safetensors_library_reads_the_model_folder(vectors, tmp_path):
    from safetensors.numpy import load_file

    vectors.save(tmp_path / "model")
    tensors = load_file(tmp_path / "model" / "model.safetensors")
    np.testing.assert_array_equal(tensors["embedding.weight"], MATRIX)
    assert (tmp_path / "model" / "vocab.txt").read_text().splitlines() == WORDS
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert (config["vocab_size"], config["hidden_size"]) == (5, 7)


def test_numpy_reads_npz_without_pickle(vectors, tmp_path):
    vectors.save(tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["vectors"], MATRIX)
        assert arrays["words"].tobytes().decode().split("\n") == WORDS


def test_a_reader_written_like_word2vec_c_reads_the_binary(vectors, tmp_path):
    vectors.save(tmp_path / "v.bin")
    with open(tmp_path / "v.bin", "rb") as file:
        n_words, dim = map(int, file.readline().split())
        for word, row in zip(WORDS, MATRIX, strict=True):
            letters = b""
            while (letter := file.read(1)) != b" ":
                letters += letter if letter != b"\n" else b""
            assert letters.decode() == word
            assert struct.unpack(f"<{dim}f", file.read(4 * dim)) == tuple(row.tolist())
    assert n_words == 5


def test_pyarrow_reads_parquet(vectors, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    vectors.save(tmp_path / "v.parquet")
    rows = pq.read_table(tmp_path / "v.parquet").to_pylist()
    assert [row["word"] for row in rows] == WORDS
    assert rows[1]["vector"] == MATRIX[1].tolist()
    assert [row["count"] for row in rows] == [0, 1, 2, 3, 4]


def test_spacy_init_vectors_reads_the_text(vectors, tmp_path):
    spacy = pytest.importorskip("spacy")
    vectors.save(tmp_path / "v.txt")
    command = [
        "-m",
        "spacy",
        "init",
        "vectors",
        "en",
        str(tmp_path / "v.txt"),
        str(tmp_path / "nlp"),
    ]
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    vocabulary = spacy.load(tmp_path / "nlp").vocab
    for word, row in zip(WORDS, MATRIX, strict=True):
        np.testing.assert_allclose(vocabulary[word].vector, row, rtol=1e-6)
