"""The compiled reader against its slow twin in Python: the same bytes for every text and cut."""

import gzip
import json
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
import reference_reader
from chosen import plan_of, source_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from w2v_cli.errors import DataError
from w2v_cli.text import sources
from w2v_cli.text.own_tokenizer import checked
from w2v_cli.text.reader import read_corpus
from w2v_cli.text.tokenizers import TOKENIZERS, Tokenizer
from w2v_cli.text.unicode_table import N_CHARACTERS, every_character

SPECIAL = [
    "Σ", "σ", "ς", "İ", "I", "ı", "\u0307", "\u0301", "\u0345", "ʰ", "’", "'", "-", "_", ".", ":",
    "·", "\u00ad", "\u200d", "\u200c", "\ufe0f", "ﬁ", "ß", "ẞ", "K", "Å", "Ⱥ", "Ǆ", "ǅ", "²", "Ⅷ",
    "न", "म", "स", "\u094d", "त", "\u0947", "ก", "\u0e33", "\u0e34", "ש", "\u05b8", "東", "한",
    "\u1100", "𐐀", "𝔸", "😀", "𑄃", "\U0001e900", "\U00011046", "\ufeff", "\x00", "\x1c", "\x85",
    "\xa0", "\u2028", "\u3000", "\u180e", "\r", "\n", "\r\n", " ", "\t", "a", "B", "Z", "9", "é",
    "½", "٣", "१", "Å", "e\u0301", "ﷺ", "Ⅳ", "\u1161", "\u00b4", "か", "カ",
    "\ufffd", "\U0010ffff", "\ue000", "wordwordword",
]  # fmt: skip
TEXT = st.one_of(
    st.lists(st.sampled_from(SPECIAL), max_size=30).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)
BROKEN = [b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\xaf"]
BYTES = st.lists(
    st.one_of(
        st.sampled_from([*BROKEN, b"\xef\xbb\xbf", b"\n", b" ", b"\r\n", "Σ".encode(), b"a"]),
        TEXT.map(str.encode),
        st.binary(max_size=8),
    ),
    max_size=12,
).map(b"".join)
TOKENIZER = st.builds(
    Tokenizer,
    st.sampled_from(sorted(TOKENIZERS)),
    st.booleans(),
    st.sampled_from([None, "nfc", "nfkc"]),
    st.booleans(),
)


def outcome(read, paths, plan, folder, errors="replace", documents="line"):
    """All that a reader leaves and returns, or its error."""
    folder.mkdir()
    try:
        source = source_of(*paths, encoding_errors=errors, documents=documents)
        result = read(source, plan, folder, lambda *progress: None)
    except DataError as error:
        return str(error)
    files = {p.name: p.read_bytes() for p in folder.iterdir()}
    words, counts = result.vocabulary.words, result.vocabulary.counts.tolist()
    return files, words, counts, replace(result, vocabulary=None)


def agree(folder, contents, plan, errors="replace", names=None):
    """Both readers do the same with some files; return what."""
    paths = []
    folder.mkdir(exist_ok=True)
    for i, content in enumerate(contents):
        path = folder / (names[i] if names else f"{i}.txt")
        path.write_bytes(content)
        paths.append(str(path))
    twin = outcome(reference_reader.read_corpus, paths, plan, folder / "twin", errors)
    assert outcome(read_corpus, paths, plan, folder / "compiled", errors) == twin
    return twin


@settings(max_examples=300)
@given(text=TEXT, tokenizer=TOKENIZER)
@example(text="ΟΔΥΣΣΕΥΣ. Α.Σ ΣΑ Σ’Σ aΣ\u0345 aΣ.b İΣ ʰΣ", tokenizer=Tokenizer("words", True))
def test_the_tokens_of_any_text_are_those_of_the_twin(tmp_path_factory, text, tokenizer):
    agree(tmp_path_factory.mktemp("c"), [text.encode()], plan_of(tokenizer))


@settings(max_examples=100)
@given(
    contents=st.lists(BYTES, min_size=1, max_size=3),
    tokenizer=TOKENIZER,
    errors=st.sampled_from(["replace", "ignore", "strict"]),
    piece=st.integers(1, 40),
    min_count=st.integers(1, 2),
    n_threads=st.integers(1, 3),
    memory=st.sampled_from([1.0, 0.0]),
    limit=st.one_of(st.none(), st.integers(1, 20)),
)
def test_any_bytes_cut_anywhere_give_the_corpus_of_the_twin(
    tmp_path_factory, contents, tokenizer, errors, piece, min_count, n_threads, memory, limit
):
    folder = tmp_path_factory.mktemp("c")
    plan = plan_of(tokenizer, n_threads, min_count=min_count, limit_tokens=limit, memory=memory)
    contents = [b"the the two two " + content for content in contents]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "PIECE_BYTES", piece)
        agree(folder, contents, plan, errors)


