"""Fixtures that several rooms of tests use."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("w2v", deadline=None, max_examples=50)
settings.load_profile("w2v")

#: No test reads or writes the user's cache of corpora, and no command that it starts does.
os.environ["W2V_CACHE_DIR"] = ""

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

TINY_TEXT = "the queen saw the king\nthe king saw the queen and the dog\na dog saw a cat\n"


if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
    # As plain Python the reader's kernels are too slow for whole corpora: its twin reads.
    import reference_reader

    from w2v_cli.text import prepare

    prepare.read_corpus = reference_reader.read_corpus


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def corpus_cache(tmp_path, monkeypatch) -> Path:
    """Turn the cache of corpora on, in a folder of this test; return that folder."""
    folder = tmp_path / "user-cache"
    monkeypatch.setenv("W2V_CACHE_DIR", str(folder))
    return folder / "corpora"


@pytest.fixture
def w2v(capsys, monkeypatch) -> Callable[..., Result]:
    """Run the command line in this process, errors handled as in a terminal."""
    from w2v_cli.cli import main

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["w2v", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_info:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Result(int(exit_info.value.code or 0), out, err)

    return run


@pytest.fixture
def tiny_text(tmp_path) -> Path:
    """A file of three short documents."""
    path = tmp_path / "tiny.txt"
    path.write_text(TINY_TEXT)
    return path


@pytest.fixture
def text(tmp_path) -> Path:
    """A file of 400 documents, about 4,000 tokens of 60 words, Zipf-like."""
    rng = np.random.default_rng(5)
    p = 1 / np.arange(1, 61)
    ids = rng.choice(60, size=4000, p=p / p.sum())
    lines = [" ".join(f"w{i}" for i in ids[a : a + 10]) for a in range(0, 4000, 10)]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def sst() -> Path:
    """The Stanford Sentiment Treebank, where it is at hand."""
    path = SHARED / "corpora" / "sst"
    if not path.exists():
        pytest.skip("the Stanford Sentiment Treebank is not here")
    return path
