import pytest

from w2v_cli.errors import DataError
from w2v_cli.text.vocabulary import build_vocabulary, read_vocabulary, read_word_list


def test_a_list_has_a_word_per_line_and_may_have_counts(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\ufeffThe\n\n of\t12\nand\r\nthe")
    assert read_word_list(path, "--stop-words", str.lower) == {"the", "of", "and"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_of_another_system_is_read(tmp_path, end):
    path = tmp_path / "list"
    path.write_bytes(f"\ufeffnew york{end}tea\t3{end}{end}".encode())
    assert read_word_list(path, "--vocab", str, spaces=True) == {"new york", "tea"}
    path.write_bytes(f"\ufeffking\t20{end}new york\t3{end}".encode())
    assert read_vocabulary(path, edited=True).words == ("king", "new york")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "--stop-words .*words.txt: no such file or directory; give a text"),
        (b"", "has no words"),
        (b"\n \n", "has no words"),
        (b"the\nof the\n", "line 2: expected one word, got 'of the'"),
        (b"caf\xe9\n", "byte 3 is not UTF-8"),
    ],
)
def test_a_bad_list_is_named(tmp_path, content, message):
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_word_list(path, "--stop-words", str)


COUNTS = {"the": 9, "cat": 5, "sat": 4, "mat": 2, "rare": 1}


def test_stop_words_go_and_words_to_keep_stay():
    chosen = build_vocabulary(COUNTS, 3, stop_words={"the"}, keep_words={"rare", "absent"})
    assert chosen.words == ("cat", "sat", "rare")
    assert chosen.counts.tolist() == [5, 4, 1]


def test_words_to_keep_come_before_others_where_the_vocabulary_is_limited():
    assert build_vocabulary(COUNTS, 1, 3, keep_words={"rare", "mat"}).words == (
        "the",
        "mat",
        "rare",
    )
    assert build_vocabulary(COUNTS, 1, 2, keep_words={"rare", "mat", "sat"}).words == (
        *("sat", "mat", "rare"),
    )


def test_a_vocabulary_of_stop_words_only_is_refused():
    with pytest.raises(DataError, match="0 distinct words"):
        build_vocabulary({"the": 3}, stop_words={"the"})
