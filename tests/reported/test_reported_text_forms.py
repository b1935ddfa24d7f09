"""What is read is what the file says: marks, line ends, joiners, packed files, pipes."""

import bz2
import gzip
import json
import lzma
import struct
import zipfile

import numpy as np
import pytest

import w2v_cli
from reported.inputs import (
    MATRIX,
    PAIRS,
    QUICK,
    SETTINGS,
    TEXT,
    VECTORS,
    WORDS,
    in_fifo,
    in_pipe,
    with_words,
)
from w2v_cli import W2VError

BOM = "\ufeff".encode()
GLOVE = VECTORS.split("\n", 1)[1]


def counted(w2v, path, *options):
    """Count the words of a text; returns {word: count}."""
    result = w2v("vocab", path, "--min-count", "1", "--top", "1000", "--json", *options)
    assert result.code == 0, result.err
    return {row["word"]: row["count"] for row in json.loads(result.out)["top"]}


def scored(w2v, vec, path):
    """Evaluate one file; returns (known, all) of pairs or questions."""
    result = w2v("evaluate", vec, path, "--json")
    assert result.code == 0, result.err
    return json.loads(result.out)


# A byte order mark is no part of the first word.


@pytest.mark.parametrize("content", [VECTORS, GLOVE], ids=["with header", "without"])
@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.glove.txt", "v"])
def test_a_mark_before_vectors_is_dropped(tmp_path, content, name):
    """Right: the first word is `king`."""
    (tmp_path / name).write_bytes(BOM + content.encode())
    assert list(w2v_cli.load(tmp_path / name).words) == WORDS


def test_a_mark_before_a_configuration_is_dropped(w2v, lines, tmp_path):
    """Right: the settings are read as without it."""
    (tmp_path / "c.toml").write_bytes(BOM + b"[model]\ndim = 3\n")
    quick = [*QUICK[2:], "--out", tmp_path / "r"]
    assert w2v("train", lines, "--config", tmp_path / "c.toml", *quick).code == 0
    assert w2v_cli.load(tmp_path / "r").dim == 3


LISTS = ["--stop-words", "--keep-words", "--vocab"]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
@pytest.mark.parametrize("option", LISTS)
def test_word_lists_of_every_form_are_read(w2v, lines, tmp_path, option, mark, ends):
    """Right: the lists' words have neither a mark nor a line end in them."""
    (tmp_path / "w").write_bytes(mark + f"tea{ends}king{ends}milk{ends}".encode())
    out = tmp_path / "vocab.tsv"
    many = ["--min-count", "1000" if option == "--keep-words" else "1"]
    result = w2v("vocab", lines, option, tmp_path / "w", *many, "--out", out)
    assert result.code == 0, result.err
    words = {line.split("\t")[0] for line in out.read_text().splitlines()}
    named = {"tea", "king", "milk"}
    assert not words & named if option == "--stop-words" else words == named


