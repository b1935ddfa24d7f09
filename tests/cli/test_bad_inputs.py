"""A table of bad inputs: exit code, a one-line error, no traceback, nothing left behind.

Review D14: some of these ended in a traceback.
"""

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile

import numpy as np
import pytest

HUGE = "1000000000000000000"


def _gz_damaged():
    data = bytearray(gzip.compress(b"a b c d\n" * 5000 + bytes(range(97, 123)) * 200))
    data[len(data) // 2] ^= 0xFF
    return bytes(data)


class _Canary:
    """Unpickling it would end the process."""

    def __reduce__(self):
        import os

        return os._exit, (99,)


def _npz_of_objects():
    file = io.BytesIO()
    np.savez(file, words=np.array([_Canary()], dtype=object), vectors=np.ones((1, 2)))
    return file.getvalue()


def _zip_of(name, content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


def _tar_of(content, link=None):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = 0 if link else len(content)
        if link:
            info.type, info.linkname = tarfile.SYMTYPE, link
        archive.addfile(info, None if link else io.BytesIO(content))
    return file.getvalue()


#: Files by name: corpora, configurations and vectors that are no good.
CORPORA = {
    "empty.txt": b"",
    "blank.txt": b"\n\n \n",
    "one-word.txt": b"word " * 50,
    "one-word-lines.txt": b"a\nb\n" * 50,
    "elf.txt": b"\x7fELF\x02\x01\x01\x00" + bytes(100),
    "utf16.txt": "a b c\n".encode("utf-16"),
    "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "paper.pdf": b"%PDF-1.4\n1 0 obj\n",
    "damaged.zip": _zip_of("a.txt", "a b c\n" * 900)[:-60],
    "nested.zip": _zip_of("a.txt", _tar_of(b"a b c\n" * 900)),
    "without-text.zip": _zip_of("a.png", "a b c"),
    "bytes.zip": _zip_of("a.txt", bytes(range(256))),
    "cut.tar": _tar_of(b"a b c\n" * 900)[:4000],
    "cut.tar.gz": gzip.compress(_tar_of(b"a b c\n" * 900))[:-20],
    "links.tar": _tar_of(b"", "../../etc/passwd"),
    "twice.gz": gzip.compress(gzip.compress(b"a b c\n" * 900)),
    "zeros.zst": b"\x28\xb5\x2f\xfd" + bytes(50),
    "no-column.csv": b"title,body\na,b c d\n",
    "ragged.csv": b"id,text\n1,a b c\n2\n",
    "quote.csv": b'id,text\n1,"a b c\n',
    "magic.parquet": b"PAR1" + bytes(30) + b"PAR1",
    "magic.arrow": b"ARROW1\0\0" + bytes(50),
    "cut.txt.gz": gzip.compress(b"a b c d\n" * 5000)[:-20],
    "damaged.txt.gz": _gz_damaged(),
    "cut.txt.bz2": bz2.compress(b"a b c d\n" * 500)[:-10],
    "cut.txt.xz": lzma.compress(b"a b c d\n" * 500)[:-10],
    "no.txt.gz": b"not compressed at all\n",
    "list.jsonl": b"[1, 2]\n",
    "text-is-number.jsonl": b'{"text": 3}\n',
    "no-text.jsonl": b'{"body": "a b"}\n',
    "cut.jsonl": b'{"text": "a b',
    "deep.jsonl": b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
}
CONFIGS = {
    "syntax.toml": b"[model\ndim = 3",
    "unknown.toml": b"[model]\ndimension = 3\n",
    "table.toml": b"[modell]\ndim = 3\n",
    "type.toml": b'[model]\ndim = "three"\n',
    "range.toml": b"[model]\ndim = 0\n",
    "nan.toml": b"[training]\nlr = nan\n",
    "inf.toml": b"[training]\nlr = inf\n",
    "top.toml": b"dim = 3\n",
    "not-a-table.toml": b"model = 3\n",
    "not-utf8.toml": b"[model]\nloss = '\xff\xfe'\n",
    "seed.toml": b"[training]\nseed = 99999999999999999999\n",
    "bool.toml": b"[model]\ndim = true\n",
    "float.toml": b"[model]\ndim = 3.5\n",
    "list.toml": b"[model]\ndim = [3]\n",
    "paths.toml": b"[corpus]\npaths = 3\n",
    "nested.toml": b"[model.dim]\nx = 1\n",
    "twice.toml": b"[model]\ndim = 3\ndim = 4\n",
}
VECTORS = {
    "empty.bin": b"",
    "zeros.bin": bytes(64),
    "random.bin": bytes(range(256)) * 4,
    "header-only.vec": b"3 2\n",
    "huge-header.vec": b"999999999999 999999999\na 1 2\n",
    "huge-header.bin": b"999999999999 999999999\na ",
    "minus.vec": b"-3 -2\na 1 2\n",
    "short-row.vec": b"2 2\na 1 2\nb 1\n",
    "long-row.vec": b"2 2\na 1 2\nb 1 2 3\n",
    "nan.vec": b"1 2\na nan 2\n",
    "inf.vec": b"1 2\na inf 2\n",
    "letters.vec": b"1 2\na x y\n",
    "too-many.vec": b"1 2\na 1 2\nb 1 2\n",
    "pickle.pkl": pickle.dumps(_Canary()),
    "pickle.npy": pickle.dumps(_Canary()),
    "objects.npz": _npz_of_objects(),
    "cut.npz": _npz_of_objects()[:40],
    "slip.npz": _zip_of("../../evil.npy", b"x"),
    "text.npz": b"not a zip",
    "short.safetensors": b"\x08\x00",
    "huge.safetensors": b"\xff" * 8 + b"{}",
    "json.safetensors": (2).to_bytes(8, "little") + b"{]",
    "lying.safetensors": (79).to_bytes(8, "little")
    + b'{"x":{"dtype":"F32","shape":[4000000000,100],"data_offsets":[0,1600000000000]}}',
    "parquet.parquet": b"PAR1" + bytes(20) + b"PAR1",
    "gzip.vec.gz": gzip.compress(b"2 2\na 1 2\nb 1 2\n")[:-9],
    "newlines.vec": b"\n" * 1000,
}
OPTIONS = [
    ["--dim", "0"], ["--dim", "-3"], ["--dim", "1e18"], ["--dim", HUGE], ["--dim", "3.5"],
    ["--dim", ""], ["--dim", "ten"], ["--window", "0"], ["--window", "1000000000"],
    ["--window", "x"], ["--n-threads", "0"], ["--n-threads", "100000"], ["--n-threads", "-1"],
    ["--n-negatives", "0"], ["--n-negatives", HUGE], ["--noise-power", "-1"],
    ["--noise-power", "1000"], ["--noise-power", "nan"], ["--noise-power", "inf"],
    ["--lr", "0"], ["--lr", "-1"], ["--lr", "nan"], ["--lr", "inf"], ["--lr", "1e400"],
    ["--epochs", "0"], ["--epochs", "-1"], ["--epochs", "1.5"], ["--epochs", "1e3"],
    ["--seed", "-1"], ["--seed", "9223372036854775808"], ["--seed", "x"],
    ["--min-count", "0"], ["--max-vocab", "1"], ["--max-vocab", "0"], ["--limit-tokens", "0"],
    ["--subsample-threshold", "-1"], ["--subsample-threshold", "nan"],
    ["--holdout", "1"], ["--holdout", "-0.1"], ["--holdout", "0.95"], ["--patience", "0"],
    ["--patience", "2"], ["--checkpoint-every", "-1"], ["--checkpoint-every", "nan"],
    ["--loss", "hs"], ["--engine", "gpu"], ["--optimizer", "lion"], ["--tokenizer", "bpe"],
    ["--encoding-errors", "maybe"], ["--split", "half"], ["--lr-schedule", "cosine"],
     ["--engine", "exact", "--memory", "1e300"],
    ["--loss", "naive-softmax", "--engine", "exact", "--memory", "1e300"],
    ["--loss", "naive-softmax", "--memory", "0"], ["--loss", "naive-softmax", "--memory", "nan"],
    ["--loss", "naive-softmax", "--batch-size", HUGE], ["--engine", "sampled", "--steps", "5"],
    ["--min-lr", "-1"], ["--min-lr", "nan"], ["--halve-every", "0"],
    ["--eval", "nowhere.tsv"], ["--eval", "."], ["--config", "nowhere.toml"], ["--config", "."],
    ["--out", ""], ["--nonsense"], ["--dim"], ["-x"], ["--resume"],
]  # fmt: skip


@pytest.fixture
def place(tmp_path, text, monkeypatch):
    """A folder of its own, with a good corpus in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(w2v, place, arguments):
    """Run it; a traceback would be an exception here."""
    before = sorted(place.rglob("*"))
    result = w2v(*arguments)
    assert result.code in (1, 2), result
    assert result.out == ""
    assert "Error: " in result.err
    lines = [line for line in result.err.splitlines() if line.startswith("Error")]
    assert len(lines) == 1
    assert len(lines[0]) < 600
    assert "\x1b" not in result.err
    assert sorted(place.rglob("*")) == before
    return result


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_bad_options(w2v, place, options):
    out = [] if "--out" in options else ["--out", "run"]
    check(w2v, place, ["train", "text.txt", *out, *options])


@pytest.mark.parametrize("name", CORPORA)
def test_bad_corpora(w2v, place, name):
    (place / name).write_bytes(CORPORA[name])
    whole = ["--min-count", "1", "--subsample-threshold", "0", "--tokenizer", "whitespace"]
    check(w2v, place, ["train", name, "--out", "run", "--engine", "reference", *whole])


@pytest.mark.parametrize("name", CONFIGS)
def test_bad_configurations(w2v, place, name):
    (place / name).write_bytes(CONFIGS[name])
    check(w2v, place, ["train", "text.txt", "--config", name, "--out", "run"])


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("command", ["neighbors", "export", "info"])
def test_bad_vectors(w2v, place, name, command):
    (place / name).write_bytes(VECTORS[name])
    rest = {"neighbors": ["w1"], "export": ["out.txt"], "info": []}[command]
    check(w2v, place, [command, name, *rest])


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", ""],
        ["train", "nowhere.txt"],
        ["train", "no*thing"],
        ["train", "text.txt", "--out", "text.txt"],
        ["train", "text.txt", "--out", "text.txt/run"],
        ["train", "text.txt", "--out", "x" * 300],
        ["train", "x" * 5000],
        ["train", "a\nb\x1b[31m"],
        ["train", "--", "-rf"],
        ["train", "--resume"],
        ["train", "--resume", "--out", "nowhere"],
        ["train", "--resume", "--out", "."],
        ["neighbors", "nowhere", "w1"],
        ["neighbors", "text.txt", "w1"],
        ["neighbors", ".", "w1"],
        ["analogy", "nowhere", "a", "b", "c"],
        ["similarity", "nowhere", "a", "b"],
        ["evaluate", "nowhere", "text.txt"],
        ["export", "nowhere", "out.txt"],
        ["export", "text.txt", "out.nonsense"],
        ["plot", "nowhere"],
        ["info", "nowhere"],
        ["nonsense"],
        ["gradcheck", "nowhere.py"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40].encode("unicode_escape").decode(),
)
def test_bad_calls(w2v, place, arguments):
    if arguments[0] == "train" and "--out" not in arguments:
        arguments = ["train", "--out", "run", *arguments[1:]]
    check(w2v, place, arguments)


def test_a_name_that_is_not_utf8(w2v, place):
    check(w2v, place, ["train", "caf\udce9.txt", "--out", "run"])
    (place / "caf\udce9.txt").write_bytes(b"")
    check(w2v, place, ["train", "caf\udce9.txt", "--out", "run"])


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_an_archive_cannot_leave_its_folder(w2v, place, kind):
    """Members with names such as ../../evil are text like others, and nothing is written."""
    text = b"a b c d e\n" * 90
    names = ["../evil.txt", "/tmp/w2v-evil.txt", "a/../../evil.txt", "C:\\evil.txt", "-rf.txt"]
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, text)
    else:
        with tarfile.open(fileobj=file, mode="w:gz" if kind == "tar.gz" else "w") as archive:
            for name in names:
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text))
            for name, link in (("link.txt", "/etc/passwd"), ("../over.txt", "text.txt")):
                info = tarfile.TarInfo(name)
                info.type, info.linkname = tarfile.SYMTYPE, link
                archive.addfile(info)
    (place / "in").mkdir()
    (place / "in" / f"t.{kind}").write_bytes(file.getvalue())
    before = {
        path for path in place.parent.rglob("*") if "evil" in path.name or "over" in path.name
    }
    whole = ["--min-count", "1", "--subsample-threshold", "0", "--lr", "0.001", "--epochs", "1"]
    result = w2v("train", f"in/t.{kind}", "--out", "run", "--engine", "reference", *whole)
    assert result.code == 0, result.err
    counts = dict(
        line.split("\t") for line in (place / "run" / "vocab.tsv").read_text().split("\n")[:-1]
    )
    assert set(counts) == set("abcde")  # and no word of /etc/passwd
    after = {path for path in place.parent.rglob("*") if "evil" in path.name or "over" in path.name}
    assert after == before
    assert sorted(path.name for path in place.iterdir()) == ["in", "run", "text.txt"]
    assert not (place.parents[-1] / "tmp" / "w2v-evil.txt").exists()


def test_half_a_pair_of_surrogates_is_replaced(w2v, place):
    (place / "t.jsonl").write_bytes(b'{"text": "\\ud800 a b \\ud834\\udd1e"}\n' * 9)
    whole = ["--min-count", "1", "--subsample-threshold", "0", "--tokenizer", "whitespace"]
    assert w2v("train", "t.jsonl", "--out", "run", "--engine", "reference", *whole).code == 0
    words = (place / "run" / "vocab.tsv").read_text().split()[::2]
    assert sorted(words) == ["?", "a", "b", "\U0001d11e"]


def test_names_are_printed_without_control_characters():
    from w2v_cli.errors import one_line

    assert one_line("a\x1b[31mb\nc\udce9é") == "a\\x1b[31mb\\nc\\udce9é"
    assert len(one_line("x" * 10_000)) < 600


def test_the_table_is_long():
    assert len(OPTIONS) + len(CORPORA) + len(CONFIGS) + 3 * len(VECTORS) + 27 >= 150


@pytest.mark.parametrize(
    "given",
    [
        ("train", "--config", "none"),
        ("train", "@none", "--out", "r"),
        ("train", "{text}", "--out", "r", "--stop-words", "none"),
        ("plot", "{run}", "--groups", "none"),
        ("plot", "{run}", "--words-file", "none"),
        ("compare", "{run}", "{run}", "--eval", "none"),
        ("gradcheck", "none"),
    ],
    ids=" ".join,
)
def test_a_missing_file_is_named_without_numbers_and_with_the_next_step(w2v, text, given):
    run = text.with_name("vectors.txt")
    run.write_text("tea 1 2\nrain 2 1\n")
    result = w2v(*(each.format(text=text, run=run) for each in given))
    assert result.code in (1, 2)
    assert "none" in result.err
    assert "no such file" in result.err
    assert "; " in result.err
    assert "Errno" not in result.err
