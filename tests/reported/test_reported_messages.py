"""Messages name the file and what to do, and no advice leads nowhere."""

import errno
import json
import os
import re
import resource
import signal
import subprocess
from pathlib import Path

import pytest

import w2v_cli
from reported.inputs import QUICK, SETTINGS, TEXT, start, with_words

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", str(folder)], check=False)


def many_words(path):
    return with_words([f"word{i}" for i in range(20_000)], path)


WRITERS = {
    "export vec.npz DISK/o.txt": "o.txt",
    "export vec.npz DISK/o.npz": "o.npz",
    "export vec.npz DISK/o --format huggingface": "o",
    "embed vec.npz big.txt --out DISK/e.npy": "e.npy",
    "vocab big.txt --min-count 1 --out DISK/v.tsv": "v.tsv",
    "count big.txt --out DISK/c": "c",
    "train big.txt --out DISK/r --dim 300 --epochs 1 --min-count 1 --engine reference": "r",
}


@pytest.fixture
def big(tmp_path):
    many_words(tmp_path / "vec.npz")
    lines = (" ".join(f"word{i + j}" for j in range(10)) for i in range(0, 20_000, 10))
    (tmp_path / "big.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.mark.parametrize("command", WRITERS)
def test_a_full_disk_is_told_with_the_file_and_what_to_do(
    w2v, big, small_disk, monkeypatch, command
):
    """Right: exit 1, the file, that the disk is full, and to free space or write elsewhere."""
    monkeypatch.chdir(big)
    result = w2v(*command.replace("DISK", str(small_disk)).split())
    assert result.code == 1
    assert str(small_disk / WRITERS[command]) in result.err
    assert "Errno" not in result.err
    assert re.search(r"free|space|elsewhere|another", result.err)


def limited(**limits):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))

    return limit


def test_a_file_that_may_not_grow_is_named(big):
    """Right: under a limit of the size of files the message names the file."""
    result = start("export", "vec.npz", "o.txt", cwd=big, preexec_fn=limited(FSIZE=4096))
    assert result.returncode == 1
    assert "o.txt" in result.stderr
    assert "Errno" not in result.stderr
    assert "Traceback" not in result.stderr


def test_too_many_open_files_are_told(big):
    """Right: it works with few files, or one line says that there are too many."""
    for n in (8, 12, 20):
        result = start(
            "vocab", "big.txt", "--min-count", "1", cwd=big, preexec_fn=limited(NOFILE=n)
        )
        assert "Traceback" not in result.stderr, n
        if result.returncode:
            assert os.strerror(errno.EMFILE).lower() in result.stderr.lower() or n < 12