def _worth_a_look(i, c):
    """Every character, but of Chinese, Hangul and those without a meaning only some."""
    if unicodedata.category(c) in {"Cn", "Co"} or 0x3400 < i < 0xD800 or 0x17000 < i < 0x19000:
        return i % 97 == 0
    return unicodedata.category(c) != "Cs" and not 0x20000 < i < 0xE0000


@given(content=BYTES, piece=st.integers(1, 40), n_threads=st.integers(1, 3))
def test_where_the_text_is_cut_changes_nothing(tmp_path_factory, content, piece, n_threads):
    folder = tmp_path_factory.mktemp("c")
    (folder / "a.txt").write_bytes(b"word " * 1000 + b"two " + content)  # NULs may follow
    found = []
    for size in (sources.PIECE_BYTES, piece):
        plan = plan_of(n_threads=n_threads)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sources, "PIECE_BYTES", size)
            parts = outcome(read_corpus, [str(folder / "a.txt")], plan, folder / str(size))
        found.append((*parts[:3], replace(parts[3], n_invalid=0)))  # of pieces of long lines
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["characters", "whitespace", "words"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_every_character_alone_and_inside_a_word_is_what_the_twin_sees(tmp_path, name, lowercase):
    characters = [c for i, c in enumerate(every_character()) if c != "\n" and _worth_a_look(i, c)]
    alone = "start\n" * 1000 + "\n".join(characters)  # a NUL at the start means a binary file
    inside = "start\n" * 1000 + "\n".join(f"a{c}b {c}-x X'{c} Σ{c}" for c in characters)
    plan = plan_of(Tokenizer(name, lowercase, fold_digits=lowercase), n_threads=2)
    files, words, _, result = agree(tmp_path, [alone.encode(), inside.encode()], plan)
    assert len(words) == result.n_distinct > 20_000
    assert len(files["corpus.ids"]) == 4 * result.n_kept


def test_lower_case_is_one_character_except_for_the_dotted_i():
    assert [c for c in every_character() if len(c.lower()) != 1] == ["İ"]
    assert len(every_character()) == N_CHARACTERS


def test_combining_marks_are_found_wherever_they_stand():
    from w2v_cli.text.unicode_table import marks

    categories = map(unicodedata.category, every_character())
    assert marks().tolist() == [i for i, c in enumerate(categories) if c in {"Mn", "Mc"}]


def test_words_of_any_length_and_many_of_them(tmp_path):
    rng = np.random.default_rng(1)
    words = ["x" * n for n in [1, 7, 8, 9, 63, 64, 65, 5000]] + ["Ⱥ" * 3000, "İ" * 3000]
    words += [f"w{i:x}" for i in rng.integers(0, 1 << 30, 30_000)]
    text = " ".join(words) + "\n" + " ".join(reversed(words))
    for n_threads, memory in [(1, 1.0), (3, 1.0), (2, 0.0005)]:
        folder = tmp_path / f"{n_threads} {memory}"
        folder.mkdir()
        plan = plan_of(n_threads=n_threads, memory=memory)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sources, "PIECE_BYTES", 1 << 14)
            _, found, _, _ = agree(folder, [text.encode()], plan)
        assert len(found) == len({word.lower() for word in words})


