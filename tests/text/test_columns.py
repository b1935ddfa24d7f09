"""Columns of tables and fields of records: found by name, and what is wrong is named."""

import gzip
import json

import pytest
from chosen import source_of
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import DataError


def texts(*paths, split="all", **reading):
    source = source_of(*paths, split=split, **reading)
    return [piece.text for piece in source.pieces()]


def test_records_are_known_by_content_or_by_suffix(tmp_path):
    for name in ("a.jsonl", "a.txt", "a.json", "b"):
        path = tmp_path / name
        path.write_text('\n{"text": "one", "id": 1}\n{"text": null}\n')
        assert texts(path)[1:] == ["one", ""]
    (tmp_path / "plain.txt").write_text("{braces} are no record\n")
    assert texts(tmp_path / "plain.txt") == ["{braces} are no record"]


def test_a_record_longer_than_what_is_looked_at_is_a_record(tmp_path):
    (tmp_path / "a.txt").write_text(json.dumps({"text": "word " * 50_000}) + "\n")
    assert texts(tmp_path / "a.txt") == ["word " * 50_000]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"text": "a"}\n{"body": "b", "n": 1}\n',
            "line 2: the record has no 'text', only 'body'",
        ),
        ('{"text": "a"}\nplain\n', "line 2: each line must be a JSON object"),
        ('{"text": "a"}\n["text"]\n', "line 2: each line must be a JSON object with a 'text'"),
        ('{"text": ["a"]}\n', "line 1: 'text' is not a string"),
        ('{"text": "a"}\n{"text": "b\n', "line 2: each line must be a JSON object"),
    ],
)
def test_a_bad_record_is_named(tmp_path, content, message):
    (tmp_path / "a.jsonl").write_text(content)
    with pytest.raises(DataError, match=message):
        texts(tmp_path / "a.jsonl")


def test_json_that_is_one_value_is_refused_with_a_way_out(tmp_path):
    (tmp_path / "a.json").write_text('[\n{"text": "a"}\n]\n')
    with pytest.raises(DataError, match="not one object a line; convert it, for example with jq"):
        texts(tmp_path / "a.json")


CSV = 'id,text,note\r\n1,"The cat, it\nsat",x\n\n2,"a ""b""",\n3,,y\n'


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_column_of_csv_is_read_with_quotes_and_newlines(tmp_path, mark):
    path = tmp_path / ("a.tsv" if mark == "\t" else "a.csv")
    path.write_text(CSV.replace(",", mark), newline="")
    assert texts(path) == [f"The cat{mark} it sat", 'a "b"', ""]
    assert texts(path, text_field="id") == ["1", "2", "3"]
    (tmp_path / "plain").write_bytes(gzip.compress(b"\xef\xbb\xbf" + path.read_bytes()))
    assert texts(tmp_path / "plain", text_field="note") == ["x", "", "y"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"))))
def test_whatever_csv_can_hold_comes_back(tmp_path_factory, column):
    import csv

    path = tmp_path_factory.mktemp("c") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["n", "text"], *([i, text] for i, text in enumerate(column))])
    assert texts(path) == [text.replace("\n", " ") for text in column]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "id,body\n1,a\n",
            r"no column 'text'; name one with --text-field \(columns: id, body\)",
        ),
        ("text,text\na,b\n", "has 2 columns called 'text'; rename one"),
        ("id,text\n1,a\n2\n", "row 2: only 1 of the columns that the first line names"),
        ('id,text\n1,"a\n2,b\n', "line 3: unexpected end of data; is this CSV"),
        ('id,text\n1,"a"b\n', "line 2: ',' expected after '\"'; is this CSV"),
        ("", r"has no column 'text'.*columns: none"),
    ],
)
def test_a_bad_table_is_named(tmp_path, content, message):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DataError, match=message):
        texts(tmp_path / "a.csv")


def test_invalid_utf8_in_a_table_is_counted_or_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\n1,caf\xe9\n2,b\n")
    source = source_of(path)
    assert [piece.text for piece in source.pieces()] == ["caf\ufffd", "b"]
    assert source.n_invalid == 1
    with pytest.raises(DataError, match="line 2: invalid UTF-8"):
        texts(path, encoding_errors="strict")


def test_a_field_that_no_file_has_is_an_error_and_text_beside_tables_is_text(tmp_path):
    (tmp_path / "a.txt").write_text("plain text\n")
    (tmp_path / "b.tsv").write_text("id\tbody\n1\tof a table\n")
    assert texts(tmp_path, text_field="body") == ["plain text", "of a table"]
    with pytest.raises(DataError, match="--text-field body: no file has records or a table"):
        texts(tmp_path / "a.txt", text_field="body")


@pytest.fixture
def arrow():
    return pytest.importorskip("pyarrow")


