"""What is read is what the file says: vectors, pairs and questions of every form, packed, piped."""

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
    VECTORS,
    WORDS,
    in_fifo,
    in_pipe,
    with_words,
)
from w2v_cli import W2VError

BOM = "\ufeff".encode()
GLOVE = VECTORS.partition("\n")[2]


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
    result = w2v("export", v, tmp_path / "o.npz", "--words", tmp_path / "q")
    assert result.code == 0, result.err
    assert list(w2v_cli.load(tmp_path / "o.npz").words) == ["new york", "king"]


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
    "export PIPE out.npz": VECTORS,
    "evaluate PIPE pairs.txt": VECTORS,
    "evaluate vec.txt PIPE": PAIRS,
    "embed vec.txt PIPE": "king queen\n",
    "neighbors vec.txt --file PIPE": "king\n",
    "export vec.txt out.npz --words PIPE": "king\n",
    "train lines.txt --out r --eval PIPE": PAIRS,
    "train lines.txt --out r --from PIPE": "king 1 0 0 0\nqueen 1 0 0 1\nman 0 1 1 1\n",
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
