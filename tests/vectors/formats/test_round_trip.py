"""Every export reads back to the same words and numbers, or is refused and leaves nothing."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from w2v_cli.errors import DataError, UsageError
from w2v_cli.vectors.formats.catalog import FORMATS, guess_format
from w2v_cli.vectors.formats.streams import Content
from w2v_cli.vectors.formats.vector_files import read_table, write_table
from w2v_cli.vectors.table import VectorTable

NAMES = {
    "word2vec": "v.txt",
    "word2vec-binary": "v.bin",
    "glove": "v.glove.txt",
    "fasttext": "v.vec",
    "npz": "v.npz",
    "safetensors": "v.safetensors",
    "huggingface": "model",
    "model2vec": "m2v",
    "tensorboard": "v.tsv",
    "parquet": "v.parquet",
}
BREAKS = [" ", "a b", "a\tb", "a\nb", "a\u2028b", "a\x85b", "a\xa0b", "a\rb"]
CARRIED = {
    **dict.fromkeys(NAMES, ()),
    "npz": set(BREAKS) - {"a\nb"},
    "safetensors": set(BREAKS) - {"a\nb"},
    "parquet": set(BREAKS),
    "huggingface": {" ", "a b", "a\tb", "a\xa0b"},
    "model2vec": set(BREAKS),
    "tensorboard": {" ", "a b", "a\xa0b"},
}
NOT_TEXT = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed"
)
EVERY = [pytest.param(name, marks=needs_pyarrow if name == "parquet" else ()) for name in NAMES]
NASTY = " \t\n\r\x0b\x0c\x1c\x1e\x85\xa0\u2028\u2029\u3000\ufeff\u200b\0"
WORDS = st.text(st.sampled_from(NASTY) | st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def tables(draw, words=WORDS):
    dim = draw(st.integers(1, 5))
    chosen = draw(st.lists(words, min_size=1, max_size=6, unique=True))
    rows = draw(
        st.lists(
            st.lists(NUMBERS, min_size=dim, max_size=dim),
            min_size=len(chosen),
            max_size=len(chosen),
        )
    )
    counts = draw(st.none() | st.just(np.arange(len(chosen), dtype=np.int64)))
    return VectorTable(chosen, np.array(rows, dtype=np.float32), counts)


def table(words, dim=3):
    matrix = np.random.default_rng(0).standard_normal((len(words), dim), dtype=np.float32)
    return VectorTable(list(words), matrix, np.arange(len(words))[::-1] + 1)


def assert_same(found, expected):
    assert list(found.words) == list(expected.words)
    np.testing.assert_array_equal(found.matrix, expected.matrix)
    assert found.matrix.dtype == np.float32


@pytest.mark.parametrize("name", EVERY)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80
)
@given(content=tables())
@example(content=table(["3"], 1))
@example(content=VectorTable(["1", "2"], np.array([[1], [2]], np.float32)))
@example(content=table(["New York"]))
@example(content=table(["\u2028"]))
@example(content=table(["word\tcount", "b"]))
@example(content=table(["a\0", "b"]))
@example(content=table(["PK\x03\x04", "PAR1"]))
@example(content=table(["aaaaaaaa{", "b"]))
@example(content=table([":", "#", "</s>", '"', "'"]))
def test_what_is_written_reads_back_to_the_same(tmp_path_factory, name, content):
    path = tmp_path_factory.mktemp("round") / NAMES[name]
    try:
        write_table(content, path, FORMATS[name])
    except DataError:
        assert list(path.parent.iterdir()) == []
        assert any(not word or NOT_TEXT.search(word) for word in content.words)
        return
    assert_same(read_table(path), content)
    if name in ("npz", "safetensors", "huggingface", "parquet", "tensorboard"):
        found = read_table(path).counts
        assert (found is None) == (content.counts is None)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "word", [" ", "a b", "a\tb", "a\nb", "a\u2028b", "a\x85b", "a\xa0b", "a\rb"]
)
def test_white_space_is_refused_or_survives(tmp_path, name, word):
    content = table(["first", word, "last"])
    path = tmp_path / NAMES[name]
    if word in CARRIED[name]:
        write_table(content, path, FORMATS[name])
        assert_same(read_table(path), content)
    else:
        with pytest.raises(DataError, match=re.escape(repr(word))):
            write_table(content, path, FORMATS[name])
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"model2vec"}))
def test_names_tell_the_format(name):
    assert guess_format(Path("some.folder") / NAMES[name]).name == name


@pytest.mark.parametrize("name", EVERY)
def test_only_the_format_itself_recognises_a_file_or_the_matrix_of_its_folder(tmp_path, name):
    path = tmp_path / NAMES[name]
    write_table(VectorTable(["a", "b"], np.eye(2, dtype=np.float32)), path, FORMATS[name])
    for place in (path, *path.glob("model.safetensors")):
        content = Content.of(place)
        codecs = {each: form.codec() for each, form in FORMATS.items()}
        found = [each for each, codec in codecs.items() if codec.recognises]
        found = [each for each in found if codecs[each].recognises(content)]
        assert found == ([] if name in {"word2vec", "glove", "fasttext"} else [name])


def test_an_unknown_name_asks_for_the_format(tmp_path):
    with pytest.raises(UsageError, match="--format"):
        write_table(table(["a"]), tmp_path / "v.docx")


@pytest.mark.parametrize("name", ["word2vec", "word2vec-binary", "glove", "fasttext"])
def test_gzip_reads_back_and_is_repeatable(tmp_path, name):
    content = table(["the", "naïve", "雨"])
    first, second = (tmp_path / f"{i}{NAMES[name]}.gz" for i in (1, 2))
    write_table(content, first)
    write_table(content, second)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[:2] == b"\x1f\x8b"
    assert_same(read_table(first), content)
    first.write_bytes(first.read_bytes()[:-9])
    with pytest.raises(DataError):
        read_table(first)


def test_gzip_is_refused_where_nobody_unpacks_it(tmp_path):
    with pytest.raises(UsageError, match="gz"):
        write_table(table(["a"]), tmp_path / "v.npz.gz")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("precision", "error"), [("float16", 1e-3), ("int8", 1 / 100)])
def test_smaller_numbers(tmp_path, name, precision, error):
    content = table([f"w{i}" for i in range(50)], 20)
    path = tmp_path / NAMES[name]
    if precision not in FORMATS[name].precisions:
        with pytest.raises(UsageError, match="these can"):
            write_table(content, path, FORMATS[name], precision)
        return
    write_table(content, path, FORMATS[name], precision)
    found = read_table(path)
    assert found.words == content.words
    largest = np.abs(content.matrix).max(axis=1, keepdims=True)
    assert (np.abs(found.matrix - content.matrix) / largest).max() < error
    assert not np.array_equal(found.matrix, content.matrix)


def test_int8_keeps_rows_of_zeros_and_the_smallest_numbers(tmp_path):
    content = VectorTable(["a", "b"], np.array([[0, 0], [1e-44, -1e-44]], np.float32))
    write_table(content, tmp_path / "v.npz", precision="int8")
    assert np.isfinite(read_table(tmp_path / "v.npz").matrix).all()


def test_float16_refuses_what_it_cannot_hold(tmp_path):
    with pytest.raises(DataError, match="float16"):
        write_table(
            VectorTable(["a"], np.array([[1e6]], np.float32)),
            tmp_path / "v.npz",
            precision="float16",
        )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_in_use_is_not_overwritten(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine").touch()
    with pytest.raises(OSError, match="not empty"):
        write_table(table(["a"]), tmp_path / "model")
