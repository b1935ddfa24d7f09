"""``from w2v_cli import assert_gradients``: the grader as one line of a test."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from w2v_cli.errors import UsageError
from w2v_cli.grader.assignment import OF_ASSIGNMENT
from w2v_cli.grader.grade import TIME_LIMIT, grade_file, grade_function
from w2v_cli.grader.kinds import KINDS, kind_named
from w2v_cli.grader.process import Limits
from w2v_cli.grader.report import render_file, render_function


def assert_gradients(
    target: str | Path | ModuleType | Callable[..., Any],
    kind: str | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    time_limit: float = TIME_LIMIT,
    require: Sequence[str] = (OF_ASSIGNMENT,),
) -> None:
    """Fail unless a file's, a module's or a function's losses and gradients are right.

    A file or a module is graded as ``w2v gradcheck --file`` does it, in processes of their own;
    a function is called here and now, without a time limit.

    Args:
        target: path of a Python file, a module, or a function.
        kind: what a function is, by any known name, such as ``"naive-softmax"``; needed where
            its own name does not tell.
        mapping: for a file or a module: known name to the name that it uses.
        time_limit: seconds a function, for a file or a module.
        require: functions it must define; by default those of a known assignment file.

    Raises:
        AssertionError: something is wrong; the message is the report.
        UsageError: nothing to grade, or an unknown kind.

    Example, a whole test file:

        from w2v_cli import assert_gradients

        def test_gradients():
            assert_gradients("my_word2vec.py")
    """
    __tracebackhide__ = True  # pytest: show the user's line, not ours
    if isinstance(target, ModuleType):
        if target.__file__ is None:
            raise UsageError(f"module {target.__name__} has no file; pass its functions one by one")
        target = target.__file__
    if isinstance(target, (str, Path)):
        file_grade = grade_file(Path(target), mapping, Limits(seconds=time_limit), require=require)
        if not file_grade.right:
            raise AssertionError("\n" + render_file(file_grade))
        return
    name = kind or str(getattr(target, "__name__", ""))
    found = kind_named(name)
    if found is None:
        known = ", ".join(k.key for k in KINDS)
        raise UsageError(f"{name or target!r} does not tell what it is; pass kind=: {known}")
    grade = grade_function(target, found)
    if not grade.right:
        raise AssertionError("\n" + render_function(grade))
