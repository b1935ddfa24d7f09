"""Bytes of every kind, for every reader: they are taken, or refused in one line.

`tests/fuzz/run.py` looks for longer; what it finds is kept in `tests/fuzz/findings/TARGET/`.
"""

import functools
import gzip
import importlib.util
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.structured import mutated
from fuzz.targets import CUT, TARGETS, check
from hypothesis import given, settings
from hypothesis import strategies as st

FINDINGS = sorted(Path(__file__).parent.glob("findings/*/*"))
#: What tends to hurt: huge and negative numbers, NaN, other types, escapes, parts of formats.
TOKENS = [
    b"\0", b"\xff", b"\n", b"\t", b"-1", b"9" * 25, b"9" * 5000, b"1e400", b"nan", b"-inf", b"[]",
    b"{}", b"null", b'"', b"[" * 2000, b"\\ud800", b"\x1b[31m", b"\xed\xa0\x80", b"true", b"0",
    b"18446744073709551615", b"4294967295", b"F64", b"I8", b"BOOL", b"|O", CUT, b"\xe2\x80\xa8",
]  # fmt: skip


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return functools.cache(lambda name: TARGETS[name].seeds(tmp_path_factory.mktemp(name)))


@st.composite
def damages(draw):
    """What happens to bytes: cut, overwritten, inserted, deleted, doubled."""
    kind = draw(st.sampled_from(["cut", "overwrite", "insert", "delete", "double"]))
    piece = draw(st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=9)))
    return kind, draw(st.floats(0, 1)), piece


def damaged(data, kind, share, piece):
    place = int(share * len(data))
    return {
        "cut": data[:place],
        "overwrite": data[:place] + piece + data[place + len(piece) :],
        "insert": data[:place] + piece + data[place:],
        "delete": data[:place] + data[place + len(piece) :],
        "double": data + data[place:],
    }[kind]


def change(data, changes):
    """Damage bytes; of what is packed, and of headers with their length, the inside."""
    packed = data[:2] == b"\x1f\x8b"
    inside = gzip.decompress(data) if packed else data
    rest = b""
    if data[8:9] == b"{":
        length = int.from_bytes(data[:8], "little")
        inside, rest = data[8 : 8 + length], data[8 + length :]
    for one in changes:
        inside = damaged(inside, *one)
    if packed:
        return gzip.compress(inside, 1)
    return len(inside).to_bytes(8, "little") + inside + rest if data[8:9] == b"{" else inside


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_read(tmp_path, name):
    if name == "parquet":
        pytest.importorskip("pyarrow")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "read").mkdir()
    seeds = TARGETS[name].seeds(tmp_path / "seeds")
    assert any(check(TARGETS[name], tmp_path / "read", seed) for seed in seeds)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25)
@given(data=st.data())
def test_damaged_bytes_are_taken_or_refused_in_one_line(tmp_path_factory, seeds, name, data):
    seed = data.draw(st.sampled_from(seeds(name)))
    changes = data.draw(st.lists(damages(), min_size=1, max_size=3))
    whole = data.draw(st.booleans())
    content = change(seed, changes)
    if whole:
        content = seed
        for one in changes:
            content = damaged(content, *one)
    check(TARGETS[name], tmp_path_factory.mktemp("damaged"), content)


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_stays_mended(tmp_path, path):
    check(TARGETS[path.parent.name], tmp_path, path.read_bytes())


def test_the_check_notices_a_traceback_and_an_empty_message(tmp_path):
    from fuzz.targets import Target

    from w2v_cli.errors import DataError

    def raises(error):
        def read(folder, data):
            raise error

        return Target(read, lambda folder: [])

    assert not check(raises(DataError("short")), tmp_path, b"")
    for error in (KeyError("x"), DataError("")):
        with pytest.raises((KeyError, AssertionError)):
            check(raises(error), tmp_path, b"")


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="needs atheris")
@pytest.mark.parametrize("name", TARGETS)
def test_atheris_finds_nothing_in_a_minute(tmp_path, name):
    script = Path(__file__).parent / "run.py"
    command = [sys.executable, script, name, "--seconds", "60", "--keep", tmp_path]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    line = re.search(rf"^{name}: .*$", result.stdout, re.MULTILINE)
    assert line is not None, result.stderr[-2000:]
    print(f"\n{line[0]}")
    assert not list(tmp_path.glob("findings/*/*")), result.stdout
    assert not list(tmp_path.glob("crash-*")), result.stderr[-2000:]


def structured_run(folder, executions, *names):
    script = Path(__file__).parent / "run.py"
    command = [sys.executable, script, *names, "--structured", "--executions", str(executions)]
    result = subprocess.run(
        [*command, "--keep", folder], capture_output=True, text=True, check=True
    )
    print(result.stdout)
    counted = re.search(r"^([\d,]+) executions in all", result.stdout, re.MULTILINE)
    assert counted is not None, result.stderr[-2000:]
    return int(counted[1].replace(",", "")), sorted(folder.glob("findings/*/*")), result.stdout


@pytest.mark.parametrize("name", TARGETS)
def test_changed_structures_are_taken_or_refused_in_one_line(tmp_path, seeds, name):
    """A few hundred changes of trees, headers and tables; run.py does a million."""
    for number in range(60):
        rng = random.Random(f"suite {name} {number}")
        (folder := tmp_path / str(number)).mkdir()
        check(TARGETS[name], folder, mutated(rng, rng.choice(seeds(name))))


@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_a_million_changed_structures(tmp_path):
    n, findings, shown = structured_run(tmp_path, int(os.environ.get("EXECUTIONS", "1000000")))
    assert n >= int(os.environ.get("EXECUTIONS", "1000000"))
    assert not findings, shown