def test_columns_of_parquet_and_arrow_files(tmp_path, arrow):
    from pyarrow import ipc, parquet

    column = [f"text {i}\nline" for i in range(3000)] + [None, ""]
    table = arrow.table({"n": range(len(column)), "text": column})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=700)
    for name, make in [("b.arrow", ipc.new_file), ("c.arrow", ipc.new_stream)]:
        with make(str(tmp_path / name), table.schema) as writer:
            writer.write_table(table, max_chunksize=500)
    coded = arrow.table({"text": arrow.array(column).dictionary_encode()})
    parquet.write_table(coded, tmp_path / "d.parquet")
    expected = [f"text {i} line" for i in range(3000)] + ["", ""]
    for name in ("a.parquet", "b.arrow", "c.arrow", "d.parquet"):
        assert texts(tmp_path / name) == expected, name


def test_offsets_that_lead_out_of_an_arrow_file_are_noticed(tmp_path, arrow):
    from pyarrow import ipc

    path = tmp_path / "a.arrow"
    table = arrow.table({"text": ["some words"] * 50})
    with ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)
    content = path.read_bytes()
    offset = (49 * 10).to_bytes(4, "little")
    assert content.count(offset) >= 1
    path.write_bytes(content.replace(offset, b"\xff\xff\xff\x7f"))
    with pytest.raises(DataError, match=r"cannot read .*a.arrow"):
        texts(path)


def test_bad_columns_of_parquet_are_named(tmp_path, arrow):
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(arrow.table({"n": [1], "body": ["a" * 3_000_000]}), path)
    with pytest.raises(DataError, match=r"no column 'text'.*columns: n, body"):
        texts(path)
    with pytest.raises(DataError, match="the column 'n' holds int64, not text"):
        texts(path, text_field="n")
    with pytest.raises(DataError, match=r"group 1 of its rows unpacks to 0.0 GiB; raise --memory"):
        texts(path, text_field="body", memory=0.001)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"cannot read .*a.parquet.*is the file complete"):
        texts(path, text_field="body")
    parquet.write_table(
        arrow.table({"text": [f"{i:x}" for i in range(2000)]}), path, write_page_checksum=True
    )
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 8
    path.write_bytes(damaged)
    with pytest.raises(DataError, match=r"cannot read .*a.parquet"):
        texts(path)
    path.write_bytes(gzip.compress(content))
    with pytest.raises(DataError, match="is a table in a packed file; unpack it"):
        texts(path, text_field="body")


def save_data_set(arrow, folder, column):
    """As `datasets.Dataset.save_to_disk` does."""
    from pyarrow import ipc

    folder.mkdir(parents=True)
    names = []
    for i, part in enumerate((column[:2], column[2:])):
        names.append({"filename": f"data-0000{i}-of-00002.arrow"})
        table = arrow.table({"text": part})
        with ipc.new_stream(str(folder / names[-1]["filename"]), table.schema) as writer:
            writer.write_table(table)
    (folder / "dataset_info.json").write_text("{}")
    (folder / "state.json").write_text(json.dumps({"_data_files": names}))


def test_data_sets_on_disk_and_their_splits(tmp_path, arrow):
    save_data_set(arrow, tmp_path / "d" / "train", ["a", "b", "c"])
    save_data_set(arrow, tmp_path / "d" / "validation", ["d", "e", "f"])
    assert texts(tmp_path / "d" / "train") == ["a", "b", "c"]
    splits = tmp_path / "d" / "dataset_dict.json"
    splits.write_text('{"splits": ["train", "validation"]}')
    assert texts(tmp_path / "d") == ["a", "b", "c", "d", "e", "f"]
    assert texts(tmp_path / "d", split="dev") == ["d", "e", "f"]
    with pytest.raises(DataError, match="has no split test; it has: train, validation"):
        texts(tmp_path / "d", split="test")
    with pytest.raises(DataError, match="--split train needs"):
        texts(tmp_path / "d" / "train", split="train")
    for name in ("../train", "/etc", "", "a/b", 7):
        splits.write_text(json.dumps({"splits": [name]}))
        with pytest.raises(DataError, match="which is not in it"):
            texts(tmp_path / "d")
    (tmp_path / "d" / "train" / "data-00001-of-00002.arrow").unlink()
    with pytest.raises(DataError, match=r"lacks its file data-00001-of-00002.arrow"):
        texts(tmp_path / "d" / "train")


def test_the_library_that_writes_data_sets_agrees(tmp_path):
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"text": [f"row {i}" for i in range(9)]})
    data.shuffle(seed=1).select(range(5)).save_to_disk(tmp_path / "d", num_shards=2)
    assert texts(tmp_path / "d") == datasets.load_from_disk(tmp_path / "d")["text"]
