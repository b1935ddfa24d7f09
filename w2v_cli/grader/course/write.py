"""Write the box."""

from contextlib import suppress
from pathlib import Path

from w2v_cli.errors import UsageError
from w2v_cli.grader.course import texts
from w2v_cli.grader.course.answers import Values, compute
from w2v_cli.grader.course.example import make_example
from w2v_cli.grader.course.fill import fill, template
from w2v_cli.grader.course.notebook import as_notebook
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.text.places import sample_file
from w2v_cli.version import package_version

_AUTOGRADER = ("setup.sh", "run_autograder", "points.toml")


def write_course(folder: Path, *, teacher: bool = False, seed: int = 0) -> list[Path]:
    """Write starter, tests and worksheet to a new folder; with `teacher`, `teacher/` too.

    seed: of the numbers of the example.

    Returns:
        The files, relative to the folder.

    Raises:
        UsageError: the folder exists and is not empty.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(
            f"{folder} already exists, and --starter overwrites nothing; give a new folder"
        )
    values = compute(make_example(seed)) | {"version": package_version()}
    files = _student_files(values)
    if teacher:
        files |= {f"teacher/{name}": text for name, text in _teacher_files(values).items()}
    with atomic_folder(folder) as new:
        for name, text in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if text.startswith("#!"):
                path.chmod(0o755)
    return [Path(name) for name in files]


def _student_files(values: Values) -> dict[str, str]:
    return {
        "README.md": template("README.md.txt"),
        "worksheet.md": texts.worksheet(values),
        "my_word2vec.py": texts.starter(),
        "test_my_word2vec.py": fill(template("test_my_word2vec.py.txt"), values),
    }


def _teacher_files(values: Values) -> dict[str, str]:
    files = {
        "README.md": fill(template("teacher_README.md.txt"), values),
        "worksheet_key.md": texts.key(values),
        "my_word2vec.py": texts.solution(),
        "notebook.ipynb": as_notebook(template("notebook.py.txt")),
    }
    for name in _AUTOGRADER:
        files[f"autograder/{name}"] = fill(template(f"autograder/{name}"), values)
    with suppress(UsageError):  # the notebook takes any other text as well
        files["sample.txt"] = sample_file("sample.txt").read_text(encoding="utf-8")
    return files
