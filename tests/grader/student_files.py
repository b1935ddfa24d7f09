"""Fixtures that write the files to be graded."""

from pathlib import Path

import pytest

MODULES = Path(__file__).parent / "modules"


@pytest.fixture
def planted(tmp_path):
    """Write one of the right modules with mistakes put in by replacing text."""

    def plant(module, *changes):
        text = (MODULES / f"{module}.py").read_text()
        for old, new in changes:
            assert text.count(old) >= 1, f"{old!r} is not in {module}"
            text = text.replace(old, new)
        path = tmp_path / "my_word2vec.py"
        path.write_text(text)
        return path

    return plant


@pytest.fixture
def student(tmp_path):
    """Write a student's file."""

    def write(text, name="my_word2vec.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