@pytest.mark.parametrize("ends", ["\r\n", "\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
def test_a_vocabulary_of_another_system_is_read(w2v, lines, tmp_path, mark, ends):
    """Right: words and counts of a vocab.tsv with CRLF or CR are those of LF."""
    rows = f"king\t20{ends}tea\t10{ends}milk\t10{ends}"
    (tmp_path / "vocab.tsv").write_bytes(mark + rows.encode())
    result = w2v("train", lines, "--vocab", tmp_path / "vocab.tsv", *QUICK, "--out", tmp_path / "r")
    assert result.code == 0, result.err
    assert set(w2v_cli.load(tmp_path / "r").words) == {"king", "tea", "milk"}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
def test_a_list_of_files_of_every_form_is_read(w2v, lines, tmp_path, mark, ends):
    """Right: the files that it names are found."""
    (tmp_path / "b.txt").write_text("butter\n")
    (tmp_path / "files.list").write_bytes(mark + f"lines.txt{ends}b.txt{ends}".encode())
    words = counted(w2v, f"@{tmp_path}/files.list")
    assert (words["king"], words["butter"]) == (20, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.csv", "text,id\ntea milk,1\n"), ("t.jsonl", '{"text": "tea milk"}\n')],
)
def test_a_mark_before_records_is_dropped(w2v, tmp_path, name, content):
    """Right: the first column and the first record are found."""
    (tmp_path / name).write_bytes(BOM + content.encode())
    assert counted(w2v, tmp_path / name, "--text-field", "text") == {"tea": 1, "milk": 1}


def test_a_mark_before_groups_and_words_of_a_picture_is_dropped(w2v, vec, tmp_path):
    """Right: every word is known."""
    (tmp_path / "g").write_bytes(BOM + b"royal: king queen\r\nothers: man woman\r\n")
    (tmp_path / "w").write_bytes(BOM + b"king\r\nqueen\r\nman\r\n")
    for option in ("--groups", "--words-file"):
        out = tmp_path / f"{option}.svg"
        result = w2v("plot", vec, option, tmp_path / option[2:3], "--out", out)
        assert result.code == 0, result.err
        assert "unknown" not in result.err
        assert "ufeff" not in result.err


# Line ends, zeros, other encodings.


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_end_with_any_line_end(w2v, tmp_path, ends):
    """Right: the run has the same words, documents and vectors for each of them."""
    (tmp_path / "t.txt").write_bytes(TEXT.replace("\n", ends).encode())
    (tmp_path / "lf.txt").write_text(TEXT)
    for name in ("t", "lf"):
        command = ["train", tmp_path / f"{name}.txt", *QUICK, "--out", tmp_path / name]
        assert w2v(*command).code == 0
    runs = [w2v_cli.load(tmp_path / name) for name in ("t", "lf")]
    assert list(runs[0].words) == list(runs[1].words)
    np.testing.assert_array_equal(runs[0].matrix, runs[1].matrix)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_vectors_and_pairs_end_lines_in_any_way(w2v, tmp_path, ends):
    """Right: four words, three pairs."""
    (tmp_path / "v.txt").write_bytes(VECTORS.replace("\n", ends).encode())
    (tmp_path / "p.txt").write_bytes(PAIRS.replace("\n", ends).encode())
    assert list(w2v_cli.load(tmp_path / "v.txt").words) == WORDS
    assert "3 of 3" in w2v("evaluate", tmp_path / "v.txt", tmp_path / "p.txt").out


@pytest.mark.parametrize("place", ["start", "word", "later"])
def test_one_zero_byte_does_not_make_a_text_binary(w2v, tmp_path, place):
    """Right: the text is read; the NUL is no part of a word."""
    before = {"start": "\0", "word": "tea\0milk\n", "later": TEXT * 100 + "a\0b\n"}[place]
    (tmp_path / "t.txt").write_text(before + TEXT)
    words = counted(w2v, tmp_path / "t.txt")
    assert words["king"] >= 20
    assert not [word for word in words if "\0" in word]


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_called_by_its_name(w2v, tmp_path, encoding):
    """Right: one line that says UTF-32 and how to convert, not UTF-16."""
    mark = "" if encoding == "utf-32" else "\ufeff"
    (tmp_path / "t.txt").write_bytes((mark + TEXT).encode(encoding))
    result = w2v("vocab", tmp_path / "t.txt")
    assert result.code == 1
    assert "UTF-32" in result.err
    assert "UTF-16" not in result.err


# Joiners belong to words, soft hyphens do not.

JOINED = {
    "می\u200cخواهم": "می\u200cخواهم",
    "ශ්\u200dරී": "ශ්\u200dරී",
    "क्\u200dष": "क्\u200dष",
    "hand\u00adschuh": "handschuh",
    "Donau\u00addampf\u00adschiff": "donaudampfschiff",
}


@pytest.mark.parametrize("word", JOINED)
def test_joiners_stay_and_soft_hyphens_go(w2v, tmp_path, word):
    """Right: one word each, in vocab and in train."""
    (tmp_path / "t.txt").write_text(f"tea {word} milk\n" * 20)
    assert counted(w2v, tmp_path / "t.txt") == {"tea": 20, JOINED[word]: 20, "milk": 20}
    assert w2v("train", tmp_path / "t.txt", *QUICK, "--out", tmp_path / "r").code == 0
    assert set(w2v_cli.load(tmp_path / "r").words) == {"tea", JOINED[word], "milk"}


@pytest.mark.parametrize("word", JOINED)
def test_texts_and_tables_are_cut_like_files(w2v, tmp_path, word):
    """Right: Python's texts, CSV columns and embed see the same words as plain files."""
    lines = [f"tea {word} milk"] * 20
    # Subsampling would leave nothing of a text of three words.
    run = w2v_cli.train(lines, out=tmp_path / "r", **SETTINGS)
    assert set(run.vectors.words) == {"tea", JOINED[word], "milk"}
    (tmp_path / "t.csv").write_text("text\n" + "\n".join(lines) + "\n")
    assert JOINED[word] in counted(w2v, tmp_path / "t.csv", "--text-field", "text")
    np.testing.assert_allclose(run.vectors.embed([word])[0], run.vectors[JOINED[word]], rtol=1e-5)


def test_joiners_at_the_edge_of_a_word_are_no_part_of_it(w2v, tmp_path):
    """Right: as UAX 29 says of nothing to join; a lone joiner is no word."""
    (tmp_path / "t.txt").write_text("\u200cتی\u200c \u200d tea\u00ad \u00ad\n" * 5)
    assert counted(w2v, tmp_path / "t.txt") == {"تی": 5, "tea": 5}


# Rated pairs and questions.

PAIR_FORMS = {
    "spaces": PAIRS,
    "tabs": PAIRS.replace(" ", "\t"),
    "commas": PAIRS.replace(" ", ","),
    "semicolons": PAIRS.replace(" ", ";"),
    "header": "word1,word2,score\n" + PAIRS.replace(" ", ","),
    "comment": "#pairs\n" + PAIRS,
    "blank first": "\n" + PAIRS,
    "quoted": "\n".join('"{}","{}",{}'.format(*line.split()) for line in PAIRS.splitlines()),
    "part of speech": "word1\tword2\tPOS\tSimLex\nking\tqueen\tN\t9\nman\twoman\tN\t8\n"
    "king\twoman\tN\t2\n",
}


@pytest.mark.parametrize("form", PAIR_FORMS)
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
def test_pairs_of_every_form_are_scored(w2v, vec, tmp_path, form, mark):
    """Right: 3 of 3 pairs, as `train --eval` reads them."""
    for name in ("p.txt", "p.csv"):
        (tmp_path / name).write_bytes(mark + PAIR_FORMS[form].encode())
        result = w2v("evaluate", vec, tmp_path / name)
        assert result.code == 0, result.err
        assert "3 of 3" in result.out


QUESTION_FORMS = {
    "section": ": family\nman king woman queen\n",
    "no space": ":family\nman king woman queen\n",
    "blank first": "\n: family\nman king woman queen\n",
    "comment": "# questions\n: family\nman king woman queen\n",
    "none": "man king woman queen\n",
    "tabs": ": family\nman\tking\twoman\tqueen\n",
    "answers": ": family\nman king woman princess/queen/lady\n",
}


@pytest.mark.parametrize("form", QUESTION_FORMS)
@pytest.mark.parametrize("mark", [b"", BOM], ids=["plain", "marked"])
def test_questions_of_every_form_are_scored(w2v, vec, tmp_path, form, mark):
    """Right: 1 question of 1 is known, in its section."""
    (tmp_path / "q.txt").write_bytes(mark + QUESTION_FORMS[form].encode())
    result = w2v("evaluate", vec, tmp_path / "q.txt")
    assert result.code == 0, result.err
    assert "1 of 1" in result.out
    assert ("family" in result.out) == ("family" in QUESTION_FORMS[form])


def test_bats_pairs_with_several_answers_are_questions(w2v, vec, tmp_path):
    """Right: a file of BATS (word, tab, answers) gives questions; any of the answers counts."""
    (tmp_path / "E10 [male - female].txt").write_text("king\tqueen/lady\nman\twoman/girl\n")
    result = w2v("evaluate", vec, tmp_path / "E10 [male - female].txt")
    assert result.code == 0, result.err
    assert "2 of 2" in result.out


# Words that look like something else.


def fasttext_model(labels=1):
    """A skip-gram model of fastText, 2 words, 3 buckets, D = 2, and labels in its dictionary."""
    head = struct.pack("<14i", 793712314, 12, 2, 5, 1, 1, 5, 1, 2, 2, 3, 3, 6, 100)
    head += struct.pack("<d3i2q", 1e-4, 2 + labels, 2, labels, 9, -1)
    entries = [(b"a", 5, 0), (b"b", 4, 0), (b"__label__", 1, 1)][: 2 + labels]
    words = b"".join(word + b"\0" + struct.pack("<qb", n, kind) for word, n, kind in entries)
    matrices = [
        b"\0" + struct.pack("<2q", *shape) + np.ones(shape, "<f4").tobytes()
        for shape in ((5, 2), (2, 2))
    ]
    return head + words + b"".join(matrices)


@pytest.mark.parametrize("labels", [0, 1])
def test_a_word_model_of_fasttext_may_hold_labels(tmp_path, labels):
    """Right: the labels are skipped; the words are those of the model."""
    (tmp_path / "m.bin").write_bytes(fasttext_model(labels))
    assert list(w2v_cli.load(tmp_path / "m.bin").words) == ["a", "b"]


ODD_WORDS = [
    "1994", "1e5", "-1", "nan", "inf", "0x10", "3.14", "#tag", "#", ":x", "__label__a", "</s>",
    "new york", "a\u00a0b", "\ufeffx", '"q"', "a,b", "a;b", "'", "|", "a\u2028b", "a\x85b",
    "a\x1cb", "\u3000", "a\tb", "a\rb", "é", "e\u0301", "a" * 300, "--help", "=1+1", "@x", "~", "*",
]  # fmt: skip
FORMATS = [
    "o.txt", "o.w2v", "o.bin", "o.glove", "o.vec", "o.npz", "o.safetensors", "o.txt.gz", "o.bin.gz",
    "o.parquet", "huggingface", "model2vec", "tensorboard",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_a_word_that_a_writer_takes_its_reader_takes(tmp_path, form):
    """Right: read back it is the same word, first or second; or writing refuses it."""
    if form == "o.parquet":
        pytest.importorskip("pyarrow")
    more = {} if "." in form else {"format": form}
    for i, word in enumerate(ODD_WORDS):
        for words in ([word, "king"], ["king", word]):
            path = tmp_path / (f"{i}{words[0] == word}" + form.removeprefix("o"))
            vectors = w2v_cli.WordVectors(words, MATRIX[:2])
            try:
                vectors.save(path, **more)
            except W2VError:
                continue
            assert list(w2v_cli.load(path).words) == words, word


def test_words_with_spaces_are_asked_for(w2v, tmp_path, monkeypatch):
    """Right: a line of a file of queries is one word; in pairs a tab stands between words."""
    v = with_words(["king", "new york", "los angeles", "tea"], tmp_path / "v.npz")
    (tmp_path / "q").write_text("new york\nking\n")
    result = w2v("neighbors", v, "--file", tmp_path / "q", "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out.splitlines()[0])["query"] == "new york"
    result = w2v("vector", v, "--file", tmp_path / "q")
    assert result.code == 0, result.err
    (tmp_path / "t").write_text("new york\tlos angeles\n")
    assert w2v("similarity", v, "--file", tmp_path / "t").code == 0
    (tmp_path / "p.tsv").write_text("new york\tking\t1\nlos angeles\ttea\t2\nking\ttea\t3\n")
    assert "3 of 3" in w2v("evaluate", v, tmp_path / "p.tsv").out
    result = w2v("convert", v, tmp_path / "o.npz", "--words", tmp_path / "q")
    assert result.code == 0, result.err
    assert list(w2v_cli.load(tmp_path / "o.npz").words) == ["new york", "king"]
    assert w2v("plot", v, "--words-file", tmp_path / "q", "--out", tmp_path / "p.svg").code == 0


def test_words_that_are_integers_are_asked_for(w2v, make_run):
    """Right: a number on the command line is the word, also a negative one after `--`."""
    run = make_run("12 13 -1 7\n7 12 13 99\n" * 20, tokenizer="whitespace").path
    assert w2v("neighbors", run, "12").code == 0
    assert w2v("similarity", run, "--", "-1", "7").code == 0
    assert w2v("vector", run, "99").code == 0


# Packed files and pipes.


def packed(path, content):
    """Write a file in the way that its name says."""
    packers = {".bz2": bz2.compress, ".xz": lzma.compress, ".gz": gzip.compress}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(path.stem, content)
    else:
        path.write_bytes(packers[path.suffix](content))
    return path


@pytest.mark.parametrize("suffix", [".zip", ".bz2", ".xz", ".gz"])
@pytest.mark.parametrize("kind", ["txt", "vec", "bin", "fasttext.bin"])
def test_packed_vectors_are_read(w2v, vec, tmp_path, kind, suffix):
    """Right: the words of the file inside, whatever packed it."""
    content = VECTORS.encode()
    if kind == "bin":
        w2v_cli.load(vec).save(tmp_path / "plain.bin")
        content = (tmp_path / "plain.bin").read_bytes()
    if kind == "fasttext.bin":
        content = fasttext_model(0)
    path = packed(tmp_path / f"v.{kind}{suffix}", content)
    expected = ["a", "b"] if kind == "fasttext.bin" else WORDS
    assert list(w2v_cli.load(path).words) == expected


def test_an_archive_of_several_files_of_vectors_is_refused_by_their_names(w2v, tmp_path):
    """Right: which one is meant cannot be known; the message names them (glove.6B.zip)."""
    with zipfile.ZipFile(tmp_path / "g.zip", "w") as archive:
        for name in ("glove.50d.txt", "glove.100d.txt"):
            archive.writestr(name, GLOVE)
    result = w2v("info", tmp_path / "g.zip")
    assert result.code == 1
    assert "glove.50d.txt" in result.err


PIPED = {
    "info PIPE": VECTORS,
    "neighbors PIPE king": VECTORS,
    "similarity PIPE king queen": VECTORS,
    "convert PIPE out.npz": VECTORS,
    "evaluate PIPE pairs.txt": VECTORS,
    "evaluate vec.txt PIPE": PAIRS,
    "embed vec.txt PIPE": "king queen\n",
    "neighbors vec.txt --file PIPE": "king\n",
    "vocab PIPE --min-count 1": TEXT,
    "vocab lines.txt --stop-words PIPE": "the\n",
    "vocab lines.txt --vocab PIPE --min-count 1": "the\nking\n",
    "vocab @PIPE --min-count 1": "FOLDER/lines.txt\n",
    "plot vec.txt --words-file PIPE --out p.svg": "king\nqueen\n",
    "convert vec.txt out.npz --words PIPE": "king\n",
    "train PIPE --out r": TEXT,
    "train lines.txt --out r --eval PIPE": PAIRS,
    "train lines.txt --out r --from PIPE": "king 1 0 0 0\nqueen 1 0 0 1\nman 0 1 1 1\n",
    "train lines.txt --out r --config PIPE": "[training]\nseed = 3\n",
}  # fmt: skip


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["pipe", "fifo"])
@pytest.mark.parametrize("command", PIPED)
def test_pipes_are_read(w2v, vec, pairs, lines, tmp_path, monkeypatch, command, kind):
    """Right: what a pipe or FIFO gives is read once, whole, and nothing waits for ever."""
    monkeypatch.chdir(tmp_path)
    data = PIPED[command].replace("FOLDER", str(tmp_path)).encode()
    pipe = in_pipe(data) if kind == "pipe" else in_fifo(tmp_path / "fifo", data)
    arguments = command.replace("@PIPE", f"@{pipe}").replace("PIPE", str(pipe)).split()
    result = w2v(*arguments, *(QUICK if arguments[0] == "train" else []))
    assert result.code == 0, result.err
