"""Damaged files, numbers out of all range, long words, little memory: one line each."""

import io
import json
import resource
import shutil
import stat
import struct
import subprocess
import warnings
import zipfile

import numpy as np
import pytest

import w2v_cli
from reported.inputs import QUICK, SETTINGS, TEXT, start
from w2v_cli import W2VError


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensors(**more):
    entry = {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}
    words = {"dtype": "U8", "shape": [1], "data_offsets": [8, 9]}
    return {"vectors": entry, "words": words} | more


def npz(header, data=bytes(16)):
    """An archive whose array `vectors` has this header."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        head = header.encode()
        archive.writestr(
            "vectors.npy", b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head + data
        )
        archive.writestr(
            "words.npy", b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head + data
        )
    return file.getvalue()


DAMAGED = {
    "null.safetensors": safetensors(tensors(__metadata__=None), bytes(9)),
    "list.safetensors": safetensors(tensors(__metadata__=[]), bytes(9)),
    "number.safetensors": safetensors(tensors(__metadata__=3), bytes(9)),
    "deep.safetensors": safetensors(b"[" * 50_000),
    "entry.safetensors": safetensors(tensors(vectors=None), bytes(9)),
    "string.safetensors": safetensors(b'"x"'),
    "shape.safetensors": safetensors(tensors(vectors={"dtype": "F32", "shape": None}), bytes(9)),
    "open.npz": npz("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2"),
    "token.npz": npz("{'descr': '<f4', 'shape': (2, 2), 'x': '''"),
    "python2.npz": npz("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 2L), }"),
    "zeros.npz": npz("{'descr': '<f4', 'fortran_order': False, 'shape': (01, 2), }"),
    "deep.npz": npz("(" * 9000 + ")" * 9000),
    "negative.npz": npz("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2), }"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_vectors_are_refused_in_one_line(w2v, tmp_path, name):
    """Right: exit 1, the file's name, no traceback and no warning of a library."""
    (tmp_path / name).write_bytes(DAMAGED[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = w2v("info", tmp_path / name)
    assert result.code == 1 or (name == "python2.npz" and result.code == 0)
    assert len(result.err.splitlines()) <= 1
    assert name in result.err + result.out


DEEP = '{"x": ' + "[" * 100_000 + "]" * 100_000 + "}"
FILES = {
    "metrics.jsonl": ["info RUN", "plot RUN --curves --out p.svg", "compare RUN RUN"],
    "cache/corpus/corpus.json": ["train --resume --out RUN --epochs 2"],
    "config.toml": ["info RUN", "train --resume --out RUN"],
    "vocab.tsv": ["neighbors RUN king", "info RUN", "train --resume --out RUN --epochs 2"],
}


@pytest.fixture
def run(make_run):
    return make_run(TEXT).path


@pytest.mark.parametrize("content", [DEEP, '"text"', "null", "[1, 2]", "3", "\x00\x00", "{", ""])
@pytest.mark.parametrize("name", FILES)
def test_damaged_files_of_a_run_are_refused_or_passed_over(
    w2v, run, tmp_path, monkeypatch, name, content
):
    """Right: an answer or one line; whatever JSON or bytes stand in a file of the run."""
    monkeypatch.chdir(tmp_path)
    (run / name).write_text(content)
    for command in FILES[name]:
        kept = tmp_path / "kept"
        shutil.copytree(run, kept)
        result = w2v(*command.replace("RUN", str(kept)).split())
        assert result.code in (0, 1), command
        shutil.rmtree(kept)


@pytest.mark.parametrize("content", [DEEP, '"text"', "null", "[1, 2]", "{}", ""])
def test_damaged_counts_are_refused_in_one_line(w2v, lines, tmp_path, content):
    """Right: exit 1 and the folder or file is named."""
    assert w2v("count", lines, "--min-count", "1", "--out", tmp_path / "c").code == 0
    (tmp_path / "c" / "counts.json").write_text(content)
    result = w2v("train", tmp_path / "c", *QUICK[:6], "--out", tmp_path / "r")
    assert result.code in (1, 2)
    assert str(tmp_path / "c") in result.err


@pytest.mark.parametrize("change", ["another word", "swapped", "cut"])
def test_a_changed_vocabulary_of_a_run_is_noticed(w2v, run, change):
    """Right: it belongs to the vectors; another word in it would name another row."""
    path = run / "vocab.tsv"
    rows = path.read_text().splitlines()
    changed = {
        "another word": [rows[0].replace(rows[0].split("\t")[0], "other"), *rows[1:]],
        "swapped": [rows[1], rows[0], *rows[2:]],
        "cut": rows[:-1],
    }[change]
    path.write_text("\n".join(changed) + "\n")
    results = [w2v("info", run), w2v("train", "--resume", "--out", run, "--epochs", "2")]
    for result in results:
        assert result.code == 1 or "vocab.tsv" in result.err, result.err


NUMBERS = [
    ["--lr", "1e-308"], ["--lr", "1e-400"], ["--lr", "1e400"], ["--lr", "-1"], ["--lr", "nan"],
    ["--memory", "1e-300"], ["--memory", "nan"], ["--memory", "-1"], ["--memory", "inf"],
    ["--epochs", "1" + "0" * 29], ["--epochs", "9" * 5000], ["--epochs", "0"], ["--epochs", "-1"],
    ["--minutes", "1e300"], ["--subsample-threshold", "nan"],
    ["--min-lr", "1e308"], ["--holdout", "nan"], ["--checkpoint-every", "inf"], ["--dim", "1e3"],
    ["--checkpoint-every", "nan"], ["--steps", "1" + "0" * 29], ["--seed", "1" + "0" * 29],
    ["--noise-power", "nan"], ["--l2", "nan"], ["--snapshots", "1" + "0" * 29], ["--window", "0"],
    ["--patience", "1" + "0" * 29], ["--halve-every", "1" + "0" * 29], ["--limit-tokens", "-5"],
    ["--max-vocab", "1"], ["--min-count", "1" + "0" * 29], ["--buckets", "1" + "0" * 29],
]  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("option", NUMBERS, ids=lambda option: " ".join(option)[:24])
@pytest.mark.filterwarnings("error")
def test_numbers_out_of_all_range_are_refused(w2v, lines, tmp_path, option):
    """Right: exit 2 (1 where only the corpus tells), the option is named, nothing is written."""
    quick = [part for part in QUICK if part not in option]
    arguments = [*QUICK, *option] if option[0] not in ("--steps", "--minutes") else option
    result = w2v("train", lines, *arguments, "--out", tmp_path / "r")
    assert quick
    assert result.code in (1, 2)
    assert option[0] in result.err or option[0][2:].replace("-", "_") in result.err
    assert not (tmp_path / "r").exists()


def test_settings_out_of_all_range_are_refused_in_python_and_toml(lines, tmp_path):
    """Right: the same bounds behind every door."""
    for name, value in [("memory", 1e-300), ("epochs", 10**29), ("lr", 1e-308), ("seed", 2**64)]:
        with pytest.raises(W2VError, match=name):
            w2v_cli.train(paths=lines, out=tmp_path / "r", **SETTINGS | {name: value})
        table = "corpus" if name == "memory" else "training"
        (tmp_path / "c.toml").write_text(f"[{table}]\n{name} = {value!r}\n")
        with pytest.raises(W2VError, match=name):
            w2v_cli.train(paths=lines, out=tmp_path / "r", config=tmp_path / "c.toml")


FORMATS = ["o.txt", "o.bin", "o.glove", "o.vec", "o.npz", "o.safetensors", "o.parquet", "o.bin.gz",
           "huggingface", "model2vec", "tensorboard"]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("n", [65_535, 65_536, 200_000])
def test_a_very_long_word_is_read_again_or_refused_at_writing(tmp_path, form, n):
    """Right: what is written can be read; otherwise nothing is written."""
    if form == "o.parquet":
        pytest.importorskip("pyarrow")
    words = ["x" * n, "king"]
    vectors = w2v_cli.WordVectors(words, np.eye(2, dtype=np.float32))
    path = tmp_path / form.replace("o.", "v.")
    try:
        vectors.save(path, **({} if "." in form else {"format": form}))
    except W2VError:
        assert not path.exists()
        return
    assert list(w2v_cli.load(path).words) == words


def test_a_run_with_a_very_long_word_is_exported_and_read(w2v, tmp_path):
    """Right: a run's words can be exported in every format that takes them."""
    (tmp_path / "t.txt").write_text(("x" * 70_000 + " king queen\n") * 3)
    out = tmp_path / "r"
    result = w2v("train", tmp_path / "t.txt", *QUICK, "--tokenizer", "whitespace", "--out", out)
    assert result.code == 0, result.err
    for name in ("o.txt", "o.bin"):
        if w2v("export", out, tmp_path / name).code == 0:
            assert w2v("info", tmp_path / name).code == 0
        else:
            assert not (tmp_path / name).exists()


def test_a_link_in_an_archive_is_no_text(w2v, tmp_path):
    """Right: the target's name in a zip's symbolic link is not read as a line of text."""
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.txt", TEXT)
        link = zipfile.ZipInfo("b.txt")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "secret passwd")
    result = w2v("vocab", tmp_path / "t.zip", "--min-count", "1", "--top", "99", "--json")
    assert result.code == 0, result.err
    assert "passwd" not in result.out


@pytest.mark.timeout(90)
@pytest.mark.parametrize("kib", [600_000, 800_000])
def test_little_address_space_ends_in_time(lines, tmp_path, kib):
    """Right: under `ulimit -v` it works or ends with a message; it never spins."""

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (kib * 1024, kib * 1024))

    try:
        result = start("train", lines, "--out", tmp_path / "r", "--epochs", "1", "--min-count", "1",
                       seconds=40, preexec_fn=limit)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise AssertionError("it was still running after 40 s") from None
    assert result.returncode == 0 or result.stderr
