import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import DataError, RunError
from w2v_cli.text.vocabulary import build_vocabulary, read_vocabulary, write_vocabulary


def test_ids_fall_with_frequency_and_ties_stand_in_word_order():
    vocabulary = build_vocabulary({"b": 2, "a": 2, "c": 5, "rare": 1}, min_count=2)
    assert vocabulary.words == ("c", "a", "b")
    assert vocabulary.counts.tolist() == [5, 2, 2]
    assert vocabulary.ids == {"c": 0, "a": 1, "b": 2}


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 9), min_size=2), st.randoms())
def test_the_order_of_the_counts_does_not_matter(counts, random):
    items = list(counts.items())
    random.shuffle(items)
    vocabulary = build_vocabulary(dict(items))
    assert vocabulary.words == build_vocabulary(counts).words
    assert np.all(np.diff(vocabulary.counts) <= 0)
    assert dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == counts


def test_max_vocab_keeps_the_most_frequent():
    assert build_vocabulary({"a": 1, "b": 3, "c": 2}, max_vocab=2).words == ("b", "c")


def test_too_few_words_say_what_to_change():
    with pytest.raises(DataError, match="lower --min-count to 3"):
        build_vocabulary({"a": 3, "b": 2}, min_count=5)
    with pytest.raises(DataError, match="only 'a'"):
        build_vocabulary({"a": 3}, min_count=1)


WORD = st.text(min_size=1).filter(lambda word: not set(word) & set("\t\n") and word.isprintable())


@given(
    st.dictionaries(WORD | st.sampled_from(["a\x85b", "a\u2028b"]), st.integers(1, 99), min_size=2)
)
def test_a_vocabulary_reads_back_as_written(tmp_path_factory, counts):
    path = tmp_path_factory.mktemp("vocab") / "vocab.tsv"
    vocabulary = build_vocabulary(counts)
    write_vocabulary(vocabulary, path)
    back = read_vocabulary(path)
    assert back.words == vocabulary.words
    assert back.counts.tolist() == vocabulary.counts.tolist()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"the\t3\nking\n", "line 2: expected word TAB count, got 'king'"),
        (b"the\t3\n\nking\t2\n", "line 2"),
        (b"the\tx\n", "line 1"),
        ("the\t²\n".encode(), "line 1"),
        (b"\t3\n", "line 1"),
        (b"", "line 1"),
        (b"the\t3\n\xff\t2\n", "byte 6 is not UTF-8"),
    ],
)
def test_a_damaged_vocabulary_names_the_place(tmp_path, content, message):
    (tmp_path / "vocab.tsv").write_bytes(content)
    with pytest.raises(RunError, match=message):
        read_vocabulary(tmp_path / "vocab.tsv")


@given(
    st.dictionaries(st.text("abé東", min_size=1, max_size=3), st.integers(0, 6)),
    st.integers(1, 4),
    st.none() | st.integers(2, 6),
    st.sets(st.sampled_from(["a", "b", "ab"])),
    st.sets(st.sampled_from(["é", "ba", "東"])),
)
def test_the_words_are_those_of_the_definition(counts, min_count, most, stop, keep):
    kept = [
        (word, count)
        for word, count in counts.items()
        if count and word not in stop and (count >= min_count or word in keep)
    ]
    kept.sort(key=lambda item: (-item[1], item[0]))
    if most is not None:
        others = most - sum(word in keep for word, _ in kept)
        for word, count in list(kept):
            if word not in keep:
                others -= 1
                if others < 0:
                    kept.remove((word, count))
    options = {"stop_words": stop, "keep_words": keep}
    if len(kept) < 2:
        with pytest.raises(DataError):
            build_vocabulary(counts, min_count, most, **options)
        return
    found = build_vocabulary(iter(counts.items()), min_count, most, **options)
    assert list(zip(found.words, found.counts.tolist(), strict=True)) == kept