@pytest.mark.parametrize("errors", ["replace", "ignore", "strict"])
def test_compressed_files_and_records_are_read_as_by_the_twin(tmp_path, errors):
    records = "\n".join(json.dumps({"text": t}) for t in ["a b\nc", "Σ a", "\ud800 b", "", "c Ab"])
    contents = [gzip.compress(b"a b\xff a\nc c\n"), records.encode() + b"\n\n", b"b\r\nc\xe2\x82"]
    names = ["0.gz", "1.jsonl", "2.txt"]
    plan = plan_of(Tokenizer("whitespace", True), n_threads=2)
    agree(tmp_path, contents, plan, errors, names)


def test_max_vocab_and_min_count_leave_out_the_same_words(tmp_path):
    text = b"a a a b b c c d\n d e\n\n f\n a b c d e f g\n"
    for max_vocab, min_count in [(None, 2), (3, 1), (2, 3), (None, 9)]:
        folder = tmp_path / f"{max_vocab} {min_count}"
        folder.mkdir()
        agree(folder, [text], plan_of(min_count=min_count, max_vocab=max_vocab))


def test_words_to_keep_and_to_drop_are_the_same_and_absent_ones_add_nothing(tmp_path):
    stop_words, keep_words = frozenset({"the"}), frozenset({"sat", "absent", "x" * 40})
    for memory in (1.0, 0.0):
        plan = plan_of(
            n_threads=2,
            min_count=3,
            memory=memory,
            stop_words=stop_words,
            keep_words=keep_words,
        )
        folder = tmp_path / str(memory)
        folder.mkdir()
        text = b"the cat cat cat sat\n" + b"the dog\n" * 3
        _, words, _, result = agree(folder, [text], plan)
        assert words == ("cat", "dog", "sat")
        assert (result.n_distinct, result.n_tokens, result.n_kept) == (4, 11, 7)


def reversed_letters(line):
    return [word[::-1] for word in line.split("/") if word.strip()]


def test_a_function_of_the_user_gives_the_same_corpus_in_both(tmp_path):
    tokenizer = Tokenizer("m:f", True, "nfc", True, checked(reversed_letters, "m:f"))
    records = "\n".join(json.dumps({"text": t}) for t in ["AB/cΣ 1", "", "\n/b/a"]).encode()
    contents = [b"Ab/1984\n/cd\n\nba", records, b"ab\xff/"]
    names = ["0.txt", "1.jsonl", "2.txt"]
    message = agree(tmp_path, contents, plan_of(tokenizer), names=names)
    assert "1.jsonl, line 1: tokenizer m:f returned '0 ςc'; a word has no white space" in message
    contents[1] = records.replace(b" 1", b"1").replace(b"\\n/", b"")
    _, words, _, _ = agree(tmp_path / "again", contents, plan_of(tokenizer), names=names)
    assert words[:2] == ("ba", "0000")


def test_a_file_that_grows_while_it_is_read_is_noticed(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"a b\n" * 10)
    source = source_of(path)
    path.write_bytes(b"a b\n" * 11)
    with pytest.raises(DataError, match="was changed while it was read"):
        read_corpus(source, plan_of(), tmp_path, lambda *p: None)


def test_progress_rises_to_the_whole_in_each_phase(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"the cat saw\nthe dog\n" * 200)
    source = source_of(path)
    for memory, phases in [(1.0, ["reading", "numbering"]), (0.0, ["reading", "encoding"])]:
        seen: list[tuple] = []
        plan = plan_of(memory=memory)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sources, "PIECE_BYTES", 100)
            read_corpus(source, plan, tmp_path, lambda *p, seen=seen: seen.append(p))
        assert list(dict.fromkeys(phase for phase, *_ in seen)) == phases
        for phase in phases:
            done = [d for p, d, *_ in seen if p == phase]
            assert len(done) > 10
            assert done == sorted(done)
            words = [report[3] for report in seen if report[0] == phase and len(report) > 3]
            assert words == sorted(words)
            assert not words or (words[-1], seen[0][4]) == (1000, (1, 1))
            assert done[-1] == [t for p, _, t, *_ in seen if p == phase][-1]


def test_nothing_but_the_corpus_is_left_when_reading_fails(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a b\nc \xff\n" * 9)
    folder = tmp_path / "corpus"
    plan = plan_of()
    message = outcome(read_corpus, [str(tmp_path / "a.txt")], plan, folder, "strict")
    assert "line 2: invalid UTF-8" in message
    assert not list(folder.iterdir())
