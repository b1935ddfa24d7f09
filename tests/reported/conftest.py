"""Files and runs that the reported cases begin with."""

import os
from pathlib import Path

import pytest

from reported.inputs import PAIRS, SETTINGS, TEXT, VECTORS

#: Other tests import it from "conftest", which is this one once it is loaded.
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def vec(tmp_path):
    """Four words with two numbers each, in word2vec's text format."""
    path = tmp_path / "vec.txt"
    path.write_text(VECTORS)
    return path


@pytest.fixture
def pairs(tmp_path):
    """Three rated pairs of these words."""
    path = tmp_path / "pairs.txt"
    path.write_text(PAIRS)
    return path


@pytest.fixture
def lines(tmp_path):
    """A text of thirty short lines, old enough for the cache of corpora."""
    path = tmp_path / "lines.txt"
    path.write_text(TEXT)
    os.utime(path, (1e9, 1e9))
    return path


@pytest.fixture
def make_run(tmp_path):
    """Train on lines of text: `make_run(text, **settings)` gives the run."""
    import w2v_cli

    def make(text, name="run", **settings):
        path = tmp_path / f"{name}.txt"
        path.write_text(text)
        return w2v_cli.train(paths=path, out=tmp_path / name, **SETTINGS | settings)

    return make
