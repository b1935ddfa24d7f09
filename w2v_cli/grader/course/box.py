"""Write the course folder: texts from templates, a notebook, tests and a key."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from w2v_cli.errors import UsageError
from w2v_cli.grader.course.worked_example import Values, compute, make_example
from w2v_cli.json_types import Json
from w2v_cli.storage.atomic import atomic_folder
from w2v_cli.text.places import sample_file
from w2v_cli.version import package_version

# Templates: texts with placeholders such as `<<name>>`.


_PLACE = re.compile(r"^(?P<indent> *)<<(?P<block>\w+)>>$|<<(?P<name>\w+)>>", re.MULTILINE)


def template(name: str) -> str:
    """Read a template of this folder, such as `questions/01-cross-entropy.md`."""
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


def question_names() -> list[str]:
    """Return the names of the question templates, in order."""
    folder = resources.files(__package__) / "templates" / "questions"
    return sorted(f"questions/{entry.name}" for entry in folder.iterdir())


def places(text: str) -> set[str]:
    """Return the names of the placeholders in a text."""
    return {place["block"] or place["name"] for place in _PLACE.finditer(text)}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace placeholders with values. Every line of a value gets the placeholder's indent.

    Raises KeyError for a placeholder without a value.
    """

    def value(place: re.Match[str]) -> str:
        if place["name"]:
            return values[place["name"]]
        lines = values[place["block"]].splitlines()
        return "\n".join(place["indent"] + line for line in lines)

    return _PLACE.sub(value, text)


# The texts of the box: the starter from the solution, the worksheet and the key.


_BODY = re.compile(
    r"^(?P<indent> *)### YOUR CODE HERE[^\n]*\n(?P<body>.*?)^ *### END YOUR CODE$",
    re.MULTILINE | re.DOTALL,
)
_ANSWER = "\n<!-- answer -->\n"
_SPACE_FOR_AN_ANSWER = "*Your answer:*\n\n\n\n---"


@dataclass(frozen=True)
class Question:
    """A question and its answer in Markdown, with the numbers filled in."""

    title: str
    task: str
    answer: str


def starter() -> str:
    """Return the solution without the code between the marks."""

    def empty(body: re.Match[str]) -> str:
        first, last = body[0].splitlines()[0], body[0].splitlines()[-1]
        return f"{first}\n{body['indent']}raise NotImplementedError\n{last}"

    return _BODY.sub(empty, solution())


def solution() -> str:
    """Return the solution, including the marks."""
    return template("solution.py.txt")


def questions(values: Values) -> list[Question]:
    """Return all questions, in order."""
    found = []
    for name in question_names():
        task, answer = fill(template(name), values).split(_ANSWER)
        title, _, task = task.removeprefix("# ").partition("\n")
        found.append(Question(title, task.strip(), answer.strip("\n")))
    return found


def worksheet(values: Values) -> str:
    """Return the questions, with space for answers."""
    return _sheet(values, lambda question: _SPACE_FOR_AN_ANSWER)


def key(values: Values) -> str:
    """Return the questions with their answers."""
    return _sheet(values, lambda question: f"**Answer.**\n\n{question.answer}\n\n---")


def _sheet(values: Values, below: Callable[[Question], str]) -> str:
    parts = [fill(template("worksheet.md.txt"), values).rstrip()]
    for i, question in enumerate(questions(values), start=1):
        parts += [f"## {i}. {question.title}", question.task, below(question)]
    return "\n\n".join(parts) + "\n"


# A notebook from a Python text: `# %%` begins a cell of code, `# %% [markdown]` one of text.
#
# The notebook is nbformat 4.5 as JSON, without results; readers run it themselves.


_CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?\n", re.MULTILINE)


def cells(text: str) -> list[tuple[bool, str]]:
    """Cut a text into cells. Each is a flag for Markdown, and the source."""
    marks = list(_CELL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    found = []
    for mark, end in zip(marks, ends, strict=True):
        markdown = mark["markdown"] is not None
        source = text[mark.end() : end].strip("\n")
        found.append((markdown, re.sub(r"^# ?", "", source, flags=re.M) if markdown else source))
    return found


def as_notebook(text: str) -> str:
    """Return the content of an .ipynb file."""
    notebook: Json = {
        "cells": [_cell(i, *cell) for i, cell in enumerate(cells(text))],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(i: int, markdown: bool, source: str) -> Json:
    cell: Json = {
        "cell_type": "markdown" if markdown else "code",
        "id": f"cell-{i}",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    return cell if markdown else cell | {"execution_count": None, "outputs": []}


# The folder.


_AUTOGRADER = ("setup.sh", "run_autograder", "points.toml")


def write_course(
    folder: Path, *, teacher: bool = False, seed: int = 0, more: Mapping[str, str] | None = None
) -> list[Path]:
    """Write the starter, tests and worksheet to a new folder; with `teacher`, also `teacher/`.

    seed: for the numbers of the example. more: further files for students, name to content.

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
    files = _student_files(values) | dict(more or {})
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
        "worksheet.md": worksheet(values),
        "my_word2vec.py": starter(),
        "test_my_word2vec.py": fill(template("test_my_word2vec.py.txt"), values),
    }


def _teacher_files(values: Values) -> dict[str, str]:
    files = {
        "README.md": fill(template("teacher_README.md.txt"), values),
        "worksheet_key.md": key(values),
        "my_word2vec.py": solution(),
        "notebook.ipynb": as_notebook(template("notebook.py.txt")),
    }
    for name in _AUTOGRADER:
        files[f"autograder/{name}"] = fill(template(f"autograder/{name}"), values)
    with suppress(UsageError):  # the notebook also works with any other text
        files["sample.txt"] = sample_file("sample.txt").read_text(encoding="utf-8")
    return files
