"""Where documents end: by line, by an empty line, by file; both readers agree."""

import pytest
import reference_reader
from chosen import plan_of, source_of
from hypothesis import example, given
from hypothesis import strategies as st
from text.test_reader import outcome

from w2v_cli.text import sources
from w2v_cli.text.reader import read_corpus
from w2v_cli.text.tokenizers import Tokenizer

LINES = st.lists(
    st.sampled_from([b"a b", b"Cat", b"", b" ", b"\t\r", b"d" * 9 + b" e", b"\xff f", b"\xce\xa3"]),
    max_size=12,
)


def documents(path, mode, piece=1 << 20):
    import unittest.mock

    with unittest.mock.patch.object(sources, "PIECE_BYTES", piece):
        source = source_of(path, documents=mode)
        found, open_one = [], []
        for part in source.pieces():
            open_one += part.text.split()
            if part.ends_document:
                found.append(open_one)
                open_one = []
    assert not open_one
    return [document for document in found if document]


@pytest.mark.parametrize("piece", [1, 3, 7, 1 << 20])
def test_documents_end_at_lines_at_empty_lines_or_with_the_file(tmp_path, piece):
    path = tmp_path / "a.txt"
    path.write_text("\none two\nthree\n \t\r\n\nfour\n\nfive")
    for mode, expected in [
        ("line", [["one", "two"], ["three"], ["four"], ["five"]]),
        ("blank-line", [["one", "two", "three"], ["four"], ["five"]]),
        ("file", [["one", "two", "three", "four", "five"]]),
    ]:
        assert documents(path, mode, piece) == expected


@example([b"", b"a b"], "blank-line", 1, None, "uax29", False)
@given(
    lines=LINES,
    mode=st.sampled_from(["line", "blank-line", "file"]),
    piece=st.integers(1, 30),
    limit=st.one_of(st.none(), st.integers(1, 9)),
    tokenizer=st.sampled_from(["words", "uax29"]),
    ends=st.booleans(),
)
def test_both_readers_end_documents_at_the_same_places(
    tmp_path_factory, lines, mode, piece, limit, tokenizer, ends
):
    folder = tmp_path_factory.mktemp("c")
    paths = [str(folder / "a.txt"), str(folder / "b.txt")]
    for path in paths:
        with open(path, "wb") as file:
            file.write(b"the two\nthe two\n" + b"\n".join(lines) + b"\n" * ends)
    plan = plan_of(Tokenizer(tokenizer, True), limit_tokens=limit, n_threads=2)
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "PIECE_BYTES", piece)
        for name, read in (("twin", reference_reader.read_corpus), ("compiled", read_corpus)):
            found.append(outcome(read, paths, plan, folder / name, documents=mode))
    assert found[0] == found[1]


def test_the_line_of_an_error_is_that_of_the_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\n\nb\nc\xff\n")
    for mode in ("line", "blank-line", "file"):
        source = source_of(path, encoding_errors="strict", documents=mode)
        for read in (reference_reader.read_corpus, read_corpus):
            with pytest.raises(Exception, match="line 4: invalid UTF-8"):
                read(source, plan_of(), tmp_path, lambda *p: None)
