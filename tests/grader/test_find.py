"""Which files of a folder are submissions."""

import pytest

from w2v_cli.errors import UsageError
from w2v_cli.grader.submissions import find_submissions


@pytest.fixture
def folder(tmp_path):
    def make(*files):
        for name in files:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        return tmp_path

    return make


def found(folder):
    return {s.name: s.file and str(s.file.relative_to(folder)) for s in find_submissions(folder)}


def test_each_python_file_is_a_submission(folder):
    root = folder("bo.py", "al.py", "notes.txt", ".hidden.py")
    assert found(root) == {"al": "al.py", "bo": "bo.py"}


def test_each_folder_is_a_submission(folder):
    root = folder("al/hw.py", "bo/a2/code/hw.py", "__MACOSX/x.py", ".git/x.py")
    assert found(root) == {"al": "al/hw.py", "bo": "bo/a2/code/hw.py"}


def test_of_several_files_the_one_called_word2vec_counts(folder):
    root = folder("al/run.py", "al/word2vec.py", "al/utils/gradcheck.py", "al/__pycache__/w.py")
    assert found(root) == {"al": "al/word2vec.py"}


def test_a_submission_without_one_file_to_grade_says_why(folder):
    root = folder(
        "al/a.py", "al/b.py", "bo/notes.txt", "cy/word2vec.py", "cy/old/word2vec.py", "d.py"
    )
    problems = {s.name: s.problem for s in find_submissions(root)}
    assert problems["al"] == "cannot tell which of 2 files to grade: a.py, b.py"
    assert problems["bo"] == "no Python file or notebook"
    assert "old/word2vec.py" in problems["cy"]
    assert problems["d"] == ""


def test_a_folder_without_any_is_a_usage_error(folder):
    with pytest.raises(UsageError, match="no Python files"):
        find_submissions(folder("notes.txt", "bo/readme.md"))
