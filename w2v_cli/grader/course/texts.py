"""The texts of the box: the starter from the solution, the worksheet and the key."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from w2v_cli.grader.course.answers import Values
from w2v_cli.grader.course.fill import fill, question_names, template

_BODY = re.compile(
    r"^(?P<indent> *)### YOUR CODE HERE[^\n]*\n(?P<body>.*?)^ *### END YOUR CODE$",
    re.MULTILINE | re.DOTALL,
)
_ANSWER = "\n<!-- answer -->\n"
_SPACE_FOR_AN_ANSWER = "*Your answer:*\n\n\n\n---"


@dataclass(frozen=True)
class Question:
    """One question with its answer, numbers filled in; both are Markdown."""

    title: str
    task: str
    answer: str


def starter() -> str:
    """The solution without what stands between the marks."""

    def empty(body: re.Match[str]) -> str:
        first, last = body[0].splitlines()[0], body[0].splitlines()[-1]
        return f"{first}\n{body['indent']}raise NotImplementedError\n{last}"

    return _BODY.sub(empty, solution())


def solution() -> str:
    """The solution, marks included."""
    return template("solution.py.txt")


def questions(values: Values) -> list[Question]:
    """All questions, in order."""
    found = []
    for name in question_names():
        task, answer = fill(template(name), values).split(_ANSWER)
        title, _, task = task.removeprefix("# ").partition("\n")
        found.append(Question(title, task.strip(), answer.strip("\n")))
    return found


def worksheet(values: Values) -> str:
    """The questions, with space for answers."""
    return _sheet(values, lambda question: _SPACE_FOR_AN_ANSWER)


def key(values: Values) -> str:
    """The questions with their answers."""
    return _sheet(values, lambda question: f"**Answer.**\n\n{question.answer}\n\n---")


def _sheet(values: Values, below: Callable[[Question], str]) -> str:
    parts = [fill(template("worksheet.md.txt"), values).rstrip()]
    for i, question in enumerate(questions(values), start=1):
        parts += [f"## {i}. {question.title}", question.task, below(question)]
    return "\n\n".join(parts) + "\n"
