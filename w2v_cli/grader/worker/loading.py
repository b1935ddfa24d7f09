"""Import a user's file, whatever it does, and look at what it defines."""

import ast
import importlib.machinery
import importlib.util
import inspect
import re
import sys
import textwrap
import warnings
from collections.abc import Callable, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .binding import plain_name
from .calls import Answer, Array, Dataset, describe
from .wire import WireValue

# Replacements for what a course's own files provide, so that a copied assignment file loads.
#
# They come into play only where the import finds nothing: a module of that name beside the user's
# file, or an installed one, wins.


def sigmoid(x: ArrayLike) -> Array:
    """Return `1/(1 + e⁻ˣ)` without overflow."""
    x = np.asarray(x, dtype=np.float64)
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, e) / (1.0 + e))[()]


def softmax(x: ArrayLike) -> Array:
    """Return the softmax over the last axis, without overflow."""
    x = np.asarray(x, dtype=np.float64)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def negative_samples(target: int, dataset: Dataset, K: int) -> list[int]:
    """Draw K words that are not the target, as the starter file does."""
    found: list[int] = []
    while len(found) < K:
        drawn = dataset._sample()
        found += [drawn] if drawn != target else []
    return found


def _normalize_rows(x: ArrayLike) -> Array:
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(x / np.sqrt((x**2).sum(axis=1, keepdims=True)))


def _sigmoid_grad(s: ArrayLike) -> Array:
    s = np.asarray(s, dtype=np.float64)
    return np.asarray(s * (1 - s))[()]


def _log_sum_exp(x: ArrayLike, axis: int | None = None) -> Array:
    x = np.asarray(x, dtype=np.float64)
    top = x.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(x - top).sum(axis=axis)) + np.squeeze(top, axis))


def _nothing(*arguments: object, **options: object) -> None:
    """Stand in for a checker or a trainer of the course: the grader checks instead."""


RIGHT_HELPERS: dict[str, Callable[..., object]] = {
    "sigmoid": sigmoid,
    "softmax": softmax,
    "getnegativesamples": negative_samples,
}
"""Right versions of functions that a user's losses call, by plain name."""

_HELPERS: dict[str, Callable[..., object] | type] = {
    "softmax": softmax,
    "sigmoid": sigmoid,
    "expit": sigmoid,
    "logsumexp": _log_sum_exp,
    "sigmoid_grad": _sigmoid_grad,
    "normalizeRows": _normalize_rows,
    "normalize_rows": _normalize_rows,
    "getNegativeSamples": negative_samples,
    "get_negative_samples": negative_samples,
    "StanfordSentiment": Dataset,
    **dict.fromkeys(
        "gradcheck_naive eval_numerical_gradient grad_tests_softmax grad_tests_negsamp sgd"
        " load_saved_params save_params test_word2vec glove test_naivesoftmax test_skipgram"
        " forward_backward_prop test_softmax_basic test_sigmoid_basic".split(),
        _nothing,
    ),
}
_TOPS = (
    r"utils?|helpers?|data_?utils|model_?utils|gradcheck|grad_check|sgd|treebank|glove"
    r"|cs224[dn]\w*|q\d\w?_(softmax|sigmoid|gradcheck|sgd|neural|word2vec)|starter_?code"
)
_KNOWN = re.compile(rf"({_TOPS})(\.({_TOPS}|\w*util\w*))*", re.IGNORECASE)


