"""The process that runs the user's code.

Started by ``process`` with a job in JSON on the command line; writes one JSON object a line to
the job's answer file, as soon as each is known, so that what was found before a crash or the
time limit is not lost. What the user's code prints goes wherever standard output goes.
"""

import importlib.machinery
import importlib.util
import inspect
import json
import os
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from w2v_cli.equations import LossAndGradients, naive_softmax_columns
from w2v_cli.grader.cases import Case, cases_for, pair_loss_of
from w2v_cli.grader.kinds import KINDS
from w2v_cli.grader.stand_ins import Dataset, StandIns
from w2v_cli.grader.starter import is_starter

Answer = dict[str, Any]

MOST_NUMBERS = 10_000
"""No right answer to any case has nearly as many; more are not worth carrying over."""


def main() -> None:
    """Do the job named on the command line: list the file's functions, or call one of them."""
    job = json.loads(sys.argv[1])
    _end_with_the_grader(job["time_limit"])
    with open(job["answers"], "w", encoding="utf-8") as answers:
        module, report = load(Path(job["file"]))
        tell(answers, report)
        if job["function"] is None:
            return
        try:
            function = find(module, job["function"])
        except AttributeError:
            tell(answers, {"missing": True})
            return
        kind = next(kind for kind in KINDS if kind.key == job["kind"])
        tell(answers, {"starter": is_starter(function)})
        for case in cases_for(kind):
            tell(answers, call(function, kind.key, case, job["layout"], module))


def _end_with_the_grader(time_limit: float) -> None:
    """Do not outlive a grader that was killed itself and so cannot end this process."""
    timer = threading.Timer(time_limit + 5, os._exit, [1])
    timer.daemon = True
    timer.start()


def tell(answers: TextIO, answer: Answer) -> None:
    """Write one answer and make sure that it has left this process."""
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def load(file: Path) -> tuple[types.ModuleType, Answer]:
    """Import a file. What it defined before an error is kept."""
    stand_ins = StandIns()
    stand_ins.install()
    sys.path.insert(0, str(file.parent))
    sys.argv = [str(file)]
    warnings.simplefilter("ignore")
    name = file.stem if file.stem not in sys.modules else f"graded_{file.stem}"
    loader = importlib.machinery.SourceFileLoader(name, str(file))
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    error = None
    try:
        loader.exec_module(module)
    except BaseException as problem:  # SystemExit too: it is the file's doing
        error = describe(problem, file)
    names = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return module, {"functions": names, "stand_ins": stand_ins.used, "error": error}


def find(module: types.ModuleType, dotted: str) -> Callable[..., Any]:
    """Return a function of the module, or of a class in it."""
    found: Any = module
    for part in dotted.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise AttributeError(dotted)
    return found  # type: ignore[no-any-return]


def describe(problem: BaseException, file: Path | None) -> Answer:
    """Say what was raised, and in which line of the user's file."""
    line, text = None, ""
    if isinstance(problem, SyntaxError) and problem.filename == str(file):
        line, text = problem.lineno, (problem.text or "").strip()
    for frame in traceback.extract_tb(problem.__traceback__):
        if file is not None and frame.filename == str(file):
            line, text = frame.lineno, frame.line or ""
    message = problem.msg if isinstance(problem, SyntaxError) else str(problem)
    return {"type": type(problem).__name__, "message": message, "line": line, "text": text}


def call(
    function: Callable[..., Any], kind: str, case: Case, layout: str, module: Any = None
) -> Answer:
    """Call the function with fresh arguments; never raises what the function raises."""
    given = {name: _fresh(name, value, layout) for name, value in case.arguments.items()}
    before = {name: _fresh(name, value, layout) for name, value in case.arguments.items()}
    n_words = len(case.arguments["U"]) if "U" in case.arguments else 1
    dataset = Dataset(n_words, case.draws)
    if module is not None and not hasattr(module, "dataset"):
        module.dataset = dataset  # the oldest assignments take it from there
    try:
        arguments = _arguments(function, kind, given, dataset, layout)
        with np.errstate(all="ignore"):
            returned = function(*arguments)
        answer: Answer = {"returned": _encode_all(returned)}
    except BaseException as problem:  # SystemExit and KeyboardInterrupt are the function's too
        file = getattr(module, "__file__", None)
        answer = {"error": describe(problem, Path(file) if file else None)}
    mutated = [name for name in given if not _same(given[name], before[name])]
    if getattr(module, "dataset", None) is dataset:
        del module.dataset
    return {**answer, "mutated": mutated, "drawn": dataset.drawn[:1000]}


def _fresh(name: str, value: Any, layout: str) -> Any:
    if isinstance(value, np.ndarray):
        turned = value.T if layout == "columns" and name in "UV" else value
        return np.array(turned, order="C")
    return value.copy() if isinstance(value, (list, dict)) else value


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and np.array_equal(a, b)
    return bool(a == b)


def _arguments(
    function: Callable[..., Any], kind: str, a: dict[str, Any], dataset: Dataset, layout: str
) -> list[Any]:
    """Arrange the arguments as the function's signature has them."""
    if kind in ("sigmoid", "softmax"):
        return [a["x"]]
    if kind == "skipgram":
        loss = user_pair_loss(a["loss"], layout)
        words = [a["center"], a["window"], a["outside"], a["ids"], a["V"], a["U"]]
        return [*words, loss] if _n_parameters(function) == 7 else [*words, dataset, loss]
    pair = [a["v_c"], a["o"], a["U"]]
    if kind == "naive-softmax":
        return pair if _n_parameters(function) == 3 else [*pair, dataset]
    return [*pair, a["K"]] if _n_parameters(function) == 4 else [*pair, dataset, a["K"]]


def _n_parameters(function: Callable[..., Any]) -> int | None:
    """Number of positional parameters; None when it cannot be told or is open."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def user_pair_loss(name: str, layout: str) -> Callable[..., LossAndGradients]:
    """Return a right pair loss in the course's signature, to call a user's skipgram with."""
    pair_loss = pair_loss_of(name)

    def loss(
        centerWordVec: Any,
        outsideWordIdx: int,
        outsideVectors: Any,
        dataset: Any = None,
        K: int = 10,
    ) -> LossAndGradients:
        v_c, U = np.asarray(centerWordVec), np.asarray(outsideVectors)
        v_c = v_c.reshape(-1) if v_c.size == max(v_c.shape) else v_c
        if layout == "rows":
            return pair_loss(v_c, outsideWordIdx, U)
        if name == "naive-softmax":
            return naive_softmax_columns(v_c, outsideWordIdx, U)
        result = pair_loss(v_c, outsideWordIdx, U.T)
        return result._replace(grad_outside=result.grad_outside.T)

    return loss


def _encode_all(returned: Any) -> list[Answer]:
    values = returned if isinstance(returned, (tuple, list)) else (returned,)
    return [_encode(value) for value in values]


def _encode(value: Any) -> Answer:
    """Turn a returned value into JSON: an array of numbers, or what it is instead."""
    if value is None:
        return {"kind": "none"}
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
    except Exception:  # an object with its own, failing, conversion
        return {"kind": "other", "type": type(value).__name__}
    if array.size > MOST_NUMBERS:
        return {"kind": "other", "type": f"array of {array.size:,} numbers"}
    numbers = array.astype(np.float64)
    return {
        "kind": "array",
        "dtype": str(array.dtype),
        "shape": list(numbers.shape),
        "numbers": numbers.ravel().tolist(),
    }
