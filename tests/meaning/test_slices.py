"""Labels of documents, and that they are the labels of the documents that were encoded."""

import json

import numpy as np
import pytest
from chosen import corpus_of, source_of
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import DataError, UsageError
from w2v_cli.meaning.slices import NONE, label_paths, label_values, units_of
from w2v_cli.text.encoded import DOCUMENTS
from w2v_cli.text.prepare import open_corpus, prepare_corpus

LINES = st.lists(st.sampled_from(["", " ", "one two", "one", "rare", "two\r", "…", "one two two"]))


def test_values_are_slices_in_natural_order():
    found = label_values(["10", "9", "", "9", "-1"])
    assert found.names == ("-1", "9", "10")
    assert found.slices.tolist() == [2, 1, NONE, 1, 0]
    assert label_values(["part 10", "part 9"]).names == ("part 9", "part 10")


def test_ranges_take_numbers_dates_and_values():
    values = ["1990", "1999", "2000", "1995-06-30", "1999-12-31", "2000-01-01T08:00", ""]
    found = label_values(values, "1990-1999, 2000-2009")
    assert found.slices.tolist() == [0, 0, 1, 0, 0, 1, NONE]
    found = label_values(values[3:6], "1995-01..1999-12-30,1999-12-31..2000-01-01")
    assert found.slices.tolist() == [0, 1, 1]
    found = label_values(["left", "right", "centre"], "right,left")
    assert (found.names, found.slices.tolist()) == (("right", "left"), [1, 0, NONE])
    assert label_values(["0.5", "-2", "7"], "0-1,2-9").slices.tolist() == [0, NONE, 1]


@pytest.mark.parametrize(
    ("values", "ranges", "error", "message"),
    [
        (["a", "a"], None, DataError, "only 'a': one slice"),
        (["", ""], None, DataError, "no values: one slice"),
        ([str(i) for i in range(10_000)], None, DataError, "10,000 values are too many slices"),
        (["1", "x"], "1-2,3-4", DataError, "document 2: 'x' is neither a number nor a date"),
        (["1"], "1-2,,3-4", UsageError, "an empty slice"),
        (["1"], "1..x,3-4", UsageError, "'x' is neither a number nor a date"),
    ],
)
def test_what_is_no_slice_is_named(values, ranges, error, message):
    with pytest.raises(error, match=message):
        label_values(values, ranges)


def test_units_are_numbered_and_those_without_a_value_stand_alone():
    units = units_of(["x", "", "y", "x", ""])
    assert units[0] == units[3]
    assert len(set(units.tolist())) == 4


def test_texts_are_slices_by_their_names(tmp_path):
    paths = [tmp_path / "a.1990.txt", tmp_path / "b.txt"]
    paths[0].write_text("one\ntwo\n\nthree")
    paths[1].write_text("four\n")
    found = label_paths(corpus_of(*paths))
    assert found.names == ("a.1990", "b")
    assert found.slices.tolist() == [0, 0, 0, 0, 1]
    others = [tmp_path / name / "text.txt" for name in ("old", "new")]
    for path in others:
        path.parent.mkdir()
        path.write_text("one\n")
    assert label_paths(corpus_of(*others)).names == ("old/text.txt", "new/text.txt")
    with pytest.raises(UsageError, match="the same text is given twice"):
        label_paths(corpus_of(paths[0], paths[0]))


@given(st.lists(LINES, min_size=1, max_size=3), st.sampled_from(["line", "blank-line", "file"]))
def test_encoded_documents_know_their_number_in_the_text(tmp_path_factory, files, documents):
    folder = tmp_path_factory.mktemp("numbered")
    paths = [folder / f"{i}.txt" for i in range(len(files))]
    for path, lines in zip(paths, files, strict=True):
        path.write_bytes("\n".join([*lines, "one two", "two one"][: len(lines) + 2]).encode())
    settings = corpus_of(*paths, min_count=2, documents=documents)
    (folder / "out").mkdir()
    prepare_corpus(settings, folder / "out", numbered=True)
    corpus = open_corpus(folder / "out")
    numbers = np.fromfile(folder / "out" / DOCUMENTS, np.int64)
    texts, parts = [], []
    for piece in source_of(*paths, documents=documents).pieces():
        parts.append(piece.text)
        if piece.ends_document:
            texts.append(" ".join(parts).split())
            parts = []
    each = [source_of(path, documents=documents).n_documents() for path in paths]
    assert sum(each) == len(texts)
    assert len(numbers) == len(corpus.document_ends)
    words = corpus.vocabulary.words
    starts = np.concatenate([[0], corpus.document_ends])
    for i, number in enumerate(numbers):
        ids = corpus.tokens[starts[i] : starts[i + 1]].tolist()
        assert [words[w] for w in ids] == [w for w in texts[number] if w in words]


def test_a_column_of_labels_has_a_value_for_each_document(tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [{"text": "one two", "n": 1}, {"text": None, "n": None}, {"text": "two", "n": 2.5}]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    from w2v_cli.meaning.slices import column_of

    settings = corpus_of(path)
    assert column_of(settings, "n", "--by") == ["1", "", "2.5"]
    with pytest.raises(DataError, match="no 'm', only 'text', 'n'; name another with --by"):
        column_of(settings, "m", "--by")
    assert source_of(path).n_documents() == 3


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_columns_of_numbers_and_dates_are_labels(tmp_path, suffix):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    from w2v_cli.meaning.slices import column_of

    columns = {"text": ["one", "two"], "n": [1, None], "day": pa.array([0, 400], pa.date32())}
    table, path = pa.table(columns), tmp_path / f"t.{suffix}"
    if suffix == "parquet":
        parquet.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    assert column_of(corpus_of(path), "n", "--by") == ["1", ""]
    assert column_of(corpus_of(path), "day", "--by") == ["1970-01-01", "1971-02-05"]