class StandIns(MetaPathFinder, Loader):
    """An import finder of last resort; `used` says what was asked for.

    Known are modules of the courses, and any missing module of which a file imports nothing
    but names that are known.
    """

    def __init__(self, imports: Mapping[str, set[str]] | None = None) -> None:
        self.used: list[str] = []
        self._imports = dict(imports or {})

    def install(self) -> None:
        """Take the last place among the finders."""
        sys.meta_path.append(self)

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Answer for the modules that we know."""
        if not self._knows(fullname):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def _knows(self, fullname: str) -> bool:
        wanted = self._imports.get(fullname, set())
        if _KNOWN.fullmatch(fullname):
            return all(_helper(name) is not None for name in wanted - {"*"})
        if wanted:
            return "*" not in wanted and all(_helper(name) is not None for name in wanted)
        inside = [name for name in self._imports if name.startswith(f"{fullname}.")]
        return bool(inside) and all(self._knows(name) for name in inside)

    def exec_module(self, module: ModuleType) -> None:
        """Fill in the replacement."""
        self.used.append(module.__name__)
        for name in self._imports.get(module.__name__, set()) - {"*"}:
            setattr(module, name, _helper(name))
        vars(module).update(_HELPERS, np=np)


def _helper(name: str) -> Callable[..., object] | type | ModuleType | None:
    """Find a helper in any spelling; a submodule (`from utils import gradcheck`) is a module."""
    if name == "np":
        return np
    plain = plain_name(name)
    for known, helper in _HELPERS.items():
        if plain_name(known) == plain:
            return helper
    if plain.startswith(("test", "gradtests", "gradcheck")) and not _KNOWN.fullmatch(name):
        return _nothing
    if _KNOWN.fullmatch(name):
        spec = ModuleSpec(name, None)
        module = importlib.util.module_from_spec(spec)
        vars(module).update(_HELPERS, np=np)
        return module
    return None


class NoAnswers(MetaPathFinder):
    """Keeps w2v's own code out of a graded process; `asked` says whether a file tried."""

    def __init__(self) -> None:
        self.asked = False

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse `w2v_cli`, and know nothing of other packages."""
        if fullname.split(".", maxsplit=1)[0] == "w2v_cli":
            self.asked = True
            raise ImportError(f"graded code must not import {fullname}")


# The import.


def load(file: Path, forbidden: NoAnswers) -> tuple[ModuleType, Answer]:
    """Import a file; what it defined before an error is kept.

    Returns:
        the module, and a report: `functions` that the file itself defines, with the names of
        their parameters, `helpers` of its losses, `stand_ins` in use, `error`, and `forbidden`
        (whether it asked for w2v's own code).
    """
    stand_ins = StandIns(imports_of(file))
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
    error: WireValue = None
    try:
        loader.exec_module(module)
    except BaseException as problem:  # SystemExit too: it is the file's doing
        error = describe(problem, file)
    functions: dict[str, WireValue] = {
        name: _parameters(value)
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    }
    helpers: list[WireValue] = [
        name
        for name, value in vars(module).items()
        if plain_name(name) in RIGHT_HELPERS and value not in RIGHT_HELPERS.values()
    ]
    return module, {
        "functions": functions,
        "helpers": helpers,
        "stand_ins": list(stand_ins.used),
        "error": error,
        "forbidden": forbidden.asked,
    }


def _parameters(function: Callable[..., object]) -> list[WireValue]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def imports_of(file: Path) -> dict[str, set[str]]:
    """Names that a file takes from each module by `from … import …`; empty if unreadable."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.setdefault(node.module, set()).update(a.name for a in node.names)
    return found


def find(module: ModuleType, dotted: str) -> Callable[..., object]:
    """Return a function of the module, or of a class in it.

    Raises:
        AttributeError: there is none of that name.
    """
    found: object = module
    for part in dotted.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise AttributeError(dotted)
    return found


# Does a function still look like the starter file's?


_GIVEN = {"getnegativesamples"}
"""Calls that the starter file itself makes in a body that is still empty."""
_EMPTY = {"zeros", "zeros_like", "empty", "empty_like", "array"}


def is_starter(function: Callable[..., Any]) -> bool:
    """Whether the body has nothing in it but what a starter file leaves there.

    That is: a docstring, `pass`, `...`, `raise NotImplementedError`, placeholders such
    as `loss = 0.0` or `grad = np.zeros(…)`, the given call of `getNegativeSamples`, and a
    return of names or placeholders. False when the source cannot be read.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    body = tree.body[0]
    if not isinstance(body, ast.FunctionDef):
        return False
    return all(_is_placeholder(statement) for statement in body.body)


def _is_placeholder(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=value):
            return value is None or _is_empty(value)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _is_empty(value)
        case ast.Raise():
            return any(
                isinstance(node, ast.Name) and node.id == "NotImplementedError"
                for node in ast.walk(statement)
            )
    return False


def _is_empty(value: ast.expr) -> bool:
    """A value that holds no work: constants, names, zeros, lists and sums of these."""
    match value:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(_is_empty(part) for part in parts)
        case ast.UnaryOp(operand=operand):
            return isinstance(operand, ast.Constant)
        case ast.BinOp(op=ast.Add() | ast.Mult(), left=ast.List(), right=right):
            return _is_empty(right)
        case ast.Call():
            return _is_empty_call(value)
    return isinstance(value, (ast.Constant, ast.Name, ast.Attribute))


def _is_empty_call(call: ast.Call) -> bool:
    """A call of `getNegativeSamples`, or of `np.zeros` and the like."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    name = function.id if isinstance(function, ast.Name) else name
    if plain_name(name) in _GIVEN:
        return True
    return name in _EMPTY and all(_is_empty(argument) for argument in call.args)