def test_a_full_standard_output_is_told(lines):
    """Right: `w2v vocab >/dev/full` ends in one line, exit 1."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "w") as full:
        result = start("vocab", lines, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr
    assert "output" in result.stderr


# What is wrong with a file of vectors.


@pytest.mark.parametrize(
    ("content", "right"),
    [
        ("2 2 extra\nking 1 0\nqueen 0 1\n", "extra"),
        ("2 3\n1994 0.1 abc 0.3\nb 1 2 3\n", "abc"),
        ("2 2\nking 1 0\n\nqueen 0 1\n", "empty"),
        ("2 2\nking 1 0\nqueen 0\n", "got 1"),
        ("2 2\nking 1 0\nqueen 0 1 2\n", "got 3"),
    ],
)
def test_the_field_that_is_wrong_is_named(w2v, tmp_path, content, right):
    """Right: never `expected 2 numbers, got 2`."""
    (tmp_path / "v.txt").write_text(content)
    result = w2v("info", tmp_path / "v.txt")
    assert result.code == 1
    assert right in result.err
    assert not re.search(r"expected (\d+) numbers, got (\1\b|-1)", result.err)


# Advice that can be followed.


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.jsonl"])
def test_embed_takes_the_column_that_it_advises(w2v, vec, tmp_path, name):
    """Right: a row for each row of the table."""
    rows = ["king queen", "man"]
    cut = "\t" if name == "x.tsv" else ","
    table = f"id{cut}body\n" + "".join(f"{i}{cut}{text}\n" for i, text in enumerate(rows))
    if name == "x.jsonl":
        table = "".join(json.dumps({"body": text}) + "\n" for text in rows)
    (tmp_path / name).write_text(table)
    result = w2v("embed", vec, tmp_path / name, "--text-field", "body")
    assert result.code == 0, result.err
    assert len(result.out.splitlines()) == 2


def test_evaluate_without_a_file_says_which_sets_there_are(w2v, vec):
    """Right: the sets of the sample, and where they are."""
    result = w2v("evaluate", vec)
    assert result.code == 2
    for name in ("similarity.tsv", "analogies.txt"):
        paths = re.findall(rf"\S*{name}", result.err)
        assert paths, result.err
        assert Path(paths[0].strip("'\"(,")).is_file()


OPTIONS = {
    "--column": "--text-field", "--field": "--text-field", "--text-column": "--text-field",
    "--size": "--dim", "--vector-size": "--dim", "--dimension": "--dim", "--vector_size": "--dim",
    "--iter": "--epochs", "--iterations": "--epochs", "--passes": "--epochs", "--epoch": "--epochs",
    "--negative": "--n-negatives", "--neg": "--n-negatives", "--workers": "--n-threads",
    "--threads": "--n-threads", "--thread": "--n-threads", "--jobs": "--n-threads",
    "--sample": "--subsample-threshold", "--alpha": "--lr", "--learning-rate": "--lr",
    "--output": "--out", "--save": "--out", "--min-freq": "--min-count", "--minn": "--subwords",
    "--random-state": "--seed", "--context": "--window", "--stopwords": "--stop-words",
    "--cbow": "--model", "--skipgram": "--model", "--sg": "--model", "--hs": "--loss",
    "--continue": "--resume", "--pretrained": "--from", "--gpu": "--device",
    "--case": "--lowercase",
    "--vocabulary": "--vocab", "--max-words": "--max-vocab", "--time": "--minutes",
    "--validation": "--holdout", "--early-stopping": "--patience", "--ngram": "--subwords",
}  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_suggested_by_its_meaning(w2v, lines, option):
    """Right: the option that does this is named, before those that are spelt alike."""
    result = w2v("train", lines, option, "3")
    assert result.code == 2
    message = result.err.partition("Error:")[2].replace(option, "", 1)
    assert re.findall(r"--[a-z0-9-]+", message)[0] == OPTIONS[option]


COMMANDS = {
    "similar": "neighbors", "nearest": "neighbors", "synonyms": "neighbors", "knn": "neighbors",
    "most_similar": "neighbors", "eval": "evaluate", "score": "evaluate", "benchmark": "evaluate",
    "draw": "plot", "picture": "plot", "words": "vocab", "vocabulary": "vocab", "diff": "compare",
    "continue": "train", "fit": "train", "learn": "train", "cooccurrence": "count",
    "grade": "gradcheck",
    "sentence-vectors": "embed", "save": "export", "merge": "count --merge", "odd": "odd-one-out",
    "cosine": "similarity", "bigrams": "phrases", "describe": "info", "show": "info",
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_suggested_by_its_meaning(w2v, command):
    """Right: `Did you mean` names the command that does this."""
    result = w2v(command, "x")
    assert result.code == 2
    assert re.search(rf"Did you mean '{COMMANDS[command]}\b", result.err), result.err[:200]


def test_the_help_of_regex_says_that_it_matches_whole_words(w2v):
    """Right: the help text says `whole`."""
    text = " ".join(w2v("plot", "--help").out.split())
    start_of = text.index("--regex")
    assert "whole" in text[start_of : start_of + 200].lower()


def texts_of_the_project():
    kinds = {".py", ".md", ".sh", ".toml", ".txt", ".ipynb", ".json", ".js", ".html", ".page"}
    for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "docs", "w2v_cli", "configs"):
        root = ROOT / name
        found = [root] if root.is_file() else root.rglob("*")
        yield from (path for path in found if path.suffix in kinds and path.is_file())


def test_nothing_is_installed_from_an_index_by_a_name_that_is_not_ours():
    """Right: `in the clone`, or the path of a wheel; never `pip install w2v-cli`."""
    wrong = re.compile(
        r"""(pip|pipx|uv|pipenv|poetry|conda)\s[^\n|;&]*?(install|add|tool run)\b[^\n|;&]*"""
        r"""(?<![\w/.-])['"]?(w2v[-_]cli|\{DISTRIBUTION\})(\[[^\]]*\])?(?![\w./-]|['"]?\s*@)"""
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts_of_the_project()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if wrong.search(line)
    ]
    assert not found, "\n".join(found)


def test_a_missing_extra_is_installed_in_the_clone(w2v, vec, tmp_path, monkeypatch):
    """Right: the message says how without the name of a package on an index."""
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    result = w2v("export", vec, tmp_path / "o.parquet")
    assert result.code != 0
    assert not re.search(r"install ['\"]?w2v-cli", result.err)
    assert "parquet" in result.err


def test_the_course_installs_nothing_from_an_index(w2v, tmp_path):
    """Right: neither the autograder's setup nor the teacher's notebook names w2v-cli alone."""
    assert w2v("gradcheck", "--starter", tmp_path / "course", "--teacher").code == 0
    for path in (tmp_path / "course").rglob("*"):
        if path.is_file() and path.suffix != ".png":
            text = path.read_text(errors="replace")
            assert not re.search(r"install [^\n]*(?<![/\w.])w2v-cli(\[|['\"\s\\]|$)", text), path


def test_fonts_that_were_installed_since_are_found():
    """Right: when a script has no font, matplotlib's list is made again, once."""
    # The list is matplotlib's own file; an empty one stands for a list that is out of date.
    from matplotlib import font_manager

    from w2v_cli.pictures import fonts

    before = font_manager.fontManager.ttflist
    kept = [font for font in before if "DejaVu" in font.name]
    fonts.find_new_fonts.cache_clear()
    names = {font.name for font in before} - {font.name for font in kept}
    if not any("CJK" in name or "Han" in name for name in names):
        pytest.skip("no font for Chinese is installed")
    try:
        font_manager.fontManager.ttflist = kept
        vectors = w2v_cli.WordVectors(["雨", "水", "茶"], [[1, 0], [0, 1], [1, 1]])
        vectors.plot(["雨", "水", "茶"])
        assert {font.name for font in font_manager.fontManager.ttflist} > {"DejaVu Sans"}
    finally:
        font_manager.fontManager.ttflist = before


def test_a_damaged_run_to_start_from_is_an_error_of_data(w2v, lines, make_run, tmp_path):
    """Right: exit 1 and the file is named; exit 2 is for wrong usage."""
    run = make_run(TEXT).path
    # Its vocab.tsv is not read: the file of vectors has the words.
    (run / "config.toml").write_bytes(b"\xff\xfe[[[\x00")
    result = w2v("train", lines, *QUICK, "--from", run, "--out", tmp_path / "next")
    assert result.code == 1, result.err
    assert str(run) in result.err
    assert SETTINGS["dim"] == 4
